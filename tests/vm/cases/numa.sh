# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Three NUMA nodes in a row, memory in use on the first, persistent memory on the others, the far one attached first.
DESCRIPTION="pages go to the nearest device below its high mark; room is made when there is none"
KERNELS="6.12 6.1 7.2"
DISKS="512M"
NVDIMMS="64M 64M"
NODES="2 1"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
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
	pkill -CONT -x hog
	wait
	assert_eq "$(hog_errors "$RUN/hog")" 0 "wrong pages"
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
	swap_on "$DISK1"
	echo +cpuset >"$CGROUP/cgroup.subtree_control"
	mk_cgroup hog 16M
	echo 0 >"$CGROUP/hog/cpuset.mems"

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
}
