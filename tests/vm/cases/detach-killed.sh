# SPDX-License-Identifier: GPL-2.0
# Whoever detaches a device is killed halfway: the device and its pages stay.
SUITE=full
DESCRIPTION="a detach that is killed leaves the device attached and every page readable"
KERNELS="6.12 6.1 7.2"
DISKS="512M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	tmem_stop
}

test()
{
	local device detacher held

	device=$(pmem_device)
	tmem_load "$device"
	swap_on "$DISK1"
	mk_cgroup hog 32M
	run_in_cgroup hog hog --ready "$RUN/ready" --go "$RUN/go" --writes 0 --touches 3000 \
		64 >"$RUN/hog" &
	wait_for 60 [ -e "$RUN/ready" ]
	held=$(tmem_held)
	fault DELAY_MOVE_READ 20
	(echo 1 >"$TMEM_PMEM/devices/${device#/dev/}/detach") &
	detacher=$!
	wait_for 20 eval '[ "$(tmem_stat written_out)" -ge 10 ]'
	kill -KILL $detacher
	wait $detacher || true
	fault DELAY_MOVE_READ 0
	[ -e "$TMEM_PMEM/devices/${device#/dev/}" ] || fail "the device is gone"
	assert_ge "$(tmem_held)" $((held / 2)) "pages that are still there"
	touch "$RUN/go"
	wait
	cat "$RUN/hog"
	tmem_counters
	assert_eq "$(hog_errors "$RUN/hog")" 0 "wrong pages"
	assert_ge "$(tmem_stat loads)" 1000 "pages loaded after it"
	echo 1 >"$TMEM_PMEM/devices/${device#/dev/}/detach"
	[ ! -e "$TMEM_PMEM/devices/${device#/dev/}" ] || fail "the device is still there"
}
