# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Nothing has to be said twice: an SSD that was formatted or attached here is attached, another is not, a choice of filesystems is kept.
DESCRIPTION="SSDs are attached by modprobe and by udev, choices outlast unmounting and unloading"
KERNELS="6.12 6.1 7.2"
DISKS="200M 48M 64M"

SSD=/sys/kernel/mm/tmem_ssd

requires() { need_program tmem-pmem-ctl; }

cleanup()
{
	dmsetup remove again 2>/dev/null
	dmsetup remove late 2>/dev/null
	clean_stop
	rm -rf /etc/tmem
}

is_attached() { [ -e "$SSD/devices/${1#/dev/}" ]; }
state_of() { awk -v dev="${1#/dev/}" '$1 == dev { print $3 }' "$TMEM"/filesystems; }

# read_something: so that the filesystem is seen.
read_something() { drop_caches 1; cat /mnt/file >/dev/null; }

by_modprobe()
{
	tmem-pmem-ctl ssd format "$DISK2"
	modprobe tmem_ssd
	is_attached "$DISK2" || fail 'modprobe did not attach the SSD'
	must_fail is_attached "$DISK1"
	must_fail is_attached "$DISK3"
}

# Nobody on this machine has agreed to it: it may be the disk of a virtual machine.
left_alone()
{
	tmem_unload
	rm /etc/tmem/ssds
	modprobe tmem_ssd
	must_fail is_attached "$DISK2"
	tmem-pmem-ctl ssd attach "$DISK2"
	tmem_unload
	modprobe tmem_ssd
	is_attached "$DISK2" || fail 'modprobe did not attach what was attached by hand'
}

# What was detached stays so while it is there, also when something is written to it.
by_udev()
{
	start_udev block
	tmem-pmem-ctl ssd detach "$DISK2"
	udevadm trigger --action=change --sysname-match="${DISK2#/dev/}"
	udevadm settle --timeout=60
	must_fail is_attached "$DISK2"
	udevadm trigger --action=add --sysname-match="${DISK2#/dev/}"
	udevadm settle --timeout=60
	wait_for 20 is_attached "$DISK2"
	tmem-pmem-ctl ssd detach "$DISK2"
	# A device-mapper device that comes late, and is written as a whole.
	echo "0 $(blockdev --getsz "$DISK3") linear $DISK3 0" | dmsetup create late
	udevadm settle --timeout=60
	tmem-pmem-ctl ssd format /dev/mapper/late
	udevadm settle --timeout=60
	dmsetup remove --retry late
	echo "0 $(blockdev --getsz "$DISK3") linear $DISK3 0" | dmsetup create late
	udevadm settle --timeout=60
	wait_for 20 is_attached "$(readlink -f /dev/mapper/late)"
	must_fail is_attached "$DISK3"
	# The same device by a second path.
	echo "0 $(blockdev --getsz "$DISK3") linear $DISK3 0" | dmsetup create again
	udevadm settle --timeout=60
	must_fail tmem-pmem-ctl ssd attach /dev/mapper/again
	grep -q 'with the same UUID' "$TMEM"/last_error
	dmsetup remove --retry again
	tmem-pmem-ctl ssd detach /dev/mapper/late
	dmsetup remove --retry late
	dd if=/dev/zero of="$DISK3" bs=1M count=64 conv=fsync status=none
}

choices()
{
	mk_fs ext4 "$DISK1" /mnt
	echo 0 >"/sys/block/${DISK1#/dev/}/queue/rotational"
	head -c 100000 /dev/urandom >/mnt/file
	read_something
	assert_eq "$(state_of "$DISK1")" not_rotational "state of a disk that does not rotate"
	tmem-pmem-ctl ssd enable /mnt
	assert_eq "$(state_of "$DISK1")" cached "state once enabled"
	umount /mnt
	mount "$DISK1" /mnt
	read_something
	assert_eq "$(state_of "$DISK1")" cached "state once mounted again"
	tmem_unload
	modprobe tmem_ssd
	is_attached "$DISK2" || fail 'modprobe did not attach the SSD again'
	read_something
	assert_eq "$(state_of "$DISK1")" cached "state after the module was gone"
	# The filesystem was read before the choice was known.
	tmem_unload
	modprobe -i tmem_ssd
	read_something
	assert_eq "$(state_of "$DISK1")" not_rotational "state while nobody knows of the choice"
	tmem-pmem-ctl ssd autoattach
	assert_eq "$(state_of "$DISK1")" cached "state once the choice was told"
	rotational "$DISK1"
	tmem-pmem-ctl ssd disable /mnt
	tmem_unload
	modprobe tmem_ssd
	read_something
	assert_eq "$(state_of "$DISK1")" disabled "state of what was disabled"
	must_fail sh -c "echo nonsense >$TMEM/filesystem_choices"
	grep -q UUID "$TMEM"/last_error
	tmem-pmem-ctl ssd stats
	tmem-pmem-ctl ssd check "$DISK2"
}

# belongs_to_another: somebody came after us, and left the superblocks whole, as a member of a RAID may.
belongs_to_another()
{
	local end byte

	end=$(($(blockdev --getsize64 "$DISK2") - 4097))
	tmem_unload
	modprobe -i tmem_ssd
	for byte in 4096 $end; do
		printf x | dd of="$DISK2" bs=1 seek="$byte" conv=notrunc,fsync status=none
		must_fail tmem-pmem-ctl ssd attach "$DISK2"
		grep -q 'something else was written' "$TMEM"/last_error
		must_fail tmem-pmem-ctl ssd check "$DISK2"
		dd if=/dev/zero of="$DISK2" bs=1 count=1 seek="$byte" conv=notrunc,fsync status=none
	done
	tmem-pmem-ctl ssd attach "$DISK2"
}

test()
{
	by_modprobe
	left_alone
	by_udev
	choices
	belongs_to_another
}
