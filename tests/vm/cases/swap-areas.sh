# SPDX-License-Identifier: GPL-2.0
# Two swap areas at once: a partition and a file, and a zram device.
DESCRIPTION="swap partition, swap file and zram together, each emptied by swapoff"
KERNELS="6.12 6.1 7.2"
DISKS="128M 256M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	tmem_stop
	rmmod zram
	umount /mnt
}

requires()
{
	need_module zram
}

# hog_over AREAS: so many of two hold a part of what is swapped out.
hog_over()
{
	local stores

	rm -f "$RUN"/ready "$RUN"/go
	stores=$(tmem_stat stores)
	run_in_cgroup hog hog --content mixed --ready "$RUN/ready" --go "$RUN/go" --touches 8000 80 >"$RUN/hog" &
	wait_for 60 [ -e "$RUN/ready" ]
	cat $TMEM/areas
	assert_eq "$(awk '$4 == "ok"' $TMEM/areas | wc -l)" 2 "areas that are used"
	assert_ge "$(awk '$3 >= 100' $TMEM/areas | wc -l)" "$1" "areas with pages"
	touch "$RUN/go"
	wait $!
	cat "$RUN/hog"
	assert_eq "$(hog_errors "$RUN/hog")" 0 "wrong pages"
	assert_ge $(($(tmem_stat stores) - stores)) 8000 "pages stored"
}

test()
{
	mk_fs ext4 "$DISK2" /mnt
	fallocate -l 128M /mnt/swapfile
	chmod 600 /mnt/swapfile
	tmem_start "$DISK1"
	swapoff "$DISK1"
	swapon -p 5 "$DISK1"
	mkswap -q /mnt/swapfile
	swapon -p 5 /mnt/swapfile
	mk_cgroup hog 32M
	hog_over 2
	swapoff /mnt/swapfile
	modprobe zram
	echo 128M >/sys/block/zram0/disksize
	mkswap -q /dev/zram0
	swapon -p 10 /dev/zram0
	hog_over 1
	swap_off
	tmem_counters
	assert_eq "$(tmem_held)" 0 "pages held after swapoff"
}
