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
	hog_in hog --content mixed --touches 8000 80
	swapoff /mnt/swapfile
	modprobe zram
	echo 128M >/sys/block/zram0/disksize
	mkswap -q /dev/zram0
	swapon -p 10 /dev/zram0
	hog_in hog --content mixed --touches 8000 80
	cat $TMEM/areas
	swap_off
	tmem_counters
	assert_eq "$(tmem_held)" 0 "pages held after swapoff"
	assert_eq "$(tmem_stat left_at_swapoff)" 0 "slots freed without our knowing"
}
