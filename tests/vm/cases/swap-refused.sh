# SPDX-License-Identifier: GPL-2.0
# Stores refused at random: the page then lives on the swap device, and never an older copy is seen.
DESCRIPTION="every third store refused, contents still right"
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
	fault REFUSE_ONE_IN 3
	mk_cgroup hog 32M
	hog_in hog --content mixed --writes 60 --touches 12000 80
	hog_in hog --content mixed --shared --writes 60 --touches 8000 64
	tmem_counters
	assert_ge "$(tmem_refused backend)" 3000 "refused pages"
	assert_ge "$(vmstat pswpout)" 3000 "pages on the swap device"
	swap_off
	assert_eq "$(tmem_held)" 0 "pages held after swapoff"
}
