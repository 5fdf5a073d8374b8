# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A command in a function fails.
DESCRIPTION="fails at a command"
NVDIMMS=""

broken()
{
	false
	note "not reached"
}

test() { broken; }
