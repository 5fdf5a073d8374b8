# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Allocations fail, each in its turn and then at random: what needed one fails whole, pages stay right.
SUITE=full
DESCRIPTION="failing allocations while loading, attaching, swapping, draining and detaching"
KERNELS="6.12"
DISKS="256M"
NVDIMMS="64M"
TIMEOUT=600
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

DEBUG=/sys/kernel/debug
ZSWAP=/sys/module/zswap/parameters/enabled
TIMES=1000000

requires()
{
	need_file $DEBUG/failslab/require-start $DEBUG/fail_page_alloc/require-start
	need_module zswap
}

cleanup()
{
	touch "$RUN/enough"
	set_all probability 0
	set_all task-filter N
	only_below 0 0xffffffffffffffff
	echo N >$ZSWAP
	tmem_stop
	rm -f "$RUN/enough"
}

# set_all KNOB VALUE: of both kinds of failing allocations.
set_all()
{
	echo "$2" >"$DEBUG/failslab/$1"
	echo "$2" >"$DEBUG/fail_page_alloc/$1"
}

# injected: allocations that have failed.
injected()
{
	echo $((2 * TIMES - $(cat $DEBUG/failslab/times) - $(cat $DEBUG/fail_page_alloc/times)))
}

# only_below START END: only allocations with a caller between these addresses fail.
only_below()
{
	set_all require-start "$1"
	set_all require-end "$2"
	set_all stacktrace-depth 32
}

# only_in_init: only those of a module's init function.
only_in_init()
{
	local range

	range=$(awk '$3 == "do_init_module" { start = $1 }
		start && $1 > start { print "0x" start, "0x" $1; exit }' /proc/kallsyms)
	# shellcheck disable=SC2086
	only_below $range
}

# only_in_modules: only those that our modules, which are loaded, make or cause.
only_in_modules()
{
	local range

	range=$(awk '/^(tmem|tmem_pmem|tmem_ssd|frontswap_ram) / { print $6, $2 }' /proc/modules | sort |
		while read -r start size; do printf '%#x %#x\n' "$start" $((start + size)); done |
		awk 'NR == 1 { start = $1 } { end = $2 } END { print start, end }')
	# shellcheck disable=SC2086
	only_below $range
}

# each_failing UNDO COMMAND...: COMMAND with its first allocation failing, then its second and so
# on, after 48 with growing steps, until none is left to fail. UNDO is called after each, with how it ended.
each_failing()
{
	local undo=$1 nth=1 tries=0 before after status

	shift
	while :; do
		before=$(injected)
		status=0
		(echo $nth >/proc/thread-self/fail-nth && exec "$@") 2>>"$RUN/errors" || status=$?
		after=$(injected)
		[ "$after" -gt "$before" ] || break
		"$undo" $status
		nth=$((nth + 1 + (nth > 48 ? nth / 2 : 0))) tries=$((tries + 1))
	done
	note "$*: $tries failing allocations of $nth tried"
	assert_eq "$status" 0 "status of $* without failing allocations"
	assert_ge $tries 1 "failing allocations of $*"
}

after_tmem()
{
	if [ "$1" = 0 ]; then
		rmmod tmem
	fi
	[ ! -e /sys/module/tmem ] || fail "tmem failed to load and is there"
	[ ! -e "$TMEM" ] || fail "tmem failed to load and $TMEM is there"
}

after_tmem_pmem()
{
	if [ "$1" = 0 ]; then
		rmmod tmem_pmem
	fi
	[ ! -e "$TMEM_PMEM" ] || fail "tmem_pmem failed to load and $TMEM_PMEM is there"
}

after_attach()
{
	if [ "$1" = 0 ]; then
		echo 1 >"$TMEM_PMEM/devices/${DEVICE#/dev/}/detach"
	fi
	[ ! -e "$TMEM_PMEM/devices/${DEVICE#/dev/}" ] || fail "$DEVICE was not attached and is there"
}

after_swapon()
{
	if [ "$1" = 0 ]; then
		swapoff "$DISK1"
	fi
	assert_eq "$(wc -l </proc/swaps)" 1 "lines in /proc/swaps"
}

# hogs: one after the other until there have been enough; a wrong page ends it.
hogs()
{
	while [ ! -e "$RUN/enough" ]; do
		run_in_cgroup hog hog --content mixed --writes 50 --touches 4000 56 || return
	done
}

# Everything one can do to us while a hog swaps, while a fifth of our allocations fails.
under_load()
{
	local detach="$TMEM_PMEM/devices/${DEVICE#/dev/}/detach" pid

	echo Y >$ZSWAP
	modprobe frontswap_ram max_pages=4000
	only_in_modules
	set_all probability 20
	hogs >"$RUN/hogs" &
	pid=$!
	for _ in 1 2 3; do
		sleep 2
		{
			echo 3000 >"$FRONTSWAP"/curr_pages
			[ ! -e "$detach" ] || echo 1 >"$detach"
			echo "$DEVICE" >"$TMEM_PMEM"/attach
			echo 0 >"$FRONTSWAP"/curr_pages
		} 2>>"$RUN/errors" || true
		echo 128M >"$CGROUP/hog/memory.max"
		# Nodes of the swap cache, which are allocated below our hooks, fail too.
		wait_for 60 swapoff "$DISK1" 2>>"$RUN/errors"
		wait_for 60 swapon "$DISK1" 2>>"$RUN/errors"
		echo 24M >"$CGROUP/hog/memory.max"
	done
	touch "$RUN/enough"
	wait $pid || fail "a hog has failed"
	set_all probability 0
	cat "$RUN/hogs"
	tmem_counters
	assert_eq "$(jq -s 'map(.errors) | add' "$RUN/hogs")" 0 "wrong pages"
}

# The hog's own allocations fail, 200 of either kind.
in_the_hog()
{
	only_below 0 0xffffffffffffffff
	set_all task-filter Y
	set_all times 200
	run_in_cgroup hog hog --content mixed --ready "$RUN/ready" --go "$RUN/go" --touches 4000 56 \
		>"$RUN/hog" &
	wait_for 60 [ -e "$RUN/ready" ]
	echo 1 >"/proc/$(pgrep -x hog)/make-it-fail"
	set_all probability 10
	touch "$RUN/go"
	wait $!
	set_all probability 0
	cat "$RUN/hog"
	assert_eq "$(jq .errors "$RUN/hog")" 0 "wrong pages"
	assert_eq "$(cat $DEBUG/fail_page_alloc/times)" 0 "pages left to fail"
}

test()
{
	local before

	# kmemleak allocates below us as well, and says when it cannot.
	allow_dmesg 'vmalloc error|kmemleak: Cannot allocate a scan area'
	DEVICE=$(pmem_device)
	blank "$DEVICE"
	mk_cgroup hog 24M
	set_all probability 0
	set_all interval 1
	set_all verbose 0
	set_all times $TIMES
	set_all ignore-gfp-wait N
	echo N >$DEBUG/fail_page_alloc/ignore-gfp-highmem
	echo 0 >$DEBUG/fail_page_alloc/min-order

	only_in_init
	each_failing after_tmem modprobe tmem
	swap_on "$DISK1"
	each_failing after_tmem_pmem modprobe -i tmem_pmem devices="$DEVICE"
	swap_off
	echo 1 >"$TMEM_PMEM/devices/${DEVICE#/dev/}/detach"
	only_in_modules
	each_failing after_attach bash -c "echo $DEVICE >$TMEM_PMEM/attach"
	each_failing after_swapon swapon "$DISK1"
	before=$(injected)
	under_load
	assert_ge $(($(injected) - before)) 100 "allocations failed under load"
	in_the_hog
	# Nothing is the worse for it.
	tmem_unload
	tmem_load "$DEVICE"
	hog_in hog --content random --touches 2000 48
	assert_ge "$(tmem_stat stores)" 4000 "pages stored"
}
