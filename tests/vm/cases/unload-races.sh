# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The module is unloaded while somebody attaches, detaches, or takes the namespace away.
DESCRIPTION="unloading beside attaching, detaching and unbinding"
KERNELS="6.12 6.1 7.2"
SUITE=full
CPUS=2
EXCLUSIVE=1
TIMEOUT=600

cleanup()
{
	tmem_stop
}

# again COMMAND...: run it for about half a second, whatever it answers; that it succeeded is noted.
again()
{
	local i

	for i in $(seq 10); do
		"$@" 2>/dev/null && echo "$1" >>"$RUN/succeeded" || true
		sleep 0.05
	done
}

attach() { echo "$device" >"$TMEM_PMEM/attach"; }
detach() { echo 1 >"$TMEM_PMEM/devices/${device#/dev/}/detach"; }
unload() { rmmod tmem_pmem; }
unbind() { echo "$link" >/sys/bus/nd/drivers/nd_pmem/unbind; }

test()
{
	local i

	device=$(pmem_device)
	link=$(basename "$(readlink -f "/sys/block/${device#/dev/}/device")")
	allow_dmesg 'taken away'
	tmem_load "$device"
	: >"$RUN/succeeded"
	for i in $(seq 12); do
		again attach &
		again detach &
		again unload &
		[ $((i % 3)) -ne 0 ] || again unbind &
		wait
		[ -e "/sys/bus/nd/drivers/nd_pmem/$link" ] ||
			echo "$link" >/sys/bus/nd/drivers/nd_pmem/bind
		[ -d /sys/module/tmem_pmem ] || modprobe -i tmem_pmem
		[ -e "$TMEM_PMEM/devices/${device#/dev/}" ] || attach
	done
	for i in attach detach unload; do
		note "$i: $(grep -cx "$i" "$RUN/succeeded") times"
		assert_ge "$(grep -cx "$i" "$RUN/succeeded")" 3 "$i"
	done
	# It is tried in every third round, and succeeds once in each.
	i=$(grep -cx unbind "$RUN/succeeded" || true)
	note "unbind: $i times, $(dmesg_since_start | grep -c 'taken away' || true) of them while attached"
	assert_ge "$i" 1 unbind
	# It still works.
	assert_eq "$(cat "$TMEM_PMEM/devices/${device#/dev/}/state")" active 'state'
	rmmod tmem_pmem
	rmmod tmem
}
