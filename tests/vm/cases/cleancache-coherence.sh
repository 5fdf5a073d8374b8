# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# No wrong byte is ever read from a cached file, whatever is done to it.
DESCRIPTION="random writes, direct and mapped too, truncation, holes, renames on cached files"
KERNELS="6.12 6.1 7.2"
CPUS=2
DISKS="400M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
TIMEOUT=600

requires() { need_module xfs; }
cleanup() { clean_stop; }

# on_filesystem SECONDS TYPE [MKFS_OPTION...]
on_filesystem()
{
	local seconds=$1 type=$2

	shift 2
	note "$type $*"
	cached_fs "$type" "$DISK1" "$@"
	modprobe cleancache_ram max_pages=20000
	mk_cgroup small 32M
	coherence_in small --seconds "$seconds" --noise /mnt
	clean_counters
	assert_ge "$(clean_stat gets)" 500 "pages got"
	umount /mnt
	tmem_unload
}

test()
{
	on_filesystem 15 ext4 -b 4096
	on_filesystem 15 ext4 -b 1024
	on_filesystem 15 xfs
	on_filesystem 15 xfs -b size=1024
}
