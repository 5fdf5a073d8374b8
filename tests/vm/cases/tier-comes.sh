# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Persistent memory and the SSD each go and come back, and what the other one has stays.
DESCRIPTION="either backend of clean pages comes and goes while the other one stays, in any order"
KERNELS="6.12 6.1 7.2"
SUITE=full
DISKS="400M 160M 512M"
NVDIMMS="128M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
TIMEOUT=600

requires() { need_program tmem-pmem-ctl; }
cleanup() { clean_stop; }

# few_pages: no more than a tenth of the namespace, and what came since.
few_pages() { [ "$(tier_pages)" -le 3200 ]; }

# start: all of it, with both modules.
start()
{
	local device

	cached_fs ext4 "$DISK1"
	device=$(pmem_device)
	blank "$device"
	modprobe -i tmem_pmem "devices=$device"
	modprobe -i tmem_ssd
	tmem-pmem-ctl ssd attach "$DISK2"
	echo all >"$SSD/policy"
	tier_share 90
	make_sums 24 3
	mk_cgroup small 24M
	check_sums
	evict small
	# When all stages are full, on a busy machine, a page goes to the SSD at once.
	assert_ge "$(tier_pages)" 12000 "pages on persistent memory"
	assert_ge $(($(tier_pages) + $(cat "$SSD/index_pages"))) 17000 "pages on either"
}

test()
{
	tmem-pmem-ctl ssd format --force "$DISK2"
	start
	tier_share 10
	# What comes faster than an emulated SSD takes it is refused there.
	wait_for 60 few_pages
	assert_ge "$(tier_stat demoted)" 1500 "pages handed on"
	modprobe -r tmem_ssd
	assert_ge "$(tier_pages)" 2000 "pages there without the SSD"
	grep -q "${DISK1#/dev/}.*cached" "$TMEM/filesystems"
	check_sums
	tier_share 90
	check_sums
	evict small
	assert_ge "$(tier_pages)" 12000 "pages there without the SSD"
	note "without the SSD they are dropped"
	tier_share 10
	wait_for 60 few_pages
	assert_ge "$(tier_stat dropped)" 8000 "pages dropped"
	modprobe -i tmem_ssd
	tmem-pmem-ctl ssd attach "$DISK2"
	echo all >"$SSD/policy"
	check_sums
	evict small
	assert_ge "$(cat "$SSD/index_pages")" 1000 "pages on the SSD"
	tier_share 0
	grep -q "${DISK1#/dev/}.*cached" "$TMEM/filesystems"
	assert_ge "$(cat "$SSD/index_pages")" 1000 "pages on the SSD, which stay"
	check_sums
	tier_share 50
	check_sums
	rmmod tmem_pmem
	check_sums
	umount /mnt
	assert_eq "$(cat "$SSD/index_pages")" 0 "pages of a filesystem that is gone"
	tmem_unload
}
