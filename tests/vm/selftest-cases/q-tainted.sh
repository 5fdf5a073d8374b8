# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sets a taint flag, and says so; the next test is not blamed for it.
DESCRIPTION="passes since the taint flag is expected"
NVDIMMS=""

test()
{
	allow_taint 64
	echo 64 >/proc/sys/kernel/tainted
}
