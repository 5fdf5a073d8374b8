# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The machine hibernates to the swap area that tmem serves, and is resumed from the image: all but being off.
DESCRIPTION="hibernated and resumed: no page is wrong, and both halves store again"
# 6.1 opens the swap area for itself to test this, which it cannot while that is in use.
KERNELS="6.12 7.2"
SUITE=full
MEM="768M"
DISKS="1536M 400M 160M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
TIMEOUT=900

requires()
{
	need_program tmem-pmem-ctl
	grep -q test_resume /sys/power/disk || skip "this kernel cannot resume for a test"
}

cleanup()
{
	echo 0 >/sys/power/pm_debug_messages
	touch "$RUN/go"
	ssd_stop
	tmem_stop
}

hibernate()
{
	echo 1 >/sys/power/pm_debug_messages
	echo test_resume >/sys/power/disk
	sync
	echo disk >/sys/power/state
}

test()
{
	local stored put

	tmem_start "$DISK1"
	cached_fs ext4 "$DISK2"
	modprobe -i tmem_ssd
	tmem-pmem-ctl ssd format "$DISK3"
	tmem-pmem-ctl ssd attach "$DISK3"
	echo all >"$SSD/policy"
	mk_cgroup small 16M
	make_sums 6 8
	check_sums
	evict small
	check_sums
	assert_ge "$(ssd_stat "$DISK3" gets_read)" 1000 "pages read from the SSD"
	mk_cgroup hog 32M
	run_in_cgroup hog hog --content mixed --ready "$RUN/ready" --go "$RUN/go" --touches 20000 64 >"$RUN/hog" &
	wait_for 60 [ -e "$RUN/ready" ]
	assert_ge "$(tmem_held)" 1000 "pages held"
	allow_dmesg 'PM: |hibernation'
	if hibernate; then
		fail "hibernation was not refused"
	fi
	tmem-pmem-ctl drain
	assert_eq "$(tmem_held)" 0 "pages held after the drain"
	hibernate
	# The log is that of the image: what was said while it was written is not in it.
	expect_dmesg '[Ii]mage restored successfully'
	tmem-pmem-ctl resume
	stored=$(tmem_stat stores)
	put=$(clean_stat puts)
	touch "$RUN/go"
	check_sums
	evict small
	check_sums
	wait %1
	cat "$RUN/hog"
	ssd_counters "$DISK3"
	assert_eq "$(hog_errors "$RUN/hog")" 0 "wrong pages"
	assert_ge "$(tmem_stat stores)" $((stored + 1000)) "pages stored, with those since"
	assert_ge "$(clean_stat puts)" $((put + 1000)) "pages put, with those since"
	assert_eq "$(tmem_stat lost)" 0 "pages lost"
}
