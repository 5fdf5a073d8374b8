# SPDX-License-Identifier: GPL-2.0
# A classic backend and tmem_pmem together: the second takes what the first refuses.
DESCRIPTION="two backends, pages move from one to the other when the first goes"
KERNELS="6.12 6.1 7.2"
DISKS="512M"
NVDIMMS="64M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	tmem_stop
}

test()
{
	local device

	device=$(pmem_device)
	tmem_load "$device"
	modprobe frontswap_ram max_pages=20000
	swap_on "$DISK1"
	mk_cgroup hog 48M
	run_in_cgroup hog hog --content random --touches 40000 144 >"$RUN/hog" &
	sleep 3
	echo 1 >"$TMEM_PMEM/devices/${device#/dev/}/detach"
	wait $!
	cat "$RUN/hog"
	tmem_counters
	assert_eq "$(jq .errors "$RUN/hog")" 0 "wrong pages"
	assert_ge "$(tmem_stat relocated)" 1000 "pages moved to the other backend"
}
