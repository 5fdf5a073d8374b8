# SPDX-License-Identifier: GPL-2.0
# Nothing of a swap area above dm-crypt reaches persistent memory.
DESCRIPTION="swap areas with dm-crypt anywhere below are refused, unless what is stored is encrypted"
KERNELS="6.12 6.1 7.2"
DISKS="128M 128M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	tmem_stop
	umount /mnt
	dmsetup remove above
	dmsetup remove cached
	dmsetup remove plain
	cryptsetup close crypt
}

requires()
{
	need_module dm_crypt
	need_program cryptsetup dmsetup
}

# refused AREA: swapping to it stores nothing.
refused()
{
	local before=$(tmem_refused crypt) stores=$(tmem_stat stores)

	swapon "$1"
	run_in_cgroup hog hog --content random --touches 3000 48
	grep -q ' crypt$' $TMEM/areas || fail "$1 is not shown as refused"
	swapoff "$1"
	assert_ge "$(tmem_refused crypt)" $((before + 1000)) "pages refused on $1"
	assert_eq "$(tmem_stat stores)" "$stores" "pages stored from $1"
}

# Only the cache device of what is swapped to is encrypted.
behind_encrypted_cache()
{
	local size

	modprobe dm_writecache
	dd if=/dev/zero of=/dev/mapper/crypt bs=1M count=8 conv=fsync status=none
	size=$(blockdev --getsz "$DISK2")
	echo "0 $size writecache s $DISK2 /dev/mapper/crypt 4096 0" | dmsetup create cached
	dmsetup mknodes
	mkswap -q /dev/mapper/cached
	refused /dev/mapper/cached
	dmsetup remove cached
}

test()
{
	local size

	modprobe tmem
	modprobe -i tmem_pmem devices="$(pmem_device)" encrypt=0
	mk_cgroup hog 32M
	echo secret | cryptsetup open --type plain --cipher aes-xts-plain64 --key-size 256 "$DISK1" crypt
	size=$(blockdev --getsz /dev/mapper/crypt)
	echo "0 $size linear /dev/mapper/crypt 0" | dmsetup create above
	dmsetup mknodes
	mkswap -q /dev/mapper/above
	refused /dev/mapper/above
	dmsetup remove above
	mk_fs ext4 /dev/mapper/crypt /mnt
	fallocate -l 100M /mnt/swapfile
	chmod 600 /mnt/swapfile
	mkswap -q /mnt/swapfile
	refused /mnt/swapfile
	swapoff -a
	umount /mnt
	# The debug kernel has no dm-writecache.
	[ "${TMEM_SLOW:-1}" != 1 ] || behind_encrypted_cache
	# A device-mapper device with no dm-crypt below is as good as a disk.
	echo "0 $(blockdev --getsz "$DISK2") linear $DISK2 0" | dmsetup create plain
	dmsetup mknodes
	mkswap -q /dev/mapper/plain
	swapon /dev/mapper/plain
	hog_in hog --content random --touches 3000 48
	assert_ge "$(tmem_stat stores)" 1000 "pages stored from a linear mapping"
	swapoff /dev/mapper/plain

	tmem_unload
	modprobe tmem
	modprobe -i tmem_pmem
	mkswap -q /dev/mapper/crypt
	swapon /dev/mapper/crypt
	hog_in hog --content random --touches 3000 48
	grep -q ' ok$' $TMEM/areas || fail "the area is not shown as used"
	assert_ge "$(tmem_stat stores)" 1000 "pages stored, encrypted"
	assert_eq "$(tmem_refused crypt)" 0 "pages refused"
	# A backend that does not encrypt gets none of them, not even when the other one goes.
	run_in_cgroup hog hog --content random --touches 1 --ready "$RUN/ready" --go "$RUN/go" 48 >"$RUN/hog" &
	wait_for 60 [ -e "$RUN/ready" ]
	assert_ge "$(tmem_held)" 1000 "pages held"
	modprobe frontswap_ram
	tmem-pmem-ctl detach --all
	# Pages of one repeated word are in the table alone; 6.1 swaps out zeroes, too.
	assert_ge 100 "$(tmem_held)" "pages held by a backend that does not encrypt"
	touch "$RUN/go"
	wait
	assert_eq "$(jq .errors "$RUN/hog")" 0 "wrong pages"
	swapoff /dev/mapper/crypt
}
