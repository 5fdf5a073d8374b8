# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Two namespaces with a share each get pages, and a small share is not held to be full of what the large one has.
SUITE=full
DESCRIPTION="two namespaces share clean pages, a small share beside a large one, and the large one is made small"
KERNELS="6.12 6.1 7.2"
DISKS="400M"
NVDIMMS="64M 64M"
NODES="2 1"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup() { clean_stop; }

# pages_of NAME: clean pages there.
pages_of() { cat "$TMEM_PMEM/devices/$1/clean_pages"; }

# at_most NAME PAGES
at_most() { [ "$(pages_of "$1")" -le "$2" ]; }

test()
{
	local large small refused

	cached_fs ext4 "$DISK1"
	mk_cgroup small 24M
	large=$(create_namespace fsdax '' large region0)
	small=$(create_namespace fsdax '' small region1)
	modprobe -i tmem_pmem "devices=$large,$small" encrypt=0
	large=${large#/dev/}
	small=${small#/dev/}
	echo all >"$TMEM_PMEM/clean_policy"
	# 11,900 pages, and 740
	echo 80 >"$TMEM_PMEM/devices/$large/clean_percent"
	echo 5 >"$TMEM_PMEM/devices/$small/clean_percent"
	make_sums 24 3
	check_sums
	evict small
	note "$(pages_of "$large") and $(pages_of "$small") pages"
	assert_ge "$(pages_of "$large")" 10000 "pages of the large share"
	assert_ge "$(pages_of "$small")" 500 "pages of the small share"
	refused=$(cat "$TMEM_PMEM"/devices/*/clean_stats/refused_index_full | awk "{ n += \$1 } END { print n }")
	assert_eq "$refused" 0 "pages refused because the index is large"
	# The index is still as large as the large share made it.
	echo 1 >"$TMEM_PMEM/devices/$large/clean_percent"
	wait_for 20 at_most "$large" 150
	check_sums
	umount /mnt
}
