# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The guest dies.
DESCRIPTION="fails by a crash of the kernel"
NVDIMMS=""

test() { note "last words"; echo c >/proc/sysrq-trigger; }
