# SPDX-License-Identifier: GPL-2.0
# Swapoff while a hog swaps: its pages come back to memory, all of them right.
DESCRIPTION="swapoff under load"
KERNELS="6.12 6.1 7.2"
DISKS="512M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	tmem_stop
}

test()
{
	local i

	tmem_start "$DISK1"
	mk_cgroup hog 64M
	run_in_cgroup hog hog --content mixed --touches 60000 96 >"$RUN/hog" &
	for i in 1 2 3; do
		sleep 2
		echo 160M >"$CGROUP/hog/memory.max"
		swapoff "$DISK1"
		assert_eq "$(tmem_held)" 0 "pages held after swapoff"
		swapon "$DISK1"
		echo 64M >"$CGROUP/hog/memory.max"
	done
	wait $!
	cat "$RUN/hog"
	assert_eq "$(jq .errors "$RUN/hog")" 0 "wrong pages"
	assert_eq "$(tmem_stat left_at_swapoff)" 0 "slots freed without our knowing"
}
