#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Which goals figures meet: those that are not comparable, or not there, say nothing.
. "$(dirname "$0")/lib.sh"

goals=$(cd "$(dirname "$0")/../.." && pwd -P)/bench/fio/goals

# says STATUS LINE ROW...: what comes of these rows, last line and status; of so many goals if $count is set.
count=
says()
{
	local status=0 expected=$1 line=$2 options=() IFS=,

	shift 2
	echo "[$*]" >"$tree/rows"
	[ -z "$count" ] || options=(--expect "$count")
	"$goals" "${options[@]}" "$tree/rows" >"$tree/out" 2>&1 || status=$?
	is_equal "$status" "$expected"
	is_equal "$(tail -n 1 "$tree/out")" "$line"
}

# pair CONTENDER DATA WRITES US, page CONTENDER FOLIOS CLUSTER US, reads CONTENDER WORKLOAD IOPS WRITTEN: one row.
pair() { printf '{"contender":"%s","data":"%s","writes":%s,"us_per_pair":%s}' "$@"; }
page()
{
	printf '{"contender":"%s","folios":"%s","pattern":"random","page_cluster":%s,"us_per_page":%s}' "$@"
}
reads()
{
	printf '{"contender":"%s","workload":"%s","iops":%s,"flash_bytes_per_byte_served":%s,' "${@:1:4}"
	printf '"reads":1000,"flash_bytes_written":%s}' "${5:-0}"
}

test_pairs()
{
	says 0 '1 met, 0 missed' "$(pair pmem random 30 20)" "$(pair tmem_pmem-plain random 30 15)"
	says 1 '0 met, 1 missed' "$(pair pmem random 30 20)" "$(pair tmem_pmem-plain random 30 15.1)"
	says 1 '1 met, 1 missed' "$(pair pmem random 30 20)" "$(pair zram-lz4 random 30 29)" \
		"$(pair tmem_pmem-plain random 30 15)"
	says 0 '1 met, 0 missed' "$(pair pmem-crypt random 30 50)" "$(pair tmem_pmem random 30 50)"
}

test_only_what_was_measured_alike()
{
	says 1 '0 met, 0 missed' "$(pair pmem random 100 20)" "$(pair tmem_pmem-plain random 30 15)"
	says 1 '0 met, 0 missed' "$(pair pmem random 30 20)"
	says 0 '1 met, 0 missed' "$(page pmem none 3 9)" "$(page pmem none 0 20)" "$(page tmem_pmem-plain none 0 19)"
}

test_pages()
{
	says 0 '1 met, 0 missed' "$(page pmem none 0 20)" "$(page tmem_pmem-plain none 0 20)"
	says 0 '1 met, 0 missed' "$(page pmem 64K 0 20)" "$(page tmem_pmem-plain 64K 0 10)"
	says 1 '0 met, 1 missed' "$(page pmem 64K 0 20)" "$(page tmem_pmem-plain 64K 0 10.1)"
}

test_reads()
{
	says 0 '2 met, 0 missed' "$(reads bcache-wt zipf 100 0.3)" "$(reads tmem_ssd zipf 125 0.09)"
	says 1 '0 met, 2 missed' "$(reads bcache-wt zipf 100 0.3)" "$(reads tmem_ssd zipf 124 0.11)"
	says 1 '0 met, 1 missed' "$(reads dm-cache-smq steady 100 0.3)" "$(reads tmem_ssd steady 179 0.1)"
	says 0 '2 met, 0 missed' "$(reads disk sequential 100 0)" "$(reads tmem_ssd sequential 97 0 81920)"
	says 1 '0 met, 2 missed' "$(reads disk sequential 100 0)" "$(reads tmem_ssd sequential 96.9 0 86016)"
	says 1 '0 met, 1 missed' "$(reads disk all-miss 100 0)" "$(reads tmem_ssd all-miss 96 0)"
	says 1 '1 met, 1 missed' "$(reads ssd all-hit-random 100 0)" "$(reads ssd-crypt all-hit-random 50 0)" \
		"$(reads tmem_ssd-plain all-hit-random 84 0)" "$(reads tmem_ssd all-hit-random 43 0)"
}

test_full_device()
{
	says 0 '1 met, 0 missed' '{"contender":"tmem_pmem","hot_served_pct":90}'
	says 1 '0 met, 1 missed' '{"contender":"tmem_pmem","hot_served_pct":89.9}'
}

# A contender that was not measured takes its goal along.
test_expected()
{
	local count=2
	local plain pmem zram

	plain=$(pair tmem_pmem-plain random 30 15) pmem=$(pair pmem random 30 20) zram=$(pair zram-lz4 random 30 30)
	says 0 '2 met, 0 missed' "$pmem" "$zram" "$plain"
	says 1 '1 met, 0 missed' "$pmem" "$plain"
	grep -q 'for 1 goals, expected for 2' "$tree/out" || wrong "$(cat "$tree/out")"
	says 1 '0 met, 0 missed' "$pmem" "$zram"
	says 1 '1 met, 1 missed' "$pmem" "$(pair zram-lz4 random 30 29)" "$plain"
	count=1
	says 1 '2 met, 0 missed' "$pmem" "$zram" "$plain"
}

test_bad_input()
{
	local status=0 option

	echo 'contender' >"$tree/rows"
	"$goals" "$tree/rows" >"$tree/out" 2>&1 || status=$?
	is_equal "$status" 2
	grep -q 'give a file' "$tree/out" || wrong "$(cat "$tree/out")"
	status=0
	"$goals" >"$tree/out" 2>&1 || status=$?
	is_equal "$status" 2
	for option in '--expect' '--expect 1' "--expect x $tree/rows" "--expect 0 $tree/rows"; do
		status=0
		# shellcheck disable=SC2086
		"$goals" $option >"$tree/out" 2>&1 || status=$?
		is_equal "$status" 2
		grep -q usage "$tree/out" || wrong "$option: $(cat "$tree/out")"
	done
}

run_tests
