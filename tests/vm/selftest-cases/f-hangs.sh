# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The test does not end, nor do its children.
DESCRIPTION="fails by its time limit"
NVDIMMS=""
TIMEOUT=5

test() { sleep 1000 & sleep 1000; }
