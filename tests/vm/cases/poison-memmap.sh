# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Memory goes bad of which no platform keeps a list: whoever attaches the namespace again must know all the same, since the
# kernel has taken it out of its mapping. And it goes bad, or is unbound, while pages move to a slow disk.
DESCRIPTION="poison in memory that the kernel command line made persistent: known after a detach, kept waiting by no mover"
KERNELS="6.12 6.1 7.2"
SUITE=full
APPEND="memmap=32M!512M"
NVDIMMS=""
DISKS="256M"
EXCLUSIVE=1
TIMEOUT=900
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
	tmem_stop
	dmsetup remove --retry slow 2>/dev/null
}

is_handled() { dmesg | grep -q "media error in slots $1 to $1"; }
is_going() { [ "$(cat "$TMEM_PMEM/devices/$name/state")" = gone ]; }
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

set_delay_ms()
{
	dmsetup suspend slow
	dmsetup load slow --table "0 $(blockdev --getsz "$DISK1") delay $DISK1 0 0 $DISK1 0 $1"
	dmsetup resume slow
}

# start_moving COMMAND...: it runs, in $mover, and pages go to a disk that takes three seconds for each write.
start_moving()
{
	rm -f "$RUN/ready" "$RUN/go"
	run_in_cgroup hog hog --expect-sigbus --ready "$RUN/ready" --go "$RUN/go" --writes 0 --passes 1 \
		--touches 1 64 >"$RUN/hog" &
	hog=$!
	wait_for 60 [ -e "$RUN/ready" ]
	assert_ge "$(tmem_held)" 4000 "pages to be moved"
	set_delay_ms 3000
	"$@" >"$RUN/mover" 2>&1 &
	mover=$!
	sleep 2
}

# The command succeeds, and of the pages at most the one whose memory failed is lost.
end_moving()
{
	set_delay_ms 0
	wait "$mover" || fail "$(cat "$RUN/mover")"
	touch "$RUN/go"
	wait "$hog"
	assert_eq "$(jq .errors "$RUN/hog")" 0 "wrong pages"
	assert_le "$(jq .sigbus "$RUN/hog")" 1 "pages lost with SIGBUS"
}

# not_kept_waiting SLOT COMMAND...: memory of SLOT fails while it moves pages.
not_kept_waiting()
{
	local slot=$1

	shift
	start_moving "$@"
	goes_bad "$slot"
	wait_for 10 is_handled "$slot" || fail "the memory failure waits for $*"
	kill -0 "$mover" || fail "$* was over before the memory failed: $(cat "$RUN/mover")"
	end_moving
}

# The namespace is unbound in the middle of a detach, which then has nothing to let go.
unbound_meanwhile()
{
	local link unbinder

	link=$(basename "$(readlink -f "/sys/block/$name/device")")
	start_moving tmem-pmem-ctl detach "$device"
	echo "$link" >/sys/bus/nd/drivers/nd_pmem/unbind &
	unbinder=$!
	wait_for 10 is_going || fail "the driver waits for the detach"
	kill -0 "$mover" || fail "the detach was over before: $(cat "$RUN/mover")"
	end_moving
	wait "$unbinder"
	dmesg | grep -q "$name: not attached any more" || fail "the detach went on all the same"
	[ ! -e "$TMEM_PMEM/devices/$name" ] || fail "$device is still shown"
	assert_eq "$(tmem_held)" 0 "pages held without a device"
}

test()
{
	local device name mover hog

	modprobe -a nd_e820 nd_pmem
	wait_for 20 [ -b /dev/pmem0 ]
	device=$(pmem_device)
	name=${device#/dev/}
	allow_dmesg 'Hardware Error|Memory failure|media error|taken away|not all pages have moved|mce:|MCE: Killing hog'
	allow_taint 16
	dmsetup create slow --table "0 $(blockdev --getsz "$DISK1") delay $DISK1 0 0 $DISK1 0 0"
	dmsetup mknodes
	tmem_load "$device"
	swap_on /dev/mapper/slow
	mk_cgroup hog 16M
	fill
	known_after_a_detach
	not_kept_waiting 400 tmem-pmem-ctl drain
	tmem-pmem-ctl resume
	not_kept_waiting 410 tmem-pmem-ctl resize "$device" 1M
	tmem-pmem-ctl resize "$device" max
	not_kept_waiting 420 tmem-pmem-ctl detach "$device"
	tmem-pmem-ctl attach "$device"
	unbound_meanwhile
}
