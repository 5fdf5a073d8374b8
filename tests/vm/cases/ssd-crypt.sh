# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What dm-crypt encrypts reaches no medium as it is; it is cached where that is encrypted too.
DESCRIPTION="without encrypt, a filesystem above dm-crypt is cached only on an SSD that is above dm-crypt"
KERNELS="6.12 6.1 7.2"
DISKS="200M 48M 48M"
SUITE=full
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

requires()
{
	need_module dm_crypt
	need_program cryptsetup
}

cleanup()
{
	clean_stop
	dmsetup remove linear 2>/dev/null
	cryptsetup close fs 2>/dev/null
	cryptsetup close ssd 2>/dev/null
	rm -rf /etc/tmem
}

test()
{
	local name=${DISK3#/dev/}

	mk_cgroup small 24M
	# Before the root filesystem is seen, which is no secret and not meant here.
	rotational "$DISK1"
	modprobe -i tmem_ssd encrypt=0
	echo all >"$SSD/policy"
	echo 0 >"$SSD/sequential_pages"
	tmem-pmem-ctl ssd format "$DISK3"
	tmem-pmem-ctl ssd attach "$DISK3"

	# That the search finds what is there: a filesystem that is no secret.
	cached_fs ext4 "$DISK1"
	make_secrets
	read_secrets
	assert_ge "$(patterns_on "$DISK3")" 1000 "patterns of an open filesystem on the SSD"
	umount /mnt
	tmem-pmem-ctl ssd detach "$DISK3"
	dd if=/dev/zero of="$DISK3" bs=1M count=48 oflag=direct status=none
	tmem-pmem-ctl ssd format "$DISK3"
	tmem-pmem-ctl ssd attach "$DISK3"

	open_crypt "$DISK1" fs
	mk_fs ext4 /dev/mapper/fs /mnt
	make_secrets
	must_fail tmem-pmem-ctl ssd enable /mnt
	grep -q dm-crypt "$TMEM"/last_error
	read_secrets
	assert_eq "$(patterns_on "$DISK3")" 0 "patterns on an SSD that is not encrypted"

	# Above a linear mapping of dm-crypt it is encrypted all the same.
	open_crypt "$DISK2" ssd
	echo "0 $(blockdev --getsz /dev/mapper/ssd) linear /dev/mapper/ssd 0" | dmsetup create linear
	dmsetup mknodes
	dd if=/dev/zero of=/dev/mapper/linear bs=1M count=48 oflag=direct status=none 2>/dev/null || true
	tmem-pmem-ctl ssd format /dev/mapper/linear
	tmem-pmem-ctl ssd attach /dev/mapper/linear
	tmem-pmem-ctl ssd enable /mnt
	read_secrets
	tmem-pmem-ctl ssd status
	assert_ge "$(clean_stat gets)" 2000 "pages got from the encrypted SSD"
	assert_eq "$(cat "$SSD/devices/$name/pages")" 0 "pages on the SSD that is not encrypted"
	assert_ge "$(patterns_on /dev/mapper/linear)" 1000 "patterns, decrypted"
	assert_eq "$(patterns_on "$DISK2")" 0 "patterns below dm-crypt"
	assert_eq "$(patterns_on "$DISK3")" 0 "patterns on the SSD that is not encrypted"

	# The encrypted one goes while the filesystem is cached.
	tmem-pmem-ctl ssd detach /dev/mapper/linear
	read_secrets
	assert_ge "$(ssd_refused not_encrypted)" 1000 "pages refused for want of an encrypted SSD"
	assert_eq "$(patterns_on "$DISK3")" 0 "patterns on the SSD that is left"
}
