# SPDX-License-Identifier: GPL-2.0
# Somebody else (a live patch) redirects a function that we need.
DESCRIPTION="a function claimed by another redirection keeps tmem from loading, and is named"
KERNELS="6.12 6.1 7.2"
SUITE=full
DISKS="512M 64M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	umount /mnt 2>/dev/null
	[ ! -d /sys/module/tmem_test_redirect ] || rmmod tmem_test_redirect
	tmem_stop
}

state_of_ext4() { awk -v dev="${DISK2#/dev/}" '$1 == dev { print $3 }' "$TMEM"/filesystems; }

test()
{
	local name hooks file_hooks ext4_hooks

	modprobe tmem
	hooks=$(awk '$2 == "armed" { print $1 }' $TMEM/hooks)
	file_hooks=$(awk '$2 == "idle" && $1 !~ /^(ext4|jbd2)_/ { print $1 }' $TMEM/hooks)
	ext4_hooks=$(awk '$1 ~ /^(ext4|jbd2)_/ { print $1 }' $TMEM/hooks)
	rmmod tmem
	assert_ge "$(wc -w <<<"$hooks")" 5 "functions of swap"
	assert_ge "$(wc -w <<<"$file_hooks")" 15 "functions of the page cache"
	for name in $hooks; do
		modprobe tmem_test_redirect function="$name"
		must_fail modprobe tmem
		expect_dmesg "$name\(\) is already redirected by something else"
		rmmod tmem_test_redirect
	done
	# Those of the page cache are wanted only for a backend of clean pages.
	modprobe tmem
	for name in $file_hooks; do
		modprobe tmem_test_redirect function="$name"
		must_fail modprobe cleancache_ram
		expect_dmesg "$name\(\) is already redirected by something else"
		rmmod tmem_test_redirect
	done
	# Without those of ext4 the backend is there, and ext4 is not cached.
	cached_fs ext4 "$DISK2"
	for name in $ext4_hooks; do
		modprobe tmem_test_redirect function="$name"
		modprobe cleancache_ram
		expect_dmesg "$name\(\) is already redirected by something else"
		assert_eq "$(state_of_ext4)" unwatched "state of ext4"
		rmmod cleancache_ram
		rmmod tmem_test_redirect
	done
	assert_eq "$(wc -w <<<"$ext4_hooks")" 2 "functions of ext4"
	modprobe cleancache_ram
	assert_eq "$(state_of_ext4)" cached "state of ext4 when nobody else is there"
	rmmod cleancache_ram
	umount /mnt
	rmmod tmem
	# Nothing was left behind by the attempts.
	tmem_start "$DISK1"
	mk_cgroup hog 32M
	hog_in hog --content mixed --touches 4000 64
	assert_ge "$(tmem_stat stores)" 4000 "pages stored"
}
