# SPDX-License-Identifier: GPL-2.0
# What test cases need of tmem itself; sourced in the guest behind guest.sh.
# shellcheck shell=bash

FRONTSWAP=/sys/kernel/mm/frontswap
TMEM=/sys/kernel/mm/tmem
TMEM_PMEM=/sys/kernel/mm/tmem_pmem
CLEANCACHE=/sys/kernel/mm/cleancache
FAULTS=/sys/kernel/debug/tmem

# blank DEVICE: zero what has to be zero before the kernel formats it.
blank()
{
	local mib=$(($(blockdev --getsize64 "$1") >> 20))

	dd if=/dev/zero of="$1" bs=1M count=16 conv=fsync status=none
	dd if=/dev/zero of="$1" bs=1M seek=$((mib - 17)) count=18 conv=fsync status=none 2>/dev/null || true
}

# tmem_load [DEVICE...]: load the modules with these devices, blanked and formatted by the kernel.
tmem_load()
{
	local list device

	for device; do blank "$device"; done

	list=$(IFS=,; printf '%s' "$*")
	modprobe tmem
	modprobe -i tmem_pmem ${list:+devices="$list"}
}

# tmem_unload: drain, and unload everything of ours.
tmem_unload()
{
	echo paused >$TMEM/state
	echo 0 >$FRONTSWAP/curr_pages
	[ ! -d /sys/module/tmem_pmem ] || rmmod tmem_pmem
	[ ! -d /sys/module/frontswap_ram ] || rmmod frontswap_ram
	[ ! -d /sys/module/cleancache_ram ] || rmmod cleancache_ram
	[ ! -d /sys/module/tmem_ssd ] || rmmod tmem_ssd
	rmmod tmem
}

tmem_held() { cat $FRONTSWAP/curr_pages; }
tmem_stat() { cat "$TMEM/stats/$1"; }
tmem_refused() { cat "$TMEM/refused/$1"; }

# tmem_counters: all counters that are not zero, on one line, for the log.
tmem_counters()
{
	printf '# held=%s' "$(tmem_held)"
	grep -H . $TMEM/stats/* $TMEM/refused/* | sed -n 's|.*/\([a-z]*/[a-z_]*\):\([1-9].*\)| \1=\2|p' |
		tr -d '\n'
	echo
}

# swap_off: turn off every swap area.
swap_off() { swapoff -a; }

# hog_errors FILE: wrong pages a hog counted; what else is in its output does not matter.
hog_errors() { sed -n '/^{/p' "$1" | jq .errors; }
hog_sigbus() { sed -n '/^{/p' "$1" | jq .sigbus; }

# hog_in CGROUP ARGUMENT...: run the hog in a cgroup, log its line, fail on any wrong page.
hog_in()
{
	local cgroup=$1

	shift
	run_in_cgroup "$cgroup" hog "$@" | tee "$RUN/hog.$cgroup"
	assert_eq "$(jq .errors "$RUN/hog.$cgroup")" 0 "wrong pages"
}

# pmem_device: an fsdax namespace, made if there is none.
pmem_device()
{
	local name

	for name in /sys/block/pmem*; do
		[ "$(cat "$name/queue/dax" 2>/dev/null)" = 1 ] || continue
		echo "/dev/${name##*/}"
		return
	done
	create_namespace || { sleep 1; create_namespace; }
}

# tmem_start SWAP_DEVICE: one namespace, the modules, and the device swapped to.
tmem_start()
{
	tmem_load "$(pmem_device)"
	swap_on "$1"
}

# tmem_stop: for cleanup(): no hog, no swap, nothing of ours loaded.
tmem_stop()
{
	pkill -KILL -x hog || true
	wait
	rm -f "$RUN"/ready* "$RUN"/go* "$RUN"/hog*
	swap_off
	[ ! -d /sys/module/tmem ] || tmem_unload
}

# fault POINT VALUE: set a fault point (a build with TMEM_FAULTS=y); delays as sleep has them.
fault()
{
	local value=$2

	[[ $1 != DELAY_* ]] || value=$((value * ${TMEM_SLOW:-1}))
	echo "$value" >"$FAULTS/$1"
}

# rotational DEVICE: make the kernel believe that it is a spinning disk, and no other is.
rotational()
{
	local disk

	for disk in /sys/block/vd*; do
		echo 0 >"$disk/queue/rotational"
	done
	echo 1 >"/sys/block/${1#/dev/}/queue/rotational"
}

clean_stat() { cat "$TMEM/clean_stats/$1"; }
clean_refused() { cat "$TMEM/clean_refused/$1"; }

# clean_counters: as tmem_counters, for clean pages.
clean_counters()
{
	printf '#'
	grep -H . $TMEM/clean_stats/* $TMEM/clean_refused/* |
		sed -n 's|.*/\([a-z_]*/[a-z_]*\):\([1-9].*\)| \1=\2|p' | tr -d '\n'
	echo
}

# sectors_read DEVICE: since boot.
sectors_read() { awk '{ print $3 }' "/sys/block/${1#/dev/}/stat"; }

# cached_fs TYPE DEVICE [MKFS_OPTION...]: a fresh filesystem on a spinning disk, mounted on /mnt.
cached_fs()
{
	local type=$1 device=$2

	shift 2
	rotational "$device"
	mk_fs "$type" "$device" /mnt "$@"
}

# evict CGROUP: reclaim everything that is charged to it, as memory pressure would.
evict()
{
	local try

	for try in {1..5}; do
		echo "$(cgroup_stat "$1" memory.current)" >"$CGROUP/$1/memory.reclaim" 2>/dev/null || true
	done
}

# clean_stop: for cleanup().
clean_stop()
{
	wait
	umount /mnt 2>/dev/null
	[ ! -d /sys/module/tmem ] || tmem_unload
}

# coherence_in CGROUP ARGUMENT...: run the coherence program in a cgroup, fail on a wrong byte.
coherence_in()
{
	local cgroup=$1

	shift
	run_in_cgroup "$cgroup" coherence --reclaim "$CGROUP/$cgroup/memory.reclaim" "$@"
}
