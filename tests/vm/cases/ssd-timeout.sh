# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Now and then the SSD does not answer: when the block layer gives the request up, the pages come from the
# disk.
DESCRIPTION="an SSD on SCSI whose requests time out"
KERNELS="6.12 6.1 7.2"
SUITE=full
DISKS="200M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

DRIVER=/sys/bus/pseudo/drivers/scsi_debug

requires()
{
	need_program tmem-pmem-ctl
	need_module scsi_debug sd_mod
}

cleanup()
{
	echo 0 >$DRIVER/opts
	ssd_stop
	rmmod scsi_debug
}

# set_files VALUE FILE...
set_files()
{
	local value=$1 file

	shift
	for file; do echo "$value" >"$file"; done
}

test()
{
	local disk traffic before

	allow_dmesg 'I/O error, dev sd'
	modprobe sd_mod
	modprobe scsi_debug dev_size_mb=24 delay=0
	wait_for 20 compgen -G "$DRIVER/adapter0/host*/target*/*/block/*" >/dev/null
	disk=/dev/$(basename "$DRIVER"/adapter0/host*/target*/*/block/*)
	# Given up after a second, and not tried again.
	set_files 1 "/sys/block/${disk#/dev/}/device/timeout"
	set_files 0 "/sys/block/${disk#/dev/}"/device/scsi_disk/*/max_retries
	tmem-pmem-ctl ssd format --force "$disk"
	cached_fs ext4 "$DISK1"
	versioned_files
	modprobe -i tmem_ssd
	echo all >"$SSD/policy"
	mk_cgroup small 16M
	tmem-pmem-ctl ssd attach "$disk"
	versions_in small --seconds 1000 run || true &
	traffic=$!
	wait_for 60 ssd_counted "$disk" gets_read 300 || fail "nothing is read"
	echo 100 >$DRIVER/every_nth
	# Such commands are not answered.
	echo 4 >$DRIVER/opts
	wait_for 120 ssd_counted "$disk" io_errors 3 || fail "no request fails"
	ssd_counters "$disk"
	echo 0 >$DRIVER/opts
	before=$(ssd_stat "$disk" gets_read)
	wait_for 60 ssd_counted "$disk" gets_read $((before + 200)) || fail "nothing is read after that"
	kill -0 "$traffic" || fail "the traffic has ended"
	assert_eq "$(ssd_stat "$disk" checksum_errors)" 0 "checksum errors"
	traffic_ends "$traffic"
	tmem_unload
}
