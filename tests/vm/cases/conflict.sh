# SPDX-License-Identifier: GPL-2.0
# Somebody else (a live patch) redirects a function that we need.
DESCRIPTION="a function claimed by another redirection keeps tmem from loading, and is named"
KERNELS="6.12 6.1 7.2"
DISKS="512M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	[ ! -d /sys/module/tmem_test_redirect ] || rmmod tmem_test_redirect
	tmem_stop
}

test()
{
	local name hooks file_hooks

	modprobe tmem
	hooks=$(awk '$2 == "armed" { print $1 }' $TMEM/hooks)
	file_hooks=$(awk '$2 == "idle" { print $1 }' $TMEM/hooks)
	rmmod tmem
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
	rmmod tmem
	# Nothing was left behind by the attempts.
	tmem_start "$DISK1"
	mk_cgroup hog 32M
	hog_in hog --content mixed --touches 4000 64
	assert_ge "$(tmem_stat stores)" 4000 "pages stored"
}
