# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sets a taint flag that no test of ours may set.
DESCRIPTION="fails by a taint flag"
NVDIMMS=""

test() { echo 64 >/proc/sys/kernel/tainted; }
