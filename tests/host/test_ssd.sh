#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The verbs for SSDs that cache pages of files.
. "$(dirname "$0")/lib.sh"

# add_disk NAME: an empty disk that is not persistent memory.
add_disk()
{
	mkdir -p "$TMEM_SYSFS/class/block/$1/holders"
	truncate -s 64M "$TMEM_DEV/$1"
}

load_ssd()
{
	load_modules
	mkdir -p "$TMEM_SYSFS/module/tmem_ssd" "$mm/tmem_ssd/devices" "$mm/tmem_ssd/refused"
	: >"$mm/tmem_ssd/attach"
	: >"$mm/tmem/filesystems_enable"
	echo second >"$mm/tmem_ssd/policy"
	echo '8:1 ext4 cached' >"$mm/tmem/filesystems"
}

test_format()
{
	new_tree
	add_disk sda3
	ctl ssd format --label fast sda3
	is_done 'formatted'
	# Neither the kind of device that it is nor the other kind is overwritten.
	ctl ssd format sda3
	is_refused 'holds the superblock of a page-cache SSD'
	add_device pmem0
	ctl format pmem0
	ctl ssd format pmem0
	is_refused 'holds a tmem superblock'
	ctl ssd format --force sda3
	is_done 'formatted'
	add_disk sdb1
	mke2fs -q "$TMEM_DEV/sdb1"
	ctl ssd format sdb1
	is_refused 'holds a filesystem (ext2)'
}

test_attach()
{
	new_tree
	add_disk sda3
	ctl ssd attach sda3
	is_refused 'modprobe tmem_ssd'
	load_ssd
	ctl ssd attach sda3
	is_done "attached $TMEM_DEV/sda3"
	is_equal "$(cat "$mm/tmem_ssd/attach")" "$TMEM_DEV/sda3"
	ctl ssd detach sda3
	is_refused 'is not attached'
	mkdir "$mm/tmem_ssd/devices/sda3"
	: >"$mm/tmem_ssd/devices/sda3/detach"
	ctl ssd format --force sda3
	is_refused 'ssd detach sda3'
	ctl ssd detach sda3
	is_done 'detached sda3'
	is_equal "$(cat "$mm/tmem_ssd/devices/sda3/detach")" 1
}

test_filesystems()
{
	new_tree
	load_ssd
	ctl ssd enable "$tree"
	is_done "enabled $tree"
	is_equal "$(cat "$mm/tmem/filesystems_enable")" "$tree"
	ctl ssd enable "$tree/none"
	is_refused 'there is no'
}

test_status()
{
	new_tree
	ctl ssd status
	is_refused 'modprobe tmem_ssd'
	load_ssd
	mkdir -p "$mm/tmem_ssd/devices/sda3/stats"
	echo 12 >"$mm/tmem_ssd/devices/sda3/stats/puts"
	ctl ssd status --json
	is_equal "$(jq -r '.policy, .filesystems[0], .devices[0].device, .devices[0].stats.puts' \
		"$tree/out" | tr '\n' ' ')" 'second 8:1 ext4 cached sda3 12 '
}

run_tests
