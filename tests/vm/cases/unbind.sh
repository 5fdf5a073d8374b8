# SPDX-License-Identifier: GPL-2.0
# The namespace is unbound from its driver while its pages are in use.
DESCRIPTION="a namespace taken away under load: pages move to the swap device"
KERNELS="6.12 6.1 7.2"
DISKS="256M"
EXCLUSIVE=1
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	tmem_stop
}

test()
{
	local device link

	device=$(pmem_device)
	link=$(basename "$(readlink -f "/sys/block/${device#/dev/}/device")")
	tmem_load "$device"
	swap_on "$DISK1"
	mk_cgroup hog 40M
	allow_dmesg 'taken away'
	run_in_cgroup hog hog --content random --touches 40000 80 >"$RUN/hog" &
	wait_for 60 eval '[ "$(tmem_held)" -ge 2000 ]'
	echo "$link" >/sys/bus/nd/drivers/nd_pmem/unbind
	[ ! -e "$TMEM_PMEM/devices/${device#/dev/}" ] || sleep 1
	[ ! -e "$TMEM_PMEM/devices/${device#/dev/}" ] || fail "the device is still shown"
	wait $!
	cat "$RUN/hog"
	tmem_counters
	assert_eq "$(jq .errors "$RUN/hog")" 0 "wrong pages"
	assert_eq "$(jq .sigbus "$RUN/hog")" 0 "pages lost"
	assert_ge "$(tmem_stat written_out)" 1000 "pages moved to the swap device"
	assert_eq "$(tmem_held)" 0 "pages held without a device"
}
