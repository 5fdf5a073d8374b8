# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A test that does nothing wrong.
DESCRIPTION="passes"
NVDIMMS=""

test() { note fine; }
