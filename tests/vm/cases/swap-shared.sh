# SPDX-License-Identifier: GPL-2.0
# Pages with several owners: fork and copy-on-write, tmpfs, KSM.
DESCRIPTION="forked children, shared memory and merged pages come back right"
KERNELS="6.12 6.1 7.2"
DISKS="512M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	tmem_stop
}

test()
{
	tmem_start "$DISK1"
	mk_cgroup hog 32M
	hog_in hog --content mixed --fork 2 --touches 4000 56
	hog_in hog --content mixed --shared --touches 8000 64
	echo 1 >/sys/kernel/mm/ksm/run
	echo 2000 >/sys/kernel/mm/ksm/pages_to_scan
	hog_in hog --ksm --touches 6000 64
	echo 2 >/sys/kernel/mm/ksm/run
	echo 0 >/sys/kernel/mm/ksm/run
	tmem_counters
	swap_off
	assert_eq "$(tmem_held)" 0 "pages held after swapoff"
}
