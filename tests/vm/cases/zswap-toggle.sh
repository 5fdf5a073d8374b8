# SPDX-License-Identifier: GPL-2.0
# zswap behind us, switched on and off while pages move.
DESCRIPTION="zswap on and off while running, before and after loading"
KERNELS="6.12 6.1 7.2"
SUITE=full
DISKS="512M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	echo N >/sys/module/zswap/parameters/enabled
	tmem_stop
}

test()
{
	local i before zswap=/sys/module/zswap/parameters/enabled

	before=$(vmstat zswpout)
	echo Y >$zswap
	swap_on "$DISK1"
	mk_cgroup hog 32M
	run_in_cgroup hog hog --content mixed --writes 50 --touches 15000 80 >"$RUN/hog" &
	sleep 2
	tmem_load "$(pmem_device)"
	fault REFUSE_ONE_IN 4
	for i in 1 2 3 4 5; do
		echo N >$zswap
		sleep 0.7
		echo Y >$zswap
		sleep 0.7
	done
	wait
	cat "$RUN/hog"
	tmem_counters
	assert_eq "$(jq .errors "$RUN/hog")" 0 "wrong pages"
	assert_ge "$(tmem_stat stores)" 1000 "pages stored"
	assert_ge $(($(vmstat zswpout) - before)) 1 "pages in zswap"
	swap_off
	assert_eq "$(tmem_held)" 0 "pages held after swapoff"
}
