# SPDX-License-Identifier: GPL-2.0
# Loading and unloading fifty times while a hog swaps.
DESCRIPTION="50 load and unload cycles with swap traffic"
KERNELS="6.12 6.1 7.2"
DISKS="300M"
SUITE=full
TIMEOUT=900
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	tmem_stop
}

test()
{
	local device i stores=0

	device=$(pmem_device)
	swap_on "$DISK1"
	mk_cgroup hog 48M
	run_in_cgroup hog hog --content mixed --touches 150000 96 >"$RUN/hog" &
	for i in $(seq 50); do
		tmem_load "$device"
		sleep 0.2
		must_fail rmmod tmem 2>/dev/null
		stores=$((stores + $(tmem_stat stores)))
		tmem_unload
	done
	wait
	cat "$RUN/hog"
	assert_eq "$(jq .errors "$RUN/hog")" 0 "wrong pages"
	assert_ge "$(jq .majflt "$RUN/hog")" 10000 "pages swapped in"
	note "$stores pages stored in all"
	assert_ge $stores 1000 "pages stored in all cycles"
}
