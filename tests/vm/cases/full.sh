# SPDX-License-Identifier: GPL-2.0
# A device much smaller than what is swapped out.
DESCRIPTION="a full device refuses, gives up kept copies, writes back what is old; nothing is wrong"
KERNELS="6.12 6.1 7.2"
DISKS="512M"
NVDIMMS="64M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	tmem_stop
}

# marks HIGH LOW: of the one device.
marks() { echo "$1 $2" >"$(echo "$TMEM_PMEM"/devices/*)/marks"; }

used_percent()
{
	local device

	device=$(echo "$TMEM_PMEM"/devices/*)
	echo $(($(cat "$device/slots_used") * 100 / $(cat "$device/slots")))
}

is_below() { [ "$(used_percent)" -le "$1" ]; }

test()
{
	local before

	tmem_start "$DISK1"
	mk_cgroup hog 32M
	note "nothing is written back"
	marks 100 100
	hog_in hog --content random --touches 15000 128
	tmem_counters
	assert_ge "$(tmem_refused full)" 1000 "pages refused because the device is full"
	assert_ge "$(tmem_stat kept_copies_dropped)" 100 "kept copies given up"
	assert_eq "$(tmem_stat written_back)" 0 "pages written back"

	note "what is old is written back"
	marks 90 80
	before=$(tmem_refused full)
	hog_in hog --content random --touches 15000 128
	tmem_counters
	assert_ge "$(tmem_stat written_back)" 5000 "pages written back"
	assert_ge 1000 $(($(tmem_refused full) - before)) "pages refused because the device is full"

	note "online"
	run_in_cgroup hog hog --content random --touches 60000 128 >"$RUN/hog" &
	sleep 4
	assert_ge "$(used_percent)" 70 "percent of the device in use"
	marks 20 10
	wait_for 20 is_below 21 || fail "$(used_percent) % of the device are in use, expected 20 at most"
	marks 90 80
	wait
	assert_eq "$(jq .errors "$RUN/hog")" 0 "wrong pages"
	! echo "10 20" >"$(echo "$TMEM_PMEM"/devices/*)/marks" || fail "the marks were taken the wrong way round"
	swap_off
	assert_eq "$(tmem_held)" 0 "pages held after swapoff"
}
