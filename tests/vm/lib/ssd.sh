# SPDX-License-Identifier: GPL-2.0
# What test cases need of cache SSDs; sourced in the guest behind tmem.sh.
# shellcheck shell=bash

SSD=/sys/kernel/mm/tmem_ssd
TABLE=/tmp/versions

# ssd_name DEVICE: the kernel's name of a block device, also of one that is gone.
ssd_name()
{
	local number

	number=$(stat -Lc '0x%t 0x%T' "$1" 2>/dev/null) || number=
	# shellcheck disable=SC2086
	[ -z "$number" ] || number=$(printf '%d:%d' $number)
	basename "$(readlink "/sys/dev/block/$number" || echo "$1")"
}

# ssd_dir DEVICE: where it is in sysfs while it is attached.
ssd_dir() { printf '%s\n' "$SSD/devices/$(ssd_name "$1")"; }

# ssd_stat DEVICE NAME; ssd_refused NAME
ssd_stat() { cat "$(ssd_dir "$1")/stats/$2"; }
ssd_refused() { cat "$SSD/refused/$1"; }

# ssd_counted DEVICE NAME NUMBER: the counter is at least that.
ssd_counted() { [ "$(ssd_stat "$1" "$2" 2>/dev/null || echo 0)" -ge "$3" ]; }

# ssd_is_out DEVICE: it is not attached.
ssd_is_out() { [ ! -e "$(ssd_dir "$1")" ]; }

# ssd_counters DEVICE: its counters that are not zero, on one line, for the log.
ssd_counters()
{
	local dir

	dir=$(ssd_dir "$1")
	printf '# %s pages=%s' "$(ssd_name "$1")" "$(cat "$dir/pages")"
	grep -H . "$dir"/stats/* "$SSD"/refused/* |
		sed -n 's|.*/\([a-z]*/[a-z_]*\):\([1-9].*\)| \1=\2|p' | tr -d '\n'
	echo
}

# ssd_map NAME TARGET...: a device-mapper device of one target, or another table for it. TARGET has
# SIZE where its length goes, in sectors of DISK2.
ssd_map()
{
	local name=$1 size verb

	shift
	size=$(blockdev --getsz "$DISK2")
	[ -e "/dev/mapper/$name" ] && verb=load || verb=create
	printf '%s\n' "$@" | sed "s/SIZE/$size/g" | dmsetup "$verb" "$name"
	if [ $verb = load ]; then
		dmsetup resume "$name"
	else
		dmsetup mknodes
	fi
}

# versioned_files OPTION...: what "versions" reads and writes, on /mnt; options as at versions_in. Not
# in memory, so that it is charged to who reads it.
versioned_files()
{
	versions "$@" make /mnt "$TABLE"
	drop_caches 1
}

# versions_in CGROUP OPTION... VERB: "versions" in a cgroup; fails on a wrong byte or a failed read. Nice,
# so that the test gets on beside it.
versions_in()
{
	local cgroup=$1 verb=${*: -1}

	shift
	run_in_cgroup "$cgroup" nice -n 15 versions --reclaim "$CGROUP/$cgroup/memory.reclaim" \
		"${@:1:$#-1}" "$verb" /mnt "$TABLE"
}

# traffic_ends PID [OPTION...]: of versions_in in the cgroup "small", with its options. All of the files is compared
# once more, then they are unmounted.
traffic_ends()
{
	pkill -x versions
	wait "$1" || true
	versions_in small "${@:2}" check
	wait_for 20 umount /mnt 2>/dev/null
}

# times_logged REGEX: lines of this test in the kernel log.
times_logged() { dmesg_since_start | grep -Ec -- "$1" || true; }

# ssd_events: what tmem_ssd tells user space from here on, one event a line, in $RUN/events.
ssd_events()
{
	udevadm monitor --kernel --property --subsystem-match=module >"$RUN/events" 2>&1 &
	wait_for 10 grep -q 'the kernel uevent' "$RUN/events"
}

# events_seen EVENT DEVICE: how often it was told.
events_seen()
{
	grep -A1 "^TMEM_EVENT=$1\$" "$RUN/events" | grep -c "^TMEM_DEVICE=$(ssd_name "$2")\$" || true
}

# ssd_stop: for cleanup(): no traffic, nothing of ours loaded, no device-mapper devices.
ssd_stop()
{
	touch "$RUN/enough"
	pkill -KILL -x versions
	pkill -x udevadm
	clean_stop
	dmsetup remove_all
	rm -f "$RUN/enough" "$RUN/events" /tmp/versions
}

SECRET=a-secret-that-nobody-may-find-on-the-medium

# open_crypt DISK NAME: a mapping of dm-crypt.
open_crypt()
{
	echo secret | cryptsetup open --type plain --cipher aes-xts-plain64 --key-size 256 "$1" "$2"
	dmsetup mknodes
}

# patterns_on DISK: how often $SECRET is on it. A direct read: not what is cached.
patterns_on()
{
	sync
	dd if="$1" bs=1M iflag=direct status=none 2>"$RUN/dd" | { grep -ao "$SECRET" || true; } | wc -l
	[ ! -s "$RUN/dd" ] || cat "$RUN/dd"
}

# make_secrets: a file full of $SECRET on /mnt, not in memory.
make_secrets()
{
	head -c 12000000 >/mnt/file < <(yes "$SECRET")
	sync
	md5sum /mnt/file >/tmp/sum
	drop_caches 1
}

# read_secrets: it is put, and got; several times, since it fills more than one stage. In the cgroup "small".
read_secrets()
{
	for _ in 1 2 3; do
		run_in_cgroup small md5sum --quiet -c /tmp/sum
		evict small
	done
	sleep 1
}
