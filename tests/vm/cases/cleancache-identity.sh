# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Files that must not be cached, or not any more under the same name.
DESCRIPTION="swap files, verity, encryption, quota files, changed generations, links, evicted inodes"
KERNELS="6.12 6.1 7.2"
DISKS="400M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

requires() { need_module quota_v2; }

cleanup()
{
	swap_off
	clean_stop
}

pages_held() { cat /sys/module/cleancache_ram/parameters/pages; }

# fill FILE [BYTE]: one MiB of it in the backend only.
fill()
{
	run_in_cgroup small sh -c "head -c 1048576 /dev/zero | tr '\\0' ${2:-o} >$1"
	sync
	evict small
	run_in_cgroup small cat "$1" >/dev/null
	evict small
}

# gets_of FILE: pages got while it is read; what it holds goes to /tmp/read.
gets_of()
{
	local before

	before=$(clean_stat gets)
	run_in_cgroup small cat "$1" >/tmp/read
	echo $(($(clean_stat gets) - before))
}

inodes()
{
	fill /mnt/file
	assert_ge "$(gets_of /mnt/file)" 250 "pages got"
	evict small
	# The inode leaves memory, the copies stay.
	echo 2 >/proc/sys/vm/drop_caches
	assert_ge "$(gets_of /mnt/file)" 250 "pages got after the inode left memory"
	evict small
	mv /mnt/file /mnt/renamed
	assert_ge "$(gets_of /mnt/renamed)" 250 "pages got after renaming"
	evict small
	ln /mnt/renamed /mnt/link
	rm /mnt/renamed
	assert_ge "$(gets_of /mnt/link)" 250 "pages got through the other link"
	evict small
	rm /mnt/link
	assert_eq "$(pages_held)" 0 "pages held of a deleted file"
}

generations()
{
	local generation

	fill /mnt/file
	generation=$(lsattr -v /mnt/file | awk '{ print $1 }')
	chattr -v 12345 /mnt/file
	assert_eq "$(gets_of /mnt/file)" 0 "pages got with another generation"
	evict small
	head -c 1048576 /dev/zero | tr '\0' n |
		dd of=/mnt/file bs=64k oflag=direct iflag=fullblock conv=notrunc status=none
	chattr -v "$generation" /mnt/file
	gets_of /mnt/file
	assert_eq "$(tr -dc o </tmp/read | wc -c)" 0 "old bytes with the old generation"
	rm /mnt/file
}

swap_files()
{
	fill /mnt/swap
	chmod 600 /mnt/swap
	mkswap -q /mnt/swap
	sync
	fill /mnt/other
	fault NO_SWAP_FORGET 1
	swapon /mnt/swap
	swap_off
	assert_ge "$(gets_of /mnt/swap)" 200 "pages got of a former swap file, without the defence"
	fault NO_SWAP_FORGET 0
	evict small
	swapon /mnt/swap
	swap_off
	assert_eq "$(gets_of /mnt/swap)" 0 "pages got of a file that was a swap file for a moment"
	swapon /mnt/swap
	assert_eq "$(gets_of /mnt/swap)" 0 "pages got of a swap file"
	evict small
	run_in_cgroup small cat /mnt/swap >/dev/null
	evict small
	assert_ge "$(clean_refused swap_file)" 200 "pages of the swap file refused"
	swap_off
	assert_eq "$(gets_of /mnt/swap)" 0 "pages got of a former swap file"
	rm /mnt/swap /mnt/other
}

verity()
{
	fill /mnt/file
	fsverity_enable /mnt/file
	evict small
	assert_eq "$(gets_of /mnt/file)" 0 "pages got of a verity file"
	evict small
	assert_eq "$(gets_of /mnt/file)" 0 "pages got of a verity file"
	assert_ge "$(clean_refused verity)" 200 "pages of a verity file refused"
}

# Only the kernel's page cache has it in clear text.
encrypted()
{
	mkdir /mnt/secret
	fileop encrypt /mnt/secret
	fill /mnt/secret/file
	assert_eq "$(gets_of /mnt/secret/file)" 0 "pages got of an encrypted file"
	assert_ge "$(clean_refused encrypted)" 200 "pages of an encrypted file refused"
	# One beside it is not.
	fill /mnt/clear
	assert_ge "$(gets_of /mnt/clear)" 200 "pages got of a file that is not"
}

# One without any user's, of one MiB.
make_quota_file()
{
	run_in_cgroup small perl -e 'print pack("L8", 0xd9c01f11, 1, 604800, 604800, 0, 2, 0, 0), "\0" x (1048576 - 32)' >"$1"
}

# The kernel writes it past the page cache.
quota_files()
{
	make_quota_file /mnt/quota
	cp /mnt/quota /tmp/quota
	sync
	evict small
	run_in_cgroup small cat /mnt/quota >/dev/null
	evict small
	assert_ge "$(gets_of /mnt/quota)" 200 "pages got of what is to be a quota file"
	evict small
	mount -o remount,usrquota /mnt
	fileop quota-on "$DISK1" /mnt/quota
	assert_eq "$(gets_of /mnt/quota)" 0 "pages got of a quota file"
	evict small
	assert_ge "$(clean_refused quota_file)" 200 "pages of a quota file refused"
	run_in_cgroup small cat /mnt/quota >/dev/null
	head -c 10000 /dev/zero >/mnt/owned
	chown 1000 /mnt/owned
	sync
	fileop quota-off "$DISK1"
	evict small
	must_fail cmp -s /tmp/quota /mnt/quota
	assert_eq "$(pages_wrong /mnt/quota)" 0 "wrong pages of a former quota file"
	run_in_cgroup small cat /mnt/quota >/dev/null
	evict small
	assert_ge "$(gets_of /mnt/quota)" 200 "pages got of a former quota file"
}

# fsverity_enable FILE, in the cgroup, since it reads the file: FS_IOC_ENABLE_VERITY with SHA-256 and blocks of 4 KiB; Perl is what there is.
fsverity_enable()
{
	# shellcheck disable=SC2016
	run_in_cgroup small perl -e 'open(F, "<", $ARGV[0]) or die; $arg = pack("LLLLQLLQx88", 1, 1, 4096, 0, 0, 0, 0, 0);
		ioctl(F, 0x40806685, $arg) or die "$!\n"' "$1"
}

test()
{
	cached_fs ext4 "$DISK1" -b 4096 -O verity,encrypt,^metadata_csum
	modprobe cleancache_ram max_pages=20000
	mk_cgroup small 16M
	inodes
	generations
	swap_files
	if [ -e /sys/fs/ext4/features/verity ]; then
		verity
	else
		note "no fs-verity here"
	fi
	if [ -e /sys/fs/ext4/features/encryption ]; then
		encrypted
	else
		note "no fscrypt here"
	fi
	quota_files
	clean_counters
}
