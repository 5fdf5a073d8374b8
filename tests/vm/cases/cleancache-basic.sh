# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The main path of clean pages: what reclaim evicts comes back from the backend, not from the disk.
DESCRIPTION="evicted pages of files on ext4 and xfs are read back from the sample RAM backend"
KERNELS="6.12 6.1 7.2"
DISKS="400M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

FILES=24

requires() { need_module xfs; }
cleanup() { clean_stop; }

# Each takes the place of an older one, as editors and package managers do it.
make_files()
{
	local i

	for ((i = 0; i < FILES; i++)); do
		echo older >"/mnt/f$i"
		dd if=/dev/urandom of=/mnt/new bs=1M count=3 status=none
		# Not a whole number of pages.
		head -c "$((i * 100 + 1))" /dev/urandom >>/mnt/new
		mv /mnt/new "/mnt/f$i"
	done
	sync
}

# check_pass: read every file in the small cgroup.
check_pass() { run_in_cgroup small md5sum --quiet -c /tmp/sums; }

# random_pass: single reads, too, which no readahead precedes.
random_pass()
{
	local i

	for ((i = 0; i < FILES; i++)); do
		run_in_cgroup small dd if="/mnt/f$i" of=/dev/null bs=4k skip=$((RANDOM % 700)) \
			count=1 status=none
	done
}

on_filesystem()
{
	local before after gets

	cached_fs "$1" "$DISK1"
	modprobe cleancache_ram max_pages=40000
	cat "$TMEM"/hooks
	make_files
	md5sum /mnt/f* >/tmp/sums
	drop_caches 1
	mk_cgroup small 24M
	before=$(sectors_read "$DISK1")
	check_pass
	evict small
	after=$(sectors_read "$DISK1")
	cat "$TMEM"/filesystems
	note "$1: first pass read $((after - before)) sectors"
	gets=$(clean_stat gets)
	before=$after
	check_pass
	after=$(sectors_read "$DISK1")
	note "$1: second pass read $((after - before)) sectors"
	clean_counters
	grep . "$CLEANCACHE"/*
	assert_ge $(($(clean_stat gets) - gets)) $((FILES * 760)) "pages got in the second pass"
	assert_le $((after - before)) 200 "sectors read in the second pass"
	assert_ge "$(cat "$CLEANCACHE"/puts)" $((FILES * 700)) "pages put"
	evict small
	random_pass
	check_pass
	umount /mnt
	assert_eq "$(cat /sys/module/cleancache_ram/parameters/pages)" 0 "pages held after unmount"
	assert_eq "$(grep -c "${DISK1#/dev/}" "$TMEM"/filesystems || true)" 0 "times in the list of filesystems after unmount"
	tmem_unload
}

test()
{
	on_filesystem ext4
	on_filesystem xfs
}
