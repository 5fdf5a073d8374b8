# SPDX-License-Identifier: GPL-2.0
# A write-out against the reuse of its slot, made wide by a delay before the bio.
SUITE=full
DESCRIPTION="a store waits for the bio on its way to its slot; without that, stale data"
KERNELS="6.12 6.1 7.2"
DISKS="76M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	tmem_stop
}

requires()
{
	[ "${TMEM_SLOW:-1}" = 1 ] || SKIP_REASONS+="timed for a fast kernel; "
}

# race: a page is about to be written out when its owner dies; the next owner of the slot is
# refused by us and writes it by itself. Prints the wrong pages the next owner sees.
race()
{
	rm -f "$RUN"/ready* "$RUN"/go* "$RUN/ended"
	swap_on "$DISK1"
	fault REFUSE_ONE_IN 0
	run_in_cgroup hog hog --ready "$RUN/ready1" --go "$RUN/go1" --touches 1 72 >/dev/null &
	wait_for 60 [ -e "$RUN/ready1" ]
	fault DELAY_MOVE_BIO 3000
	(echo 0 >$FRONTSWAP/curr_pages || true) 2>/dev/null &
	sleep 0.5
	pkill -KILL -x hog
	wait_for 10 no_hog
	fault REFUSE_ONE_IN 1
	{
		run_in_cgroup hog hog --seed 7 --ready "$RUN/ready2" --go "$RUN/go2" --passes 1 \
			--touches 1 72 >"$RUN/hog" 2>/dev/null || true
		touch "$RUN/ended"
	} &
	wait_for 60 eval '[ -e "$RUN/ready2" ] || [ -e "$RUN/ended" ]'
	sleep 4
	touch "$RUN/go2"
	wait
	fault DELAY_MOVE_BIO 0
	swapoff "$DISK1"
	# The page that was overwritten may be of its stack: then it breaks down and reports nothing.
	if grep -q '^{' "$RUN/hog"; then hog_errors "$RUN/hog"; else echo 1; fi
}

no_hog() { ! pgrep -x hog >/dev/null; }

test()
{
	local errors

	tmem_load "$(pmem_device)"
	mk_cgroup hog 32M
	# The one slot in question is used again in most tries.
	fault NO_MOVE_WAIT 1
	for _ in 1 2 3 4 5 6; do
		errors=$(race 2>/dev/null | tail -n 1)
		[ "$errors" = 0 ] || break
	done
	assert_ge "$errors" 1 "stale pages without the defence"
	fault NO_MOVE_WAIT 0
	for _ in 1 2; do
		errors=$(race 2>/dev/null | tail -n 1)
		assert_eq "$errors" 0 "stale pages with the defence"
	done
}
