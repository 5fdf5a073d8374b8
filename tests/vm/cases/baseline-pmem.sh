# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Proves the emulated NVDIMM: namespaces of two sizes, a filesystem, and contents over a reboot.
DESCRIPTION="namespaces with labels on an NVDIMM keep their data over a power cut"
SUITE=full
NVDIMMS="256M 128M"
EXCLUSIVE=1

test()
{
	local device

	if [ "$PHASE" = 2 ]; then
		assert_eq "$(ndctl list -N | jq 'length')" 2 "namespaces after a power cut"
		mount -t ext4 /dev/pmem0 /mnt
		assert_eq "$(cat /mnt/file)" hello "file contents"
		umount /mnt
		return
	fi
	device=$(create_namespace fsdax 64M first region0)
	assert_eq "$device" /dev/pmem0 "first namespace"
	mk_fs ext4 "$device" /mnt
	echo hello >/mnt/file
	umount /mnt
	create_namespace fsdax 96M second region1
	next_boot
}
