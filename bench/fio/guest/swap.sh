# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Measures one page in and one page out for every contender, all in one boot.
DESCRIPTION="swap benchmark"
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

# The pool of zswap is charged to the cgroup, what other contenders keep in memory is not. Raise the
# limit by the size of the pool, so that all leave the program the same memory.
raise_limit()
{
	local pool

	pool=$(cgroup_stat bench memory.stat zswap)
	[ "$pool" = 0 ] || echo $(((LIMIT_MIB << 20) + pool)) >"$CGROUP/bench/memory.max"
}

# measure NAME DATA WRITES MEMORY_MAX: log the result of one run.
measure()
{
	local name=$1 data=$2 writes=$3 max=$4 options=() pid store

	[ "$data" != compressible ] || options+=(--compressible)
	[ "$name" != floor ] || options+=(--unchecked)
	count_stats loads stores
	rm -f /tmp/ready /tmp/go
	mk_cgroup bench "$max"
	WINDOW=$((WINDOW + 1))
	run_in_cgroup bench $TOUCH --warmup "$WARMUP" --touches "$TOUCHES" --writes "$writes" \
		--ready /tmp/ready --go /tmp/go \
		--counter pswpin=/proc/vmstat:pswpin --counter pswpout=/proc/vmstat:pswpout \
		--counter zswpin=/proc/vmstat:zswpin --counter zswpout=/proc/vmstat:zswpout \
		"${options[@]}" "$MIB" >/tmp/result &
	pid=$!
	until [ -e /tmp/ready ]; do
		kill -0 $pid || fail "$name: touch died"
		sleep 0.2
	done
	raise_limit
	store=$(store_mib "$name")
	touch /tmp/go
	# Nothing else runs from here on: whatever this shell did would be counted.
	wait $pid || [ -s /tmp/result ] || fail "$name: touch died"
	jq -c --arg name "$name" --arg data "$data" --argjson writes "$writes" \
		--argjson window $WINDOW --argjson set $SET --argjson store "$store" \
		'{contender: $name, data: $data, writes: $writes, window: $window, set: $set,
		  store_mib: $store} + .' \
		/tmp/result | sed 's/^/# RAW /'
	rmdir "$CGROUP/bench"
}

measure_all()
{
	local name=$1 max=$2 data writes

	[ "$name" = alone ] || "up_$name"
	print_symbols
	for data in $DATA; do
		for writes in $WRITES; do
			measure "$name" "$data" "$writes" "$max"
		done
	done
	[ "$name" = alone ] || "down_$name"
}

test()
{
	local name

	cp $here/touch $TOUCH
	echo 0 >/proc/sys/vm/page-cluster
	echo never >/sys/kernel/mm/transparent_hugepage/enabled
	modprobe -a nd_pmem
	PMEM_TMEM=$(create_namespace fsdax '' tmem region0)
	PMEM_SWAP=$(create_namespace fsdax '' swap region1)
	measure_all alone max
	for _ in $(seq "$REPEAT"); do
		for name in $CONTENDERS; do
			measure_all "$name" "${LIMIT_MIB}M"
		done
	done
}
