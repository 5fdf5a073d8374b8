# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# No wrong byte is ever read from a file that is cached on persistent memory and an SSD, while swap wants the room.
DESCRIPTION="random writes, direct and mapped too, truncation, holes, renames, over both caches, with swapping beside"
KERNELS="6.12 6.1 7.2"
SUITE=full
CPUS=2
DISKS="400M 24M 512M"
NVDIMMS="64M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
TIMEOUT=1200

requires() { need_program tmem-pmem-ctl; }

cleanup()
{
	touch "$RUN/done"
	pkill -KILL -x hog || true
	wait
	swap_off
	clean_stop
}

# swapping: hogs come and go, until the file "done" is there.
swapping()
{
	while [ ! -e "$RUN/done" ]; do
		run_in_cgroup hog hog --content random --touches 20000 60 >"$RUN/hog"
		assert_eq "$(hog_errors "$RUN/hog")" 0 "wrong swapped-out pages"
		echo round >>"$RUN/rounds"
	done
}

# come_and_go: so do the shares and the SSD.
come_and_go()
{
	while [ ! -e "$RUN/done" ]; do
		sleep 1
		tier_share 3
		sleep 1
		tmem-pmem-ctl ssd detach "$DISK2" >/dev/null
		tier_share 70
		sleep 1
		tmem-pmem-ctl ssd attach "$DISK2" >/dev/null
		tier_share 0
		tier_share 30
		echo round >>"$RUN/rounds"
	done
}

# beside COMMAND SECONDS: the coherence program, while COMMAND runs.
beside()
{
	local command=$1

	rm -f "$RUN/done"
	: >"$RUN/rounds"
	$command &
	coherence_in small --seconds "$2" --noise /mnt
	touch "$RUN/done"
	wait
	assert_ge "$(wc -l <"$RUN/rounds")" 1 "rounds of $command"
}

# counters: all that say what happened.
counters()
{
	tier_counters
	tmem_counters
	clean_counters
	ssd_counters "$DISK2"
}

# on_filesystem SECONDS TYPE [MKFS_OPTION...]
on_filesystem()
{
	local seconds=$1 type=$2

	shift 2
	note "$type $*"
	cached_fs "$type" "$DISK1" "$@"
	tmem_load "$(pmem_device)"
	modprobe -i tmem_ssd
	echo all >"$SSD/policy"
	tmem-pmem-ctl ssd attach "$DISK2"
	swap_on "$DISK3"
	mk_cgroup small 24M
	mk_cgroup hog 24M
	tier_share 70
	beside swapping "$seconds"
	counters
	assert_ge "$(tier_stat gets)" 500 "pages got from persistent memory"
	assert_ge "$(clean_stat demoted)" 500 "pages handed on"
	assert_eq "$(ssd_stat "$DISK2" checksum_errors)" 0 "checksum errors"
	assert_ge "$(($(ssd_stat "$DISK2" gets_read) + $(ssd_stat "$DISK2" gets_staged)))" 50 "pages got from the SSD"
	# Little is there, so that each page is on its way often.
	tier_share 2
	beside swapping $((seconds / 2))
	counters
	beside come_and_go "$seconds"
	counters
	swap_off
	umount /mnt
	tmem_unload
}

test()
{
	tmem-pmem-ctl ssd format --force "$DISK2"
	on_filesystem 40 ext4
	on_filesystem 30 ext4 -b 1024
	! has_module xfs || on_filesystem 30 xfs
}
