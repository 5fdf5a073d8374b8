# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A window is looked up in the SSD's index while one of its pages is there that has been forgotten on its way.
DESCRIPTION="what is forgotten while it is demoted is not found by looking ahead, either"
KERNELS="6.12 6.1"
SUITE=full
DISKS="400M 160M 512M"
NVDIMMS="128M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
TIMEOUT=600

# So many pages of the file are on the SSD, side by side; the next one is on its way there.
PAGES=8

requires() { need_program tmem-pmem-ctl; }

cleanup()
{
	fault DELAY_GET 0
	fault DELAY_DEMOTE_PUT 0
	fault DELAY_DEMOTE_END 0
	clean_stop
}

# first_on_ssd: without persistent memory, and an SSD that begins anew: the first pages are side by side.
first_on_ssd()
{
	tier_share 0
	tmem-pmem-ctl ssd detach "$DISK2" >/dev/null
	tmem-pmem-ctl ssd attach "$DISK2" >/dev/null
	rm -f /mnt/file
	write_byte /mnt/file o $PAGES
	evict small
	assert_eq "$(ssd_stat "$DISK2" puts)" $PAGES "pages put on the SSD"
}

# next_on_its_way: the next ones are on persistent memory, and so many others that some have to go.
next_on_its_way()
{
	tier_share 50
	run_in_cgroup small dd if=/dev/zero bs=4096 seek=$PAGES count=$PAGES conv=notrunc,fsync of=/mnt/file status=none
	evict small
	run_in_cgroup small cat /mnt/few >/dev/null
	evict small
	assert_ge "$(tier_pages)" 290 "pages on persistent memory"
	fault DELAY_DEMOTE_PUT 100000
	fault DELAY_DEMOTE_END 100000
	tier_share 1
	wait_for 60 tier_on_its_way
}

# ahead: prints how many bytes of the page that was on its way are not as they were written last.
ahead()
{
	local before reader

	first_on_ssd
	next_on_its_way
	directio sync write /mnt/file n $((PAGES * 4096)) 4096 >/dev/null
	fault DELAY_DEMOTE_PUT 0
	wait_for 60 ssd_counted "$DISK2" puts $((PAGES + 1))
	# What persistent memory has no room for goes to the SSD, until the segment is written.
	before=$(ssd_stat "$DISK2" segments_written)
	run_in_cgroup small cat /mnt/filler >/dev/null
	evict small
	wait_for 60 ssd_counted "$DISK2" segments_written $((before + 1))
	fault DELAY_GET 1000
	run_in_cgroup small dd if=/mnt/file of="$RUN/read" bs=$((PAGES * 2 * 4096)) count=1 status=none &
	reader=$!
	sleep $((PAGES / 2))
	fault DELAY_DEMOTE_END 0
	wait $reader
	fault DELAY_GET 0
	dd if="$RUN/read" bs=4096 skip=$PAGES count=1 status=none | tr -d n | wc -c
}

test()
{
	tmem-pmem-ctl ssd format --force "$DISK2"
	cached_fs ext4 "$DISK1"
	tmem_load "$(pmem_device)"
	modprobe -i tmem_ssd
	tmem-pmem-ctl ssd attach "$DISK2"
	echo all >"$SSD/policy"
	dd if=/dev/urandom of=/mnt/filler bs=1M count=4 status=none
	dd if=/dev/urandom of=/mnt/few bs=4096 count=285 status=none
	sync
	drop_caches 1
	mk_cgroup small 16M
	fault NO_DEMOTE_WINDOW 1
	assert_eq "$(ahead)" 4096 "bytes that are wrong, if only the page itself is looked for"
	fault NO_DEMOTE_WINDOW 0
	assert_eq "$(ahead)" 0 "bytes that are wrong"
}
