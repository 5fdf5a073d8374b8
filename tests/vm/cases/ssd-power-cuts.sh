# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# As ssd-power-cut, fifty times.
DESCRIPTION="50 power cuts during put, get and write traffic"
KERNELS="6.12 6.1 7.2"
SUITE=full
DISKS="200M 18M 16M"
EXCLUSIVE=1
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

# shellcheck source=tests/vm/cases/ssd-power-cut.sh
. /payload/tests/cases/ssd-power-cut.sh

CUTS=50
