# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The share of a device that pages are stored on is made smaller and larger while they are.
DESCRIPTION="a device's share shrinks and grows online; no page is lost, and none is beyond it"
KERNELS="6.12 6.1 7.2"
DISKS="512M"
NVDIMMS="128M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
TIMEOUT=600

cleanup()
{
	tmem_stop
}

SHARE=$TMEM_PMEM/devices/pmem0/slots_usable

# share_is SLOTS
share_is()
{
	echo "$1" >"$SHARE"
	assert_eq "$(cat "$SHARE")" "$1" "share"
}

device() { cat "$TMEM_PMEM/devices/pmem0/$1"; }
more_than() { [ "$(device slots_used)" -gt "$1" ]; }

# hogs: one after the other, so that there are pages until it is enough, however fast they are.
hogs()
{
	while [ ! -e "$RUN/enough" ]; do
		run_in_cgroup hog hog --skewed --touches 5000 --passes 1 96 >>"$RUN/hog"
	done
}

# relocated ALL: where the slots in use lie is chance: so there is room for them within the share, and they are beyond it
# sooner or later.
relocated()
{
	local i share

	for i in {1..20}; do
		share=$(($(device slots_used) * 2))
		# Too many are in use: most of them leave.
		[ $share -lt "$1" ] || share=$(($1 / 16))
		share_is $share
		[ "$(tmem_stat relocated)" -eq 0 ] || return 0
		share_is "$1"
		sleep 1
	done
	return 1
}

test()
{
	local all share

	tmem_start "$DISK1"
	mk_cgroup hog 24M
	all=$(device slots)
	assert_eq "$(device slots_usable)" "$all" "share of a new device"
	rm -f "$RUN/enough" "$RUN/hog"
	hogs &
	wait_for 60 more_than 500 || fail "$(device slots_used) slots in use"
	relocated "$all" || fail "no page moved to a slot within the share"
	for share in $((all / 2)) $((all / 8)) $((all / 2)) 0 "$all" $((all / 4 + 77)) "$all"; do
		share_is "$share"
		assert_le "$(device slots_used)" "$share" "slots in use"
		sleep 2
		assert_le "$(device slots_used)" "$share" "slots in use later"
	done
	! echo $((all + 1)) >"$SHARE" || fail "the share is larger than the device"
	must_fail tmem-pmem-ctl resize pmem0 101%
	wait_for 60 more_than 1000 || fail "$(device slots_used) slots in use where all may be"
	tmem-pmem-ctl resize pmem0 12%
	assert_le "$(device slots_used)" $((all / 8)) "slots in use"
	touch "$RUN/enough"
	wait
	tmem_counters
	assert_eq "$(hog_errors "$RUN/hog" | sort -u)" 0 "wrong pages"
	assert_ge "$(tmem_stat written_out)" 1 "pages moved to their swap slots"
	swap_off
	assert_eq "$(tmem_held)" 0 "pages held after swapoff"
	assert_eq "$(device slots_used)" 0 "slots in use after swapoff"
}
