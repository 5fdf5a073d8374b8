# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# As ssd-wrong-data; the wrong pages are those that the cache itself reads, to write them once more. With
# the comparison taken away they would get a new checksum, and be seen.
DESCRIPTION="an SSD that lies when the oldest segment makes room"
KERNELS="6.12 6.1 7.2"
SUITE=full
DISKS="200M 20M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
TIMEOUT=600

# shellcheck source=tests/vm/cases/ssd-wrong-data.sh
. /payload/tests/cases/ssd-wrong-data.sh

# write_other: other pages drive the oldest segments out, with nobody reading what they hold.
write_other()
{
	run_in_cgroup small sh -c 'head -c 12M /dev/urandom >/mnt/other && sync && cat /mnt/other' |
		md5sum >/dev/null
	evict small
	rm /mnt/other
}

# moved_damage: pages that will be written once more are damaged before they are.
moved_damage()
{
	local i before

	refill
	# Evicted often enough to be worth it.
	for i in 1 2 3; do
		versions_in small --files 1 --pages 768 check
		evict small
	done
	before=$(ssd_stat "$DISK2" pages_reinserted)
	damage "$DISK2" flip 6
	# Until the log has come round to them; what finds the stages full is refused.
	for i in {1..24}; do
		write_other
		! ssd_counted "$DISK2" pages_reinserted $((before + 150)) || break
	done
	ssd_counters "$DISK2"
	assert_ge $(($(ssd_stat "$DISK2" pages_reinserted) - before)) 60 "pages written once more"
}

# moved_unseen: so it is, and then somebody reads a wrong page. What is damaged may happen not to be written again.
moved_unseen()
{
	local try

	for try in {1..4}; do
		moved_damage
		read_all || return 0
	done
	return 1
}

test()
{
	start_files
	# 7.2 would read in folios so large that they are not put.
	echo 64 >"/sys/block/${DISK1#/dev/}/queue/read_ahead_kb"
	moved_damage
	assert_ge "$(ssd_stat "$DISK2" checksum_errors)" 1 "checksum errors"
	read_all

	note "the same without the comparison of what is written once more"
	fault NO_REINSERT_CHECK 1
	moved_unseen
	fault NO_REINSERT_CHECK 0
}
