# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Proves error injection: a machine check told by the host's monitor makes a bad block.
DESCRIPTION="an injected memory error becomes a bad block of the namespace"
SUITE=full
EXCLUSIVE=1

test()
{
	local device address

	device=$(create_namespace)
	address=$(physical_address "$device" $((16 << 20)))
	allow_dmesg 'Hardware Error|Memory failure'
	allow_taint 16
	host_monitor "mce 0 9 0xbd000000000000c0 0x5 $address 0x8c"
	wait_for 20 grep -q . "/sys/block/${device#/dev/}/badblocks" ||
		fail "no bad block for $address"
	cat "/sys/block/${device#/dev/}/badblocks"
}
