#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The simulator of the victim cache: the same trace gives the same result, and the policy keeps what
# it promises on a trace that is made up.
. "$(dirname "$0")/lib.sh"

sim=$TESTING/sim

make_trace()
{
	"$sim" --synthetic --pages 20000 --requests 400000 --seed 7 --zipf 0.9 "$@" >"$tree/trace"
}

# column POLICY NUMBER: what the last run printed.
column()
{
	awk -v policy="$1" -v number="$2" '$1 == policy { print $number }' "$tree/out"
}

# holds EXPRESSION: of awk.
holds()
{
	awk "BEGIN { exit !($1) }" || wrong "$1"
}

run_sim()
{
	"$sim" "$@" >"$tree/out" 2>&1 || wrong "$*: $(cat "$tree/out")"
}

test_repeats()
{
	make_trace --scans 30
	run_sim "$tree/trace"
	cp "$tree/out" "$tree/before"
	run_sim "$tree/trace"
	cmp -s "$tree/before" "$tree/out" || wrong 'another result the second time'
	xz -k "$tree/trace"
	run_sim "$tree/trace.xz"
	cmp -s "$tree/before" "$tree/out" || wrong 'another result when compressed'
}

test_writes_less()
{
	make_trace --scans 30
	run_sim --ram 5 --ssd 20 "$tree/trace"
	holds "$(column default 5) <= $(column all 5) / 5"
	holds "$(column default 3) > 0.8 * $(column all 3)"
}

test_random_reads_gain()
{
	make_trace --scans 0
	run_sim --ram 5 --ssd 20 "$tree/trace"
	holds "$(column default 3) >= $(column all 3)"
}

# What is read once in order is not written; what is read once all over a file fills an empty cache
# at most, here 60 % of one that has 20 % of the pages, and none that is in use.
test_read_once()
{
	awk 'BEGIN { for (i = 0; i < 100000; i++) print "R,1," i }' >"$tree/trace"
	run_sim "$tree/trace"
	holds "$(column default 5) < 1"
	holds "$(column all 5) > 900"
	awk 'BEGIN { for (i = 0; i < 100000; i++) print "R,2," i * 7919 % 100003 }' >"$tree/trace"
	run_sim "$tree/trace"
	holds "$(column default 5) > 110"
	holds "$(column default 5) < 130"
	run_sim --fill 0 "$tree/trace"
	holds "$(column default 5) < 1"
}

test_a_write_forgets()
{
	awk 'BEGIN { for (round = 0; round < 6; round++)
		for (i = 0; i < 3000; i++) print (round % 2 ? "W" : "R") ",1," i }' >"$tree/trace"
	run_sim --ssd 200 "$tree/trace"
	holds "$(column all 3) > 0"
	sed -i s/R/W/ "$tree/trace"
	run_sim --ssd 200 "$tree/trace"
	holds "$(column all 3) == 0"
}

test_block_numbers()
{
	printf '\1\0\0\0\2\0\0\0\1\0\0\0' >"$tree/trace"
	run_sim --format u32 "$tree/trace"
	grep -q '^3 requests, 3 pages, 2 different' "$tree/out" || wrong "$(head -n 1 "$tree/out")"
}

test_bad_input()
{
	local bad

	for bad in 'X,1,2' 'R,1' 'R,1,2,0' 'R,a,2' 'R,1,2,9999999'; do
		echo "$bad" >"$tree/trace"
		! "$sim" "$tree/trace" >"$tree/out" 2>&1 || wrong "$bad is taken"
		grep -q 'trace:1: not R|W,FILE,PAGE' "$tree/out" || wrong "$bad: $(cat "$tree/out")"
	done
	: >"$tree/trace"
	! "$sim" "$tree/trace" 2>/dev/null || wrong 'an empty trace is taken'
	! "$sim" /nonexistent 2>/dev/null || wrong 'no trace is taken'
	! "$sim" --ram x "$tree/trace" 2>/dev/null || wrong 'a word is taken for a number'
}

run_tests
