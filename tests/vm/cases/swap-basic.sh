# SPDX-License-Identifier: GPL-2.0
# The main path: pages swapped out go to persistent memory and come back right.
DESCRIPTION="swapped-out pages are stored on persistent memory, none on the swap device"
DISKS="512M"
KERNELS="6.12 6.1 7.2"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	swap_off
	tmem_unload
}

test()
{
	local before

	tmem_load "$(pmem_device)"
	swap_on "$DISK1"
	mk_cgroup hog 64M
	before=$(vmstat pswpout)
	hog_in hog --content random --touches 60000 192
	tmem_counters
	assert_ge "$(tmem_stat stores)" 40000 "pages stored"
	# Seven of ten touches only read: what they load is still there, and is not stored again.
	assert_ge "$(tmem_stat loads)" $(($(tmem_stat stores) + 10000)) "pages loaded"
	assert_eq $(($(vmstat pswpout) - before)) 0 "pages written to the swap device"
	swap_off
	assert_eq "$(tmem_held)" 0 "pages held after swapoff"
}
