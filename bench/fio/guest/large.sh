# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Measures a page that comes in and its neighbours: both touch patterns, both clusters, with large folios and
# without, for every contender, all in one boot.
DESCRIPTION="swap benchmark of neighbouring pages and large folios"
KERNELS="6.12"
MEM=2G
NVDIMMS="384M 768M"
APPEND=nokaslr
ICOUNT=1
EXCLUSIVE=1
TIMEOUT=7200

here=/payload/tests/cases
# shellcheck source=bench/fio/guest/lib/contenders.sh
. $here/lib/contenders.sh
# shellcheck disable=SC1091
. $here/config
TOUCH=/tmp/touch
WINDOW=0
THP=/sys/kernel/mm/transparent_hugepage

# folios none|64K: of which size memory is made, from the program's next start on.
folios()
{
	local size

	for size in "$THP"/hugepages-*/enabled; do
		echo never >"$size"
	done
	[ "$1" = none ] || echo madvise >$THP/hugepages-64kB/enabled
}

# measure NAME MEMORY_MAX FOLIOS PATTERN CLUSTER: log the result of one run.
measure()
{
	local name=$1 options=()

	folios "$3"
	[ "$3" = none ] || options+=(--huge)
	[ "$4" = random ] || options+=(--sequential)
	echo "$5" >/proc/sys/vm/page-cluster
	[ "$name" != floor ] || options+=(--unchecked)
	count_stats loads stores large_loads large_loads_given_up
	mk_cgroup bench "$2"
	WINDOW=$((WINDOW + 1))
	# Nothing else runs meanwhile: whatever this shell did would be counted.
	run_in_cgroup bench $TOUCH --warmup "$WARMUP" --touches "$TOUCHES" --writes "$WRITES" \
		--counter pswpin=/proc/vmstat:pswpin --counter pswpout=/proc/vmstat:pswpout \
		--counter faults=/proc/vmstat:pgfault \
		"${options[@]}" "$MIB" >/tmp/result || [ -s /tmp/result ] || fail "$name: touch died"
	jq -c --arg name "$name" --arg folios "$3" --arg pattern "$4" --argjson cluster "$5" \
		--argjson writes "$WRITES" --argjson window $WINDOW --argjson set $SET \
		'{contender: $name, data: "random", writes: $writes, folios: $folios, pattern: $pattern,
		  page_cluster: $cluster, window: $window, set: $set} + .' \
		/tmp/result | sed 's/^/# RAW /'
	rmdir "$CGROUP/bench"
}

# measure_all NAME MEMORY_MAX CLUSTER...
measure_all()
{
	local name=$1 max=$2 folios pattern cluster

	shift 2
	[ "$name" = alone ] || "up_$name"
	print_symbols
	for folios in $FOLIOS; do
		for pattern in $PATTERNS; do
			for cluster; do
				measure "$name" "$max" "$folios" "$pattern" "$cluster"
			done
		done
	done
	[ "$name" = alone ] || "down_$name"
}

test()
{
	local name

	cp $here/touch $TOUCH
	echo never >$THP/enabled
	modprobe -a nd_pmem
	PMEM_TMEM=$(create_namespace fsdax '' tmem region0)
	PMEM_SWAP=$(create_namespace fsdax '' swap region1)
	# Without swapping there is nothing to read ahead.
	measure_all alone max 0
	for _ in $(seq "$REPEAT"); do
		for name in $CONTENDERS; do
			# shellcheck disable=SC2086
			measure_all "$name" "${LIMIT_MIB}M" $CLUSTERS
		done
	done
}
