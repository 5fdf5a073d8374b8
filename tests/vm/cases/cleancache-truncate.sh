# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What truncation and its like remove is not served again; without the defence it is.
DESCRIPTION="truncation, punching, collapsing on evicted pages, with and without forgetting"
KERNELS="6.12 6.1 7.2"
DISKS="400M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

requires() { need_module xfs; }
cleanup() { clean_stop; }

MIB=1048576

# fresh: a file of one MiB of "o", only in the backend.
fresh()
{
	rm -f /mnt/file
	# Memory is charged to who touches it first.
	run_in_cgroup small sh -c "head -c $MIB /dev/zero | tr '\\0' o >/mnt/file"
	sync
	evict small
}

# old_bytes: how many bytes "o" a read of the file finds.
old_bytes() { run_in_cgroup small cat /mnt/file | tr -dc o | wc -c; }

# after COMMAND...: old bytes after it was done to a fresh file.
after()
{
	fresh
	"$@" >/dev/null
	evict small
	old_bytes
}

shrink_and_grow() { truncate -s 5000 /mnt/file; truncate -s $MIB /mnt/file; }
empty_and_grow() { truncate -s 0 /mnt/file; truncate -s $MIB /mnt/file; }
punch() { fallocate -p -o 8192 -l 65536 /mnt/file; }
punch_odd() { fallocate -p -o 8000 -l 66000 /mnt/file; }
zero() { fallocate -z -o 8192 -l 65536 /mnt/file; }
collapse() { fallocate -c -o 8192 -l 65536 /mnt/file; truncate -s $MIB /mnt/file; }
insert() { fallocate -i -o 0 -l 65536 /mnt/file; truncate -s $MIB /mnt/file; }
recreate() { rm /mnt/file; truncate -s $MIB /mnt/file; }
overwrite() { head -c 65536 /dev/zero | dd of=/mnt/file bs=64k seek=1 conv=notrunc status=none; }
direct() { head -c 65536 /dev/zero | dd of=/mnt/file bs=64k seek=1 conv=notrunc oflag=direct iflag=fullblock status=none; }

on_filesystem()
{
	cached_fs "$1" "$DISK1"
	modprobe cleancache_ram max_pages=20000
	mk_cgroup small 16M
	# A filesystem is cached from the first read on.
	fresh
	old_bytes >/dev/null
	fresh
	assert_ge "$(cat /sys/module/cleancache_ram/parameters/pages)" 200 "pages held"
	assert_eq "$(old_bytes)" $MIB "bytes of the file"
	assert_eq "$(after shrink_and_grow)" 5000 "$1: after shrinking and growing"
	assert_eq "$(after empty_and_grow)" 0 "$1: after emptying and growing"
	assert_eq "$(after punch)" $((MIB - 65536)) "$1: after punching"
	assert_eq "$(after punch_odd)" $((MIB - 66000)) "$1: after punching parts of pages"
	assert_eq "$(after zero)" $((MIB - 65536)) "$1: after zeroing"
	assert_eq "$(after collapse)" $((MIB - 65536)) "$1: after collapsing"
	assert_eq "$(after insert)" $((MIB - 65536)) "$1: after inserting"
	assert_eq "$(after recreate)" 0 "$1: after deleting and creating again"
	assert_eq "$(after overwrite)" $((MIB - 65536)) "$1: after overwriting"
	assert_eq "$(after direct)" $((MIB - 65536)) "$1: after a direct write"
	fresh
	rm /mnt/file
	assert_eq "$(cat /sys/module/cleancache_ram/parameters/pages)" 0 "pages held of a deleted file"

	fault NO_TRUNCATE_FORGET 1
	assert_ge "$(after empty_and_grow)" 500000 "$1: after emptying, without the defence"
	assert_ge "$(after punch)" $MIB "$1: after punching, without the defence"
	fault NO_TRUNCATE_FORGET 0
	fault NO_DIO_FORGET 1
	fault NO_INVALIDATE_FORGET 1
	assert_eq "$(after direct)" $MIB "$1: after a direct write, without the defences"
	fault NO_INVALIDATE_FORGET 0
	fault NO_DIO_FORGET 0
	clean_counters
	umount /mnt
	tmem_unload
}

test()
{
	on_filesystem ext4
	on_filesystem xfs
}
