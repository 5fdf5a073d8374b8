# SPDX-License-Identifier: GPL-2.0
# A backend written for the frontswap API of Linux 5.15 runs on this kernel.
DESCRIPTION="the sample RAM backend of the classic API, with and without exclusive loads"
KERNELS="6.12 6.1 7.2"
DISKS="512M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	tmem_stop
}

test()
{
	swap_on "$DISK1"
	mk_cgroup hog 40M
	modprobe frontswap_ram max_pages=20000
	hog_in hog --content mixed --writes 50 --touches 6000 64
	tmem_counters
	assert_ge "$(tmem_stat loads)" 2000 "pages loaded"
	swap_off
	assert_eq "$(tmem_held)" 0 "pages held after swapoff"
	swap_on "$DISK1"
	tmem_unload
	modprobe frontswap_ram max_pages=4000 exclusive=1
	hog_in hog --content mixed --writes 50 --touches 6000 64
	tmem_counters
	assert_ge "$(tmem_stat stores)" 2000 "pages stored for exclusive loads"
	assert_ge "$(tmem_stat loads)" 2000 "pages loaded exclusively"
	run_in_cgroup hog hog --ready "$RUN/ready" --go "$RUN/go" --touches 2000 64 >"$RUN/hog" &
	wait_for 60 [ -e "$RUN/ready" ]
	must_fail rmmod frontswap_ram
	echo 0 >$FRONTSWAP/curr_pages
	touch "$RUN/go"
	wait $!
	assert_eq "$(jq .errors "$RUN/hog")" 0 "wrong pages"
}
