# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Filesystems whose files are not known to keep their copies, or that need none, are refused in words.
DESCRIPTION="btrfs, overlayfs, tmpfs, ramfs, DAX; removable devices and RAID unless enabled: refused, with the reason"
KERNELS="6.12 6.1 7.2"
DISKS="400M 400M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

requires() { need_module btrfs overlay; }

cleanup()
{
	umount /mnt/merged /mnt/other /mnt/dax 2>/dev/null
	clean_stop
	rmmod scsi_debug 2>/dev/null || true
}

state_of() { awk -v dev="$1" -v type="$2" '$1 == dev && $2 == type { print $3 }' "$TMEM"/filesystems; }

# read_some DIR: write a file, and read it from where it is stored. All of it is charged to the cgroup, or some might
# stay in memory.
read_some()
{
	head -c 524288 /dev/urandom | run_in_cgroup small cat >"$1/file"
	sync
	evict small
	dd if="$1/file" iflag=nocache count=0 status=none
	run_in_cgroup small cat "$1/file" >/dev/null
	evict small
}

# refused TYPE DIR SENTENCE
refused()
{
	local held

	held=$(clean_held)
	read_some "$2"
	must_fail sh -c "echo $2 >$TMEM/filesystems_enable" 2>/dev/null
	note "$(cat "$TMEM"/last_error)"
	grep -q "($1) cannot be cached: .*$3" "$TMEM"/last_error || fail "$1: not said why"
	read_some "$2"
	assert_eq "$(clean_held)" "$held" "$1: pages held"
}

# removable: not unless it is asked for.
removable()
{
	local disk

	modprobe sd_mod
	modprobe scsi_debug removable=1 dev_size_mb=64 delay=0
	wait_for 10 scsi_disk >/dev/null
	disk=$(scsi_disk)
	echo 1 >"/sys/block/${disk#/dev/}/queue/rotational"
	mk_fs ext4 "$disk" /mnt/other
	read_some /mnt/other
	assert_eq "$(state_of "${disk#/dev/}" ext4)" removable "state on a disk that can be removed"
	echo /mnt/other >"$TMEM/filesystems_enable"
	assert_eq "$(state_of "${disk#/dev/}" ext4)" cached "state once it was enabled"
	umount /mnt/other
	wait_for 10 rmmod scsi_debug
}

# md ATTRIBUTE VALUE: of the array.
md() { echo "$2" >"/sys/block/md127/md/$1"; }

# array DEVICE: a RAID 1 of it alone, /dev/md127, made as mdadm --build makes one.
array()
{
	local kib=$(($(blockdev --getsz "$1") / 2))

	modprobe raid1
	echo md127 >/sys/module/md_mod/parameters/new_array
	md metadata_version none
	md level raid1
	md raid_disks 1
	md new_dev "$(cat "/sys/block/${1#/dev/}/dev")"
	md "dev-${1#/dev/}/size" "$kib"
	md "dev-${1#/dev/}/slot" 0
	md component_size "$kib"
	md array_state active
	wait_for 10 [ -b /dev/md127 ]
}

# raid: not unless it is asked for, since the disks of an array may change.
raid()
{
	local gets

	rotational "$DISK1"
	wipefs -qa "$DISK1"
	array "$DISK1"
	mk_fs ext4 /dev/md127 /mnt/other
	read_some /mnt/other
	assert_eq "$(state_of md127 ext4)" stacked "state on a RAID"
	echo /mnt/other >"$TMEM/filesystems_enable"
	assert_eq "$(state_of md127 ext4)" cached "state on a RAID once it was enabled"
	read_some /mnt/other
	gets=$(clean_stat gets)
	# Not at the same time: nothing is got of a file while there is direct I/O.
	dd if=/mnt/other/file iflag=direct bs=64k status=none >"$RUN/direct"
	run_in_cgroup small cat /mnt/other/file | cmp - "$RUN/direct"
	assert_ge $(($(clean_stat gets) - gets)) 100 "pages got of a file on a RAID"
	umount /mnt/other
	wait_for 20 md array_state clear
	wipefs -qa "$DISK1"
}

test()
{
	local pmem

	modprobe cleancache_ram max_pages=20000
	mk_cgroup small 16M
	mk_fs btrfs "$DISK2" /mnt -f
	mkdir -p /mnt/other /mnt/merged /mnt/dax
	rotational "$DISK2"
	refused btrfs /mnt "not proved that a copy stays with its file"
	assert_eq "$(state_of "$(awk '$2 == "/mnt" { sub(".*/", "", $1); print $1 }' /proc/mounts)" btrfs)" type "state of btrfs"

	# Its files are those of the filesystem below, which are cached as such.
	mk_fs ext4 "$DISK1" /mnt/other
	mkdir /mnt/other/{lower,upper,work}
	mount -t overlay overlay -o lowerdir=/mnt/other/lower,upperdir=/mnt/other/upper,workdir=/mnt/other/work /mnt/merged
	refused overlay /mnt/merged "not proved that a copy stays with its file"
	umount /mnt/merged
	umount /mnt/other

	mk_fs ext4 "$DISK1" /mnt/other -O inline_data
	rotational "$DISK1"
	refused ext4 /mnt/other "has inline_data"
	umount /mnt/other

	! has_module scsi_debug sd_mod || removable
	! has_module raid1 || raid

	mount -t tmpfs tmpfs /mnt/merged
	refused tmpfs /mnt/merged "not proved that a copy stays with its file"
	umount /mnt/merged
	mount -t ramfs ramfs /mnt/merged
	refused ramfs /mnt/merged "not proved that a copy stays with its file"
	umount /mnt/merged

	pmem=$(pmem_device)
	mk_fs ext4 "$pmem" /mnt/dax
	refused ext4 /mnt/dax "can be accessed directly"
	assert_eq "$(state_of "${pmem#/dev/}" ext4)" dax "state on persistent memory"
	umount /mnt/dax
	umount /mnt
	tmem_unload
}
