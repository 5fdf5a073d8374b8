# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What is written to the blocks of a file past the page cache, by who knows where they are.
DESCRIPTION="blocks written by their number, in an open file and while the machine hibernates"
KERNELS="6.12 6.1 7.2"
DISKS="400M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

PAGES=64

cleanup()
{
	echo none >/sys/power/pm_test
	exec 7<&-
	rmmod tmem_test_layout 2>/dev/null || true
	dm_fs_gone
	clean_stop
}

# block_of FILE: the first block of 4 KiB on the disk; asked so, the kernel may tell others, too.
block_of() { filefrag -v -b4096 "$1" | awk '$1 == "0:" { sub("[.].*", "", $4); print $4 }'; }

# overwrite BLOCK BYTE: that and what follows, on the disk, and nobody is told.
overwrite()
{
	head -c $((PAGES * 4096)) /dev/zero | tr '\0' "$2" >"$RUN/raw"
	dd if="$RUN/raw" of="$DISK1" bs=4096 seek="$1" oflag=direct conv=notrunc status=none
}

# cached_file BYTE: evicted, and cached.
cached_file()
{
	rm -f /mnt/file
	write_byte /mnt/file "$1" $PAGES
	sync
	drop_caches 1
	pages_with /mnt/file "$1" $PAGES >/dev/null
	evict small
}

# exposed: as md does with its bitmap. How many pages are read as they were before.
exposed()
{
	local block

	cached_file a
	exec 7</mnt/file
	block=$(fileop block /mnt/file)
	pages_with /mnt/file a $PAGES >/dev/null
	evict small
	overwrite "$block" b
	pages_with /mnt/file a $PAGES
	exec 7<&-
}

# laid_out: the same by the client of an NFS server, which holds a layout of the file.
laid_out()
{
	local block

	cached_file a
	block=$(block_of /mnt/file)
	modprobe tmem_test_layout path=/mnt/file
	pages_with /mnt/file a $PAGES >/dev/null
	evict small
	overwrite "$block" b
	pages_with /mnt/file a $PAGES
	rmmod tmem_test_layout
}

# journal: the journal of what was ext2 once is a file, which is written past the page cache all the time. How many of its
# pages are not read as the disk has them.
journal()
{
	umount /mnt
	mount -t ext4 /dev/mapper/disk /mnt
	cache_dm_fs
	run_in_cgroup small cat /mnt/.journal >/dev/null
	evict small
	touch /mnt/{1..20}
	sync
	pages_wrong /mnt/.journal
}

# slept: the same while the machine hibernates, as far as its tests do.
slept()
{
	local block

	cached_file c
	block=$(block_of /mnt/file)
	overwrite "$block" d
	echo freezer >/sys/power/pm_test
	echo disk >/sys/power/state
	sleep 1
	pages_with /mnt/file c $PAGES
}

test()
{
	# Above device-mapper, since a disk that is mounted may not be written to on every kernel.
	dm_fs ext4 "$DISK1" -b 4096
	modprobe cleancache_ram
	cache_dm_fs
	mk_cgroup small 16M
	fault NO_EXPOSED 1
	assert_ge "$(exposed)" 1 "old pages of a file whose blocks are known, without the defence"
	assert_ge "$(laid_out)" 1 "old pages of a file with a layout, without the defence"
	fault NO_EXPOSED 0
	assert_eq "$(exposed)" 0 "old pages of a file whose blocks are known"
	assert_eq "$(laid_out)" 0 "old pages of a file with a layout"
	fault NO_SLEEP_DROP 1
	assert_ge "$(slept)" 1 "old pages after hibernation, without the defence"
	fault NO_SLEEP_DROP 0
	assert_eq "$(slept)" 0 "old pages after hibernation"
	# And it is cached again.
	cached_file e
	assert_eq "$(pages_with /mnt/file e $PAGES)" $PAGES "right pages"
	assert_ge "$(clean_held)" $((PAGES / 2)) "pages cached after hibernation"
	dm_fs_gone
	dm_fs ext2 "$DISK1" -b 4096
	tune2fs -j /dev/mapper/disk >/dev/null 2>&1
	fault NO_EXPOSED 1
	assert_ge "$(journal)" 1 "wrong pages of a journal that is a file, without the defence"
	fault NO_EXPOSED 0
	assert_eq "$(journal)" 0 "wrong pages of a journal that is a file"
	dm_fs_gone
}
