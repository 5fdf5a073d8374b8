# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A page is forgotten, or put anew, while it is on its way from persistent memory to the SSD.
DESCRIPTION="what is forgotten while it is demoted does not come back, with each defence taken away and in place"
KERNELS="6.12 6.1 7.2"
DISKS="400M 160M 512M"
NVDIMMS="128M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
TIMEOUT=600

PAGES=64

requires() { need_program tmem-pmem-ctl; }

cleanup()
{
	fault DELAY_DEMOTE_PUT 0
	fault DELAY_DEMOTE_END 0
	clean_stop
}

# on_its_way: the pages of /mnt/file, which hold "o", are on persistent memory, and one of them has been
# read by who demotes it, and no more.
on_its_way()
{
	rm -f /mnt/file
	tier_share 0
	tier_share 50
	write_byte /mnt/file o $PAGES
	evict small
	assert_ge "$(tier_pages)" $PAGES "pages on persistent memory"
	fault DELAY_DEMOTE_PUT 100000
	fault DELAY_DEMOTE_END 0
	tier_share 1
	# The share is 320 slots and has less in it: younger ones push ours out.
	run_in_cgroup small cat /mnt/filler >/dev/null
	evict small &
	wait_for 60 tier_on_its_way
}

# arrives: it goes on.
arrives()
{
	fault DELAY_DEMOTE_PUT 0
	fault DELAY_DEMOTE_END 0
	wait
	wait_for 60 eval '! tier_on_its_way'
}

# arrives_soon: likewise, when the test has gone on to something that waits for it.
arrives_soon()
{
	(
		sleep 3
		fault DELAY_DEMOTE_PUT 0
	) &
}

# forgotten: it is overwritten past the page cache meanwhile. Prints how many pages are old then.
forgotten()
{
	on_its_way
	write_direct /mnt/file n $PAGES
	arrives
	pages_with /mnt/file o
}

# hidden: likewise, and it is read when it has arrived on the SSD and has not been forgotten there again.
hidden()
{
	local before

	on_its_way
	before=$(ssd_stat "$DISK2" puts)
	fault DELAY_DEMOTE_END 100000
	write_direct /mnt/file n $PAGES
	fault DELAY_DEMOTE_PUT 0
	wait_for 60 ssd_counted "$DISK2" puts $((before + 1))
	pages_with /mnt/file o
	arrives
}

# put_anew: it is dirtied, written and evicted meanwhile, and then persistent memory goes.
put_anew()
{
	on_its_way
	write_byte /mnt/file n $PAGES
	evict small
	arrives
	tier_share 0
	pages_with /mnt/file o
}

# removed: its file goes, and another one has its name and perhaps its inode.
removed()
{
	on_its_way
	rm /mnt/file
	write_byte /mnt/file n $PAGES
	drop_caches 1
	arrives
	pages_with /mnt/file o
}

# tier_goes: its backend is being taken away.
tier_goes() { grep -lqs tmem_pools_tier_goes /proc/[0-9]*/stack; }

# without FAULT EVENT: pages that are wrong after it, without that defence.
without()
{
	fault "$1" 1
	"$2"
	fault "$1" 0
}

test()
{
	local device

	tmem-pmem-ctl ssd format --force "$DISK2"
	cached_fs ext4 "$DISK1"
	device=$(pmem_device)
	tmem_load "$device"
	modprobe -i tmem_ssd
	tmem-pmem-ctl ssd attach "$DISK2"
	echo all >"$SSD/policy"
	dd if=/dev/urandom of=/mnt/filler bs=1M count=4 status=none
	sync
	# Memory is charged to who reads it.
	drop_caches 1
	mk_cgroup small 16M

	assert_ge "$(without NO_DEMOTE_CANCEL forgotten)" 1 "stale pages, if nothing is cancelled"
	assert_eq "$(forgotten)" 0 "stale pages"
	assert_ge "$(without NO_DEMOTE_HIDE hidden)" 1 "stale pages before they are forgotten again, if all see them"
	assert_eq "$(hidden)" 0 "stale pages before they are forgotten again"
	assert_ge "$(without NO_DEMOTE_CANCEL put_anew)" 1 "stale pages after a put, if nothing is cancelled"
	assert_eq "$(put_anew)" 0 "stale pages after a put"
	assert_eq "$(removed)" 0 "stale pages of a file that went"
	assert_ge "$(clean_stat demotions_cancelled)" 4 "demotions cancelled"
	clean_counters

	note "the filesystem, the share and the SSD go meanwhile"
	on_its_way
	arrives_soon
	umount /mnt
	assert_eq "$(tier_pages) $(cat "$SSD/index_pages")" '0 0' "pages of a filesystem that is gone"
	arrives
	mount "$DISK1" /mnt
	write_direct /mnt/file n $PAGES
	assert_eq "$(pages_with /mnt/file n)" $PAGES "new pages"
	on_its_way
	arrives_soon
	tier_share 0
	arrives
	assert_eq "$(pages_with /mnt/file o)" $PAGES "pages that are right"
	on_its_way
	arrives_soon
	modprobe -r tmem_ssd
	arrives
	assert_eq "$(pages_with /mnt/file o)" $PAGES "pages that are right"

	note "persistent memory goes meanwhile, and the SSD stays"
	modprobe -i tmem_ssd
	tmem-pmem-ctl ssd attach "$DISK2"
	echo all >"$SSD/policy"
	on_its_way
	rmmod tmem_pmem &
	wait_for 60 tier_goes
	write_direct /mnt/file n $PAGES
	arrives
	assert_eq "$(pages_with /mnt/file o)" 0 "stale pages after persistent memory has gone"
}
