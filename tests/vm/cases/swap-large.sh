# SPDX-License-Identifier: GPL-2.0
# Folios of 64 KiB and 2 MiB are stored and loaded whole, and no slot of theirs is forgotten.
DESCRIPTION="mTHP and THP: stored whole, freed whole, every page right"
KERNELS="6.12 6.1 7.2"
DISKS="512M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	tmem_stop
}

requires()
{
	need_file /sys/kernel/mm/transparent_hugepage/enabled
}

# with_size SIZE: swap with folios of that size (64kB or 2048kB).
with_size()
{
	local size

	for size in /sys/kernel/mm/transparent_hugepage/hugepages-*/; do
		echo never 2>/dev/null >"$size/enabled" || true
	done
	echo always >"/sys/kernel/mm/transparent_hugepage/hugepages-$1/enabled"
	hog_in hog --content mixed --huge --touches 10000 160
	swap_off
	assert_eq "$(tmem_held)" 0 "pages held after swapoff with $1 folios"
	assert_eq "$(tmem_stat left_at_swapoff)" 0 "slots freed without our knowing with $1 folios"
	swap_on "$DISK1"
}

test()
{
	local before

	echo 0 >"/sys/block/${DISK1#/dev/}/queue/rotational"
	tmem_start "$DISK1"
	mk_cgroup hog 96M
	if [ -d /sys/kernel/mm/transparent_hugepage/hugepages-64kB ]; then
		with_size 64kB
		with_size 2048kB
	else
		echo always >/sys/kernel/mm/transparent_hugepage/enabled
		hog_in hog --content mixed --huge --touches 10000 160
		swap_off
		assert_eq "$(tmem_held)" 0 "pages held after swapoff"
	fi
	tmem_counters
	before=$(tmem_stat stores)
	assert_ge "$before" 20000 "pages stored"
}
