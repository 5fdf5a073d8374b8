# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Proves the harness on a kernel without our modules: a memory hog swaps and every page is right.
DESCRIPTION="swap on a plain disk, every page verified, no module loaded"
SUITE=full
DISKS="512M"

cleanup()
{
	swapoff "$DISK1"
}

test()
{
	local out before

	swap_on "$DISK1"
	mk_cgroup hog 64M
	before=$(vmstat pswpin)
	run_in_cgroup hog hog --content mixed --touches 20000 128 | tee "$RUN/hog"
	out=$(cat "$RUN/hog")
	assert_eq "$(jq .errors <<<"$out")" 0 "wrong pages"
	assert_ge $(($(vmstat pswpin) - before)) 1000 "pages swapped in"
}
