# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Files above dm-crypt are kept only where they are encrypted, and handed on only to such a place.
DESCRIPTION="a filesystem above dm-crypt, with persistent memory and an SSD, each encrypted and not"
KERNELS="6.12 6.1 7.2"
SUITE=full
DISKS="200M 48M"
NVDIMMS="64M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
TIMEOUT=600

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

# load PMEM_ENCRYPT SSD_ENCRYPT: both modules, with nothing on either medium; "-" for no SSD.
load()
{
	local device

	device=$(pmem_device)
	dd if=/dev/zero of="$device" bs=1M oflag=direct status=none 2>/dev/null || true
	modprobe -i tmem_pmem "devices=$device" "encrypt=$1"
	tier_share 80
	[ "$2" != - ] || return 0
	dd if=/dev/zero of="$DISK2" bs=1M oflag=direct status=none 2>/dev/null || true
	modprobe -i tmem_ssd "encrypt=$2"
	echo all >"$SSD/policy"
	echo 0 >"$SSD/sequential_pages"
	tmem-pmem-ctl ssd format "$DISK2"
	tmem-pmem-ctl ssd attach "$DISK2"
}

# push_out: what persistent memory has goes on, as far as it may.
push_out()
{
	tier_share 1
	wait_for 120 eval "[ \$(tier_pages) -le 170 ]"
	tier_share 80
	sleep 1
}

# found: patterns on both media.
found() { echo "$(patterns_on "$(pmem_device)") $(patterns_on "$DISK2")"; }

test()
{
	mk_cgroup small 16M
	rotational "$DISK1"
	open_crypt "$DISK1" fs
	mk_fs ext4 /dev/mapper/fs /mnt
	make_secrets

	note "persistent memory alone, not encrypted"
	load 0 -
	must_fail tmem-pmem-ctl ssd enable /mnt
	grep -q 'dm-crypt below it' "$TMEM/last_error"
	read_secrets
	assert_eq "$(tier_pages) $(found)" '0 0 0' "pages and patterns"
	note "an encrypted SSD comes, and takes it"
	modprobe -i tmem_ssd
	echo all >"$SSD/policy"
	echo 0 >"$SSD/sequential_pages"
	tmem-pmem-ctl ssd format "$DISK2"
	tmem-pmem-ctl ssd attach "$DISK2"
	tmem-pmem-ctl ssd enable /mnt
	read_secrets
	assert_ge "$(cat "$SSD/index_pages")" 1000 "pages on the SSD"
	assert_eq "$(tier_pages) $(found)" '0 0 0' "pages on persistent memory, and patterns"
	tmem_unload

	note "persistent memory encrypted, the SSD not"
	load 1 0
	tmem-pmem-ctl ssd enable /mnt
	read_secrets
	assert_ge "$(tier_pages)" 1000 "pages on persistent memory"
	push_out
	assert_eq "$(cat "$SSD/index_pages") $(found)" '0 0 0' "pages on the SSD, and patterns"
	assert_ge "$(tier_stat dropped)" 1000 "pages dropped"
	tmem_unload

	note "both encrypted"
	load 1 1
	tmem-pmem-ctl ssd enable /mnt
	read_secrets
	push_out
	assert_ge "$(cat "$SSD/index_pages")" 1000 "pages on the SSD"
	read_secrets
	assert_eq "$(found)" '0 0' patterns
	umount /mnt
	cryptsetup close fs

	note "a filesystem that is not secret, and nothing is encrypted: the search finds it"
	tmem_unload
	load 0 0
	cached_fs ext4 "$DISK1"
	make_secrets
	read_secrets
	push_out
	assert_ge "$(patterns_on "$(pmem_device)")" 10000 "patterns on persistent memory"
	assert_ge "$(patterns_on "$DISK2")" 10000 "patterns on the SSD"
}
