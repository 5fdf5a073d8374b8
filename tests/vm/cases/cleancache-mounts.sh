# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Which filesystems are cached, and what happens to their pages when they come and go.
DESCRIPTION="unmount, remount, enabling and disabling, stacked devices, other filesystem types"
KERNELS="6.12 6.1 7.2"
DISKS="400M 400M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
SUITE=full

requires() { need_module xfs dm_mod dm_crypt btrfs; }

cleanup()
{
	dmsetup resume plain 2>/dev/null
	umount /mnt/other /tmp/other 2>/dev/null
	clean_stop
}

pages_held() { cat /sys/module/cleancache_ram/parameters/pages; }
state_of() { awk -v dev="${1#/dev/}" '$1 == dev { print $3 }' "$TMEM"/filesystems; }

# fill DIR: half a MiB in the backend only, of a filesystem that has been read.
fill()
{
	run_in_cgroup small sh -c "head -c 524288 /dev/urandom >$1/file"
	sync
	evict small
	run_in_cgroup small md5sum "$1/file" >/tmp/sum
	evict small
}

# gets_of_pass: pages got while the file is read, and rightly.
gets_of_pass()
{
	local before

	before=$(clean_stat gets)
	run_in_cgroup small md5sum --quiet -c /tmp/sum
	echo $(($(clean_stat gets) - before))
}

remounts()
{
	cached_fs ext4 "$DISK1"
	fill /mnt
	assert_ge "$(pages_held)" 120 "pages held"
	assert_ge "$(gets_of_pass)" 120 "pages got"
	evict small
	mount -o remount,ro /mnt
	assert_eq "$(gets_of_pass)" 0 "pages got after remounting read-only"
	evict small
	run_in_cgroup small md5sum --quiet -c /tmp/sum
	evict small
	assert_ge "$(gets_of_pass)" 120 "pages got of a read-only filesystem"
	evict small
	mount -o remount,rw /mnt
	assert_eq "$(gets_of_pass)" 0 "pages got after remounting for writing"
	umount /mnt
	assert_eq "$(pages_held)" 0 "pages held after unmount"
	# Changed behind our back, while it was not mounted.
	mount "$DISK1" /mnt
	assert_eq "$(gets_of_pass)" 0 "pages got after mounting again"
}

choices()
{
	echo 0 >"/sys/block/${DISK1#/dev/}/queue/rotational"
	umount /mnt
	mount "$DISK1" /mnt
	fill /mnt
	assert_eq "$(state_of "$DISK1")" not_rotational "state on a disk that does not rotate"
	assert_eq "$(pages_held)" 0 "pages held of it"
	echo /mnt >"$TMEM"/filesystems_enable
	fill /mnt
	assert_ge "$(gets_of_pass)" 120 "pages got once enabled"
	echo /mnt >"$TMEM"/filesystems_disable
	assert_eq "$(pages_held)" 0 "pages held once disabled"
	evict small
	assert_eq "$(gets_of_pass)" 0 "pages got once disabled"
	echo /mnt >"$TMEM"/filesystems_enable
	assert_eq "$(state_of "$DISK1")" cached "state once enabled again"
	must_fail sh -c "echo /tmp >$TMEM/filesystems_enable"
	cat "$TMEM"/last_error
	must_fail sh -c "echo nowhere >$TMEM/filesystems_enable"
	umount /mnt
}

stacks()
{
	local sectors name

	sectors=$(blockdev --getsz "$DISK2")
	mkdir -p /mnt/other
	dmsetup create plain --table "0 $sectors linear $DISK2 0"
	dmsetup mknodes
	mk_fs ext4 /dev/mapper/plain /mnt/other
	fill /mnt/other
	name=dm-$(dmsetup info -c --noheadings -o minor plain)
	assert_eq "$(state_of "$name")" stacked "state above device-mapper"
	echo /mnt/other >"$TMEM"/filesystems_enable
	fill /mnt/other
	assert_ge "$(gets_of_pass)" 120 "pages got above device-mapper"
	umount /mnt/other
	dmsetup remove plain
	dmsetup create secret --table \
		"0 $sectors crypt aes-xts-plain64 $(printf '%064d' 1) 0 $DISK2 0"
	dmsetup mknodes
	mk_fs ext4 /dev/mapper/secret /mnt/other
	fill /mnt/other
	must_fail sh -c "echo /mnt/other >$TMEM/filesystems_enable"
	cat "$TMEM"/last_error
	grep -q dm-crypt "$TMEM"/last_error
	assert_eq "$(pages_held)" 0 "pages held above dm-crypt"
	umount /mnt/other
	dmsetup remove secret
	mk_fs btrfs "$DISK2" /mnt/other -f
	fill /mnt/other
	must_fail sh -c "echo /mnt/other >$TMEM/filesystems_enable"
	cat "$TMEM"/last_error
	assert_eq "$(pages_held)" 0 "pages held of btrfs"
	umount /mnt/other
}

is_enabling() { grep -qs tmem_let_go /proc/"$1"/stack; }

# A filesystem whose disk hangs is let go of what is in memory; nobody else waits for that.
hung()
{
	local sectors enabling

	note "unmounting while another filesystem waits for its disk"
	sectors=$(blockdev --getsz "$DISK2")
	dmsetup create plain --table "0 $sectors linear $DISK2 0"
	dmsetup mknodes
	mk_fs ext4 /dev/mapper/plain /tmp/other
	fill /tmp/other
	# From now on what is in memory of it is not trusted.
	mount -o remount,ro /tmp/other
	mount -o remount,rw /tmp/other
	mount "$DISK1" /mnt
	echo /mnt >"$TMEM"/filesystems_enable
	fill /mnt
	assert_ge "$(gets_of_pass)" 120 "pages got of the other one"
	head -c 100000 /dev/urandom >/tmp/other/dirty
	dmsetup suspend --nolockfs plain
	echo /tmp/other >"$TMEM"/filesystems_enable &
	enabling=$!
	wait_for 20 is_enabling $enabling || fail "nobody waits for the disk"
	umount /mnt &
	wait_for 20 [ ! -d "/proc/$!" ] || fail "umount waits for another filesystem's disk"
	kill -0 $enabling || fail "nobody waits for the disk any more"
	dmsetup resume plain
	wait
	assert_eq "$(state_of "dm-$(dmsetup info -c --noheadings -o minor plain)")" cached "state of what was enabled"
	umount /tmp/other
	dmsetup remove plain
}

test()
{
	rotational "$DISK1"
	modprobe cleancache_ram max_pages=20000
	mk_cgroup small 32M
	remounts
	choices
	stacks
	hung
	clean_counters
}
