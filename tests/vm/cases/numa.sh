# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Three NUMA nodes in a row, memory in use on the first, persistent memory on the others, the far one attached first.
DESCRIPTION="pages go to the nearest device below its high mark; room is made when there is none"
KERNELS="6.12 6.1 7.2"
SUITE=full
DISKS="512M"
NVDIMMS="64M 64M"
NODES="2 1"
TIMEOUT=600
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

SIZES=/sys/kernel/mm/transparent_hugepage

cleanup()
{
	folios_of none
	tmem_stop
}

# on_node NODE FILE: of the device there.
on_node()
{
	local device

	for device in "$TMEM_PMEM"/devices/*; do
		[ "$(cat "$device/numa_node")" != "$1" ] || cat "$device/$2"
	done
}

used_percent() { echo $(($(on_node "$1" slots_used) * 100 / $(on_node "$1" slots))); }

# hog_waits MIB [OPTION...]: a hog that has stored what it can, and goes on with hog_ends.
hog_waits()
{
	local mib=$1

	shift
	rm -f "$RUN/ready"
	run_in_cgroup hog hog --stop --ready "$RUN/ready" --touches 1000 "$@" "$mib" >"$RUN/hog" &
	wait_for 120 is_ready || fail "the hog is not ready"
	note "near: $(used_percent 1) %, far: $(used_percent 2) %, written back: $(tmem_stat written_back)"
}

hog_ends()
{
	local output

	pkill -CONT -x hog
	wait
	for output in "$RUN"/hog "$RUN"/hog.large; do
		[ ! -e "$output" ] || assert_eq "$(hog_errors "$output")" 0 "wrong pages"
	done
	rm -f "$RUN/hog.large"
}

# folios_of SIZE: large folios of that size (64kB) and no other, or of none.
folios_of()
{
	local size

	for size in "$SIZES"/hugepages-*/; do
		[ ! -d "$size" ] || echo never 2>/dev/null >"$size/enabled" || true
	done
	[ "$1" = none ] || echo always >"$SIZES/hugepages-$1/enabled"
}

# While the near device is passed over.
large_folios()
{
	local stores runs far

	stores=$(tmem_stat stores)
	runs=$(tmem_stat store_runs)
	far=$(on_node 2 slots_used)
	folios_of 64kB
	rm "$RUN/ready"
	run_in_cgroup large hog --content random --huge --stop --ready "$RUN/ready" --touches 1 32 >"$RUN/hog.large" &
	wait_for 120 is_ready || fail "the hog is not ready"
	in_runs $(($(tmem_stat stores) - stores)) $(($(tmem_stat store_runs) - runs)) 16
	assert_ge $(($(on_node 2 slots_used) - far)) 3000 "slots that large folios took on the far node"
	folios_of none
}

lower_percent() { { used_percent 1; used_percent 2; } | sort -n | head -n 1; }
is_at_low_mark() { [ "$(lower_percent)" -le 81 ]; }

# In many rounds, between each of which the other device may get below its high mark.
down_to_low_mark()
{
	fault SMALL_ROUNDS 64
	echo "95 80" | tee "$TMEM_PMEM"/devices/*/marks >/dev/null
	wait_for 60 is_at_low_mark || fail "room is made only down to $(lower_percent) %"
	fault SMALL_ROUNDS 0
}

is_ready() { [ -e "$RUN/ready" ]; }

test()
{
	local far near

	far=$(create_namespace fsdax '' far region0)
	near=$(create_namespace fsdax '' near region1)
	tmem_load "$far" "$near"
	note "$(grep -H . "$TMEM_PMEM"/devices/*/numa_node)"
	assert_ge "$(on_node 1 slots)" 1000 "slots on node 1"
	assert_ge "$(on_node 2 slots)" 1000 "slots on node 2"
	echo 0 >"/sys/block/${DISK1#/dev/}/queue/rotational"
	swap_on "$DISK1"
	echo +cpuset >"$CGROUP/cgroup.subtree_control"
	mk_cgroup hog 16M
	mk_cgroup large 16M
	echo 0 | tee "$CGROUP"/{hog,large}/cpuset.mems >/dev/null

	note "the near device has room"
	hog_waits 40
	assert_ge "$(on_node 1 slots_used)" 5000 "slots in use on the near node"
	assert_eq "$(on_node 2 slots_used)" 0 "slots in use on the far node"
	hog_ends

	note "it is nearly full, and the far one has room"
	hog_in hog --touches 1000 100
	hog_waits 100
	assert_ge "$(used_percent 1)" 90 "percent in use on the near node"
	assert_le "$(used_percent 1)" 98 "percent in use on the near node, which is passed over"
	assert_ge "$(on_node 2 slots_used)" 5000 "slots in use on the far node"
	[ ! -d $SIZES/hugepages-64kB ] || large_folios
	assert_eq "$(tmem_stat written_back)" 0 "pages written back although there is room"
	hog_ends

	note "nobody has room"
	hog_waits 150
	assert_ge "$(used_percent 1)" 85 "percent in use on the near node"
	assert_ge "$(used_percent 2)" 85 "percent in use on the far node"
	assert_ge "$(tmem_stat written_back)" 1000 "pages written back"
	hog_ends

	note "nothing is ever written back"
	echo "100 100" | tee "$TMEM_PMEM"/devices/*/marks >/dev/null
	hog_waits 100
	assert_ge "$(on_node 1 slots_used)" $(($(on_node 1 slots) - 100)) "slots in use on the near node, which is full"
	assert_ge "$(on_node 2 slots_used)" 5000 "slots in use on the far node"
	hog_ends

	note "two that are full make room at once"
	hog_waits 150
	assert_ge "$(lower_percent)" 96 "percent in use on both, of which none is written back"
	down_to_low_mark
	hog_ends
}
