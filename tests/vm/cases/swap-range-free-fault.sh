# SPDX-License-Identifier: GPL-2.0
# Shows what the swap_entry_range_free() hook is for: without it slots leak.
SUITE=full
DESCRIPTION="slots of large folios freed whole are noticed only thanks to the hook"
KERNELS="6.12"
DISKS="512M"
CPUS=2
THREADS=multi
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	tmem_stop
}

# left WITHOUT_HOOK: slots left behind at swapoff, with or without the hook at work.
left()
{
	local i before

	fault NO_RANGE_FREE "$1"
	before=$(tmem_stat left_at_swapoff)
	for i in 1 2 3; do
		pageout 4 3
	done
	swapoff -a
	swap_on "$DISK1"
	echo $(($(tmem_stat left_at_swapoff) - before))
}

test()
{
	local size without

	echo 0 >"/sys/block/${DISK1#/dev/}/queue/rotational"
	for size in /sys/kernel/mm/transparent_hugepage/hugepages-*/; do
		echo never 2>/dev/null >"$size/enabled" || true
	done
	echo always >/sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled
	tmem_start "$DISK1"
	without=$(left 1)
	note "left without the hook: $without"
	tmem_counters
	assert_eq "$(left 0 | tail -n 1)" 0 "slots left behind with the hook"
	assert_ge "$(tail -n 1 <<<"$without")" 1 "slots left behind without the hook"
}
