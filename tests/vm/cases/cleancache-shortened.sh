# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Readahead that waited while a file was shortened brings in pages behind its end. Once the file grows they are part of it.
DESCRIPTION="pages behind the end that were read while a file was shortened are zero when it grows"
KERNELS="6.12 6.1 7.2"
CPUS=2
DISKS="400M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

ROUNDS=16

cleanup() { clean_stop; }

test()
{
	cached_fs ext4 "$DISK1" -b 1024
	modprobe cleancache_ram
	# Without the defence it is the kernel that is wrong, unless it is one that reads right.
	fault NO_EOF_SPLIT 1
	if shorten /mnt "$ROUNDS"; then
		note "not needed: this kernel is right by itself"
	fi
	fault NO_EOF_SPLIT 0
	shorten /mnt "$ROUNDS"
	assert_eq "$(awk -v dev="${DISK1#/dev/}" '$1 == dev { print $3 }' "$TMEM"/filesystems)" cached "state"
}
