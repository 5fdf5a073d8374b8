# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Proves the instruction-count clock: virtual time of the same work hardly varies.
SUITE=full
DESCRIPTION="the instruction-count clock repeats within 2 percent"
ICOUNT=1
NVDIMMS=""

test()
{
	local times first second

	for _ in 1 2 3 4; do
		hog --nohuge --touches 20000 16 | jq .touch_ns
	done | sort -n >"$RUN/times"
	# The two least disturbed runs.
	mapfile -t times <"$RUN/times"
	first=${times[0]} second=${times[1]}
	note "20000 touches: ${times[*]} virtual ns"
	assert_le "$((second - first))" "$((first / 50))" "difference"
}
