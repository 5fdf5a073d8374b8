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
	for i in 1 2 3; do
		rm -f "$RUN/ready"
		run_in_cgroup hog hog --content mixed --ready "$RUN/ready" --touches 60000 96 >"$RUN/hog" &
		wait_for 60 [ -e "$RUN/ready" ]
		assert_ge "$(tmem_held)" 4000 "pages held before swapoff $i"
		echo 160M >"$CGROUP/hog/memory.max"
		swapoff "$DISK1"
		assert_eq "$(tmem_held)" 0 "pages held after swapoff"
		swapon "$DISK1"
		echo 64M >"$CGROUP/hog/memory.max"
		wait $!
		cat "$RUN/hog"
		assert_eq "$(jq .errors "$RUN/hog")" 0 "wrong pages"
	done
	assert_eq "$(tmem_stat left_at_swapoff)" 0 "slots freed without our knowing"
}
