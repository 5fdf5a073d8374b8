# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Keys are not in the image of a hibernation: devices have others after it. Pages of equal contents go to the same
# places before it and after it, and what the media have there is compared.
DESCRIPTION="hibernation wipes the keys: other ciphertext after it, nothing from before is served, all works"
KERNELS="6.12 6.1 7.2"
SUITE=full
MEM="768M"
NVDIMMS="64M"
DISKS="1536M 200M 40M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
TIMEOUT=1200

# Of 4 KiB, so many slots are used.
SLOTS=4096

requires()
{
	need_program tmem-pmem-ctl
	need_file /dev/snapshot
}

cleanup()
{
	exec 6<&-
	echo 0 >/sys/power/pm_debug_messages
	echo none >/sys/power/pm_test
	umount /tmp/tmpfs 2>/dev/null
	ssd_stop
	tmem_stop
}

# same_pages MIB: so much, of pages that are alike and not of one word.
same_pages() { yes "$(printf '%-63s' "$SECRET")" | head -c "$1M" || true; }

# prepared COMMAND...: while the machine is about to hibernate, as a program that writes the image itself has it.
prepared()
{
	exec 6</dev/snapshot
	"$@"
	exec 6<&-
}

# 6.1 opens the swap area for itself to test this, which it cannot while that is in use.
hibernate()
{
	sync
	if grep -q test_resume /sys/power/disk && [[ $(uname -r) != 6.1.* ]]; then
		echo 1 >/sys/power/pm_debug_messages
		echo test_resume >/sys/power/disk
		echo disk >/sys/power/state
		expect_dmesg '[Ii]mage restored successfully'
	else
		echo freezer >/sys/power/pm_test
		echo disk >/sys/power/state
		echo none >/sys/power/pm_test
	fi
}

ssd_pages() { cat "$(ssd_dir "$DISK3")/pages"; }

# cache_file: pages of a file, as many as there is room for, on persistent memory and on the SSD.
cache_file()
{
	for _ in 1 2 3; do
		run_in_cgroup small md5sum --quiet -c /tmp/sum
		evict small
	done
	sleep 1
}

# swap_out: equal pages in all slots that may be used.
swap_out()
{
	mount -t tmpfs -o size=60M none /tmp/tmpfs
	run_in_cgroup small cp /tmp/same /tmp/tmpfs/file
	evict small
	assert_ge "$(tmem_held)" 3000 "pages stored"
}

# swapped_in: they come back right. Some slots the kernel keeps for later (6.1): what is there is drained.
swapped_in()
{
	cmp /tmp/same /tmp/tmpfs/file
	umount /tmp/tmpfs
	tmem-pmem-ctl drain
	tmem-pmem-ctl resume
	assert_eq "$(tmem_held)" 0 "pages held"
}

# fill_and_look NAME: what the media have then, in $RUN/NAME.pmem and $RUN/NAME.ssd. Nothing is stored in the end.
fill_and_look()
{
	cache_file
	dd if="$DISK3" bs=1M skip=1 count=38 iflag=direct status=none | heads >"$RUN/$1.ssd"
	swap_out
	dd if="$DEVICE" bs=1M skip=2 count=$((SLOTS / 256)) iflag=direct status=none | heads >"$RUN/$1.pmem"
	swapped_in
}

# equal NAME NAME KIND: blocks that are the same on both occasions, and not blank.
equal() { paste -d' ' "$RUN/$1.$3" "$RUN/$2.$3" | awk '$1 == $2 && $1 !~ /^0+$/' | wc -l; }

# wipe: the media, of which nothing is wanted now.
wipe()
{
	assert_eq "$(tmem_held) $(tier_pages) $(ssd_pages)" '0 0 0' "pages there"
	dd if=/dev/zero of="$DEVICE" bs=1M seek=2 count=$((SLOTS / 256)) oflag=direct conv=notrunc status=none
	dd if=/dev/zero of="$DISK3" bs=1M seek=1 count=38 oflag=direct conv=notrunc status=none
}

# nothing_left: what was cached before is read from the disk, and everything goes on.
nothing_left()
{
	local got

	assert_eq "$(tier_pages) $(ssd_pages)" '0 0' "pages cached, from before"
	got=$(clean_stat gets)
	md5sum --quiet -c /tmp/sum
	assert_eq "$(clean_stat gets)" "$got" "pages got after hibernation, with those before"
	drop_caches 1
	wipe
	assert_eq "$(ssd_stat "$DISK3" checksum_errors) $(ssd_stat "$DISK3" io_errors)" '0 0' errors
	assert_eq "$(cat "$(tier_dir)/state") $(cat "$(ssd_dir "$DISK3")/state")" 'active active' states
}

# keyless: nobody has a key, and what would need one is refused.
keyless()
{
	assert_eq "$(cat "$(ssd_dir "$DISK3")/state") $(tier_pages) $(ssd_pages)" 'asleep 0 0' "state and pages"
	tmem-pmem-ctl detach "$DEVICE"
	tmem-pmem-ctl ssd detach "$DISK3"
	must_fail tmem-pmem-ctl attach "$DEVICE"
	grep 'the machine hibernates' "$TMEM/last_error"
	must_fail tmem-pmem-ctl ssd attach "$DISK3"
	grep 'the machine hibernates' "$TMEM/last_error"
}

# each_half FAULT NAME: with only one of the two the key is not the one it was at NAME.
each_half()
{
	fault "$1" 1
	prepared true
	fault "$1" 0
	nothing_left
	fill_and_look "$1"
	assert_ge "$(equal "$1" "$1" pmem)" 2000 "slots that are not blank, $1"
	assert_ge "$(equal "$1" "$1" ssd)" 2000 "blocks that are not blank, $1"
	assert_eq "$(equal "$2" "$1" pmem)" 0 "equal slots, $1"
	assert_eq "$(equal "$2" "$1" ssd)" 0 "equal blocks of the SSD, $1"
}

test()
{
	DEVICE=$(pmem_device)
	mk_cgroup small 16M
	mkdir -p /tmp/tmpfs
	same_pages 30 >/tmp/same
	tmem_load "$DEVICE"
	swap_on "$DISK1"
	echo "100 100" >"$(tier_dir)/marks"
	echo $SLOTS >"$(tier_dir)/slots_usable"
	tier_share 50
	cached_fs ext4 "$DISK2"
	modprobe -i tmem_ssd
	echo all >"$SSD/policy"
	echo 0 >"$SSD/sequential_pages"
	echo 0 >"$SSD/dwpd_percent"
	tmem-pmem-ctl ssd format "$DISK3"
	tmem-pmem-ctl ssd attach "$DISK3"
	same_pages 60 >/mnt/file
	sync
	md5sum /mnt/file >/tmp/sum
	drop_caches 1
	allow_dmesg 'PM: |hibernation'

	fill_and_look first
	note "keys stay, without the defence"
	fault NO_KEY_FORGET 1
	prepared true
	fault NO_KEY_FORGET 0
	nothing_left
	fill_and_look second
	assert_ge "$(equal first second pmem)" 2000 "equal slots, without the defence"
	assert_ge "$(equal first second ssd)" 2000 "equal blocks of the SSD, without the defence"

	note "keys go"
	cache_file
	assert_ge "$(tier_pages)" 1000 "pages of files on persistent memory"
	assert_ge "$(ssd_pages)" 1000 "pages of files on the SSD"
	hibernate
	nothing_left
	fill_and_look third
	assert_ge "$(equal third third pmem)" 2000 "slots that are not blank"
	assert_ge "$(equal third third ssd)" 2000 "blocks that are not blank"
	assert_eq "$(equal second third pmem)" 0 "equal slots"
	assert_eq "$(equal second third ssd)" 0 "equal blocks of the SSD"

	note "forgetting makes another key, and so does waking"
	each_half NO_KEY_WIPE third
	each_half NO_KEY_RENEW NO_KEY_WIPE

	note "none is made meanwhile"
	prepared keyless
	tmem-pmem-ctl attach "$DEVICE"
	tmem-pmem-ctl ssd attach "$DISK3"
	swap_out
	swapped_in
	cache_file
	assert_ge "$(ssd_pages)" 1000 "pages of files on the SSD again"
	tier_counters
	ssd_counters "$DISK3"
	assert_eq "$(tmem_stat lost)" 0 "pages lost"
}
