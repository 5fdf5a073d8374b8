# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# ext4 writes pages into blocks that hold nothing yet and marks these as written afterwards. If that fails the pages are
# clean, and the disk has zeros.
DESCRIPTION="blocks of ext4 that cannot be marked as written, and an aborted journal: such pages are not cached"
KERNELS="6.12 6.1 7.2"
SUITE=full
DISKS="400M 64M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
TIMEOUT=600

PAGES=64
SECTORS=$((PAGES * 8))

requires() { need_module dm_mod dm_delay dm_flakey; }

cleanup()
{
	disk_table linear 2>/dev/null
	wait
	umount /mnt 2>/dev/null
	dmsetup remove --retry disk 2>/dev/null
	dmsetup remove --retry leaf 2>/dev/null
	dmsetup remove --retry journal 2>/dev/null
	clean_stop
}

# device_is NAME TABLE
device_is()
{
	dmsetup reload "$1" --table "$2"
	dmsetup suspend --nolockfs "$1"
	dmsetup resume "$1"
}

journal_is() { device_is journal "$(dm_target 0 "$(blockdev --getsz "$DISK2")" "$DISK2" "$1")"; }
leaf_is() { device_is leaf "$1"; }

# disk_table linear|slow: the file's blocks behave like that; what says where they are has a device of its own.
disk_table()
{
	local size

	size=$(blockdev --getsz "$DISK1")
	device_is disk "$(
		if [ "$leaf" -lt "$data" ]; then
			part 0 "$leaf" linear
			echo "$leaf 8 linear /dev/mapper/leaf 0"
			part $((leaf + 8)) "$data" linear
			part "$data" $((data + SECTORS)) "$1"
		else
			part 0 "$data" linear
			part "$data" $((data + SECTORS)) "$1"
			part $((data + SECTORS)) "$leaf" linear
			echo "$leaf 8 linear /dev/mapper/leaf 0"
		fi
		part $((leaf < data ? data + SECTORS : leaf + 8)) "$size" linear
	)"
}

# part START END linear|slow: slow is as of dm_target(), but for flushes.
part()
{
	[ "$1" -lt "$2" ] || return 0
	case $3 in
	linear) dm_target "$1" $(($2 - $1)) "$DISK1" linear ;;
	slow) echo "$1 $(($2 - $1)) delay $DISK1 $1 0 $DISK1 $1 100000 $DISK1 $1 0" ;;
	esac
}

# new_file: every other four pages of /mnt/a were written, the others have blocks that were not. Sets where it is.
new_file()
{
	local i

	rm -f /mnt/a
	fallocate -l $((PAGES * 4096)) /mnt/a
	sync /mnt/a
	data=$(filefrag -b512 -v /mnt/a | awk '$1 == "0:" { sub(/\.\./, "", $4); print $4 + 0 }')
	[ "$(filefrag /mnt/a | awk '{ print $2 }')" = 1 ] || fail "the file is not in one piece"
	for ((i = 0; i < PAGES; i += 8)); do
		directio sync write /mnt/a o $((i * 4096)) $((4 * 4096)) >/dev/null
	done
	sync
	leaf=$(debugfs -R 'extents /a' /dev/mapper/disk 2>/dev/null |
		awk '$1 == "0/" { for (i = 1; i <= NF; i++) if ($i == "-") { print $(i + 2) * 8; exit } }')
	[ -n "$leaf" ] || fail "no block of extents"
}

# mounted: as it is used, with nothing of it in memory.
mounted()
{
	mount -o errors=continue,nobarrier /dev/mapper/disk /mnt
	[ ! -d /sys/module/cleancache_ram ] || cache_dm_fs
}

backend_comes() { modprobe cleancache_ram max_pages=20000; }

# written_while COMMAND...: the file is written; the command is run before the disk has done so.
written_while()
{
	disk_table slow
	write_byte /mnt/a a $PAGES &
	wait_for 30 write_under_way
	"$@"
	disk_table linear
	wait $! || note "the program was told"
}

# Nothing of the file's extents is in memory, and they cannot be read.
extents_lost()
{
	local i

	touch /mnt/more
	sync /mnt
	for i in 1 2 3; do
		sync /dev/mapper/disk
		echo 3 >/proc/sys/vm/drop_caches
	done
	leaf_is "0 8 error"
}

leaf_found() { leaf_is "0 8 linear $DISK1 $leaf"; }

journal_lost()
{
	journal_is failing
	touch /mnt/more
	must_fail sync /mnt/more 2>/dev/null
}

# wrong: pages that are not read as the disk has them, after they were evicted. 6.12 lets nothing be read from ext4 with an
# aborted journal.
wrong()
{
	evict small
	pages_wrong /mnt/a 2>/dev/null || echo "none can be read"
}

# wrong_without WHEN PAGES KERNEL...: without the defence they are wrong on these kernels.
wrong_without()
{
	local when=$1 pages=$2 kernel

	shift 2
	note "wrong pages $when, without the defence: $pages"
	for kernel; do
		[[ $(uname -r) != $kernel.* ]] || assert_eq "$pages" $((PAGES / 2)) "wrong pages"
	done
}

state() { awk '$2 == "ext4" && $1 ~ /^dm-/ { print $3 }' "$TMEM"/filesystems; }

# prepare: a new file, whose extents have their device, in a filesystem mounted anew.
prepare()
{
	new_file
	umount /mnt
	leaf_found
	disk_table linear
	mounted
}

without_extents()
{
	prepare
	written_while extents_lost
	leaf_found
}

without_journal()
{
	prepare
	written_while journal_lost
}

repaired()
{
	umount /mnt
	journal_is linear
	repair_ext4 /dev/mapper/disk
	mounted
}

# before COMMAND...: what the command does happens when there is no backend.
before()
{
	rmmod cleancache_ram
	"$@"
	fault NO_EXT4_WATCH 1
	backend_comes
	cache_dm_fs
	rmmod cleancache_ram
	fault NO_EXT4_WATCH 0
	backend_comes
	refused
}

refused()
{
	must_fail sh -c "echo /mnt >$TMEM/filesystems_enable" 2>/dev/null
	grep -q 'run e2fsck' "$TMEM"/last_error || fail "not said why"
	assert_eq "$(state)" errors "state"
}

# inner_journal_lost: of a journal that is in the filesystem.
inner_journal_lost()
{
	umount /mnt
	mkfs.ext4 -q -b 4096 -E lazy_itable_init=0 /dev/mapper/disk
	mount -o errors=continue /dev/mapper/disk /mnt
	touch /mnt/a
	dm_table "$(dm_target 0 "$(blockdev --getsz "$DISK1")" "$DISK1" failing)"
	must_fail sync /mnt/a 2>/dev/null
	disk_behaves "$DISK1"
}

# without_metadata: of a filesystem without a journal they cannot be written, but for its superblock.
without_metadata()
{
	local size

	size=$(blockdev --getsz "$DISK1")
	mkfs.ext4 -q -b 4096 -O ^has_journal -E lazy_itable_init=0 /dev/mapper/disk
	mount /dev/mapper/disk /mnt
	[ ! -d /sys/module/cleancache_ram ] || cache_dm_fs
	touch /mnt/a
	dm_table "$(dm_target 0 8 "$DISK1" linear; dm_target 8 $((size - 8)) "$DISK1" failing)"
	sync /mnt 2>/dev/null || true
	sync 2>/dev/null || true
	disk_behaves "$DISK1"
}

test()
{
	local doubted

	allow_dmesg 'I/O error|EXT4-fs (error|warning)|potential data loss|aborted|JBD2|ext4_convert|EXT4-fs \('
	rotational "$DISK1"
	dmsetup create leaf --table "0 8 linear $DISK1 0"
	dmsetup create journal --table "$(dm_target 0 "$(blockdev --getsz "$DISK2")" "$DISK2" linear)"
	dmsetup mknodes
	mke2fs -q -b 4096 -O journal_dev /dev/mapper/journal
	dm_fs ext4 "$DISK1" -b 4096 -J device=/dev/mapper/journal
	backend_comes
	mk_cgroup small 16M
	cache_dm_fs

	fault NO_EXT4_WATCH 1
	without_extents
	# Before 7.2 they stay in memory, since ext4 changed them when the pages were written.
	wrong_without "when extents could not be read" "$(wrong)" 7.2
	fault NO_EXT4_WATCH 0
	doubted=$(clean_stat files_doubted)
	without_extents
	assert_eq "$(wrong)" 0 "wrong pages when extents could not be read"
	[[ $(uname -r) != 7.2.* ]] || assert_ge $(($(clean_stat files_doubted) - doubted)) 1 "files not cached any more"
	assert_eq "$(state)" cached "state"

	fault NO_EXT4_WATCH 1
	without_journal
	wrong_without "when the journal was aborted" "$(wrong)" 6.1 7.2
	fault NO_EXT4_WATCH 0
	repaired
	without_journal
	case $(uname -r) in
	6.12.*) assert_eq "$(wrong)" "none can be read" "wrong pages when the journal was aborted" ;;
	*) assert_eq "$(wrong)" 0 "wrong pages when the journal was aborted" ;;
	esac
	assert_eq "$(state)" errors "state"
	refused
	umount /mnt
	journal_is linear
	mount /dev/mapper/disk /mnt
	assert_eq "$(state)" errors "state before it is repaired"
	repaired
	assert_eq "$(state)" cached "state after it was repaired"

	before journal_lost
	before inner_journal_lost
	umount /mnt
	without_metadata
	assert_eq "$(state)" errors "state when metadata could not be written"
	umount /mnt
	before without_metadata
	umount /mnt
	fault NO_EXT4_WATCH 1
	without_metadata
	assert_eq "$(state)" cached "state when metadata could not be written, without the defence"
	fault NO_EXT4_WATCH 0
	clean_counters
	dm_fs_gone
	tmem_unload
}
