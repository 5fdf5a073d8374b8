# SPDX-License-Identifier: GPL-2.0
# The filesystem under test with each kind of cache in front of its disk; sourced in the guest.
# shellcheck shell=bash

# Every contender reads the same files. What has to be laid out differently is a base: the filesystem
# on the disk itself, on a bcache device over it, on the SSD, on
# dm-crypt over that. base_BASE makes it and drop_BASE takes it
# away; up_NAME puts an empty cache in front of it, mounted on /mnt, and down_NAME takes that away.
# shellcheck source=bench/fio/guest/lib/null_blk.sh
. /payload/tests/cases/lib/null_blk.sh

# A request of a readahead window is one: more sectors than that.
HDD=(completion_nsec=8000000 hw_queue_depth=1 blocksize=4096 max_sectors=2560)
FLASH=(completion_nsec=80000 mbps=500 blocksize=4096)
BCACHE=/sys/block/bcache0/bcache

is_tmem() { [[ $1 = tmem_ssd* ]]; }
has_pmem() { [[ $1 = tmem_ssd+pmem* ]]; }
on_ssd() { [[ $1 = ssd || $1 = ssd-crypt ]]; }

base_of()
{
	case $1 in
	disk | tmem_ssd* | dm-cache-*) echo plain ;;
	bcache-*) echo bcache ;;
	ssd | ssd-crypt) echo "$1" ;;
	esac
}

add_hdd()
{
	add_null_blk hdd "$DISK_MIB" "${HDD[@]}"
	echo 1 >/sys/block/hdd/queue/rotational
}

# fill_fs DEVICE: a filesystem with the files, and nothing of them in memory.
fill_fs()
{
	mkfs.ext4 -q -b 4096 -E nodiscard,lazy_itable_init=0 "$1"
	mount -o noatime "$1" /mnt
	$REREAD --make "$SET_MIB" /mnt/set
	$REREAD --make "$ONCE_MIB" /mnt/once
	$REREAD --make "$ONCE_MIB" /mnt/hits
	umount /mnt
}

base_plain() { add_hdd; fill_fs /dev/hdd; }
drop_plain() { remove_null_blk hdd; }

register_bcache()
{
	modprobe bcache
	echo "$1" >/sys/fs/bcache/register
}

base_bcache()
{
	add_hdd
	make-bcache -B /dev/hdd >/dev/null
	register_bcache /dev/hdd
	wait_for 10 [ -b /dev/bcache0 ]
	fill_fs /dev/bcache0
}

drop_bcache()
{
	echo 1 >$BCACHE/stop
	wait_for 10 [ ! -e /sys/block/bcache0 ]
	remove_null_blk hdd
}

base_ssd() { add_null_blk flash "$DISK_MIB" "${FLASH[@]}"; fill_fs /dev/flash; }
drop_ssd() { remove_null_blk flash; }

# With the cipher that tmem has.
base_ssd-crypt()
{
	modprobe aesni_intel
	add_null_blk flash "$DISK_MIB" "${FLASH[@]}"
	head -c 64 /dev/urandom | cryptsetup open --type plain --key-file - --cipher aes-xts-plain64 --key-size 512 \
		--sector-size 4096 /dev/flash bench-crypt
	dmsetup mknodes
	fill_fs /dev/mapper/bench-crypt
}

drop_ssd-crypt() { cryptsetup close bench-crypt; remove_null_blk flash; }

# Written all over, so that what the memory behind it takes does not change any more.
add_flash()
{
	add_null_blk flash "$CACHE_MIB" "${FLASH[@]}"
	dd if=/dev/zero of=/dev/flash bs=1M count="$CACHE_MIB" oflag=direct status=none
}

mount_set() { mount -o noatime "$1" /mnt; }

up_disk() { mount_set /dev/hdd; }
down_disk() { umount /mnt; }
up_ssd() { mount_set /dev/flash; }
down_ssd() { umount /mnt; }
up_ssd-crypt() { mount_set /dev/mapper/bench-crypt; }
down_ssd-crypt() { umount /mnt; }

# null_blk has no hardware above it, so tmem takes it for a stack and wants to be asked.
# up_tmem_ssd [PARAMETER...]
up_tmem_ssd()
{
	tmem-pmem-ctl ssd format --force /dev/flash >/dev/null
	modprobe tmem_ssd "$@"
	tmem-pmem-ctl ssd attach /dev/flash >/dev/null
	mount_set /dev/hdd
	tmem-pmem-ctl ssd enable /mnt >/dev/null
}

down_tmem_ssd() { umount /mnt; tmem_unload; }

up_tmem_ssd-plain() { up_tmem_ssd encrypt=0; }
down_tmem_ssd-plain() { down_tmem_ssd; }

# A share of a namespace before it.
# up_tmem_ssd+pmem [PARAMETER...]
up_tmem_ssd+pmem()
{
	local device

	device=$(pmem_device)
	blank "$device"
	modprobe tmem_pmem "devices=$device" "$@"
	up_tmem_ssd "$@"
	echo $((SHARE_MIB * 25600 / $(cat "$(tier_dir)/slots"))) >"$(tier_dir)/clean_percent"
}

down_tmem_ssd+pmem() { down_tmem_ssd; }

up_tmem_ssd+pmem-plain() { up_tmem_ssd+pmem encrypt=0; }
down_tmem_ssd+pmem-plain() { down_tmem_ssd; }

# It takes an SSD as small as this one only in smaller buckets than its default of 512 KiB.
up_bcache()
{
	make-bcache -C --bucket 64k /dev/flash >/dev/null
	register_bcache /dev/flash
	CACHE_SET=$(bcache-super-show /dev/flash | awk '$1 == "cset.uuid" { print $2 }')
	wait_for 10 [ -d "/sys/fs/bcache/$CACHE_SET" ]
	echo "$CACHE_SET" >$BCACHE/attach
	echo "$1" >$BCACHE/cache_mode
	mount_set /dev/bcache0
}

down_bcache()
{
	umount /mnt
	echo 1 >$BCACHE/detach
	wait_for 60 grep -q 'no cache' $BCACHE/state
	echo 1 >"/sys/fs/bcache/$CACHE_SET/unregister"
	wait_for 60 [ ! -e "/sys/fs/bcache/$CACHE_SET" ]
}

up_bcache-wt() { up_bcache writethrough; }
down_bcache-wt() { down_bcache; }
up_bcache-wa() { up_bcache writearound; }
down_bcache-wa() { down_bcache; }

# Blocks of 32 KiB, the smallest it has. 4 MiB of the SSD are for its metadata.
up_dm-cache-smq()
{
	local sectors=$((CACHE_MIB * 2048))

	modprobe -a dm-cache dm-cache-smq
	dmsetup create metadata --table "0 8192 linear /dev/flash 0"
	dmsetup create fast --table "0 $((sectors - 8192)) linear /dev/flash 8192"
	dmsetup mknodes
	dd if=/dev/zero of=/dev/mapper/metadata bs=1M count=4 oflag=direct status=none
	dmsetup create cached --table "0 $(blockdev --getsz /dev/hdd) cache \
/dev/mapper/metadata /dev/mapper/fast /dev/hdd 64 1 writethrough smq 0"
	dmsetup mknodes
	mount_set /dev/mapper/cached
}

down_dm-cache-smq()
{
	umount /mnt
	dmsetup remove cached
	dmsetup remove fast
	dmsetup remove metadata
}

# top_device NAME: the block device of which the contender is asked for what is not in memory.
top_device()
{
	case $1 in
	bcache-*) echo bcache0 ;;
	dm-cache-*) dmsetup info -c --noheadings -o blkdevname cached ;;
	ssd) echo flash ;;
	ssd-crypt) dmsetup info -c --noheadings -o blkdevname bench-crypt ;;
	*) echo hdd ;;
	esac
}

# cached_pages NAME: what the cache holds now, in pages of 4 KiB.
cached_pages()
{
	case $1 in
	tmem_ssd+pmem*) echo $(($(cat "$SSD/index_pages") + $(tier_pages))) ;;
	tmem_ssd*) cat "$SSD/index_pages" ;;
	bcache-*) awk -v mib="$CACHE_MIB" '$1 == "Clean:" { print mib * 256 * $2 / 100 }' \
		/sys/block/flash/bcache/priority_stats ;;
	dm-cache-*) dmsetup status cached | awk '{ split($7, used, "/"); print used[1] * 8 }' ;;
	*) echo 0 ;;
	esac
}

# index_bytes_per_page NAME: of tmem_ssd, by its own count, and null for the others.
index_bytes_per_page()
{
	if is_tmem "$1" && [ "$(cat "$SSD/index_pages")" -gt 0 ]; then
		paste "$SSD/index_bytes" "$SSD/index_pages" | awk '{ printf "%.2f\n", $1 / $2 }'
	else
		echo null
	fi
}
