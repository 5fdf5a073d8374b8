# SPDX-License-Identifier: GPL-2.0
# Detaching one of two devices, and then the last one, while a hog swaps.
SUITE=full
DESCRIPTION="devices detached and attached again under load"
KERNELS="6.12 6.1 7.2"
DISKS="300M"
NVDIMMS="128M 128M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	tmem_stop
}

test()
{
	local first second i

	first=$(create_namespace fsdax "" "" region0)
	second=$(create_namespace fsdax "" "" region1)
	tmem_load "$first" "$second"
	swap_on "$DISK1"
	mk_cgroup hog 64M
	run_in_cgroup hog hog --content mixed --touches 60000 160 >"$RUN/hog" &
	for i in 1 2 3; do
		sleep 1
		echo 1 >"$TMEM_PMEM/devices/${first#/dev/}/detach"
		[ ! -e "$TMEM_PMEM/devices/${first#/dev/}" ] || fail "$first is still there"
		echo "$first" >$TMEM_PMEM/attach
		echo 1 >"$TMEM_PMEM/devices/${second#/dev/}/detach"
		echo "$second" >$TMEM_PMEM/attach
	done
	wait
	cat "$RUN/hog"
	tmem_counters
	assert_eq "$(jq .errors "$RUN/hog")" 0 "wrong pages"
	assert_ge "$(tmem_stat relocated)" 1000 "pages moved to the other device"
}
