# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Two processors that really run at once: swap traffic on both, with drains between, then on a full device. Hooks stay in
# place throughout: an emulator with two threads misbehaves while functions are patched.
DESCRIPTION="two processors at once: two hogs and drains, then writing back, every page right"
KERNELS="6.12 6.1 7.2"
SUITE=full
CPUS=2
THREADS=multi
DISKS="400M"
TIMEOUT=900
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	tmem_stop
}

hogs_run() { jobs -r | grep -q .; }

# Both have ended by themselves.
hogs_were_right()
{
	assert_eq "$(jq -sc '[length, (map(.errors) | add)]' "$RUN/hog" "$RUN/hog2")" '[2,0]' "hogs, and wrong pages"
}

drains()
{
	local drains=0 end=$((SECONDS + 300))

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
	hogs_were_right
	assert_ge "$drains" 4 "drains"
	assert_ge "$(tmem_stat stores)" 30000 "pages stored"
	assert_ge "$(tmem_stat written_out)" 5000 "pages written out"
}

# A third of what is swapped out has room; the rest is written back by a worker, while both go on.
writes_back()
{
	note "on a full device"
	tmem-pmem-ctl resize pmem0 24M
	run_in_cgroup hog hog --content mixed --seed 3 --touches 20000 96 >"$RUN/hog" &
	run_in_cgroup hog2 hog --content random --shared --seed 4 --touches 20000 80 >"$RUN/hog2" &
	wait
	cat "$RUN/hog" "$RUN/hog2"
	tmem_counters
	hogs_were_right
	assert_ge "$(tmem_stat written_back)" 5000 "pages written back"
}

test()
{
	tmem_start "$DISK1"
	mk_cgroup hog 48M
	mk_cgroup hog2 48M
	drains
	writes_back
	assert_eq "$(tmem_stat write_out_errors)" 0 "write-out errors"
	swap_off
	assert_eq "$(tmem_held)" 0 "pages held after swapoff"
}
