# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The power is cut at a random moment while files are read, evicted and overwritten: afterwards they are
# what was written, and the cache begins with nothing.
DESCRIPTION="power cuts during put, get and write traffic: files right, the cache cold"
KERNELS="6.12 6.1 7.2"
DISKS="200M 18M 16M"
EXCLUSIVE=1
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

CUTS=2

requires() { need_program tmem-pmem-ctl; }
cleanup() { ssd_stop; }

# 16 MiB in memory for half of it, and a device for nearly all of it. What may be read is on a disk, too.
files_in_small() { versions_in small --pages 512 "$@"; }

prepare()
{
	tmem-pmem-ctl ssd format --force "$DISK2"
	cached_fs ext4 "$DISK1"
	versioned_files --pages 512
}

# begins_cold: nothing that was cached before is found, and all files are right.
begins_cold()
{
	assert_eq "$(cat "$(ssd_dir "$DISK2")/pages") $(cat "$SSD/index_pages")" '0 0' "pages cached"
	drop_caches 1
	versions --pages 512 check /mnt "$TABLE"
	assert_eq "$(ssd_stat "$DISK2" gets_read) $(ssd_stat "$DISK2" gets_staged)" '0 0' \
		"pages served before any was put"
	drop_caches 1
}

test()
{
	local seed=$((RANDOM * 32768 + RANDOM)) wait_ms traffic

	TABLE=$DISK3
	if [ "$PHASE" = 1 ]; then
		prepare
	else
		rotational "$DISK1"
		mkdir -p /mnt
		mount -t ext4 "$DISK1" /mnt
	fi
	modprobe -i tmem_ssd devices="$DISK2"
	echo all >"$SSD/policy"
	begins_cold
	mk_cgroup small 8M
	files_in_small check
	files_in_small check
	ssd_counters "$DISK2"
	assert_ge "$(ssd_stat "$DISK2" gets_read)" 200 "pages read from the SSD"
	assert_eq "$(ssd_stat "$DISK2" checksum_errors)" 0 "checksum errors"
	if [ "$PHASE" -gt $CUTS ]; then
		umount /mnt
		tmem_unload
		return
	fi
	wait_ms=$((300 + seed % 4000))
	note "cut $PHASE of $CUTS after $wait_ms ms of traffic, seed $seed"
	files_in_small --seed $seed --readers 2 --writers 2 --seconds 1000 run &
	traffic=$!
	sleep "$((wait_ms / 1000)).$(printf %03d $((wait_ms % 1000)))"
	kill -0 $traffic || fail "the traffic has ended before the cut"
	next_boot
}
