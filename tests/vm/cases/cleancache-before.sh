# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A page that is wrong in the page cache since before its filesystem was cached does not stay wrong.
DESCRIPTION="pages that a failed direct write left wrong: before loading, another mount, while disabled, while read-only"
KERNELS="6.12 6.1 7.2"
DISKS="400M 64M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
SUITE=full
# Somebody writes to the disk below a mounted filesystem; not every kernel lets them by default.
APPEND="bdev_allow_write_mounted=1"
TIMEOUT=900

PAGES=64
HALF=32

requires() { need_module dm_mod dm_delay dm_flakey xfs; }

cleanup()
{
	wait
	umount /mnt2 /mnt 2>/dev/null
	dmsetup remove --retry disk 2>/dev/null
	clean_stop
}

leave_wrong_pages()
{
	rm -f /mnt/file
	write_byte /mnt/file o $PAGES
	evict small
	tear_a_write /mnt/file n $PAGES "$DISK1"
	assert_ge "$(pages_with /mnt/file o $HALF)" $((HALF / 2)) "old pages in the page cache"
}

# overwrite_below FILE DEVICE: what somebody does to the disk below a filesystem that is read-only, or not cached meanwhile.
overwrite_below()
{
	local sector

	sector=$(filefrag -b512 -v "$1" | awk '$1 == "0:" { print $4 + 0 }')
	head -c $((PAGES * 4096)) /dev/zero | tr '\0' n |
		dd of="$2" bs=512 seek="$sector" oflag=direct conv=notrunc iflag=fullblock status=none
}

# stale_pages: how many are still old after they were evicted.
stale_pages()
{
	evict small
	pages_with /mnt/file o $HALF
}

load() { modprobe cleancache_ram max_pages=20000; }

# wrong_before_loading FAULT
wrong_before_loading()
{
	leave_wrong_pages
	modprobe tmem
	fault NO_LET_GO "$1"
	load
	cache_dm_fs
	stale_pages
	tmem_unload
}

# wrong_while FAULT STOP RESUME: the file is doubtful, too.
wrong_while()
{
	load
	fault NO_LET_GO "$1"
	fault NO_DOUBT "$1"
	cache_dm_fs
	"$2"
	leave_wrong_pages
	"$3"
	stale_pages
	tmem_unload
}

disable() { echo /mnt >"$TMEM"/filesystems_disable; }

read_only() { mount -o remount,ro /mnt; }
read_write() { mount -o remount,rw /mnt; }

# repaired_while FAULT STOP RESUME [evict]: what is in memory, or with "evict" in the cache, is old.
repaired_while()
{
	load
	fault NO_LET_GO "$1"
	cache_dm_fs
	rm -f /mnt/file
	write_byte /mnt/file o $PAGES
	evict small
	pages_with /mnt/file o >/dev/null
	[ -z "${4:-}" ] || evict small
	"$2"
	overwrite_below /mnt/file "$DISK1"
	"$3"
	stale_pages
	tmem_unload
}

# The same to a filesystem that was mounted while there was a backend, before anything of it was read.
repaired_before_read()
{
	load
	cached_fs ext4 "$DISK2"
	write_byte /mnt/other x 4
	write_byte /mnt/file o $PAGES
	mount -o remount,ro /mnt
	overwrite_below /mnt/file "$DISK2"
	mount -o remount,rw /mnt
	dd if=/mnt/other iflag=nocache count=0 status=none
	assert_eq "$(pages_with /mnt/other x)" 4 "right pages"
	stale_pages
	[ "$(clean_held)" -ge 1 ] || fail "nothing is cached after a repair"
	umount /mnt
	tmem_unload
}

# wrong_before_another_mount FAULT: there was no memory to note that it was mounted, and it is mounted once more: it is
# not cached.
wrong_before_another_mount()
{
	load
	fault NO_POOL 1
	dm_fs ext4 "$DISK1" >&2
	leave_wrong_pages
	fault NO_POOL 0
	fault TRUST_MOUNTS "$1"
	# What is in memory would be let go of, but not what others write.
	fault NO_LET_GO 1
	mount /dev/mapper/disk /mnt2
	if [ "$1" = 1 ]; then
		cache_dm_fs
	else
		must_fail cache_dm_fs >&2
	fi
	stale_pages
	umount /mnt2
	dm_fs_gone
	tmem_unload
}

on_filesystem()
{
	local while

	allow_dmesg 'I/O error'
	dm_fs "$1" "$DISK1"
	assert_ge "$(wrong_before_loading 1)" $((HALF / 2)) "$1: stale pages from before loading, without the defence"
	assert_eq "$(wrong_before_loading 0)" 0 "$1: stale pages from before loading"
	assert_ge "$(wrong_while 1 disable cache_dm_fs)" $((HALF / 2)) "$1: stale pages from while it was disabled, without the defence"
	assert_eq "$(wrong_while 0 disable cache_dm_fs)" 0 "$1: stale pages from while it was disabled"
	for while in "read_only read_write" "disable cache_dm_fs"; do
		# shellcheck disable=SC2086 # two words
		assert_ge "$(repaired_while 1 $while)" $((HALF / 2)) "$1: stale pages after a repair, $while, without the defence"
		# shellcheck disable=SC2086
		assert_eq "$(repaired_while 0 $while)" 0 "$1: stale pages after a repair, $while"
		# shellcheck disable=SC2086
		assert_eq "$(repaired_while 0 $while evict)" 0 "$1: stale copies after a repair, $while"
	done
	dm_fs_gone
}

test()
{
	mk_cgroup small 16M
	assert_eq "$(repaired_before_read)" 0 "stale pages after a repair before the first read"
	mkdir -p /mnt2
	assert_ge "$(wrong_before_another_mount 1)" $((HALF / 2)) "stale pages from before another mount, without the defence"
	assert_eq "$(wrong_before_another_mount 0)" 0 "stale pages from before another mount"
	on_filesystem ext4
	on_filesystem xfs
}
