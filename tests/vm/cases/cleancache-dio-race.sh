# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A page is read and evicted again in the middle of a direct write to it.
DESCRIPTION="direct writes against reads and evictions: stale without the defence, right with it"
KERNELS="6.12 6.1 7.2"
CPUS=1
DISKS="400M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

requires() { need_module xfs; }
cleanup() { clean_stop; }

# is_in_the_middle PID: the writer waits in the hook, behind the invalidation. If not, what it does instead.
is_in_the_middle()
{
	! wait_for 30 dawdles "$1" || return 0
	note "the write is not in the delay of its hook:"
	cat /proc/"$1"/wchan /proc/"$1"/stack || true
	grep -H . "$FAULTS/DELAY_INVALIDATED" "$TMEM/hooks" "$TMEM/filesystems"
	clean_counters
	fault DELAY_INVALIDATED 0
	wait "$1"
	return 1
} >&2

# begin_write: sets writer, which is about to write "new" over "old" directly, nothing of which is in memory.
begin_write()
{
	local pages=$1

	fault DELAY_INVALIDATED 0
	# Memory is charged to who touches it first.
	run_in_cgroup small sh -c "head -c $((pages * 4096)) /dev/zero | tr '\\0' o >/mnt/file"
	head -c $((pages * 4096)) /dev/zero | tr '\0' n >/tmp/new
	sync
	evict small
	fault DELAY_INVALIDATED 100000
	dd if=/tmp/new of=/mnt/file bs=$((pages * 4096)) oflag=direct conv=notrunc status=none &
	writer=$!
}

# stale_pages: one direct write, with everything evicted between the invalidation of the page cache and the
# write. Prints how many of its pages read as old afterwards.
stale_pages()
{
	local writer

	begin_write 64
	is_in_the_middle "$writer" || { echo 'no write was interrupted'; return; }
	# The old contents, legitimately: nothing was written yet.
	run_in_cgroup small cat /mnt/file >/dev/null
	evict small
	fault DELAY_INVALIDATED 0
	wait "$writer"
	run_in_cgroup small cat /mnt/file | tr -d n | wc -c | awk '{ print $1 / 4096 }'
}

on_filesystem()
{
	cached_fs "$1" "$DISK1"
	modprobe cleancache_ram max_pages=20000
	mk_cgroup small 16M
	fault NO_DIO_FORGET 1
	assert_ge "$(stale_pages)" 32 "$1: stale pages without the defence"
	fault NO_DIO_FORGET 0
	assert_eq "$(stale_pages)" 0 "$1: stale pages"
	clean_counters
	umount /mnt
	tmem_unload
}

test()
{
	on_filesystem ext4
	on_filesystem xfs
}
