# SPDX-License-Identifier: GPL-2.0
# Other tracers on the very functions we redirect.
SUITE=full
DESCRIPTION="kprobes, function and function_graph tracers on the hooked functions"
KERNELS="6.12 6.1 7.2"
DISKS="512M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	echo nop >/sys/kernel/tracing/current_tracer
	echo >/sys/kernel/tracing/set_ftrace_filter
	for event in /sys/kernel/tracing/events/kprobes/tmem_test_*/enable; do echo 0 >"$event"; done
	echo >/sys/kernel/tracing/kprobe_events
	echo >/sys/kernel/tracing/trace
	tmem_stop
}

test()
{
	local name tracing=/sys/kernel/tracing

	tmem_start "$DISK1"
	mk_cgroup hog 48M
	cut -d' ' -f1 $TMEM/hooks >"$RUN/hooks"
	while read -r name; do
		echo "p:tmem_test_$name $name" >>$tracing/kprobe_events
		echo 1 >"$tracing/events/kprobes/tmem_test_$name/enable"
	done <"$RUN/hooks"
	cat "$RUN/hooks" >$tracing/set_ftrace_filter
	echo function >$tracing/current_tracer
	hog_in hog --content mixed --touches 8000 96
	echo function_graph >$tracing/current_tracer
	hog_in hog --content mixed --touches 8000 96
	must_fail sysctl -q kernel.ftrace_enabled=0
	tmem_counters
	assert_ge "$(tmem_stat loads)" 5000 "pages loaded"
	swap_off
	assert_eq "$(tmem_held)" 0 "pages held after swapoff"
}
