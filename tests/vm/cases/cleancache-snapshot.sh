# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A snapshot beside its origin: the same UUID, the same inodes, other contents.
DESCRIPTION="a snapshot mounted beside its diverged origin; pools are shared only if a filesystem asks"
KERNELS="6.12 6.1 7.2"
DISKS="400M 200M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
SUITE=full
TIMEOUT=600

PAGES=64

requires() { need_module xfs dm_mod dm_snapshot; }

cleanup()
{
	umount /mnt/snapshot /mnt/origin 2>/dev/null
	dmsetup remove --retry snapshot 2>/dev/null
	dmsetup remove --retry origin 2>/dev/null
	clean_stop
}

shared_pools() { cat /sys/module/cleancache_ram/parameters/shared_pools; }
gets_while() { local before; before=$(clean_stat gets); "$@" >/dev/null; echo $(($(clean_stat gets) - before)); }

# both_hold ORIGIN SNAPSHOT: what their files hold, from the backend.
both_hold()
{
	assert_eq "$(pages_with /mnt/origin/file "$1")" $PAGES "pages $1 of the origin"
	assert_eq "$(pages_with /mnt/snapshot/file "$2")" $PAGES "pages $2 of the snapshot"
	evict small
	assert_ge "$(gets_while pages_with /mnt/origin/file "$1")" $PAGES "pages got of the origin"
	assert_ge "$(gets_while pages_with /mnt/snapshot/file "$2")" $PAGES "pages got of the snapshot"
	assert_eq "$(pages_with /mnt/origin/file "$1")" $PAGES "pages $1 got of the origin"
	assert_eq "$(pages_with /mnt/snapshot/file "$2")" $PAGES "pages $2 got of the snapshot"
	evict small
}

# on_filesystem TYPE [MOUNT_OPTION...]
on_filesystem()
{
	local type=$1 sectors

	shift
	sectors=$(blockdev --getsz "$DISK1")
	mkdir -p /mnt/origin /mnt/snapshot
	dmsetup create origin --table "0 $sectors snapshot-origin $DISK1"
	dmsetup mknodes
	mk_fs "$type" /dev/mapper/origin /mnt/origin
	echo /mnt/origin >"$TMEM"/filesystems_enable
	write_byte /mnt/origin/file o $PAGES
	evict small
	dmsetup suspend origin
	dd if=/dev/zero of="$DISK2" bs=4096 count=1 conv=fsync status=none
	dmsetup create snapshot --table "0 $sectors snapshot $DISK1 $DISK2 N 8"
	dmsetup resume origin
	dmsetup mknodes
	mount -t "$type" "$@" /dev/mapper/snapshot /mnt/snapshot
	echo /mnt/snapshot >"$TMEM"/filesystems_enable
	both_hold o o
	write_byte /mnt/origin/file n $PAGES
	evict small
	both_hold n o
	write_byte /mnt/snapshot/file s $PAGES
	evict small
	both_hold n s
	assert_eq "$(blkid -o value -s UUID /dev/mapper/origin)" "$(blkid -o value -s UUID /dev/mapper/snapshot)" UUID
	assert_eq "$(shared_pools)" 0 "pools shared that nobody asked for"
	umount /mnt/snapshot
	assert_ge "$(gets_while pages_with /mnt/origin/file n)" $PAGES "pages got of the origin alone"
	umount /mnt/origin
	dmsetup remove --retry snapshot
	dmsetup remove --retry origin
}

# A filesystem that asks for it, in the person of a test module.
asks()
{
	dmsetup create origin --table "0 $(blockdev --getsz "$DISK1") linear $DISK1 0"
	dmsetup mknodes
	mk_fs ext4 /dev/mapper/origin /mnt/origin
	write_byte /mnt/origin/file o $PAGES
	evict small
	pages_with /mnt/origin/file o >/dev/null
	evict small
	assert_eq "$(clean_held)" 0 "pages held of what nobody enabled"
	modprobe tmem_test_shared path=/mnt/origin
	rmmod tmem_test_shared
	assert_eq "$(shared_pools)" 1 "pools shared"
	pages_with /mnt/origin/file o >/dev/null
	evict small
	assert_ge "$(gets_while pages_with /mnt/origin/file o)" $PAGES "pages got of a filesystem that asked"
	umount /mnt/origin
	dmsetup remove --retry origin
}

test()
{
	rotational "$DISK1"
	modprobe cleancache_ram max_pages=20000
	mk_cgroup small 16M
	on_filesystem ext4
	on_filesystem xfs -o nouuid
	asks
	tmem_unload
}
