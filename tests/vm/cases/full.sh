# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A device much smaller than what is swapped out.
DESCRIPTION="a full device refuses, gives up kept copies, writes back what is old; nothing is wrong"
KERNELS="6.12 6.1 7.2"
DISKS="512M"
NVDIMMS="64M"
TIMEOUT=600
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

# of CGROUP COUNTER
of() { cat "$TMEM/cgroups/$(stat -c %i "$CGROUP/$1")/$2"; }
is_ready() { [ -e "$RUN/ready" ]; }

# What memory.zswap.writeback says of pages in zswap holds for ours.
stays()
{
	local before

	[[ $(uname -r) != 6.1.* ]] || return 0
	note "nothing is written back of a cgroup that forbids it"
	mk_cgroup stays 12M
	echo 0 >"$CGROUP/stays/memory.zswap.writeback"
	run_in_cgroup stays hog --ready "$RUN/ready" --stop --content random --touches 2000 40 >"$RUN/hog.stays" &
	wait_for 60 is_ready || fail "the hog is not ready"
	assert_ge "$(of stays pages)" 5000 "pages of the cgroup"
	before=$(of hog written_back)
	hog_in hog --content random --touches 15000 128
	assert_ge $(($(of hog written_back) - before)) 5000 "pages of another cgroup written back"
	assert_eq "$(of stays written_back)" 0 "pages of the cgroup written back"
	assert_ge "$(of stays pages)" 5000 "pages of the cgroup, with the device full"
	pkill -CONT -x hog
	wait
	rm "$RUN/ready"
	assert_eq "$(jq .errors "$RUN/hog.stays")" 0 "wrong pages of the cgroup"
}

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

	note "down to the low mark"
	run_in_cgroup hog hog --content random --touches 60000 128 >"$RUN/hog" &
	sleep 4
	assert_ge "$(used_percent)" 70 "percent of the device in use"
	# Nothing comes in, so it is there that it ends.
	pkill -STOP -x hog
	marks 20 10
	wait_for 20 is_below 10 || fail "$(used_percent) % of the device are in use, expected 10 at most"
	sleep 1
	assert_ge "$(used_percent)" 8 "percent of the device in use"
	marks 90 80
	pkill -CONT -x hog
	wait
	assert_eq "$(jq .errors "$RUN/hog")" 0 "wrong pages"
	stays
	! echo "10 20" >"$(echo "$TMEM_PMEM"/devices/*)/marks" || fail "the marks were taken the wrong way round"
	swap_off
	assert_eq "$(tmem_held)" 0 "pages held after swapoff"
}
