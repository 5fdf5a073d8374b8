# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The kernel's own limits mean what they mean without tmem: memory.max, memory.swap.max, locked memory.
DESCRIPTION="no OOM kill that would not be there without tmem; memory.swap.max and mlock as without it"
KERNELS="6.12 6.1 7.2"
SUITE=full
DISKS="512M"
NVDIMMS="64M 64M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
TIMEOUT=600

cleanup()
{
	tmem_stop
}

# Workloads, the same with tmem and without. Each sets a variable to what came of it.

# As tight as it goes: three times the memory it may have.
tight()
{
	mk_cgroup tight 8M
	hog_in tight --touches 20000 24
	kills=$(cgroup_stat tight memory.events oom_kill)
	rmdir "$CGROUP/tight"
}

# kills_at SWAP_MAX MIB: in a cgroup of 8 MiB. A hog that is killed says nothing.
kills_at()
{
	local errors

	mk_cgroup swapmax 8M "$1"
	run_in_cgroup swapmax hog --touches 2000 "$2" >"$RUN/hog.swapmax" || true
	errors=$(hog_errors "$RUN/hog.swapmax")
	assert_eq "${errors:-0}" 0 "wrong pages"
	at=$(cgroup_stat swapmax memory.events oom_kill)
	rmdir "$CGROUP/swapmax"
}

# How much can be locked, until the OOM killer comes?
lockable()
{
	mk_cgroup locker 24M
	run_in_cgroup locker locker 40 >"$RUN/locked" || true
	assert_eq "$(cgroup_stat locker memory.events oom_kill)" 1 "OOM kills of what locks more than it may have"
	! grep wrong "$RUN/locked" || fail "a page held something else when it was locked"
	locked=$(tail -n 1 "$RUN/locked")
	rmdir "$CGROUP/locker"
}

# Everything of ours that moves pages, again and again.
move_pages()
{
	local id

	while [ ! -e "$RUN/enough" ]; do
		id=$(stat -c %i "$CGROUP/tight" || echo 0)
		echo 1 >"$TMEM_PMEM/devices/pmem0/detach" || true
		echo "20 10" >"$TMEM_PMEM/devices/pmem1/marks"
		command sleep 0.3
		echo "95 90" >"$TMEM_PMEM/devices/pmem1/marks"
		echo pmem0 >"$TMEM_PMEM/attach" || true
		echo "$id 500" >"$TMEM"/cgroups/limit || true
		command sleep 0.3
		echo "$id max" >"$TMEM"/cgroups/limit || true
		command sleep 0.3
		echo 100 >"$FRONTSWAP"/curr_pages || true
	done 2>/dev/null
}

test()
{
	local kills at enough locked without_kills without_locked first second

	allow_dmesg 'invoked oom-killer: |oom-kill:constraint=|oom_reaper: |[Oo]ut of memory: Killed process '
	swap_on "$DISK1"
	tight
	without_kills=$kills
	# On a machine whose disks are busy the kernel alone kills, too.
	kills_at 48M 32
	enough=$at
	kills_at 12M 32
	assert_ge "$at" 1 "OOM kills with too little swap, without tmem"
	lockable
	without_locked=$locked

	first=$(create_namespace fsdax '' first region0)
	second=$(create_namespace fsdax '' second region1)
	tmem_load "$first" "$second"
	note "with tmem, and everything it does"
	rm -f "$RUN/enough"
	move_pages &
	for _ in 1 2 3; do
		tight
		assert_le "$kills" "$without_kills" "OOM kills with tmem, $without_kills without"
	done
	touch "$RUN/enough"
	wait
	tmem_counters
	assert_ge "$(tmem_stat written_out)" 100 "pages moved out meanwhile"
	assert_ge "$(tmem_stat written_back)" 100 "pages written back meanwhile"
	assert_ge "$(tmem_stat relocated)" 1 "pages moved to another device meanwhile"

	note "a page that is stored takes swap space as one that is on the swap device does"
	kills_at 48M 32
	assert_le "$at" "$enough" "OOM kills with enough swap, $enough without tmem"
	assert_ge "$(tmem_stat stores)" 6000 "pages stored"
	kills_at 12M 32
	assert_ge "$at" 1 "OOM kills with too little swap"

	note "what is locked comes back, and stays"
	lockable
	note "$without_locked MiB could be locked without tmem, $locked with it"
	assert_ge "$locked" $((without_locked - 1)) "MiB that can be locked, $without_locked without tmem"
	swap_off
	assert_eq "$(tmem_held)" 0 "pages held after swapoff"
}
