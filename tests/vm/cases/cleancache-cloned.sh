# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Blocks are cloned into a file, moved or taken out, of which a large folio is made dirty again by direct reads from elsewhere,
# so that it stays in memory, with zeros where other blocks are now, or with what was read where there is none.
SUITE=full
DESCRIPTION="a dirty folio that survives truncation before its blocks change place is not cached"
TIMEOUT=900
KERNELS="6.12 6.1 7.2"
DISKS="400M 64M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

requires() { need_module xfs dm_delay; }

cleanup()
{
	umount /mnt 2>/dev/null || true
	dmsetup remove_all
	clean_stop
}

# delayed NAME DEVICE READ_MS WRITE_MS
delayed()
{
	echo "0 $(blockdev --getsz "$2") delay $2 0 $3 $2 0 $4" | dmsetup create "$1"
	dmsetup mknodes
}

# wrong_after CHANGE DEVICE...: how many pages of the file are wrong. What is dirty is written before the change, twice
# before a clone, from second 1 to 3 and to 5, and a read ends meanwhile each time.
wrong_after()
{
	rm -f /mnt/file /mnt/source
	sync
	run_in_cgroup small cloned /mnt/file "$@"
	sync
	evict small
	pages_wrong /mnt/file
}

# on_filesystem TYPE CHANGE DEVICE...
on_filesystem()
{
	local type=$1 without

	shift
	dm_table "0 $(blockdev --getsz "$DISK1") delay $DISK1 0 0 $DISK1 0 0"
	mk_fs "$type" /dev/mapper/disk /mnt
	dm_table "0 $(blockdev --getsz "$DISK1") delay $DISK1 0 0 $DISK1 0 2000"
	modprobe cleancache_ram
	cache_dm_fs
	fault NO_DOUBT 1
	without=$(wrong_after "$@")
	note "$type, $1: $without pages are wrong without the defence"
	# Before, what is dirty is written where the clone is: wrong, but not only in memory. Or folios of ext4 are small.
	[[ $(uname -r) != 7.2.* ]] || assert_ge "$without" 1 "wrong pages without the defence"
	fault NO_DOUBT 0
	assert_eq "$(wrong_after "$@")" 0 "wrong pages"
	umount /mnt
	tmem_unload
}

test()
{
	delayed read2 "$DISK2" 2000 0
	delayed read4 "$DISK2" 4000 0
	head -c 4096 /dev/zero | tr '\0' d | dd of="$DISK2" bs=4096 iflag=fullblock conv=fsync status=none
	rotational "$DISK1"
	delayed disk "$DISK1" 0 0
	mk_cgroup small 16M
	on_filesystem xfs /mnt/source /dev/mapper/read2 /dev/mapper/read4
	on_filesystem xfs shorten /dev/mapper/read4
	on_filesystem ext4 insert /dev/mapper/read2
	on_filesystem ext4 punch /dev/mapper/read2
	on_filesystem ext4 shorten /dev/mapper/read4
}
