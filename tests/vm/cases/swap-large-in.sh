# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Large folios are brought in whole when all of them is stored, and page by page when not; no page is ever wrong.
DESCRIPTION="mTHP 64K: brought in whole; drained, shared, dropped, moved, zeroed and lost pages among them"
KERNELS="6.12"
DISKS="512M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
TIMEOUT=600

MTHP=/sys/kernel/mm/transparent_hugepage/hugepages-64kB

cleanup()
{
	echo never >$MTHP/enabled
	tmem_stop
}

requires()
{
	need_file $MTHP/enabled
}

whole() { tmem_stat large_loads; }
given_up() { tmem_stat large_loads_given_up; }

# brought_in WHAT FOLIOS COMMAND...: so many are brought in whole at least while the command runs.
brought_in()
{
	local what=$1 folios=$2 before

	shift 2
	before=$(whole)
	"$@"
	assert_ge $(($(whole) - before)) "$folios" "folios brought in whole, $what"
}

# stored PAGES COMMAND...: so many are stored at least while the command runs.
stored()
{
	local pages=$1 before

	shift
	before=$(tmem_stat stores)
	"$@"
	assert_ge $(($(tmem_stat stores) - before)) "$pages" "pages stored by $*"
}

# Parts of the hog's folios are on the swap device when it goes on; then more is pushed out again and again.
drained_in_part()
{
	local pid

	rm -f "$RUN"/ready "$RUN"/go
	run_in_cgroup hog hog --content mixed --huge --touches 1000 --ready "$RUN/ready" --go "$RUN/go" 24 \
		>"$RUN/hog.drained" &
	pid=$!
	wait_for 120 [ -e "$RUN/ready" ]
	assert_ge "$(tmem_held)" 2000 "pages held"
	# No multiple of a folio's size.
	echo $(($(tmem_held) / 2 / 16 * 16 + 5)) >"$FRONTSWAP/curr_pages"
	touch "$RUN/go"
	for _ in {1..6}; do
		echo $(($(tmem_held) * 2 / 3)) >"$FRONTSWAP/curr_pages"
		sleep 0.3
	done
	wait $pid
	assert_eq "$(hog_errors "$RUN/hog.drained")" 0 "wrong pages"
}

# A worker moves pages away between the look at them and the copy.
drained_meanwhile()
{
	local before

	before=$(given_up)
	fault DELAY_LOAD 2
	drained_in_part
	fault DELAY_LOAD 0
	note "$(($(given_up) - before)) folios given up"
}

lost()
{
	fault LOSE_ONE_IN 300
	run_in_cgroup hog hog --content random --huge --expect-sigbus --writes 10 --touches 2000 24 >"$RUN/hog.lost"
	fault LOSE_ONE_IN 0
	assert_eq "$(hog_errors "$RUN/hog.lost")" 0 "wrong pages"
	assert_ge "$(hog_sigbus "$RUN/hog.lost")" 1 "pages lost with SIGBUS"
}

swapped_off()
{
	rm -f "$RUN"/ready "$RUN"/go
	run_in_cgroup hog hog --content random --huge --touches 1000 --ready "$RUN/ready" --go "$RUN/go" 24 \
		>"$RUN/hog.off" &
	wait_for 120 [ -e "$RUN/ready" ]
	echo 64M >"$CGROUP/hog/memory.max"
	swap_off
	assert_eq "$(tmem_held)" 0 "pages held after swapoff"
	touch "$RUN/go"
	wait $!
	assert_eq "$(hog_errors "$RUN/hog.off")" 0 "wrong pages after swapoff"
}

# The kernel keeps no large folio in the swap cache for a rotating disk, nor for a file: it would take the first
# page for all of them.
not_brought_in()
{
	local before

	before=$(tmem_stat large_loads)
	hog_in hog --content random --huge --passes 1 --touches 2000 24
	stored 1500 run_in_cgroup hog large dropped 8
	run_in_cgroup roomy large gone 4 | tee "$RUN/gone" || fail "pages are wrong on $1"
	note "$1: $(cat "$RUN/gone")"
	assert_eq "$(tmem_stat large_loads)" "$before" "folios brought in whole on $1"
}

test()
{
	local anon what

	echo 0 >"/sys/block/${DISK1#/dev/}/queue/rotational"
	echo never >/sys/kernel/mm/transparent_hugepage/enabled
	tmem_start "$DISK1"
	mk_cgroup hog 12M
	mk_cgroup roomy 64M
	echo madvise >$MTHP/enabled
	anon=$(cat $MTHP/stats/nr_anon)

	brought_in "each by the first touch" 200 hog_in hog --content random --huge --passes 1 --touches 0 24
	brought_in "random touches" 500 hog_in hog --content random --huge --touches 2000 24
	assert_eq "$(given_up)" 0 "folios given up without a reason"
	hog_in hog --content mixed --huge --touches 2000 --fork 2 16
	for what in zeroed dropped shared moved; do
		note "$what"
		stored 1500 run_in_cgroup hog large $what 8
	done
	stored 500 run_in_cgroup hog pageout 4 5
	drained_in_part
	drained_meanwhile
	allow_dmesg 'media error|Read-error on swap-device'
	lost
	swapped_off
	echo 1 >"/sys/block/${DISK1#/dev/}/queue/rotational"
	swap_on "$DISK1"
	not_brought_in "a rotating disk"
	# Else it was not put to the test.
	assert_ge "$(sed -n 's/^folios //p' "$RUN/gone")" 1 "folios in slots that are aligned"
	swap_off
	echo 0 >"/sys/block/${DISK1#/dev/}/queue/rotational"
	mk_fs ext4 "$DISK1" /mnt
	dd if=/dev/zero of=/mnt/swap bs=1M count=64 status=none
	chmod 600 /mnt/swap
	mkswap /mnt/swap >/dev/null
	swapon /mnt/swap
	not_brought_in "a file"
	swap_off
	umount /mnt
	assert_eq "$(cat $MTHP/stats/nr_anon)" "$anon" "anonymous folios of 64 KiB when nobody has any"
	tmem_counters
}
