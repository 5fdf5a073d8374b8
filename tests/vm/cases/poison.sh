# SPDX-License-Identifier: GPL-2.0
# Memory of the namespace goes bad while it holds a page (a machine check from outside), or is found to be bad before.
DESCRIPTION="poison reported by the platform: one page lost, its slot quarantined; bad blocks that are found later are not used"
KERNELS="6.12 6.1 7.2"
DISKS="256M"
NVDIMMS="64M"
EXCLUSIVE=1
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	tmem_stop
}

test()
{
	local device name resource i

	device=$(pmem_device)
	name=${device#/dev/}
	tmem_load "$device"
	swap_on "$DISK1"
	mk_cgroup hog 24M
	allow_dmesg 'Hardware Error|Memory failure|media error|mce:|MCE: Killing hog'
	allow_taint 16
	# As a scrub of the region would tell.
	echo "$(((2 << 11) + 50 * 8)) 8" >"/sys/block/$name/badblocks"
	run_in_cgroup hog hog --expect-sigbus --ready "$RUN/ready" --go "$RUN/go" --writes 0 --passes 1 \
		--touches 1 96 >"$RUN/hog" &
	wait_for 60 [ -e "$RUN/ready" ]
	assert_eq "$(cat "$TMEM_PMEM/devices/$name/slots_quarantined")" 1 'slots that are bad from the start'
	# All others hold pages: the device is full.
	for i in 100 200 300; do
		host_monitor "mce 0 9 0xbd000000000000c0 0x5 $(physical_address "$device" \
			$(((2 << 20) + i * 4096))) 0x8c"
	done
	wait_for 30 eval '[ "$(cat $TMEM_PMEM/devices/'"$name"'/slots_quarantined)" -ge 4 ]'
	# The first superblock (there is a second one), and a place where nothing is kept.
	for i in 0 2; do
		host_monitor "mce 0 9 0xbd000000000000c0 0x5 $(physical_address "$device" \
			$((i * 4096))) 0x8c"
	done
	wait_for 30 grep -q '^16 8' "/sys/block/$name/badblocks"
	touch "$RUN/go"
	wait $!
	cat "$RUN/hog"
	tmem_counters
	assert_eq "$(jq .errors "$RUN/hog")" 0 "wrong pages"
	assert_ge "$(jq .sigbus "$RUN/hog")" 1 "pages lost with SIGBUS"
	assert_le "$(jq .sigbus "$RUN/hog")" 3 "pages lost with SIGBUS"
	assert_le "$(cat "$TMEM_PMEM/devices/$name/poisoned_pages")" 3 "poisoned pages"
	# Attached again, the namespace knows its bad blocks from the start.
	swap_off
	echo 1 >"$TMEM_PMEM/devices/$name/detach"
	echo "$device" >$TMEM_PMEM/attach
	assert_ge "$(cat "$TMEM_PMEM/devices/$name/slots_quarantined")" 4 "known bad slots"
}
