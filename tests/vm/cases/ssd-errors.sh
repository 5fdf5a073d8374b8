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

# set_up [PARAMETER...]: of the module. A device that works, and a filesystem on a disk that it caches.
set_up()
{
	rounds=0
	working
	tmem-pmem-ctl ssd format --force $CACHE
	cached_fs ext4 "$DISK1"
	modprobe -i tmem_ssd "$@"
	echo all >"$SSD/policy"
	ssd_events
	mk_cgroup small 16M
}

# start_traffic: files there are read and overwritten.
start_traffic()
{
	versioned_files
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

# is_let_go WHAT: soon, and for the first time since it was attached.
is_let_go()
{
	wait_for 60 ssd_is_out $CACHE || fail "$1: the device stays in service"
	rounds=$((rounds + 1))
	assert_eq "$(times_logged "$GONE")" $rounds "$1: lines in the log"
	assert_eq "$(events_seen failed $CACHE)" $rounds "$1: events"
}

# goes_and_comes WHAT TARGET: the device gets this table under traffic, leaves, is mended, serves again.
goes_and_comes()
{
	note "$1"
	ssd_map cache "$2"
	is_let_go "$1"
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

# put_in NAME BYTE PAGES: a file of which all is cached, and nothing is in memory.
put_in()
{
	write_byte "/mnt/$1" "$2" "$3"
	drop_caches 1
	assert_eq "$(pages_with "/mnt/$1" "$2")" "$3" "pages of $1"
	evict small
}

# read_page NAME PAGE BYTE
read_page()
{
	dd if="/mnt/$1" bs=4096 skip="$2" count=1 status=none | tr -d "$3" >"$RUN/wrong"
	[ ! -s "$RUN/wrong" ] || fail "page $2 of $1 is wrong"
}

# Reads of one segment fail one after the other: no reason to go. One of another segment after that is.
reads_in_a_row()
{
	local page

	note "more reads of one segment fail in a row than a device is let go for"
	tmem-pmem-ctl ssd attach $CACHE
	# The whole of the first is in the first segment, and all of it is written when the second one is read.
	put_in first f 200
	put_in second s 700
	wait_for 20 ssd_counted $CACHE puts 900 || fail "$(ssd_stat $CACHE puts) pages are cached"
	sleep 1
	ssd_map cache "0 SIZE error"
	for page in $(seq 8 16 199); do
		read_page first "$page" f
	done
	ssd_counters $CACHE
	assert_ge "$(ssd_stat $CACHE io_errors)" 10 "requests that failed"
	assert_eq "$(cat "$(ssd_dir $CACHE)/state")" active 'state'
	read_page second 300 s
	is_let_go "one of another segment"
	working
	rm /mnt/first /mnt/second
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
	assert_eq "$(times_logged "$GONE")" "$rounds" "lines in the log"
	working
}

test()
{
	set_up encrypt=1
	reads_in_a_row
	start_traffic
	serves
	bad_segment
	goes_and_comes "everything fails" "0 SIZE error"
	end_traffic
}
