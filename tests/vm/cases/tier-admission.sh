# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What is read once does not push out of the share what is read again and again.
DESCRIPTION="a share keeps what was evicted before while a large file is read once"
KERNELS="6.12 6.1 7.2"
SUITE=full
DISKS="400M 512M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

HOT=2000
ONCE=12000

cleanup()
{
	pkill -KILL -x hog || true
	wait
	swap_off
	clean_stop
}

# read_hot: sectors that come from the disk for it.
read_hot()
{
	local before

	before=$(sectors_read "$DISK1")
	run_in_cgroup small cat /mnt/hot >/dev/null
	evict small >/dev/null
	echo $(($(sectors_read "$DISK1") - before))
}

# hot_after_once POLICY: how much of what was read twice comes from the disk after something larger was read once.
hot_after_once()
{
	local sectors

	echo "$1" >"$TMEM_PMEM/clean_policy"
	read_hot >/dev/null
	read_hot >/dev/null
	run_in_cgroup small cat /mnt/once >/dev/null
	evict small >/dev/null
	sectors=$(read_hot)
	tier_counters >&2
	note "policy $1: $sectors sectors of $((HOT * 8))" >&2
	echo "$sectors"
}

# behind_swap: the share is the most that clean pages may have. Here swap leaves them little of it.
behind_swap()
{
	local hog before

	swap_on "$DISK2"
	mk_cgroup hog 24M
	echo 90 >"$(tier_dir)/clean_percent"
	run_in_cgroup hog hog --content random --touches 0 --ready "$RUN/ready" --go "$RUN/go" 230 >"$RUN/hog" &
	hog=$!
	wait_for 120 [ -e "$RUN/ready" ]
	tmem_counters
	# Of 64,000 slots.
	assert_ge "$(tmem_held)" 50000 "pages stored"
	sleep 2
	assert_le "$(hot_after_once frequency)" $HOT "sectors of the hot file from the disk, behind swap"
	touch "$RUN/go"
	wait $hog
	assert_eq "$(hog_errors "$RUN/hog")" 0 "wrong swapped-out pages"
	note "swap has gone, and any page is welcome again"
	before=$(tier_pages)
	sleep 2
	run_in_cgroup small cat /mnt/fresh >/dev/null
	evict small >/dev/null
	assert_ge $(($(tier_pages) - before)) $((ONCE / 2)) "pages that were kept at their first eviction"
	swap_off
}

test()
{
	local device

	cached_fs ext4 "$DISK1"
	mk_cgroup small 16M
	write_byte /mnt/hot h $HOT
	write_byte /mnt/once o $ONCE
	write_byte /mnt/fresh f $ONCE
	# 7.2 reads so much more ahead that pages are evicted before they are read, and read again.
	echo 128 >"/sys/block/${DISK1#/dev/}/queue/read_ahead_kb"
	device=$(pmem_device)
	blank "$device"
	modprobe -i tmem_pmem "devices=$device" encrypt=0
	must_fail sh -c "echo some >$TMEM_PMEM/clean_policy"
	grep -q 'clean_policy takes' "$TMEM/last_error"
	assert_eq "$(cat "$TMEM_PMEM/clean_policy")" frequency "policy"
	# 3,200 pages
	echo 5 >"$(tier_dir)/clean_percent"
	assert_le "$(hot_after_once frequency)" $HOT "sectors of the hot file from the disk"
	assert_ge "$(tier_stat refused_rare)" $((ONCE / 2)) "pages that were not worth a place"
	assert_eq "$(pages_with /mnt/hot h $HOT)" $HOT "right pages"
	assert_eq "$(pages_with /mnt/once o $ONCE)" $ONCE "right pages"
	assert_ge "$(hot_after_once all)" $((HOT * 4)) "sectors of the hot file from the disk if all is taken"
	behind_swap
	umount /mnt
}
