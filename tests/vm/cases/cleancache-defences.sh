# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Defences of the page cache that only rare events need, each with the event, taken away and in place.
DESCRIPTION="direct writes under way, dirtying, exits, write errors, doubts, gets that dawdle"
KERNELS="6.12 6.1 7.2"
DISKS="400M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
SUITE=full
TIMEOUT=600

PAGES=64
HALF=32

requires() { need_module dm_mod dm_delay dm_flakey xfs; }

cleanup()
{
	wait
	[ ! -e "$TMEM"/state ] || echo active >"$TMEM"/state
	umount /mnt 2>/dev/null
	dmsetup remove --retry disk 2>/dev/null
	clean_stop
}

# old_file: its pages hold "o", and are in the backend only.
old_file()
{
	rm -f /mnt/file
	write_byte /mnt/file o $PAGES
	evict small
	assert_ge "$(clean_held)" $PAGES "pages held"
}

# half_written: the part of /mnt/file that is not slow is on the disk.
half_written() { [ "$(pages_on_disk /mnt/file n $HALF)" = $HALF ]; }

# While a direct write is under way, half of it is on the disk. Old copies were put just before it began.
count()
{
	local writer

	old_file
	# The first direct write to an inode that was read afresh would let no other request in.
	exec 8</mnt/file
	write_direct /mnt/file o 1
	file_behaves /mnt/file "$DISK1" linear slow
	fault DELAY_INVALIDATED 100000
	directio sync write /mnt/file n 0 $((PAGES * 4096)) >/dev/null &
	writer=$!
	wait_for 30 dawdles $writer
	assert_eq "$(pages_with /mnt/file o)" $PAGES "old pages read just before"
	evict small
	assert_eq "$(clean_held)" $PAGES "pages held just before"
	fault DELAY_INVALIDATED 0
	wait_for 30 half_written
	pages_with /mnt/file o $HALF
	assert_eq "$(pages_on_disk /mnt/file o)" $HALF "old pages on the disk in the middle"
	disk_behaves "$DISK1"
	wait $writer
	exec 8<&-
	assert_eq "$(pages_with /mnt/file n)" $PAGES "new pages in the end"
}

# leave: an overwritten file is evicted while nothing is put.
leave()
{
	old_file
	write_byte /mnt/file n $PAGES
	echo paused >"$TMEM"/state
	evict small
	echo active >"$TMEM"/state
	pages_with /mnt/file o
}

# Pages that never reached the disk count as clean, but are not what the disk has.
error()
{
	old_file
	file_behaves /mnt/file "$DISK1" failing failing
	(trap - ERR; write_byte /mnt/file n $PAGES 2>/dev/null || true)
	disk_behaves "$DISK1"
	assert_eq "$(pages_with /mnt/file n)" $PAGES "new pages in the page cache"
	evict small
	assert_eq "$(pages_on_disk /mnt/file n)" 0 "new pages on the disk"
	pages_wrong /mnt/file
}

# after_error: pages got of that file when its inode, which knew of the error, has left memory.
after_error()
{
	local got

	# Only one without pages, and without shadows of them, leaves.
	drop_caches 3
	drop_caches 2
	assert_eq "$(pages_with /mnt/file o)" $PAGES "pages as they are on the disk"
	evict small
	got=$(clean_stat gets)
	assert_eq "$(pages_with /mnt/file o)" $PAGES "pages as they are on the disk, the second time"
	echo $(($(clean_stat gets) - got))
}

# A direct write of which half fails leaves what was read meanwhile in the page cache.
doubt()
{
	old_file
	tear_a_write /mnt/file n $PAGES "$DISK1"
	evict small
	pages_with /mnt/file o $HALF
}

reader_dawdles() { dawdles "$(pgrep -nx pages)"; }

# A get that has seen no direct write, and is slow. The write has to wait for its folios.
slow_get()
{
	local reader writer

	old_file
	fault DELAY_GET 100000
	pages_with /mnt/file o >/dev/null &
	reader=$!
	wait_for 30 reader_dawdles
	directio sync write /mnt/file n 0 $((PAGES * 4096)) >/dev/null &
	writer=$!
	sleep 1
	kill -0 $writer
	fault DELAY_GET 0
	wait $reader
	wait $writer
	pages_with /mnt/file o
}

# without FAULT EVENT: pages that are wrong after it, without that defence.
without()
{
	fault "$1" 1
	"$2"
	fault "$1" 0
}

on_filesystem()
{
	dm_fs "$1" "$DISK1"
	modprobe cleancache_ram max_pages=20000
	mk_cgroup small 16M
	cache_dm_fs
	write_byte /mnt/file o 1
	assert_ge "$(without NO_DIO_COUNT count)" $((HALF / 2)) "$1: stale pages during a direct write, without the defence"
	assert_eq "$(count)" 0 "$1: stale pages during a direct write"
	assert_ge "$(without NO_ERROR_CHECK error)" $((PAGES / 2)) "$1: pages that never were on the disk, without the defence"
	assert_eq "$(error)" 0 "$1: pages that never were on the disk"
	assert_ge "$(after_error)" $HALF "$1: pages got of a file that once could not be written"
	assert_ge "$(without NO_DOUBT doubt)" $((HALF / 2)) "$1: stale pages after a failed direct write, without the defence"
	assert_eq "$(doubt)" 0 "$1: stale pages after a failed direct write"
	# Invalidation forgets first, so that the slow get misses; without that it hits.
	fault NO_INVALIDATE_FORGET 1
	assert_eq "$(slow_get)" 0 "$1: stale pages after a slow get that hits"
	# Folios that the write removes from the page cache are forgotten as well.
	fault NO_EXIT_FORGET 1
	assert_ge "$(without NO_DIO_FORGET slow_get)" $HALF "$1: stale pages after a slow get, if nothing is forgotten"
	fault NO_EXIT_FORGET 0
	fault NO_INVALIDATE_FORGET 0
	assert_eq "$(slow_get)" 0 "$1: stale pages after a slow get"
	# Either of these two is enough.
	assert_eq "$(without NO_DIRTY_FORGET leave)" 0 "$1: stale pages with only the exit's defence"
	assert_eq "$(without NO_EXIT_FORGET leave)" 0 "$1: stale pages with only dirtying's defence"
	fault NO_EXIT_FORGET 1
	assert_ge "$(without NO_DIRTY_FORGET leave)" $((PAGES / 2)) "$1: stale pages without either defence"
	fault NO_EXIT_FORGET 0
	assert_ge "$(clean_refused write_error)" $HALF "$1: pages that never were on the disk refused"
	assert_ge "$(clean_refused doubtful)" $HALF "$1: pages of a doubtful file refused"
	clean_counters
	dm_fs_gone
	tmem_unload
}

# Partly written pages that reclaim has taken the buffers from, and then left.
partly_written()
{
	local page

	old_file
	for ((page = 0; page < PAGES; page++)); do
		printf 'n%.0s' {1..1024} | dd of=/mnt/file bs=1024 seek=$((page * 4 + 1)) conv=notrunc status=none
	done
	sync /mnt/file
	release_buffers /mnt/file
	run_in_cgroup small cat /mnt/file | tr -dc n | wc -c
}

# release_buffers FILE: take the buffers from its folios.
release_buffers() { modprobe tmem_test_release path="$1"; rmmod tmem_test_release; }

partly()
{
	cached_fs ext4 "$DISK1" -b 1024
	modprobe cleancache_ram max_pages=20000
	mk_cgroup small 16M
	write_byte /mnt/file o 1
	assert_le "$(without NO_DIRTY_FORGET partly_written)" $((PAGES * 512)) "new bytes in partly written pages, without the defence"
	assert_eq "$(partly_written)" $((PAGES * 1024)) "new bytes in partly written pages"
	umount /mnt
	tmem_unload
}

test()
{
	allow_dmesg 'I/O error'
	allow_dmesg 'Buffer I/O error'
	on_filesystem ext4
	on_filesystem xfs
	partly
}
