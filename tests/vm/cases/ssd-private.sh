# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Nothing of the files that are cached can be read from the SSD, not even after a power cut.
DESCRIPTION="what is cached is encrypted: planted patterns are found without that, and not with it"
KERNELS="6.12 6.1 7.2"
DISKS="200M 200M 48M"
EXCLUSIVE=1
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

requires()
{
	need_module dm_crypt
	need_program cryptsetup
}

cleanup()
{
	clean_stop
	cryptsetup close fs 2>/dev/null
	rm -rf /etc/tmem
}

# attach_blank [PARAMETER...]: the SSD, with nothing on it.
attach_blank()
{
	dd if=/dev/zero of="$DISK3" bs=1M count=48 oflag=direct status=none
	modprobe -i tmem_ssd "$@"
	echo all >"$SSD/policy"
	echo 0 >"$SSD/sequential_pages"
	tmem-pmem-ctl ssd format "$DISK3"
	tmem-pmem-ctl ssd attach "$DISK3"
}

# cached_reads: secrets are read from the SSD, and nothing was wrong.
cached_reads()
{
	local before

	before=$(clean_stat gets)
	read_secrets
	assert_ge $(($(clean_stat gets) - before)) 2000 "pages got"
	assert_eq "$(ssd_stat "$DISK3" checksum_errors) $(ssd_stat "$DISK3" io_errors)" '0 0' errors
	assert_ge "$(ssd_stat "$DISK3" gets_read)" 1000 "pages read from the medium"
}

test()
{
	if [ "$PHASE" = 2 ]; then
		assert_ge "$(dd if="$DISK3" bs=1M skip=1 count=40 iflag=direct status=none | tr -d '\0' | wc -c)" 8000000 \
			"bytes of segments on the SSD after a power cut"
		assert_eq "$(patterns_on "$DISK3")" 0 "patterns on the SSD after a power cut"
		return
	fi
	mk_cgroup small 24M
	# Before the root filesystem is seen, which is not meant here.
	rotational "$DISK1"

	note "not encrypted: the search finds them"
	attach_blank encrypt=0
	assert_eq "$(cat "$(ssd_dir "$DISK3")/encrypted")" 0 encrypted
	cached_fs ext4 "$DISK1"
	make_secrets
	cached_reads
	assert_ge "$(patterns_on "$DISK3")" 100000 "patterns on the SSD"
	modprobe -r tmem_ssd
	assert_ge "$(patterns_on "$DISK3")" 100000 "patterns left on the SSD"

	note "encrypted, as it is by default"
	attach_blank
	assert_eq "$(cat "$(ssd_dir "$DISK3")/encrypted")" 1 encrypted
	cached_reads
	assert_eq "$(patterns_on "$DISK3")" 0 "patterns on the SSD"

	note "a filesystem above dm-crypt"
	umount /mnt
	open_crypt "$DISK2" fs
	mk_fs ext4 /dev/mapper/fs /mnt
	tmem-pmem-ctl ssd enable /mnt
	make_secrets
	cached_reads
	assert_eq "$(patterns_on "$DISK3") $(patterns_on "$DISK2")" '0 0' "patterns on the SSD and below dm-crypt"

	# Another key: what is left of the first one is of no use, and nobody asks for it.
	tmem-pmem-ctl ssd detach "$DISK3"
	tmem-pmem-ctl ssd attach "$DISK3"
	cached_reads
	assert_eq "$(patterns_on "$DISK3")" 0 "patterns on the SSD"
	next_boot
}
