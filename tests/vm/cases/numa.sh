# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Three NUMA nodes in a row, memory in use on the first, persistent memory on the others, the far one attached first.
DESCRIPTION="pages go to the nearest node with room, and to the next when that is full"
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

test()
{
	local far near

	far=$(create_namespace fsdax '' far region0)
	near=$(create_namespace fsdax '' near region1)
	tmem_load "$far" "$near"
	note "$(grep -H . "$TMEM_PMEM"/devices/*/numa_node)"
	assert_ge "$(on_node 1 slots)" 1000 "slots on node 1"
	assert_ge "$(on_node 2 slots)" 1000 "slots on node 2"
	echo "100 100" | tee "$TMEM_PMEM"/devices/*/marks >/dev/null
	swap_on "$DISK1"
	echo +cpuset >"$CGROUP/cgroup.subtree_control"
	mk_cgroup hog 16M
	echo 0 >"$CGROUP/hog/cpuset.mems"
	run_in_cgroup hog hog --stop --ready "$RUN/ready" --touches 1000 40 >"$RUN/hog" &
	wait_for 60 is_ready || fail "the hog is not ready"
	note "near: $(on_node 1 slots_used), far: $(on_node 2 slots_used)"
	assert_ge "$(on_node 1 slots_used)" 5000 "slots in use on the near node"
	assert_eq "$(on_node 2 slots_used)" 0 "slots in use on the far node"
	rm "$RUN/ready"
	pkill -CONT -x hog
	wait
	assert_eq "$(hog_errors "$RUN/hog")" 0 "wrong pages"
	hog_in hog --touches 1000 100
	run_in_cgroup hog hog --stop --ready "$RUN/ready" --touches 1000 100 >"$RUN/hog" &
	wait_for 60 is_ready || fail "the hog is not ready"
	note "near: $(on_node 1 slots_used), far: $(on_node 2 slots_used)"
	assert_ge "$(on_node 1 slots_used)" $(($(on_node 1 slots) - 100)) "slots in use on the near node, which is full"
	assert_ge "$(on_node 2 slots_used)" 5000 "slots in use on the far node"
	pkill -CONT -x hog
	wait
	assert_eq "$(hog_errors "$RUN/hog")" 0 "wrong pages"
}

is_ready() { [ -e "$RUN/ready" ]; }
