# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A page is read and evicted again in the middle of an asynchronous direct write, which may fail.
DESCRIPTION="io_uring and AIO overwrites against reads and evictions, whole and torn ones"
KERNELS="6.12 6.1 7.2"
CPUS=2
DISKS="400M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
SUITE=full
TIMEOUT=600

PAGES=64
BYTES=$((PAGES * 4096))

requires() { need_module xfs; }
cleanup() { clean_stop; }

# stale_pages WAY KIND: one direct write over "o", with everything evicted between the invalidation of
# the page cache and the write. Prints how many pages differ from what the disk has afterwards.
stale_pages()
{
	local writer

	write_byte /mnt/file o $PAGES
	evict small
	fault DELAY_INVALIDATED 100000
	directio "$1" "$2" /mnt/file n 0 $BYTES >"$RUN"/result &
	writer=$!
	wait_for 30 dawdles $writer
	pages_with /mnt/file o >/dev/null
	evict small
	fault DELAY_INVALIDATED 0
	wait $writer
	case $2 in
	write) assert_eq "$(cat "$RUN"/result)" $BYTES "$1: bytes written" ;;
	torn) assert_eq "$(cat "$RUN"/result)" -14 "$1: result of a torn write" ;;
	esac
	assert_ge "$(pages_on_disk /mnt/file n)" $((PAGES / 2)) "new pages on the disk"
	pages_wrong /mnt/file
}

# overlapping WAY: while the write is in flight the file is read, evicted and read.
overlapping()
{
	local round reads=0

	for round in 1 2 3; do
		write_byte /mnt/file o $PAGES
		directio "$1" write /mnt/file n 0 $BYTES >/dev/null &
		while kill -0 $! 2>/dev/null; do
			pages_with /mnt/file o >/dev/null
			evict small
			reads=$((reads + 1))
		done
		wait $!
		assert_eq "$(pages_with /mnt/file n)" $PAGES "$1, round $round: new pages"
	done
	assert_ge $reads 1 "reads while a write was in flight"
}

# Direct reads end in an interrupt. The file is open for writing, so that what they read is forgotten.
reads_in_interrupts()
{
	write_byte /mnt/file o $PAGES
	evict small
	assert_ge "$(clean_held)" $PAGES "pages held"
	assert_eq "$(directio "$1" read /mnt/file n 0 $BYTES)" $BYTES "$1: bytes read"
	assert_le "$(clean_held)" $((PAGES / 2)) "pages held after a direct read through a file open for writing"
	assert_eq "$(pages_with /mnt/file o)" $PAGES "pages as they were"
}

on_filesystem()
{
	local way kind

	cached_fs "$1" "$DISK1"
	modprobe cleancache_ram max_pages=20000
	mk_cgroup small 16M
	rm -f /mnt/file
	write_byte /mnt/file o 1
	for way in aio uring; do
		for kind in write torn; do
			fault NO_DIO_FORGET 1
			assert_ge "$(stale_pages $way $kind)" $((PAGES / 4)) \
				"$1, $way, $kind: stale pages without the defence"
			fault NO_DIO_FORGET 0
			assert_eq "$(stale_pages $way $kind)" 0 "$1, $way, $kind: stale pages"
		done
		overlapping $way
		reads_in_interrupts $way
	done
	clean_counters
	umount /mnt
	tmem_unload
}

test()
{
	on_filesystem ext4
	on_filesystem xfs
}
