# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A load against the move of its copy and the reuse of the place it was in, made wide by a delay before the copy.
SUITE=full
DESCRIPTION="a load whose copy moves looks again; without that, another page"
KERNELS="6.12 6.1 7.2"
DISKS="512M"
NVDIMMS="64M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
TIMEOUT=1200

cleanup()
{
	touch "$RUN/enough"
	tmem_stop
	rm -f "$RUN/enough"
}

# other_pages: hogs that store all the time, and load nothing.
other_pages()
{
	local seed=2

	while [ ! -e "$RUN/enough" ]; do
		run_in_cgroup other hog --seed $((seed++)) --passes 0 --touches 0 32 >/dev/null
	done
}

# race: how many pages were wrong, or found to be another slot's.
race()
{
	local all i lost

	lost=$(tmem_stat lost)
	rm -f "$RUN"/enough "$RUN"/go "$RUN"/ready
	swap_on "$DISK1"
	run_in_cgroup hog hog --ready "$RUN/ready" --go "$RUN/go" --touches 100000 32 >"$RUN/hog" || true &
	wait_for 60 [ -e "$RUN/ready" ]
	all=$(cat "$TMEM_PMEM/devices/pmem0/slots")
	fault DELAY_LOAD 1500
	touch "$RUN/go"
	other_pages &
	for ((i = 0; i < 10; i++)); do
		echo $((all / 8)) >"$TMEM_PMEM/devices/pmem0/slots_usable"
		echo "$all" >"$TMEM_PMEM/devices/pmem0/slots_usable"
	done
	touch "$RUN/enough"
	fault DELAY_LOAD 0
	wait
	swap_off
	if grep -q '^{' "$RUN/hog"; then
		echo $(($(hog_errors "$RUN/hog") + $(tmem_stat lost) - lost))
	else
		echo 1
	fi
}

test()
{
	local try wrong

	tmem_load "$(pmem_device)"
	mk_cgroup hog 8M
	mk_cgroup other 8M
	assert_eq "$(race | tail -n 1)" 0 "wrong pages"
	note "$(tmem_counters)"
	must_fail eval 'dmesg_since_start | grep WARNING'
	# The stamps of this build notice, and warn.
	allow_taint 512
	allow_dmesg 'tmem|WARNING|RIP|Call Trace'
	fault NO_LOAD_RECHECK 1
	# Whether a place is used again at the right moment is a matter of luck.
	for try in {1..4}; do
		wrong=$(race | tail -n 1)
		[ "$wrong" = 0 ] || break
	done
	note "without the defence $wrong wrong pages, in race $try"
	assert_ge "$wrong" 1 "wrong pages without the defence"
	fault NO_LOAD_RECHECK 0
}
