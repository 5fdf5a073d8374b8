# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What is swapped to a device above dm-crypt cannot be read from the namespace, if that is not encrypted either.
SUITE=full
DESCRIPTION="planted patterns that are swapped above dm-crypt are not found, and those of a plain disk are"
KERNELS="6.12 6.1 7.2"
DISKS="256M 256M"
NVDIMMS="128M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

# shellcheck source=tests/vm/cases/private.sh
. /payload/tests/cases/private.sh

requires()
{
	need_module dm_crypt
	need_program cryptsetup
}

cleanup()
{
	umount /tmp/tmpfs 2>/dev/null
	tmem_stop
	cryptsetup close crypt 2>/dev/null
}

# load ENCRYPT: with nothing on the namespace.
load()
{
	dd if=/dev/zero of="$device" bs=1M oflag=direct status=none 2>/dev/null || true
	modprobe tmem
	modprobe -i tmem_pmem devices="$device" encrypt="$1"
	assert_eq "$(encrypted)" "$1" encrypted
}

gone()
{
	umount /tmp/tmpfs
	swap_off
}

test()
{
	local refused device

	device=$(pmem_device)
	mk_cgroup small 16M
	open_crypt "$DISK1" crypt

	note "above dm-crypt, not encrypted"
	load 0
	refused=$(tmem_refused crypt)
	swap_patterns /dev/mapper/crypt
	assert_ge $(($(tmem_refused crypt) - refused)) 8000 "pages refused"
	assert_eq "$(tmem_stat stores)" 0 "pages stored"
	assert_ge "$(patterns_on /dev/mapper/crypt)" 100000 "patterns that were swapped, decrypted"
	assert_eq "$(patterns_on "$DISK1")" 0 "patterns below dm-crypt"
	assert_eq "$(patterns_on "$device")" 0 "patterns on the namespace"
	gone

	note "a plain disk: the search finds them"
	swap_patterns "$DISK2"
	assert_ge "$(tmem_held)" 8000 "pages stored"
	assert_ge "$(patterns_on "$device")" 100000 "patterns on the namespace"
	gone
	tmem_unload

	note "above dm-crypt, encrypted"
	load 1
	swap_patterns /dev/mapper/crypt
	assert_ge "$(tmem_held)" 8000 "pages stored, encrypted"
	assert_eq "$(patterns_on "$device")" 0 "patterns on the namespace"
	gone
}
