# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Memory goes bad of which no platform keeps a list: whoever attaches the namespace again must know all the same, since the
# kernel has taken it out of its mapping. And it goes bad while pages are drained to a slow disk.
DESCRIPTION="poison in memory that the kernel command line made persistent: known after a detach, not kept waiting by a drain"
KERNELS="6.12 6.1 7.2"
SUITE=full
APPEND="memmap=32M!512M"
NVDIMMS=""
DISKS="256M"
EXCLUSIVE=1
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

SLOTS=(100 200 300)

requires()
{
	need_program dmsetup
	need_module dm_delay
	need_module nd_e820
}

cleanup()
{
	dmsetup resume slow 2>/dev/null
	dmsetup message slow 0 set_delay 0 2>/dev/null
	tmem_stop
	dmsetup remove --retry slow 2>/dev/null
}

is_handled() { dmesg | grep -q "media error in slots $1 to $1"; }
quarantined() { [ "$(cat "$TMEM_PMEM/devices/$name/slots_quarantined")" -ge "$1" ]; }

# goes_bad SLOT
goes_bad()
{
	host_monitor "mce 0 9 0xbd000000000000c0 0x5 $(physical_address "$device" $(((2 << 20) + $1 * 4096))) 0x8c"
}

# fill: more than there is room for, so that each slot is written.
fill() { hog_in hog --content random --touches 5000 64; }

known_after_a_detach()
{
	local slot

	for slot in "${SLOTS[@]}"; do
		goes_bad "$slot"
	done
	wait_for 30 quarantined 3 || fail "the kernel tells of $(cat "$TMEM_PMEM/devices/$name/slots_quarantined") slots"
	tmem-pmem-ctl detach "$device"
	assert_eq "$(wc -l <"/sys/block/$name/badblocks")" 3 "lines in the list of bad blocks"
	tmem-pmem-ctl attach "$device"
	assert_eq "$(cat "$TMEM_PMEM/devices/$name/slots_quarantined")" 3 "slots that are known to be bad"
	fill
}

not_kept_waiting_by_a_drain()
{
	run_in_cgroup hog hog --expect-sigbus --ready "$RUN/ready" --go "$RUN/go" --writes 0 --passes 1 \
		--touches 1 64 >"$RUN/hog" &
	wait_for 60 [ -e "$RUN/ready" ]
	dmsetup suspend slow
	dmsetup load slow --table "0 $(blockdev --getsz "$DISK1") delay $DISK1 0 0 $DISK1 0 1000"
	dmsetup resume slow
	tmem-pmem-ctl drain >"$RUN/drain" &
	drain=$!
	sleep 2
	goes_bad 400
	wait_for 10 is_handled 400 || fail "the memory failure waits for the drain"
	kill -0 "$drain" || fail "the drain was over before the memory failed"
	dmsetup suspend slow
	dmsetup load slow --table "0 $(blockdev --getsz "$DISK1") linear $DISK1 0"
	dmsetup resume slow
	wait "$drain"
	touch "$RUN/go"
	wait
	assert_eq "$(jq .errors "$RUN/hog")" 0 "wrong pages"
	assert_le "$(jq .sigbus "$RUN/hog")" 1 "pages lost with SIGBUS"
}

test()
{
	local device name drain

	modprobe -a nd_e820 nd_pmem
	wait_for 20 [ -b /dev/pmem0 ]
	device=$(pmem_device)
	name=${device#/dev/}
	allow_dmesg 'Hardware Error|Memory failure|media error|mce:|MCE: Killing hog'
	allow_taint 16
	dmsetup create slow --table "0 $(blockdev --getsz "$DISK1") linear $DISK1 0"
	dmsetup mknodes
	tmem_load "$device"
	swap_on /dev/mapper/slow
	mk_cgroup hog 16M
	fill
	known_after_a_detach
	not_kept_waiting_by_a_drain
}
