# SPDX-License-Identifier: GPL-2.0
# A device much smaller than what is swapped out.
DESCRIPTION="a full device refuses, gives up kept copies, and nothing is wrong"
KERNELS="6.12 6.1 7.2"
DISKS="512M"
NVDIMMS="64M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	tmem_stop
}

test()
{
	tmem_start "$DISK1"
	mk_cgroup hog 32M
	hog_in hog --content random --touches 15000 128
	tmem_counters
	assert_ge "$(tmem_refused full)" 1000 "pages refused because the device is full"
	assert_ge "$(tmem_stat kept_copies_dropped)" 100 "kept copies given up"
	swap_off
	assert_eq "$(tmem_held)" 0 "pages held after swapoff"
}
