# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What fails in the background, where nobody waits for it, is a failure.
DESCRIPTION="fails in the background"
NVDIMMS=""

test()
{
	assert_eq 1 2 "numbers" &
	wait
}
