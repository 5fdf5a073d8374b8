# SPDX-License-Identifier: GPL-2.0
# Pages with several owners: fork and copy-on-write, tmpfs, KSM.
DESCRIPTION="forked children, shared memory and merged pages come back right"
KERNELS="6.12 6.1 7.2"
DISKS="512M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	tmem_stop
}

# merged: there is one page in the place of several.
merged() { [ "$(cat /sys/kernel/mm/ksm/pages_sharing)" -ge 1 ]; }

test()
{
	tmem_start "$DISK1"
	mk_cgroup hog 32M
	hog_in hog --content mixed --fork 2 --touches 4000 56
	hog_in hog --content mixed --shared --touches 8000 64
	echo 1 >/sys/kernel/mm/ksm/run
	echo 2000 >/sys/kernel/mm/ksm/pages_to_scan
	run_in_cgroup hog hog --ksm --go "$RUN/go" --touches 6000 64 >"$RUN/hog" &
	wait_for 60 merged || fail "no pages are merged"
	touch "$RUN/go"
	wait $!
	cat "$RUN/hog"
	assert_eq "$(hog_errors "$RUN/hog")" 0 "wrong pages"
	echo 2 >/sys/kernel/mm/ksm/run
	echo 0 >/sys/kernel/mm/ksm/run
	tmem_counters
	assert_ge "$(tmem_stat stores)" 10000 "pages stored"
	assert_ge "$(tmem_stat loads)" 10000 "pages loaded"
	swap_off
	assert_eq "$(tmem_held)" 0 "pages held after swapoff"
}
