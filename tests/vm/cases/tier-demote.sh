# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# From memory to persistent memory, to the SSD, to the disk: swap takes the room, and nothing gets lost or wrong.
DESCRIPTION="clean pages on persistent memory are handed on to an SSD when swap needs their slots"
KERNELS="6.12 6.1 7.2"
SUITE=full
DISKS="400M 160M 512M"
NVDIMMS="128M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
TIMEOUT=900

requires() { need_program tmem-pmem-ctl; }

cleanup()
{
	pkill -KILL -x hog || true
	wait
	swap_off
	clean_stop
}

# demoted COUNT: so many pages were.
demoted() { [ "$(tier_stat demoted)" -ge "$1" ]; }

# start [PARAMETER...]: all of it, for both modules.
start()
{
	local device

	cached_fs ext4 "$DISK1"
	device=$(pmem_device)
	blank "$device"
	modprobe -i tmem_pmem "devices=$device" "$@"
	modprobe -i tmem_ssd "$@"
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

# from_both: what is read comes from either, and next to nothing from the disk.
from_both()
{
	local before

	before=$(sectors_read "$DISK1")
	check_sums
	note "read $(($(sectors_read "$DISK1") - before)) sectors of the disk"
	tier_counters
	ssd_counters "$DISK2"
	clean_counters
	assert_ge "$(clean_stat demoted)" 2000 "pages handed on"
	assert_ge "$(ssd_stat "$DISK2" gets_read)" 1000 "pages read from the SSD"
	# Of 147,000. An emulated SSD does not always keep up, and then its stages are full.
	assert_le $(($(sectors_read "$DISK1") - before)) 90000 "sectors of the disk read"
	assert_eq "$(ssd_stat "$DISK2" checksum_errors) $(ssd_stat "$DISK2" io_errors)" '0 0' errors
}

# swap_fills: seven tenths of the device.
swap_fills()
{
	swap_on "$DISK3"
	mk_cgroup hog 24M
	run_in_cgroup hog hog --content random --touches 1000 --ready "$RUN/ready" --go "$RUN/go" 110 >"$RUN/hog" &
	wait_for 120 [ -e "$RUN/ready" ]
}

# Clean pages went, not one of the others.
swap_comes_first()
{
	tier_counters
	tmem_counters
	assert_eq "$(tmem_stat written_back)" 0 "pages written back"
	assert_eq "$(tmem_refused full)" 0 "pages that found no room"
	assert_ge "$(tmem_held)" 20000 "pages stored"
}

swap_ends()
{
	touch "$RUN/go"
	wait
	cat "$RUN/hog"
	rm -f "$RUN/ready" "$RUN/go"
	assert_eq "$(hog_errors "$RUN/hog")" 0 "wrong pages"
	swap_off
	check_sums
	check_sums
	assert_eq "$(tmem_held)" 0 "pages held after swapoff"
	umount /mnt
	assert_eq "$(tier_pages) $(cat "$SSD/index_pages")" '0 0' "pages of a filesystem that is gone"
	tmem_unload
}

with_swap()
{
	note "swap needs the room: $*"
	start "$@"
	# By itself it stays between the two.
	echo "90 50" >"$(tier_dir)/marks"
	swap_fills
	wait_for 60 demoted 2000
	sleep 2
	swap_comes_first
	from_both
	note "files are read meanwhile"
	check_sums
	evict small
	sleep 3
	swap_comes_first
	assert_ge "$(tier_pages)" 1000 "pages on persistent memory"
	swap_ends
}

nobody_makes_room()
{
	note "a store takes the slot of a clean page"
	start
	echo "100 100" >"$(tier_dir)/marks"
	swap_fills
	swap_comes_first
	assert_ge "$(tier_stat dropped_for_swap)" 100 "clean pages that gave up their slots"
	swap_ends
}

test()
{
	tmem-pmem-ctl ssd format --force "$DISK2"
	with_swap encrypt=0
	with_swap
	nobody_makes_room
}
