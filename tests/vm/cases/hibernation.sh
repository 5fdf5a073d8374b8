# SPDX-License-Identifier: GPL-2.0
# Hibernation is refused while pages are stored, and says how to go on.
DESCRIPTION="hibernation refused with pages stored; suspend works"
KERNELS="6.12 6.1 7.2"
DISKS="512M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	echo none >/sys/power/pm_test
	tmem_stop
}

test()
{
	tmem_start "$DISK1"
	mk_cgroup hog 32M
	run_in_cgroup hog hog --ready "$RUN/ready" --go "$RUN/go" --touches 5000 64 >"$RUN/hog" &
	wait_for 60 [ -e "$RUN/ready" ]
	allow_dmesg 'PM: |hibernation'
	echo test_resume >/sys/power/disk
	if echo disk >/sys/power/state; then
		fail "hibernation was not refused"
	fi
	expect_dmesg "tmem-pmem-ctl drain"
	assert_ge "$(tmem_held)" 1000 "pages held"
	echo freezer >/sys/power/pm_test
	echo freeze >/sys/power/state
	echo none >/sys/power/pm_test
	touch "$RUN/go"
	wait $!
	assert_eq "$(jq .errors "$RUN/hog")" 0 "wrong pages"
}
