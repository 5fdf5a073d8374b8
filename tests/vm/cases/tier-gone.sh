# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Memory that has clean pages goes bad, is detached, is taken away, and the module goes, all under traffic.
DESCRIPTION="clean pages on persistent memory never hold up its end, and none is wrong after it"
KERNELS="6.12 6.1 7.2"
SUITE=full
DISKS="400M 256M"
NVDIMMS="64M"
EXCLUSIVE=1
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
TIMEOUT=900

cleanup()
{
	echo none >/sys/power/pm_test
	touch "$RUN/done"
	wait
	clean_stop
}

# traffic: reads everything, again and again, until the file "done" is there.
traffic()
{
	rm -f "$RUN/done"
	while [ ! -e "$RUN/done" ]; do
		check_sums
	done
}

# with_traffic COMMAND...: something that takes some time, while files are read.
with_traffic()
{
	local reader

	traffic &
	reader=$!
	sleep 1
	"$@"
	sleep 1
	touch "$RUN/done"
	wait $reader || fail "wrong files while: $*"
	check_sums
}

detach_and_attach()
{
	for _ in 1 2 3 4; do
		echo 1 >"$(tier_dir)/detach"
		sleep 1
		echo "$1" >"$TMEM_PMEM"/attach
		assert_eq "$(cat "$(tier_dir)/clean_percent")" 0 "share of one that was attached again"
		tier_share 80
		sleep 1
	done
}

unload_and_load()
{
	for _ in 1 2 3 4; do
		rmmod tmem_pmem
		sleep 1
		modprobe -i tmem_pmem
		tier_share 80
		sleep 1
	done
}

media_errors()
{
	fault LOSE_ONE_IN 100
	sleep 4
	fault LOSE_ONE_IN 0
}

test()
{
	local device name i

	device=$(pmem_device)
	name=${device#/dev/}
	cached_fs ext4 "$DISK1"
	tmem_load "$device"
	tier_share 80
	make_sums 12 4
	mk_cgroup small 16M
	check_sums

	note "reads that meet media errors are misses"
	with_traffic media_errors
	tier_counters
	assert_ge "$(tier_stat media_errors)" 10 "reads that met one"
	assert_ge "$(cat "$(tier_dir)/slots_quarantined")" 10 "slots that are not used any more"

	note "memory that the platform says is bad"
	allow_dmesg 'Hardware Error|Memory failure|media error|mce:|MCE: Killing'
	allow_taint 16
	evict small
	# All over it: which slots are in use depends on what was refused.
	for i in 500 2300 4100 5900 7700 9500 11300 13100; do
		host_monitor "mce 0 9 0xbd000000000000c0 0x5 $(physical_address "$device" \
			$(((2 << 20) + i * 4096))) 0x8c"
	done
	wait_for 30 eval 'dmesg_since_start | grep -q "pages of files dropped"'
	check_sums
	expect_dmesg '[1-9][0-9]* pages of files dropped'

	note "hibernation forgets them"
	evict small
	assert_ge "$(tier_pages)" 1000 "pages there"
	allow_dmesg 'PM: |hibernation'
	echo freezer >/sys/power/pm_test
	echo disk >/sys/power/state
	echo none >/sys/power/pm_test
	assert_le "$(tier_pages)" 200 "pages there from before"
	check_sums
	evict small
	assert_ge "$(tier_pages)" 1000 "pages there again"
	tier_counters

	note detached
	with_traffic detach_and_attach "$device"
	note unloaded
	with_traffic unload_and_load
	note "taken away"
	allow_dmesg 'taken away'
	evict small
	assert_ge "$(tier_pages)" 1000 "pages there"
	with_traffic eval "echo $(basename "$(readlink -f "/sys/block/$name/device")") >/sys/bus/nd/drivers/nd_pmem/unbind"
	wait_for 10 eval "[ ! -e '$TMEM_PMEM/devices/$name' ]"
	check_sums
}
