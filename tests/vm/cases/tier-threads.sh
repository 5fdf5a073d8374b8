# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Two processors that really run at once: files over both caches, with swapping beside. Hooks stay in place while there is
# traffic: an emulator with two threads misbehaves while functions are patched.
DESCRIPTION="two processors at once: random writes over both caches, with swapping beside, every byte right"
KERNELS="6.12 6.1 7.2"
SUITE=full
CPUS=2
THREADS=multi
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

# traffic SECONDS PERCENT: with a share that large.
traffic()
{
	note "a share of $2 percent"
	tier_share "$2"
	rm -f "$RUN/done"
	: >"$RUN/rounds"
	swapping &
	coherence_in small --seconds "$1" --noise /mnt
	touch "$RUN/done"
	wait
	tier_counters
	tmem_counters
	clean_counters
	ssd_counters "$DISK2"
	assert_ge "$(wc -l <"$RUN/rounds")" 1 "rounds of swapping"
}

test()
{
	tmem-pmem-ctl ssd format --force "$DISK2"
	cached_fs ext4 "$DISK1"
	tmem_load "$(pmem_device)"
	modprobe -i tmem_ssd
	echo all >"$SSD/policy"
	tmem-pmem-ctl ssd attach "$DISK2"
	swap_on "$DISK3"
	mk_cgroup small 24M
	mk_cgroup hog 24M
	traffic 60 70
	assert_ge "$(tier_stat gets)" 500 "pages got from persistent memory"
	assert_ge "$(clean_stat demoted)" 200 "pages handed on"
	traffic 30 2
	# Most is on the SSD then.
	traffic 60 1
	assert_ge "$(($(ssd_stat "$DISK2" gets_read) + $(ssd_stat "$DISK2" gets_staged)))" 50 "pages got from the SSD"
	assert_eq "$(ssd_stat "$DISK2" checksum_errors)" 0 "checksum errors"
	swap_off
	umount /mnt
	tmem_unload
}
