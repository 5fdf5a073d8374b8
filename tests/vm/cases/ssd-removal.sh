# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The SSD is taken away with requests in flight, and comes back under whatever name.
DESCRIPTION="an SSD on PCI and one on SCSI are taken away under traffic and come back"
KERNELS="6.12 6.1 7.2"
DISKS="200M 24M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

requires()
{
	need_program tmem-pmem-ctl
	need_module scsi_debug sd_mod
}

cleanup()
{
	ssd_stop
	[ -b "$DISK2" ] || rescan_pci
	rmmod scsi_debug
}

# disk_with_serial SERIAL: its device, under the name that it has now.
disk_with_serial()
{
	local block

	for block in /sys/block/vd*; do
		[ "$(cat "$block/serial" 2>/dev/null)" != "$1" ] || echo "/dev/${block##*/}"
	done
}

rescan_pci() { echo 1 >/sys/bus/pci/rescan; }
rescan_scsi() { echo '- - -' >/sys/class/scsi_host/host*/scan; }

remove_pci() { echo 1 >"$(dirname "$(readlink -f "/sys/block/${1#/dev/}/device")")/remove"; }
remove_scsi() { echo 1 >"/sys/block/${1#/dev/}/device/delete"; }

in_flight() { awk '{ exit !($1 + $2) }' "/sys/block/${1#/dev/}/inflight"; }

# scsi_answers JIFFIES: how long each request to it takes from now on. Refused while there is one.
scsi_answers() { wait_for 60 eval "echo $1 2>/dev/null >/sys/bus/pseudo/drivers/scsi_debug/delay"; }

# slow_KIND DEVICE: something is in flight, and stays so for a second. A disk on PCI cannot be told to be slow.
slow_pci() { :; }
fast_pci() { :; }
slow_scsi()
{
	scsi_answers 250
	wait_for 20 in_flight "$1" || fail "scsi: nothing is in flight"
}
fast_scsi() { scsi_answers 1; }

is_there() { [ -b "$("$@")" ]; }

serves()
{
	tmem-pmem-ctl ssd attach "$1"
	wait_for 60 ssd_counted "$1" gets_read 300 || fail "nothing is read from $1"
	ssd_counters "$1"
}

# goes_and_comes KIND FIND...: FIND prints its name, remove_KIND takes it away, rescan_KIND brings it back.
goes_and_comes()
{
	local kind=$1 device

	shift
	device=$("$@")
	note "$kind: $device"
	serves "$device"
	"slow_$kind" "$device"
	"remove_$kind" "$device"
	wait_for 60 ssd_is_out "$device" || fail "$kind: the device stays in service"
	gone=$((gone + 1))
	assert_eq "$(times_logged 'so it is let go')" $gone "$kind: lines in the log"
	assert_eq "$(grep -c '^TMEM_EVENT=failed$' "$RUN/events")" $gone "$kind: events"
	# Where the block layer tells the holder of a device, no request has to fail first.
	[[ $(uname -r) == 6.1.* ]] ||
		assert_eq "$(times_logged 'was taken away')" $gone "$kind: removals heard of"
	sleep 1
	kill -0 "$traffic" || fail "$kind: the traffic has ended"
	"fast_$kind"
	"rescan_$kind"
	wait_for 20 is_there "$@" || fail "$kind: it does not come back"
	device=$("$@")
	note "$kind: is $device now"
	serves "$device"
	tmem-pmem-ctl ssd detach "$device"
}

test()
{
	gone=0
	# What the block layer says of a device that went, or may say.
	allow_dmesg 'I/O error, dev (vd|sd)|Buffer I/O error on dev (vd|sd)'
	modprobe sd_mod
	modprobe scsi_debug dev_size_mb=24 delay=1
	wait_for 20 is_there scsi_disk
	tmem-pmem-ctl ssd format --force "$DISK2"
	tmem-pmem-ctl ssd format --force "$(scsi_disk)"
	cached_fs ext4 "$DISK1"
	versioned_files
	modprobe -i tmem_ssd
	echo all >"$SSD/policy"
	ssd_events
	mk_cgroup small 16M
	versions_in small --seconds 1000 run || true &
	traffic=$!
	goes_and_comes pci disk_with_serial DISK2
	goes_and_comes scsi scsi_disk
	kill -0 "$traffic" || fail "the traffic has ended"
	traffic_ends "$traffic"
	tmem_unload
}
