# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What can be seen from outside is what happens: histograms, tracepoints, OpenMetrics text.
DESCRIPTION="histograms of stores and loads count every one while they are on, tracepoints tell of each"
DISKS="256M 24M"
KERNELS="6.12 6.1 7.2"

LATENCY=/sys/kernel/mm/tmem/latency
TRACING=/sys/kernel/tracing
THP=/sys/kernel/mm/transparent_hugepage/enabled
THP_BEFORE=$(sed 's/.*\[\(.*\)\].*/\1/' $THP)
TRIGGER=$TRACING/events/tmem/tmem_store/trigger

cleanup()
{
	# The kernel complains about a module that goes while one of its events has a trigger.
	[ ! -e $TRIGGER ] || echo '!hist:keys=err' >$TRIGGER
	swap_off
	tmem_unload
	echo "$THP_BEFORE" >$THP
}

# measured DOOR: how many the histogram has.
measured() { tmem-pmem-ctl latency --json | jq ".$1.count"; }

# traced: stores that went well, as the tracepoint had them.
traced()
{
	sed -n 's/^{ err: *0 } hitcount: *\([0-9]*\)$/\1/p' $TRACING/events/tmem/tmem_store/hist
}

# nobody_else: root in a container may be root without CAP_SYS_ADMIN.
nobody_else()
{
	local file reads=0 writes=0 without=(setpriv --bounding-set=-sys_admin)
	local dirs=("$TMEM" "$TMEM_PMEM" "$SSD" "$FRONTSWAP" "$CLEANCACHE")

	"${without[@]}" cat $THP >/dev/null
	while read -r file; do
		reads=$((reads + 1))
		must_fail "${without[@]}" cat "$file"
	done < <(find "${dirs[@]}" -type f -perm /0400)
	while read -r file; do
		writes=$((writes + 1))
		must_fail "${without[@]}" tee "$file" <<<1 >/dev/null 2>"$RUN/said"
		# Whatever is written: nobody looks at that.
		grep -q 'Operation not permitted' "$RUN/said" || fail "written to $file: $(cat "$RUN/said")"
	done < <(find "${dirs[@]}" -type f -perm /0200)
	note "$reads files not read, $writes not written"
	assert_ge "$reads" 120 "files looked at"
	assert_ge "$writes" 15 "files written to"
	assert_eq "$(cat $LATENCY/enabled)" 0 'histograms'
	cat "$TMEM_PMEM"/devices/pmem0/slots "$(ssd_dir "$DISK2")"/pages
}

run_hog() { hog_in hog --content random --touches 20000 96; }

test()
{
	local stores loads metrics

	# A large page counts once.
	echo never >$THP
	tmem_load "$(pmem_device)"
	tmem-pmem-ctl ssd format "$DISK2"
	modprobe -i tmem_ssd devices="$DISK2"
	swap_on "$DISK1"
	mk_cgroup hog 32M
	mountpoint -q $TRACING || mount -t tracefs tracefs $TRACING

	nobody_else
	run_hog
	assert_eq "$(measured store) $(measured load)" '0 0' "measured while it was off"

	tmem-pmem-ctl latency on
	echo 'hist:keys=err' >$TRIGGER
	stores=$(tmem_stat stores) loads=$(tmem_stat loads)
	run_hog
	stores=$(($(tmem_stat stores) - stores)) loads=$(($(tmem_stat loads) - loads))
	assert_ge "$stores" 10000 "pages stored"
	assert_ge "$loads" 10000 "pages loaded"
	assert_eq "$(measured store)" "$stores" "stores measured"
	assert_eq "$(measured load)" "$loads" "loads measured"
	assert_eq "$(traced)" "$stores" "stores traced"
	tmem-pmem-ctl latency
	assert_ge "$(tmem-pmem-ctl latency --json | jq .store.sum_ns)" $((stores * 100)) "ns in all"
	metrics=$(tmem-pmem-ctl stats --openmetrics)
	grep -Fx "tmem_swap_latency_seconds_count{door=\"load\"} $loads" <<<"$metrics"
	grep -Fx 'tmem_state{state="active"} 1' <<<"$metrics"
	grep -Fx "tmem_pmem_device_info{device=\"pmem0\",uuid=\"$(cat "$TMEM_PMEM"/devices/pmem0/uuid)\",label=\"\"} 1" \
		<<<"$metrics"
	grep -Fx 'tmem_pmem_high_mark_ratio{device="pmem0"} 0.95' <<<"$metrics"
	assert_eq "$(grep -c '^tmem_hook_info' <<<"$metrics")" "$(wc -l <"$TMEM/hooks")" "functions redirected"
	tmem-pmem-ctl top --delay 0.2 --lines 1
	must_fail sh -c "echo 2 >$LATENCY/enabled"

	tmem-pmem-ctl latency off
	run_hog
	assert_eq "$(measured store) $(measured load)" "$stores $loads" "measured after it was off again"
	# Unloaded while it measures.
	echo 1 >$LATENCY/enabled
}
