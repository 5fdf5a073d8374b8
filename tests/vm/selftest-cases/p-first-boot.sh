# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# And a kernel that complains before the power is cut.
DESCRIPTION="a splat in its first boot"
NVDIMMS=""
EXCLUSIVE=1

test()
{
	[ "$PHASE" = 2 ] || { echo "BUG: first boot" >/dev/kmsg; next_boot; }
}
