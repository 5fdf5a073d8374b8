# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# So is what fails on the way to a number that is right.
DESCRIPTION="fails in a command substitution"
NVDIMMS=""

count()
{
	cat /no-such-file >/dev/null 2>&1
	echo 0
}

test()
{
	assert_eq "$(count)" 0 "number"
}
