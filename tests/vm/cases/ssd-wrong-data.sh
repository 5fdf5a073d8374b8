# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The SSD returns something else than was written. Nobody ever sees it; with the comparison taken away it
# would be seen.
DESCRIPTION="an SSD that lies: flipped bits are recognised"
KERNELS="6.12 6.1 7.2"
DISKS="200M 20M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

requires() { need_program tmem-pmem-ctl; }

cleanup() { ssd_stop; }

# start_files [PARAMETER...]: of the module. 24 MiB: more than the cgroup's memory, and more than the device.
start_files()
{
	tmem-pmem-ctl ssd format --force "$DISK2"
	cached_fs ext4 "$DISK1"
	versioned_files --pages 768
	modprobe -i tmem_ssd "$@"
	echo all >"$SSD/policy"
	mk_cgroup small 12M
}

# read_all: twice, so that what is served is served from the device.
read_all()
{
	versions_in small --pages 768 check && versions_in small --pages 768 check
}

# refill: the device again, with everything on it right, and nothing of it in memory.
refill()
{
	evict small
	ssd_is_out "$DISK2" || tmem-pmem-ctl ssd detach "$DISK2"
	tmem-pmem-ctl ssd attach "$DISK2"
	read_all
	evict small
	assert_ge "$(ssd_stat "$DISK2" segments_written)" 8 "segments written"
	assert_eq "$(ssd_stat "$DISK2" checksum_errors)" 0 "checksum errors before"
}

# lies_now_and_then ARGUMENT...: damaged so it stays in service, and serves what is right.
lies_now_and_then()
{
	note "now and then: $*"
	refill
	damage "$DISK2" "$@"
	read_all
	ssd_counters "$DISK2"
	assert_ge "$(ssd_stat "$DISK2" checksum_errors)" 1 "checksum errors"
	assert_eq "$(ssd_stat "$DISK2" io_errors)" 0 "I/O errors"
	assert_ge "$(ssd_stat "$DISK2" gets_read)" 1000 "pages read from it"
}

stop_files()
{
	umount /mnt
	tmem-pmem-ctl ssd detach "$DISK2"
	tmem_unload
}

# What was encrypted is noise when it is damaged; what was not is nearly right.
test()
{
	start_files
	lies_now_and_then flip 150
	stop_files

	note "without encryption"
	start_files encrypt=0
	lies_now_and_then flip 150

	note "without the comparison of what is read"
	refill
	fault NO_READ_CHECK 1
	damage "$DISK2" flip 20
	must_fail read_all
	fault NO_READ_CHECK 0
	# What is wrong in memory now is right on the disk.
	drop_caches 1
}
