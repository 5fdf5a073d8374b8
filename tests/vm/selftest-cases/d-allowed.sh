# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The same splat, announced.
DESCRIPTION="passes since the splat is expected"
NVDIMMS=""

test()
{
	allow_dmesg 'BUG: this is not one'
	echo "BUG: this is not one" >/dev/kmsg
	expect_dmesg 'this is not'
}
