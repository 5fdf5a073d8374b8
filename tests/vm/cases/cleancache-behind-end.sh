# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What is stored behind the end of a file, or in a hole, has no block, if blocks are smaller than a page.
SUITE=full
DESCRIPTION="files that grow past what was stored behind their end, and holes, on ext4 and xfs with blocks of 1 KiB"
KERNELS="6.12 6.1 7.2"
DISKS="400M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup() { clean_stop; }

# grown: of files that grew in each way, how many pages are read that are not what the disk has.
grown()
{
	local way

	rm -f /mnt/grown*
	for way in direct "direct later" truncate "truncate later" allocate write "write later" "zero later" "punch later"; do
		# shellcheck disable=SC2086
		run_in_cgroup small behind $way "/mnt/grown-${way// /-}"
	done
	sync
	evict small
	for way in /mnt/grown*; do
		pages_wrong "$way"
	done | awk '{ wrong += $1 } END { print wrong }'
}

# zeroes_in_vain: a range is to be zeroed, there are too few blocks, and what is wrong with the last page after it.
# In memory it was zeroed before that was known.
zeroes_in_vain()
{
	rm -f /mnt/last /mnt/fill
	run_in_cgroup small dd if=/dev/urandom of=/mnt/last bs=4096 seek=1001 count=1 status=none
	sync
	run_in_cgroup small cat /mnt/last >/dev/null
	dd if=/dev/zero of=/mnt/fill bs=1M status=none 2>/dev/null || true
	sync
	must_fail fallocate -z -n -o 4096 -l $((1000 * 4096 + 2048)) /mnt/last 2>/dev/null
	evict small
	pages_wrong /mnt/last
	rm /mnt/fill
}

# on_filesystem TYPE MKFS_OPTION...
on_filesystem()
{
	local without

	note "$*"
	cached_fs "$@"
	modprobe cleancache_ram
	mk_cgroup small 16M
	fault NO_GROW_DOUBT 1
	without=$(grown)
	note "wrong without the defence: $without"
	# What xfs does depends on the kernel.
	[ "$1" != ext4 ] || assert_ge "$without" 1 "wrong pages without the defence"
	[ "$1" != ext4 ] || note "wrong without the defence: $(zeroes_in_vain)"
	fault NO_GROW_DOUBT 0
	assert_eq "$(grown)" 0 "wrong pages"
	[ "$1" != ext4 ] || assert_eq "$(zeroes_in_vain)" 0 "wrong pages after zeroing failed"
	assert_ge "$(clean_refused doubtful)" 1 "pages not put"
	umount /mnt
	tmem_unload
}

# large_grown: of a file that was mapped whole behind its end and grew, how many pages are wrong.
large_grown()
{
	rm -f /mnt/large
	run_in_cgroup small behind large /mnt/large >"$RUN/large"
	sync
	evict small
	pages_wrong /mnt/large
}

# On xfs, which has large folios on every kernel.
mapped_whole()
{
	local without

	note "large folios, blocks of 4 KiB"
	cached_fs xfs "$DISK1"
	modprobe cleancache_ram
	mk_cgroup small 24M
	# A folio that is there when the file has been shortened is seen then; one that readahead adds just after is not.
	fault NO_DOUBT 1
	fault NO_GROW_DOUBT 1
	without=$(large_grown)
	note "wrong without the defence: $without $(cat "$RUN/large")"
	[ -s "$RUN/large" ] || assert_ge "$without" 1 "wrong pages without the defence"
	fault NO_GROW_DOUBT 0
	assert_eq "$(large_grown)" 0 "wrong pages"
	fault NO_DOUBT 0
	umount /mnt
	tmem_unload
}

test()
{
	! has_module xfs || mapped_whole
	on_filesystem ext4 "$DISK1" -b 1024
	! has_module xfs || on_filesystem xfs "$DISK1" -b size=1024
}
