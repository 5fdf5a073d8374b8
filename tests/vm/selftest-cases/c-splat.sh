# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The kernel log shows a splat although the test is content.
DESCRIPTION="fails by the kernel log"
NVDIMMS=""

test() { echo "BUG: this is not one" >/dev/kmsg; }
