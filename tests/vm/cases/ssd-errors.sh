# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Requests to the SSD fail: readers get right bytes all the same, and a device that fails again and again
# goes, with one line and one event, and can come back.
DESCRIPTION="an SSD with a bad segment, then one that fails altogether, behind device-mapper"
KERNELS="6.12 6.1 7.2"
DISKS="200M 24M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

CACHE=/dev/mapper/cache
GONE='8 (reads|writes) in a row failed, so it is let go'

requires() { need_program tmem-pmem-ctl dmsetup; }
cleanup() { ssd_stop; }

working() { ssd_map cache "0 SIZE linear $DISK2 0"; }

# start_traffic: a device that works, and files on a disk that it caches, read and overwritten.
start_traffic()
{
	rounds=0
	working
	tmem-pmem-ctl ssd format --force $CACHE
	cached_fs ext4 "$DISK1"
	versioned_files
	modprobe -i tmem_ssd
	echo all >"$SSD/policy"
	ssd_events
	mk_cgroup small 16M
	versions_in small --seconds 1000 run || true &
	traffic=$!
}

# serves: it is in service, and pages are read from it.
serves()
{
	tmem-pmem-ctl ssd attach $CACHE
	assert_eq "$(cat "$(ssd_dir $CACHE)/state")" active 'state'
	wait_for 60 ssd_counted $CACHE gets_read 300 || fail "nothing is read from $CACHE"
	ssd_counters $CACHE
}

# goes_and_comes WHAT TARGET: the device gets this table under traffic, leaves, is mended, serves again.
goes_and_comes()
{
	note "$1"
	ssd_map cache "$2"
	wait_for 60 ssd_is_out $CACHE || fail "$1: the device stays in service"
	rounds=$((rounds + 1))
	assert_eq "$(times_logged "$GONE")" $rounds "$1: lines in the log"
	assert_eq "$(events_seen failed $CACHE)" $rounds "$1: events"
	sleep 1
	kill -0 "$traffic" || fail "$1: the traffic has ended"
	working
	serves
}

end_traffic()
{
	kill -0 "$traffic" || fail "the traffic has ended"
	traffic_ends "$traffic"
	tmem-pmem-ctl ssd detach $CACHE
	tmem_unload
}

# A bad segment is no reason to go: requests fail, but not one after the other.
bad_segment()
{
	local sectors

	sectors=$(blockdev --getsz "$DISK2")
	note "one segment cannot be read or written"
	ssd_map cache "0 4096 linear $DISK2 0" "4096 2048 error" \
		"6144 $((sectors - 6144)) linear $DISK2 6144"
	wait_for 60 ssd_counted $CACHE io_errors 1 || fail "no request fails"
	sleep 1
	ssd_counters $CACHE
	assert_eq "$(times_logged "$GONE")" 0 "lines in the log"
	working
}

test()
{
	start_traffic
	serves
	bad_segment
	goes_and_comes "everything fails" "0 SIZE error"
	end_traffic
}
