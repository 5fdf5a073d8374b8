# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Bytes come into pages of a file that nobody marks as dirty, or only other parts of the folio.
DESCRIPTION="stores to pinned pages of a folio that is dirty elsewhere, and writes that fail in the middle, are not cached"
KERNELS="6.12 6.1 7.2"
SUITE=full
DISKS="400M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

PAGES=2000

requires() { need_module xfs; }

cleanup() { clean_stop; }

# pinned_wrong OFFSET BYTES: what is dirty elsewhere in the folio. Prints how many pages are not as the disk has them.
pinned_wrong()
{
	rm -f /mnt/file
	run_in_cgroup small pinned /mnt/file "$@"
	evict small
	pages_wrong /mnt/file
}

# In another page of a large folio, or in another block of the pinned page.
page_wrong() { pinned_wrong 0 4096; }
block_wrong() { pinned_wrong $((32 * 4096)) 1024; }

# short_wrong OFFSET: likewise. Whether the memory goes away at the right moment is a matter of luck, which is tried again.
short_wrong()
{
	local try wrong

	for try in {1..8}; do
		wrong=$(short_wrong_once "$1")
		[ "$wrong" = 0 ] || break
	done
	echo "$wrong"
}

short_wrong_once()
{
	local failed

	rm -f /mnt/file
	write_byte /mnt/file a $PAGES
	evict small
	failed=$(run_in_cgroup small shortcopy /mnt/file $PAGES "$1")
	note "writes that failed: $failed" >&2
	sync
	evict small
	pages_wrong /mnt/file
}

# What ext4 reads of a block that is written in part, and xfs of the first of several.
page_short() { short_wrong 0; }
block_short() { short_wrong 100; }

# with_and_without WHAT COMMAND [KERNEL...]: without the defence some are wrong on these kernels.
with_and_without()
{
	local what=$1 command=$2 without gets

	shift 2
	fault NO_DOUBT 1
	gets=$(clean_stat gets)
	without=$($command)
	assert_ge $(($(clean_stat gets) - gets)) 1 "$what: pages got"
	wrong_without "$what" "$without" "$@"
	fault NO_DOUBT 0
	assert_eq "$($command)" 0 "$what: wrong pages"
}

# on TYPE MKFS_OPTION...
on()
{
	cached_fs "$1" "$DISK1" "${@:2}"
	modprobe cleancache_ram max_pages=20000
}

done_with()
{
	clean_counters
	umount /mnt
	tmem_unload
}

test()
{
	mk_cgroup small 64M
	on ext4 -b 4096
	with_and_without "ext4, pinned" page_wrong 7.2
	# Before 7.2 the kernel looks at all of the memory first, so almost all that fails does so before anything is copied.
	with_and_without "ext4, failing writes" page_short 7.2
	done_with
	on ext4 -b 1024
	with_and_without "ext4 of 1 KiB blocks, pinned" block_wrong 6.1 6.12 7.2
	done_with
	on xfs
	with_and_without "xfs, pinned" page_wrong 6.12 7.2
	done_with
	on xfs -b size=1024
	# Never seen, but likewise by its source.
	with_and_without "xfs of 1 KiB blocks, failing writes" block_short
	done_with
}
