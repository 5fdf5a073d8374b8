# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Cuts the power once; what was on the disk is there again.
DESCRIPTION="passes in its second boot"
NVDIMMS=""
DISKS="16M"
EXCLUSIVE=1

test()
{
	if [ "$PHASE" = 1 ]; then
		echo before | dd of="$DISK1" conv=fsync status=none
		next_boot
	fi
	assert_eq "$(head -n 1 "$DISK1")" before "disk contents"
}
