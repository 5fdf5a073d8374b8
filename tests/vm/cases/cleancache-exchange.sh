# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Files that exchange blocks, get a name late, or whose filesystem breaks down.
DESCRIPTION="move-extents, swap-boot, exchange-range, O_TMPFILE, inode reuse, shutdown, errors=remount-ro"
KERNELS="6.12 6.1 7.2"
DISKS="400M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
SUITE=full
TIMEOUT=600

PAGES=64

requires() { need_module xfs dm_mod dm_flakey; }

cleanup()
{
	wait
	umount /mnt 2>/dev/null
	dmsetup remove --retry disk 2>/dev/null
	clean_stop
}

# two_files: /mnt/a holds "a", /mnt/b "b", both only in the backend.
two_files()
{
	rm -f /mnt/a /mnt/b
	write_byte /mnt/a a $PAGES
	write_byte /mnt/b b $PAGES
	evict small
	assert_ge "$(clean_held)" $((PAGES * 2)) "pages held"
}

# wrong FILE...: pages that are not read as the disk has them, now and once more after an eviction.
wrong()
{
	local file round sum=0

	sync
	for round in 1 2; do
		for file; do
			sum=$((sum + $(pages_wrong "$file")))
		done
		evict small
	done
	echo $sum
}

# wrong_after COMMAND...: likewise of the two files, after it was done to them.
wrong_after()
{
	two_files
	"$@"
	wrong /mnt/a /mnt/b
}

move() { fileop move-ext /mnt/a /mnt/b $PAGES; }
swap_extents() { fileop swapext /mnt/a /mnt/b; }
exchange() { fileop exchange /mnt/a /mnt/b; }

# What is in memory of the donor is old then, in a kernel without us too; but not for long.
move_in_memory()
{
	pages_with /mnt/b b >/dev/null
	move
	evict small
}

swap_boot()
{
	two_files
	fileop swap-boot /mnt/a
	assert_eq "$(wrong /mnt/a)" 0 "wrong pages of the boot loader's"
	write_byte /mnt/a c $PAGES
	evict small
	fileop swap-boot /mnt/a
	assert_eq "$(pages_with /mnt/a a)" $PAGES "pages that came back"
	evict small
	fileop swap-boot /mnt/a
	assert_eq "$(pages_with /mnt/a c)" $PAGES "pages of the boot loader's"
	assert_eq "$(wrong /mnt/a)" 0 "wrong pages"
}

gets_while() { local before; before=$(clean_stat gets); "$@" >/dev/null; echo $(($(clean_stat gets) - before)); }

late_names()
{
	rm -f /mnt/late
	run_in_cgroup small fileop tmpfile /mnt /mnt/late a $((PAGES * 4096)) \
		"echo 16M >$CGROUP/small/memory.reclaim 2>/dev/null; true"
	evict small
	assert_ge "$(gets_while pages_with /mnt/late a)" $PAGES "pages got of a file named late"
	evict small
	echo 2 >/proc/sys/vm/drop_caches
	assert_ge "$(gets_while pages_with /mnt/late a)" $PAGES "pages got after the inode left memory"
	assert_eq "$(pages_with /mnt/late a)" $PAGES "pages of a file named late"
}

# Files take the place of others, while a tracer has taken the place of return addresses.
replaced_under_a_tracer()
{
	local tracing=/sys/kernel/tracing i

	[ -d $tracing/events ] || mount -t tracefs tracefs $tracing
	printf '%s\n' lock_two_nondirectories vfs_rename >$tracing/set_ftrace_filter
	echo function_graph >$tracing/current_tracer
	for i in {1..20}; do
		write_byte /mnt/new a $PAGES
		mv /mnt/new /mnt/a
	done
	echo nop >$tracing/current_tracer
	echo >$tracing/set_ftrace_filter
	evict small
	assert_ge "$(gets_while pages_with /mnt/a a)" $PAGES "pages got of a file that replaced another"
}

# New files with the number of a deleted one.
reused()
{
	local number round again=0

	for round in {1..4}; do
		rm -f /mnt/file
		write_byte /mnt/file a $PAGES
		evict small
		number=$(fileop inode /mnt/file)
		rm /mnt/file
		truncate -s $((PAGES * 4096)) /mnt/file
		[ "$(fileop inode /mnt/file)" != "$number" ] || again=$((again + 1))
		assert_eq "$(pages_with /mnt/file a)" 0 "old pages in a new file, round $round"
	done
	assert_ge $again 1 "inode numbers used again"
}

shutdown()
{
	rm -f /mnt/a /mnt/b
	write_byte /mnt/a a $PAGES
	evict small
	assert_ge "$(gets_while pages_with /mnt/a a)" $PAGES "pages got before a shutdown"
	evict small
	write_direct /mnt/a b $((PAGES / 2))
	run_in_cgroup small sh -c "head -c 65536 /dev/zero | tr '\\0' c | dd of=/mnt/a bs=64k conv=notrunc status=none"
	fileop shutdown /mnt
	must_fail touch /mnt/more
	evict small
	umount /mnt
	mount "$1" /mnt
	assert_eq "$(wrong /mnt/a)" 0 "wrong pages after a shutdown"
	evict small
	assert_eq "$(wrong /mnt/a)" 0 "wrong pages after a shutdown, evicted"
}

load()
{
	modprobe cleancache_ram max_pages=20000
	mk_cgroup small 16M
	write_byte /mnt/a a 1
	evict small
	pages_with /mnt/a a >/dev/null
}

on_ext4()
{
	cached_fs ext4 "$DISK1" -b 4096
	load
	fault NO_EXCHANGE_FORGET 1
	assert_ge "$(wrong_after move)" $((PAGES / 2)) "stale pages after moving extents, without the defence"
	assert_ge "$(wrong_after move_in_memory)" $((PAGES / 2)) "stale copies after moving extents, without the defence"
	fault NO_EXCHANGE_FORGET 0
	assert_eq "$(wrong_after move)" 0 "wrong pages after moving extents"
	assert_eq "$(wrong_after move_in_memory)" 0 "wrong copies after moving extents"
	replaced_under_a_tracer
	swap_boot
	late_names
	reused
	shutdown "$DISK1"
	clean_counters
	umount /mnt
	tmem_unload
}

# exchange_feature DEVICE: mkfs and xfs_db here are too old to know it, so it is set without being checked.
exchange_feature()
{
	local bits

	bits=$(xfs_db -r -c "sb 0" -c "print features_incompat" "$1" | awk '{ print $3 }')
	xfs_db -x -c "sb 0" -c "write -d features_incompat $((bits | 64))" "$1" >/dev/null
}

on_xfs()
{
	cached_fs xfs "$DISK1"
	umount /mnt
	[[ $(uname -r) == 6.1.* ]] || exchange_feature "$DISK1"
	mount "$DISK1" /mnt
	load
	assert_eq "$(wrong_after swap_extents)" 0 "wrong pages after swapping extents"
	[[ $(uname -r) == 6.1.* ]] || assert_eq "$(wrong_after exchange)" 0 "wrong pages after exchanging ranges"
	late_names
	shutdown "$DISK1"
	clean_counters
	umount /mnt
	tmem_unload
}

# failed: it is known that the filesystem is broken. Not all kernels say so in /proc/mounts.
failed() { [ "$(awk '$2 == "ext4" && $1 ~ /^dm-/ { print $3 }' "$TMEM"/filesystems)" = errors ]; }

# The journal cannot be written, so the filesystem becomes read-only by itself.
breaks_down()
{
	dm_fs ext4 "$DISK1"
	umount /mnt
	mount -o errors=remount-ro /dev/mapper/disk /mnt
	load
	cache_dm_fs
	two_files
	assert_ge "$(gets_while pages_with /mnt/b b)" $PAGES "pages got before it breaks down"
	evict small
	dm_table "$(dm_target 0 "$(blockdev --getsz "$DISK1")" "$DISK1" failing)"
	(trap - ERR; write_byte /mnt/a c $((PAGES / 2)) 2>/dev/null; touch /mnt/more; sync) || true
	wait_for 30 failed || fail "the filesystem has not broken down"
	evict small
	disk_behaves "$DISK1"
	run_in_cgroup small cat /mnt/b >/dev/null || note "nothing can be read any more"
	evict small
	umount /mnt
	repair_ext4 /dev/mapper/disk
	mount /dev/mapper/disk /mnt
	cache_dm_fs
	assert_eq "$(wrong /mnt/a /mnt/b)" 0 "wrong pages after mounting again"
	dm_fs_gone
	tmem_unload
}

test()
{
	allow_dmesg 'I/O error|EXT4-fs error|aborted|Log I/O|XFS .*(Corrupt|shut|Shut|ERROR)'
	on_ext4
	on_xfs
	breaks_down
}
