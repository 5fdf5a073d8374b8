# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Two SSDs at once: both hold pages, and one of them goes and comes back under traffic.
SUITE=full
DESCRIPTION="two SSDs are filled alike; one is detached and attached again under traffic"
KERNELS="6.12 6.1 7.2"
DISKS="200M 24M 20M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

requires()
{
	need_program tmem-pmem-ctl losetup addpart dmsetup
	need_module loop dm_mod
}

cleanup()
{
	ssd_stop
	dmsetup remove above 2>/dev/null
	losetup -D
}

# serves DEVICE: pages go there and come from there.
serves()
{
	wait_for 60 ssd_counted "$1" segments_written 3 || fail "nothing is written to $1"
	wait_for 60 ssd_counted "$1" gets_read 200 || fail "nothing is read from $1"
	ssd_counters "$1"
}

# refused DEVICE: it is, or is above, a loop device.
refused()
{
	tmem-pmem-ctl ssd format --force "$1"
	must_fail tmem-pmem-ctl ssd attach "$1" 2>"$RUN/said"
	grep -q 'a loop device' "$RUN/said" || fail "it says: $(cat "$RUN/said")"
}

# The file behind a loop device could be cached on it.
no_loop()
{
	local loop

	modprobe loop
	modprobe dm_mod
	truncate -s 24M "$RUN/file"
	loop=$(losetup --find --show "$RUN/file")
	refused "$loop"
	# Its number says nothing of what it is a part of.
	addpart "$loop" 1 2048 40960
	refused "${loop}p1"
	echo "0 40960 linear ${loop}p1 0" | dmsetup create above
	dmsetup mknodes
	refused /dev/mapper/above
	dmsetup remove above
	delpart "$loop" 1
	losetup -d "$loop"
}

test()
{
	local before

	tmem-pmem-ctl ssd format --force "$DISK2"
	tmem-pmem-ctl ssd format --force "$DISK3"
	cached_fs ext4 "$DISK1"
	versioned_files
	modprobe -i tmem_ssd devices="$DISK2,$DISK3"
	no_loop
	echo all >"$SSD/policy"
	mk_cgroup small 16M
	versions_in small --seconds 1000 run || true &
	traffic=$!
	serves "$DISK2"
	serves "$DISK3"
	tmem-pmem-ctl ssd detach "$DISK2"
	# The other one goes on, with what it has.
	before=$(ssd_stat "$DISK3" gets_read)
	wait_for 60 ssd_counted "$DISK3" gets_read $((before + 200)) || fail "$DISK3 serves no more"
	tmem-pmem-ctl ssd attach "$DISK2"
	serves "$DISK2"
	kill -0 "$traffic" || fail "the traffic has ended"
	assert_eq "$(ssd_stat "$DISK2" checksum_errors) $(ssd_stat "$DISK3" checksum_errors)" '0 0' errors
	# Both go at once, with the module.
	rmmod tmem_ssd
	sleep 1
	kill -0 "$traffic" || fail "the traffic has ended"
	traffic_ends "$traffic"
	tmem_unload
}
