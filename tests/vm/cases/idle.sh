# SPDX-License-Identifier: GPL-2.0
# Hooks in place, nothing attached.
DESCRIPTION="without a device every page goes to the swap device as if we were not there"
KERNELS="6.12 6.1 7.2"
DISKS="512M"

cleanup()
{
	tmem_stop
}

test()
{
	modprobe tmem
	swap_on "$DISK1"
	mk_cgroup hog 32M
	hog_in hog --content mixed --touches 6000 64
	assert_eq "$(tmem_held)" 0 "pages held"
	assert_ge "$(tmem_refused no_backend)" 1000 "pages refused"
	# A backend without a device takes nothing but same-filled pages, which need no room.
	modprobe -i tmem_pmem
	hog_in hog --content mixed --touches 6000 64
	assert_eq "$(tmem_stat stores)" "$(tmem_stat same_filled_stores)" "pages stored"
	# 6.1 frees slots in batches: some were used by nobody, but still held.
	swap_off
	assert_eq "$(tmem_held)" 0 "pages held"
}
