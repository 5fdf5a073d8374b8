# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Clean pages on persistent memory, and nothing behind it: what reclaim evicts comes back from there.
DESCRIPTION="evicted pages of files on ext4 and xfs are read back from a share of a namespace"
KERNELS="6.12 6.1 7.2"
DISKS="400M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
TIMEOUT=600

FILES=24

cleanup() { clean_stop; }

# few_pages: no more than a twentieth of the namespace.
few_pages() { [ "$(tier_pages)" -le 3200 ]; }

# times_listed: the disk, in the list of filesystems.
times_listed() { grep -c "${DISK1#/dev/}" "$TMEM/filesystems" || true; }

# on_filesystem TYPE [PARAMETER...]: of the module
on_filesystem()
{
	local type=$1 before gets device waiting sectors

	shift
	note "$type $*"
	cached_fs "$type" "$DISK1"
	device=$(pmem_device)
	blank "$device"
	modprobe -i tmem_pmem "devices=$device" "$@"
	# Nothing is hooked for clean pages until somebody wants them there.
	assert_eq "$(times_listed)" 0 "times in the list of filesystems"
	tier_share 60
	cat "$TMEM/filesystems"
	make_sums $FILES 3
	mk_cgroup small 24M
	check_sums
	evict small
	before=$(sectors_read "$DISK1")
	gets=$(clean_stat gets)
	check_sums
	sectors=$(($(sectors_read "$DISK1") - before))
	note "second pass read $sectors sectors, got $(($(clean_stat gets) - gets)) pages"
	tier_counters
	clean_counters
	# Of 147,000. What is encrypted waits for that in stages; while they are all full, pages are refused.
	waiting=$(tier_stat refused_staging_full)
	assert_le $((sectors - 8 * waiting)) 4000 "sectors read in the second pass, but for $waiting pages"
	assert_le "$waiting" 6000 "pages that found all stages full"
	assert_ge "$(tier_stat gets)" 10000 "pages got from persistent memory"
	assert_eq "$(tier_stat media_errors)" 0 "media errors"
	# A page is here or in memory, so there are about as many as do not fit in memory.
	evict small
	assert_ge "$(tier_pages)" 10000 "pages there"
	for i in 7 0 19; do
		rm "/mnt/f$i"
		sed -i "/f$i\$/d" /tmp/sums
	done
	check_sums
	note "less, and nothing"
	tier_share 5
	wait_for 10 few_pages
	check_sums
	tier_share 0
	assert_eq "$(tier_pages)" 0 "pages in no share"
	assert_eq "$(times_listed)" 0 "times in the list of filesystems"
	check_sums
	tier_share 50
	unreadable_refused check_sums
	evict small
	check_sums
	must_fail tier_share 101
	must_fail tier_share -1
	must_fail tier_share x
	grep -q 'clean_percent takes' "$TMEM/last_error"
	umount /mnt
	assert_eq "$(tier_pages)" 0 "pages of a filesystem that is gone"
	tmem_unload
}

test()
{
	on_filesystem ext4 encrypt=0
	on_filesystem ext4
	! has_module xfs || on_filesystem xfs
}
