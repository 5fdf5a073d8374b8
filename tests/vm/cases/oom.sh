# SPDX-License-Identifier: GPL-2.0
# The owner of stored pages is killed by the OOM killer.
DESCRIPTION="OOM kill of the owner frees its pages"
KERNELS="6.12 6.1 7.2"
DISKS="512M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	tmem_stop
}

test()
{
	tmem_start "$DISK1"
	mk_cgroup hog 32M 96M
	allow_dmesg 'invoked oom-killer: |oom-kill:constraint=|oom_reaper: |[Oo]ut of memory: Killed process '
	run_in_cgroup hog hog --touches 1000 256 || true
	assert_ge "$(cgroup_stat hog memory.events oom_kill)" 1 "OOM kills"
	tmem_counters
	assert_ge "$(tmem_stat stores)" 5000 "pages stored"
	wait_for 10 no_pages || fail "$(tmem_held) pages held after the kill"
}

no_pages() { [ "$(tmem_held)" -le 128 ]; }
