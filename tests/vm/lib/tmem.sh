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

# in_runs STORES RUNS PAGES: so many stores were runs of so many pages, but for a few of both.
in_runs()
{
	note "$1 pages stored, $2 runs"
	assert_ge $(($2 * $3)) $(($1 * 8 / 10)) "pages that runs of $3 may have stored, of $1"
	assert_le $(($2 * $3)) $(($1 * 12 / 10)) "pages that runs of $3 had stored, of $1"
}

# left_at_swapoff: slots that were freed without tmem's knowing, so far.
left_at_swapoff() { cat "$TMEM/stats/left_at_swapoff" 2>/dev/null || echo 0; }

# swap_off: turn off every swap area. Each of their slots was freed, and seen to be.
swap_off()
{
	local before

	before=$(left_at_swapoff)
	swapoff -a
	assert_le "$(left_at_swapoff)" "$before" "slots freed without our knowing"
}

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

# kernel_is SERIES...: it is of one of them.
kernel_is()
{
	local series

	for series; do
		[[ $(uname -r) != "$series".* ]] || return 0
	done
	return 1
}

# wrong_without WHAT WRONG [SERIES...]: so many were wrong without the defence; on these kernels there must be one.
# Where none is, all is right without the defence, too.
wrong_without()
{
	local what=$1 wrong=$2

	shift 2
	note "$what: $wrong wrong without the defence"
	if kernel_is "$@"; then
		assert_ge "$wrong" 1 "$what: wrong without the defence"
	elif [ "$wrong" = 0 ]; then
		note "$what: proves nothing on this kernel"
	fi
}

# has_module NAME...: they are there. A kernel of our own (TMEM_SLOW) may be without, any other may not.
has_module()
{
	! modinfo "$@" >/dev/null 2>&1 || return 0
	[ "${TMEM_SLOW:-1}" != 1 ] || fail "one of these modules is missing: $*"
	return 1
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

# unreadable_refused CHECK: pages whose memory turns out to be bad are not put, while CHECK reads files and finds them right.
unreadable_refused()
{
	local puts refused

	puts=$(clean_stat puts)
	refused=$(clean_refused backend)
	fault UNREADABLE 1
	"$1"
	evict small
	fault UNREADABLE 0
	assert_eq "$(clean_stat puts)" "$puts" 'pages put whose memory is bad'
	assert_ge $(($(clean_refused backend) - refused)) 1000 'pages refused because their memory is bad'
	"$1"
}

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
	local try bytes

	for try in {1..5}; do
		read -r bytes <"$CGROUP/$1/memory.current"
		echo "$bytes" >"$CGROUP/$1/memory.reclaim" 2>/dev/null || true
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

# scsi_disk: the disk of scsi_debug.
scsi_disk()
{
	local block

	for block in /sys/bus/pseudo/drivers/scsi_debug/adapter0/host*/target*/*/block/*; do
		[ ! -e "$block" ] || echo "/dev/${block##*/}"
	done | grep .
}

# What follows is for tests of clean pages that need to know which bytes are on the disk.

# clean_held: pages that the sample backend holds.
clean_held() { cat /sys/module/cleancache_ram/parameters/pages; }

# write_byte FILE BYTE PAGES: its first pages, through the page cache, and on the disk when it returns.
# Memory is charged to who touches it first, hence the control group.
write_byte() { run_in_cgroup small pages fill "$@"; }

# write_direct FILE BYTE PAGES: likewise, past the page cache, by one request.
write_direct() { directio sync write "$1" "$2" 0 $(($3 * 4096)) >/dev/null; }

# pages_with FILE BYTE [PAGES]: how many of its pages (the first PAGES) hold nothing but that byte.
pages_with() { run_in_cgroup small pages count "$@"; }

# pages_on_disk FILE BYTE [PAGES]: likewise, of what the disk has.
pages_on_disk() { pages on-disk "$@"; }

# pages_wrong FILE: how many are not as the disk has them.
pages_wrong() { run_in_cgroup small pages differ "$1"; }

# dm_fs TYPE DEVICE [MKFS_OPTION...]: a fresh filesystem on /dev/mapper/disk above the device, on /mnt.
dm_fs()
{
	local type=$1 device=$2

	shift 2
	rotational "$device"
	dmsetup create disk --table "0 $(blockdev --getsz "$device") linear $device 0"
	dmsetup mknodes
	mk_fs "$type" /dev/mapper/disk /mnt "$@"
}

# cache_dm_fs: what is on /dev/mapper/disk is cached, once there is a backend.
cache_dm_fs() { echo /mnt >$TMEM/filesystems_enable; }

# repair_ext4 DEVICE: what was mounted when it failed.
repair_ext4() { e2fsck -fy "$1" >/dev/null 2>&1 || [ $? -le 2 ]; }

dm_fs_gone()
{
	umount /mnt 2>/dev/null || true
	dmsetup remove --retry disk
}

# dm_target START SECTORS DEVICE linear|slow|failing: slow writes wait for the next dm_table, failing ones
# fail.
dm_target()
{
	case $4 in
	linear) echo "$1 $2 linear $3 $1" ;;
	slow) echo "$1 $2 delay $3 $1 0 $3 $1 100000" ;;
	failing) echo "$1 $2 flakey $3 $1 0 100000 1 error_writes" ;;
	esac
}

# dm_table TABLE: as the table of /dev/mapper/disk from now on.
dm_table()
{
	dmsetup reload disk --table "$1"
	dmsetup suspend --nolockfs disk
	dmsetup resume disk
}

# file_behaves FILE DEVICE FIRST_HALF SECOND_HALF: how the disk treats it from now on, see dm_target().
file_behaves()
{
	local start sectors half end

	read -r start sectors < <(filefrag -b512 -v "$1" | awk '$1 == "0:" { sub(/\.\./, "", $4); print $4 + 0, $6 + 0 }')
	[ "$(filefrag "$1" | awk '{ print $2 }')" = 1 ] || fail "$1 is not in one piece"
	half=$((sectors / 2))
	end=$(blockdev --getsz "$2")
	dm_table "$(dm_target 0 "$start" "$2" linear
		dm_target "$start" "$half" "$2" "$3"
		dm_target $((start + half)) $((sectors - half)) "$2" "$4"
		dm_target $((start + sectors)) $((end - start - sectors)) "$2" linear)"
}

# dawdles PID: a thread of it is in the delay of a fault point.
dawdles() { grep -qs msleep /proc/"$1"/task/*/wchan; }

# write_under_way: a request waits in a part of /dev/mapper/disk that is slow.
write_under_way() { dmsetup status disk | awk '$3 == "delay" && $5 { found = 1 } END { exit !found }'; }

# tear_a_write FILE BYTE PAGES DEVICE: one direct write, of which the second half fails while the first is
# under way, when the first half is read through the page cache. What was read is old, and nobody removes
# it from the page cache.
tear_a_write()
{
	local bytes=$(($3 * 4096)) half=$(($3 / 2))

	file_behaves "$1" "$4" slow failing
	directio sync write "$1" "$2" 0 $bytes >"$RUN"/result &
	wait_for 30 write_under_way
	pages_with "$1" "$2" $half >/dev/null
	disk_behaves "$4"
	wait $!
	assert_eq "$(cat "$RUN"/result)" -5 "result of a write that failed in part"
	assert_eq "$(pages_on_disk "$1" "$2" $half)" $half "new pages on the disk"
}

# disk_behaves DEVICE: all of it as a disk should, again.
disk_behaves() { dm_table "0 $(blockdev --getsz "$1") linear $1 0"; }

# What follows is for tests of clean pages on persistent memory.

# tier_dir: the only attached namespace in sysfs.
tier_dir() { echo "$TMEM_PMEM"/devices/*; }

# tier_share PERCENT: so much of it may hold clean pages, and any page is welcome.
tier_share()
{
	echo all >"$TMEM_PMEM/clean_policy"
	echo "$1" >"$(tier_dir)/clean_percent"
}

tier_stat() { cat "$(tier_dir)/clean_stats/$1"; }
tier_pages() { cat "$(tier_dir)/clean_pages"; }

# tier_counters: what happened to clean pages there, for the log.
tier_counters()
{
	printf '# tier pages=%s' "$(tier_pages)"
	grep -H . "$(tier_dir)"/clean_stats/* | sed -n 's|.*/\([a-z_]*\):\([1-9].*\)| \1=\2|p' | tr -d '\n'
	echo
}

# make_sums COUNT MIB: files on /mnt that are not a whole number of pages, and /tmp/sums; not in memory.
make_sums()
{
	local i

	for ((i = 0; i < $1; i++)); do
		dd if=/dev/urandom of="/mnt/f$i" bs=1M count="$2" status=none
		head -c "$((i * 100 + 1))" /dev/urandom >>"/mnt/f$i"
	done
	sync
	md5sum /mnt/f* >/tmp/sums
	drop_caches 1
}

# check_sums: read them all, in the cgroup "small".
check_sums() { run_in_cgroup small md5sum --quiet -c /tmp/sums; }

# tier_on_its_way: a page is being demoted just now, and takes its time.
tier_on_its_way() { grep -lqs tmem_clean_demote /proc/[0-9]*/stack; }
