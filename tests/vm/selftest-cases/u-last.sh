# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# As r-late, but there is no test behind it.
DESCRIPTION="fails by what the kernel said before it was switched off"
NVDIMMS=""
EXCLUSIVE=1

# shellcheck source=tests/vm/selftest-cases/r-late.sh
. /payload/tests/cases/r-late.sh
