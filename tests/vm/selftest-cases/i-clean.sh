# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sees nothing of the test before.
DESCRIPTION="passes when the guest was cleaned"
NVDIMMS=""

test()
{
	! pgrep -x sleep >/dev/null || [ "$(pgrep -xc sleep)" = 1 ] || fail "processes remain"
	! mountpoint -q /mnt/litter || fail "mount remains"
	[ ! -e /tmp/litter ] || fail "file remains"
	[ ! -e "$CGROUP/litter" ] || fail "cgroup remains"
}
