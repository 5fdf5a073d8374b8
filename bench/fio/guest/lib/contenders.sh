# SPDX-License-Identifier: GPL-2.0
# Puts a swap area of each kind under test in place and takes it away; sourced in the guest.
# shellcheck shell=bash

# up_NAME sets SWAP_DEVICE; down_NAME undoes it, with no page left in the area.
# All areas have the same size. More than twice the memory under test, because a kernel whose swap
# space is more than half used gives the slot up at every swap-in (vm_swap_full()), so that
# every page has to be written again.
SWAP_MIB=640
# shellcheck source=bench/fio/guest/lib/null_blk.sh
. /payload/tests/cases/lib/null_blk.sh

start_swap() { mkswap "$SWAP_DEVICE" $((SWAP_MIB * 1024)) >/dev/null && swapon "$SWAP_DEVICE"; }
stop_swap() { swapoff "$SWAP_DEVICE"; }

# start_null_blk [SETTING=VALUE...]: swap to such a device.
start_null_blk()
{
	add_null_blk bench $SWAP_MIB "$@"
	SWAP_DEVICE=/dev/bench
	start_swap
}

stop_null_blk() { stop_swap; remove_null_blk bench; }

up_brd() { modprobe brd rd_nr=1 rd_size=$((SWAP_MIB * 1024)); SWAP_DEVICE=/dev/ram0; start_swap; }
down_brd() { stop_swap; modprobe -r brd; }

up_pmem() { SWAP_DEVICE=$PMEM_SWAP; start_swap; }
down_pmem() { stop_swap; }

up_zram()
{
	modprobe zram num_devices=1
	echo "$1" >/sys/block/zram0/comp_algorithm
	echo ${SWAP_MIB}M >/sys/block/zram0/disksize
	SWAP_DEVICE=/dev/zram0
	start_swap
}

down_zram()
{
	stop_swap
	echo 1 >/sys/block/zram0/reset
	modprobe -r zram
}

up_zram-lz4() { up_zram lz4; }
down_zram-lz4() { down_zram; }
up_zram-zstd() { up_zram zstd; }
down_zram-zstd() { down_zram; }

up_null_blk-80us() { start_null_blk completion_nsec=80000; }
down_null_blk-80us() { stop_null_blk; }
up_null_blk() { start_null_blk; }
down_null_blk() { stop_null_blk; }

up_zswap-zstd()
{
	echo zstd >/sys/module/zswap/parameters/compressor
	echo 50 >/sys/module/zswap/parameters/max_pool_percent
	echo Y >/sys/module/zswap/parameters/enabled
	start_null_blk completion_nsec=80000
}

down_zswap-zstd()
{
	echo N >/sys/module/zswap/parameters/enabled
	stop_null_blk
}

# The area behind tmem takes no page; its driver must not be a synchronous one, because the kernel
# treats a swap-in from those in another way (docs/benchmarks.md).
up_tmem_pmem()
{
	blank "$PMEM_TMEM"
	modprobe tmem
	modprobe -i tmem_pmem devices="$PMEM_TMEM" "$@"
	start_null_blk
}

down_tmem_pmem()
{
	stop_swap
	tmem_unload
	remove_null_blk bench
}

up_tmem_pmem-plain() { up_tmem_pmem encrypt=0; }
down_tmem_pmem-plain() { down_tmem_pmem; }

# Encrypted without the processor's instructions for it: the kernel takes the fastest that is loaded.
up_tmem_pmem-no-aesni()
{
	modprobe -r aesni_intel
	mkdir -p /etc/modprobe.d
	echo "install aesni_intel /bin/true" >/etc/modprobe.d/no-aesni.conf
	up_tmem_pmem
}

down_tmem_pmem-no-aesni()
{
	down_tmem_pmem
	rm /etc/modprobe.d/no-aesni.conf
	modprobe aesni_intel
}

# What one would use instead: swap on dm-crypt on persistent memory, with the cipher that tmem has.
up_pmem-crypt()
{
	modprobe aesni_intel
	head -c 64 /dev/urandom | cryptsetup open --type plain --key-file - --cipher aes-xts-plain64 --key-size 512 \
		"$PMEM_SWAP" bench-crypt
	dmsetup mknodes
	SWAP_DEVICE=/dev/mapper/bench-crypt
	start_swap
}

down_pmem-crypt() { stop_swap; cryptsetup close bench-crypt; }

up_floor()
{
	modprobe tmem
	modprobe tmem_bench_floor
	start_null_blk
}

down_floor()
{
	stop_swap
	modprobe -r tmem_bench_floor
	modprobe -r tmem
	remove_null_blk bench
}

# Hooks armed, nobody attached.
up_null_blk-hooked() { modprobe tmem; up_null_blk; }
down_null_blk-hooked() { down_null_blk; modprobe -r tmem; }

# store_mib NAME: memory the contender's store takes now, in MiB.
store_mib()
{
	case $1 in
	zram-*) awk '{ printf "%.1f\n", $3 / 1048576 }' /sys/block/zram0/mm_stat ;;
	brd | null_blk*) awk 'NR == 2 { printf "%.1f\n", $4 / 1024 }' /proc/swaps ;;
	zswap-*) cgroup_stat bench memory.stat zswap | awk '{ printf "%.1f\n", $1 / 1048576 }' ;;
	*) echo 0 ;;
	esac
}

# count_stats COUNTER...: add to the caller's options that the program counts these, where tmem is loaded. A
# counter that is not there ends the program, and so the benchmark.
count_stats()
{
	local counter

	[ -d "$TMEM/stats" ] || return 0
	for counter; do
		options+=(--counter "$counter=$TMEM/stats/$counter")
	done
}

SET=0

# Functions of the modules a contender may use, for the profile: "SYMBOL set kallsyms-line".
print_symbols()
{
	SET=$((SET + 1))
	awk -v set="$SET" '
		$4 ~ /tmem|zram|null_blk|brd|pmem|nvdimm|ftrace|lz4|zstd|dax/ { print "# SYMBOL", set, $0 }
	' /proc/kallsyms
}
