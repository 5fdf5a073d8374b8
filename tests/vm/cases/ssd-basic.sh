# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The main path: what reclaim evicts is written to the SSD in segments, and comes back from there.
DESCRIPTION="evicted pages of files on ext4 and xfs are read back from an SSD, which then goes"
KERNELS="6.12 6.1 7.2"
DISKS="400M 160M 24M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
TIMEOUT=600

FILES=24
SSD=/sys/kernel/mm/tmem_ssd

requires() { need_program tmem-pmem-ctl; }
cleanup() { clean_stop; }

make_files()
{
	local i

	for ((i = 0; i < FILES; i++)); do
		dd if=/dev/urandom of="/mnt/f$i" bs=1M count=3 status=none
		# Not a whole number of pages.
		head -c "$((i * 100 + 1))" /dev/urandom >>"/mnt/f$i"
	done
	sync
	md5sum /mnt/f* >/tmp/sums
	drop_caches 1
}

# check_pass: read every file in the small cgroup.
check_pass() { run_in_cgroup small md5sum --quiet -c /tmp/sums; }

# ssd_stat DISK NAME
ssd_stat() { cat "$SSD/devices/${1#/dev/}/stats/$2"; }

# nothing_wrong DISK
nothing_wrong()
{
	assert_eq "$(ssd_stat "$1" checksum_errors) $(ssd_stat "$1" io_errors)" '0 0' 'errors'
}

# discards: what is free because all was forgotten is discarded, once the SSD is written to again.
discards()
{
	local before

	assert_ge "$(ssd_stat "$DISK3" segments_discarded)" 5 "segments discarded"
	before=$(($(ssd_stat "$DISK3" segments_discarded) - $(ssd_stat "$DISK3" segments_evicted)))
	rm /mnt/f*
	# Not much: what is free may as well be written to as it is.
	FILES=2 make_files
	check_pass
	evict small
	wait_for 20 discarded_dead $((before + 5))
}

# misses: what the SSD does not have costs a look into memory, and no request to it.
misses()
{
	local before missed

	head -c 3M /dev/urandom >/mnt/never
	sync
	drop_caches 1
	# One of which nothing is cached is not even looked up.
	run_in_cgroup small head -c 4096 /mnt/never >/dev/null
	evict small
	# What is evicted is on its way yet.
	sleep 2
	before=$(sectors_read "$DISK2")
	missed=$(clean_stat misses)
	run_in_cgroup small dd if=/mnt/never bs=64k skip=1 of=/dev/null status=none
	assert_ge $(($(clean_stat misses) - missed)) 700 "pages missed"
	assert_eq "$(sectors_read "$DISK2")" "$before" "sectors read from the SSD, by misses"
	rm /mnt/never
}

discarded_dead()
{
	[ $(($(ssd_stat "$DISK3" segments_discarded) - $(ssd_stat "$DISK3" segments_evicted))) -ge "$1" ]
}

on_filesystem()
{
	local before sectors got

	cached_fs "$1" "$DISK1"
	modprobe -i tmem_ssd
	tmem-pmem-ctl ssd attach "$DISK2"
	echo all >$SSD/policy
	make_files
	mk_cgroup small 24M
	check_pass
	evict small
	before=$(sectors_read "$DISK1")
	check_pass
	sectors=$(($(sectors_read "$DISK1") - before))
	got=$(ssd_stat "$DISK2" gets_read)
	note "$1: second pass read $sectors sectors, $got pages from the SSD"
	tmem-pmem-ctl ssd status --json
	# How many there are depends on how fast this machine encrypts and writes: staging refuses pages when it
	# is full. Of 147,000 sectors the disk must not be asked for what the SSD had.
	assert_ge "$got" 3000 "pages read from the SSD"
	assert_le "$sectors" $((151000 - got * 8)) "sectors read in the second pass"
	nothing_wrong "$DISK2"
	misses
	unreadable_refused check_pass
	# It goes, and nobody notices but by the time; it comes back empty.
	tmem-pmem-ctl ssd detach "$DISK2"
	check_pass
	# A small one is filled and emptied again and again.
	tmem-pmem-ctl ssd attach "$DISK3"
	check_pass
	check_pass
	check_pass
	assert_ge "$(ssd_stat "$DISK3" segments_evicted)" 5 "segments evicted"
	nothing_wrong "$DISK3"
	[ "$(cat "/sys/block/${DISK3#/dev/}/queue/discard_max_bytes")" = 0 ] || discards
	umount /mnt
	assert_eq "$(cat $SSD/index_pages)" 0 "pages cached of a filesystem that is gone"
	tmem_unload
}

test()
{
	must_fail tmem-pmem-ctl ssd attach "$DISK2"
	tmem-pmem-ctl ssd format "$DISK2"
	tmem-pmem-ctl ssd format --label small "$DISK3"
	must_fail tmem-pmem-ctl ssd format "$DISK2"
	on_filesystem ext4
	must_fail tmem-pmem-ctl ssd format "$DISK1"
	! has_module xfs || on_filesystem xfs
}
