# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Folios of 64 KiB and 2 MiB are stored and loaded whole, and no slot of theirs is forgotten.
DESCRIPTION="mTHP and THP: stored whole, freed whole, drained in large requests, every page right"
KERNELS="6.12 6.1 7.2"
DISKS="512M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	tmem_stop
}

requires()
{
	need_file /sys/kernel/mm/transparent_hugepage/enabled
}

# with_size SIZE: swap with folios of that size (64kB or 2048kB).
with_size()
{
	local size

	for size in /sys/kernel/mm/transparent_hugepage/hugepages-*/; do
		echo never 2>/dev/null >"$size/enabled" || true
	done
	echo always >"/sys/kernel/mm/transparent_hugepage/hugepages-$1/enabled"
	hog_in hog --content mixed --huge --touches 10000 160
	swap_off
	assert_eq "$(tmem_held)" 0 "pages held after swapoff with $1 folios"
	swap_on "$DISK1"
}

# drained PAGES RUN: large folios are stored in runs of so many pages; what is held is written out, on average so many
# pages or more at a time.
drained()
{
	local requests written stores runs

	stores=$(tmem_stat stores)
	runs=$(tmem_stat store_runs)
	rm -f "$RUN"/ready "$RUN"/go
	run_in_cgroup hog hog --content random --huge --touches 1 --ready "$RUN/ready" --go "$RUN/go" 160 \
		>"$RUN/hog" &
	wait_for 120 [ -e "$RUN/ready" ]
	in_runs $(($(tmem_stat stores) - stores)) $(($(tmem_stat store_runs) - runs)) "$2"
	requests=$(tmem_stat write_out_requests)
	written=$(tmem_stat written_out)
	assert_ge "$(tmem_held)" 8000 "pages held"
	echo 0 >"$FRONTSWAP/curr_pages"
	requests=$(($(tmem_stat write_out_requests) - requests))
	written=$(($(tmem_stat written_out) - written))
	note "$written pages in $requests requests"
	assert_ge $((written / requests)) "$1" "pages a request"
	touch "$RUN/go"
	wait
	assert_eq "$(jq .errors "$RUN/hog")" 0 "wrong pages"
}

test()
{
	local before

	echo 0 >"/sys/block/${DISK1#/dev/}/queue/rotational"
	tmem_start "$DISK1"
	mk_cgroup hog 96M
	if [ -d /sys/kernel/mm/transparent_hugepage/hugepages-64kB ]; then
		with_size 64kB
		note "$(tmem_stat loads) pages loaded, $(tmem_stat load_runs) runs, $(tmem_stat large_loads) folios"
		drained 12 16
		with_size 2048kB
		drained 64 64
	else
		echo always >/sys/kernel/mm/transparent_hugepage/enabled
		hog_in hog --content mixed --huge --touches 10000 160
		swap_off
		assert_eq "$(tmem_held)" 0 "pages held after swapoff"
	fi
	tmem_counters
	before=$(tmem_stat stores)
	assert_ge "$before" 20000 "pages stored"
}
