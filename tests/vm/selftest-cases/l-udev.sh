# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# udevd runs when asked for.
DESCRIPTION="passes with udevd running"
DISKS="16M"

test()
{
	start_udev
	wait_for 20 [ -L "/dev/disk/by-id/virtio-DISK1" ] || fail "no link to the disk"
	start_udev
}
