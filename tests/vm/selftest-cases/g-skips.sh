# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Something it needs is missing.
DESCRIPTION="is skipped"
NVDIMMS=""

requires() { need_program no-such-program; }
test() { fail "must not run"; }
