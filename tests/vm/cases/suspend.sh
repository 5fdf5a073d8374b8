# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Suspend with pages stored, and with a hog in the middle of its traffic: everything but the sleep
# itself, for the timers of an emulated processor do not run on after that.
SUITE=full
DESCRIPTION="suspend to idle and to memory: stored pages are right afterwards"
KERNELS="6.12 6.1 7.2"
DISKS="512M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	echo none >/sys/power/pm_test
	touch "$RUN/stop"
	tmem_stop
	rm -f "$RUN/stop"
}

requires()
{
	need_file /sys/power/pm_test
}

# suspend_to STATE LEVEL: on the way to that state as far as LEVEL, and back.
suspend_to()
{
	echo "$2" >/sys/power/pm_test
	echo "$1" >/sys/power/state
	note "suspended to $* at $SECONDS s, $(tmem_held) pages held"
	expect_dmesg 'suspend debug: Waiting'
}

# traffic: a hog after the other until told to stop.
traffic()
{
	local seed=2

	while [ ! -e "$RUN/stop" ]; do
		run_in_cgroup hog2 hog --content mixed --shared --seed $((seed++)) --touches 20000 48 ||
			{ touch "$RUN/stop"; fail "a hog found a wrong page or none"; }
	done
}

test()
{
	echo 1 >/sys/module/suspend/parameters/pm_test_delay
	tmem_start "$DISK1"
	mk_cgroup hog 32M
	mk_cgroup hog2 24M
	run_in_cgroup hog hog --content mixed --ready "$RUN/ready" --go "$RUN/go" \
		--touches 5000 64 >"$RUN/hog" &
	wait_for 60 [ -e "$RUN/ready" ]
	assert_ge "$(tmem_held)" 5000 "pages held"
	traffic >"$RUN/hog2" &
	sleep 1
	suspend_to freeze platform
	suspend_to mem devices
	suspend_to mem core
	touch "$RUN/stop" "$RUN/go"
	wait
	cat "$RUN/hog" "$RUN/hog2"
	tmem_counters
	assert_eq "$(jq -s 'map(.errors) | add' "$RUN/hog" "$RUN/hog2")" 0 "wrong pages"
	assert_eq "$(tmem_stat lost)" 0 "pages lost"
}
