# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# That swap-large-in would see it: pages that were swapped out as zeros come back as what they were before.
SUITE=full
DESCRIPTION="mTHP 64K: without the look at the kernel's map of zero pages a folio is wrong"
KERNELS="6.12"
DISKS="512M"
BUILD="TMEM_FAULTS=y"

MTHP=/sys/kernel/mm/transparent_hugepage/hugepages-64kB

cleanup()
{
	echo never >$MTHP/enabled
	tmem_stop
}

requires()
{
	need_file $MTHP/enabled
}

test()
{
	echo 0 >"/sys/block/${DISK1#/dev/}/queue/rotational"
	echo never >/sys/kernel/mm/transparent_hugepage/enabled
	tmem_start "$DISK1"
	mk_cgroup hog 64M
	echo madvise >$MTHP/enabled
	run_in_cgroup hog large zeroed 8
	fault NO_ZERO_CHECK 1
	must_fail run_in_cgroup hog large zeroed 8
}
