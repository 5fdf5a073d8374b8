# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Is not run on a kernel that has complained.
DESCRIPTION="fails by what the kernel said before it began"
NVDIMMS=""

test() { fail "must not run"; }
