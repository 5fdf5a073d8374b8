# SPDX-License-Identifier: GPL-2.0
# After a power cut nothing old is served and the namespace attaches again.
DESCRIPTION="a power cut with pages stored leaves nothing behind"
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
	local device

	if [ "$PHASE" = 2 ]; then
		modprobe tmem
		modprobe -i tmem_pmem
		[ -d $TMEM_PMEM/devices/pmem0 ] || fail "the formatted namespace did not attach by itself"
		assert_eq "$(tmem_held)" 0 "pages held after a power cut"
		swap_on "$DISK1"
		mk_cgroup hog 48M
		hog_in hog --content random --seed 2 --touches 10000 96
		assert_ge "$(tmem_stat stores)" 5000 "pages stored"
		return
	fi
	device=$(pmem_device)
	tmem_load "$device"
	swap_on "$DISK1"
	mk_cgroup hog 48M
	run_in_cgroup hog hog --content random --touches 0 --ready "$RUN/ready" --go "$RUN/go" 96 &
	wait_for 60 [ -e "$RUN/ready" ]
	assert_ge "$(tmem_held)" 5000 "pages held when the power is cut"
	next_boot
}
