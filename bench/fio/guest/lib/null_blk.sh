# SPDX-License-Identifier: GPL-2.0
# Block devices whose contents are in memory and whose time is a timer's; sourced in the guest.
# shellcheck shell=bash

NULL_BLK=/sys/kernel/config/nullb

# add_null_blk NAME MIB [SETTING=VALUE...]: /dev/NAME. Without completion_nsec it answers at once,
# else so long after each request.
add_null_blk()
{
	local name=$1 mib=$2 setting

	shift 2
	[ -d /sys/module/null_blk ] || modprobe null_blk nr_devices=0
	[ -d "$NULL_BLK" ] || mount -t configfs configfs /sys/kernel/config
	mkdir "$NULL_BLK/$name"
	echo 1 >"$NULL_BLK/$name/memory_backed"
	echo "$mib" >"$NULL_BLK/$name/size"
	echo 0 >"$NULL_BLK/$name/irqmode"
	for setting; do
		[[ $setting != completion_nsec=* ]] || echo 2 >"$NULL_BLK/$name/irqmode"
		echo "${setting#*=}" >"$NULL_BLK/$name/${setting%%=*}"
	done
	echo 1 >"$NULL_BLK/$name/power"
	echo 0 >"/sys/block/$name/queue/rotational"
}

# remove_null_blk NAME: with its contents.
remove_null_blk()
{
	echo 0 >"$NULL_BLK/$1/power"
	rmdir "$NULL_BLK/$1"
	[ -n "$(ls -d "$NULL_BLK"/*/ 2>/dev/null)" ] || modprobe -r null_blk
}
