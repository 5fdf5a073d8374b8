# SPDX-License-Identifier: GPL-2.0
# Draining while a hog swaps: pages move to their own swap slots and stay right.
DESCRIPTION="partial and full drains under load, to a partition and to a file"
KERNELS="6.12 6.1 7.2"
DISKS="160M 300M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	tmem_stop
	umount /mnt
}

drain_all()
{
	echo paused >$TMEM/state
	echo 0 >$FRONTSWAP/curr_pages
	assert_eq "$(tmem_held)" 0 "pages held after a drain"
	echo active >$TMEM/state
}

test()
{
	local i

	mk_fs ext4 "$DISK2" /mnt
	fallocate -l 200M /mnt/swapfile
	chmod 600 /mnt/swapfile
	mkswap -q /mnt/swapfile
	tmem_start "$DISK1"
	swapon /mnt/swapfile
	mk_cgroup hog 40M
	mk_cgroup hog2 32M
	run_in_cgroup hog hog --content mixed --touches 20000 96 >"$RUN/hog" &
	run_in_cgroup hog2 hog --content random --shared --touches 10000 64 >"$RUN/hog2" &
	for i in 1 2 3 4; do
		sleep 1
		echo 5000 >$FRONTSWAP/curr_pages || true
		drain_all
	done
	wait
	cat "$RUN/hog" "$RUN/hog2"
	tmem_counters
	assert_eq "$(jq -s 'map(.errors) | add' "$RUN/hog" "$RUN/hog2")" 0 "wrong pages"
	assert_ge "$(tmem_stat written_out)" 5000 "pages written out"
	assert_eq "$(tmem_stat write_out_errors)" 0 "write-out errors"
}
