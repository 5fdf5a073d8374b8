# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The index gives memory back when programs need it, and what is left of the cache is right.
DESCRIPTION="the index stays within its share of memory, and shrinks under pressure"
KERNELS="6.12 6.1 7.2"
DISKS="400M 300M 512M"
MEM=512M
SUITE=full
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

SSD=/sys/kernel/mm/tmem_ssd

requires() { need_program tmem-pmem-ctl; }
cleanup() { tmem_stop; clean_stop; }

fill_cache()
{
	local i

	for i in {1..6}; do
		dd if=/dev/urandom of="/mnt/f$i" bs=1M count=32 status=none
	done
	sync
	md5sum /mnt/f* >/tmp/sums
	drop_caches 1
	read_in
	tmem-pmem-ctl ssd stats
	note "$(cat $SSD/index_pages) pages, $(cat $SSD/index_bytes) bytes, limit $(cat $SSD/index_limit_bytes)"
}

# read_in: until the cache has most of it. On a slow machine its stages are full much of the time.
read_in()
{
	local i

	for i in {1..6}; do
		check_pass
		evict small
		[ "$(cat $SSD/index_pages)" -lt 22000 ] || return 0
	done
}

check_pass() { run_in_cgroup small md5sum --quiet -c /tmp/sums; }

test()
{
	local pages limit

	cached_fs ext4 "$DISK1"
	# 7.2 reads more ahead, in folios too large to be put.
	echo 128 >"/sys/block/${DISK1#/dev/}/queue/read_ahead_kb"
	modprobe -i tmem_ssd
	tmem-pmem-ctl ssd format "$DISK2"
	tmem-pmem-ctl ssd attach "$DISK2"
	echo all >$SSD/policy
	echo 0 >$SSD/sequential_pages
	mk_cgroup small 24M
	fill_cache
	pages=$(cat $SSD/index_pages)
	assert_ge "$pages" 20000 "pages cached"
	assert_eq "$(cat $SSD/refused/index_full)" 0 "pages refused for the share's sake"

	# Reclaim alone, as drop_caches does it, is no reason.
	drop_caches 3
	drop_caches 3
	assert_eq "$(cat $SSD/index_pages)" "$pages" "pages cached after slab caches were dropped"

	# A smaller share: reclaim takes what is beyond it, more is refused, and nothing is wrong.
	must_fail sh -c "echo 101 >$SSD/index_percent"
	grep -q percent "$TMEM"/last_error
	echo 0 >$SSD/index_percent
	drop_caches 2
	assert_le "$(cat $SSD/index_pages)" 200 "pages cached with no share"
	assert_ge "$(cat $SSD/index_pages_shrunk)" $((pages - 200)) "pages given back"
	check_pass
	evict small
	assert_ge "$(cat $SSD/refused/index_full)" 1000 "pages refused beyond the share"

	# Programs take the memory. The share is small, so that little of a big machine is a lot here.
	echo 25 >$SSD/index_percent
	read_in
	pages=$(cat $SSD/index_pages)
	assert_ge "$pages" 20000 "pages cached again"
	echo 1 >$SSD/index_percent
	limit=$(cat $SSD/index_limit_bytes)
	assert_ge "$limit" "$(cat $SSD/index_bytes)" "the share while memory is free"
	swap_on "$DISK3"
	# More than there is, however large the guest had to be.
	hog --content random --touches 20000 \
		$(($(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo) / 1024 + 100)) >"$RUN/hog"
	assert_eq "$(jq .errors "$RUN/hog")" 0 "wrong pages of the program"
	note "$pages pages before, $(cat $SSD/index_pages) after"
	assert_le "$(cat $SSD/index_pages)" $((pages / 2)) "pages cached under pressure"
	# They are gone, and nobody but the cgroup reclaims.
	pages=$(cat "$SSD/devices/${DISK2#/dev/}/stats/puts")
	for _ in 1 2; do
		check_pass
		evict small
	done
	assert_ge "$(cat "$SSD/devices/${DISK2#/dev/}/stats/puts")" $((pages + 2000)) "pages put, also after that"
	check_pass
	assert_eq "$(cat "$SSD/devices/${DISK2#/dev/}/stats/checksum_errors")" 0 "checksum errors"
}
