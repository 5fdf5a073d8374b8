# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Two processors that really run at once: swap traffic on both, and drains between. Hooks stay in
# place throughout: an emulator with two threads misbehaves while functions are patched.
DESCRIPTION="two processors at once: two hogs and drains, every page right"
KERNELS="6.12 6.1 7.2"
SUITE=full
CPUS=2
THREADS=multi
DISKS="400M"
TIMEOUT=600
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	tmem_stop
}

hogs_run() { jobs -r | grep -q .; }

test()
{
	local drains=0 end=$((SECONDS + 300))

	tmem_start "$DISK1"
	mk_cgroup hog 48M
	mk_cgroup hog2 48M
	run_in_cgroup hog hog --content mixed --seed 1 --touches 60000 96 >"$RUN/hog" &
	run_in_cgroup hog2 hog --content random --shared --seed 2 --touches 40000 80 >"$RUN/hog2" &
	while hogs_run && [ $SECONDS -lt $end ]; do
		sleep 2
		if [ $((drains++ % 2)) = 0 ]; then
			echo 4000 >"$FRONTSWAP"/curr_pages || true
			continue
		fi
		echo paused >"$TMEM"/state
		echo 0 >"$FRONTSWAP"/curr_pages
		assert_eq "$(tmem_held)" 0 "pages held after a drain"
		echo active >"$TMEM"/state
	done
	wait
	cat "$RUN/hog" "$RUN/hog2"
	note "$drains drains"
	tmem_counters
	assert_eq "$(jq -s 'map(.errors) | add' "$RUN/hog" "$RUN/hog2")" 0 "wrong pages"
	assert_ge "$drains" 4 "drains"
	assert_ge "$(tmem_stat stores)" 30000 "pages stored"
	assert_ge "$(tmem_stat written_out)" 5000 "pages written out"
	assert_eq "$(tmem_stat write_out_errors)" 0 "write-out errors"
	swap_off
	assert_eq "$(tmem_held)" 0 "pages held after swapoff"
	assert_eq "$(tmem_stat left_at_swapoff)" 0 "slots freed without our knowing"
}
