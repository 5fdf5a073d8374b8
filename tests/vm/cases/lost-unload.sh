# SPDX-License-Identifier: GPL-2.0
# A page was lost and its owner has not touched it yet: tmem stays to say so.
DESCRIPTION="unloading is refused while a lost page has an owner, and works when it has none"
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
	allow_dmesg 'media error|Read-error on swap-device|MCE: Killing hog'
	mk_cgroup hog 32M
	run_in_cgroup hog hog --expect-sigbus --ready "$RUN/ready" --go "$RUN/go" --writes 0 \
		--touches 5000 64 >"$RUN/hog" &
	wait_for 60 [ -e "$RUN/ready" ]
	echo paused >$TMEM/state
	fault LOSE_ONE_IN 50
	echo 0 >$FRONTSWAP/curr_pages
	fault LOSE_ONE_IN 0
	tmem_counters
	assert_eq "$(tmem_held)" 0 "pages held after the drain"
	assert_ge "$(cat $TMEM/lost_pages)" 10 "pages lost"
	rmmod tmem_pmem
	must_fail rmmod tmem
	touch "$RUN/go"
	wait
	cat "$RUN/hog"
	assert_eq "$(hog_errors "$RUN/hog")" 0 "wrong pages"
	assert_ge "$(hog_sigbus "$RUN/hog")" 10 "pages lost with SIGBUS"
	swap_off
	assert_eq "$(cat $TMEM/lost_pages)" 0 "pages lost, with an owner"
	rmmod tmem
}
