# SPDX-License-Identifier: GPL-2.0
# Draining to a swap device that takes its time, with dm-delay, under load.
DESCRIPTION="drain and swapoff together on a slow swap device, pages right"
KERNELS="6.12 6.1 7.2"
SUITE=full
DISKS="128M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	tmem_stop
	dmsetup remove slow
}

requires()
{
	need_module dm_delay
	need_program dmsetup
}

test()
{
	local i

	echo "0 $(blockdev --getsz "$DISK1") delay $DISK1 0 20" | dmsetup create slow
	dmsetup mknodes
	tmem_load "$(pmem_device)"
	swap_on /dev/mapper/slow
	mk_cgroup hog 32M
	run_in_cgroup hog hog --content mixed --writes 50 --touches 8000 64 >"$RUN/hog" &
	for i in 1 2 3; do
		sleep 1
		echo 1000 >$FRONTSWAP/curr_pages || true
	done
	echo 128M >"$CGROUP/hog/memory.max"
	(echo 0 >$FRONTSWAP/curr_pages || true) 2>/dev/null &
	swapoff /dev/mapper/slow
	wait
	cat "$RUN/hog"
	tmem_counters
	assert_eq "$(jq .errors "$RUN/hog")" 0 "wrong pages"
	assert_ge "$(tmem_stat written_out)" 1000 "pages written out"
	assert_eq "$(tmem_held)" 0 "pages held after swapoff"
}
