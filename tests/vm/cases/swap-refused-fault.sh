# SPDX-License-Identifier: GPL-2.0
# Shows that a refused store must forget: with the older copy left, it is served again.
DESCRIPTION="a refused store that keeps the older copy is caught"
KERNELS="6.12 6.1 7.2"
DISKS="512M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	tmem_stop
}

test()
{
	tmem_start "$DISK1"
	fault REFUSE_ONE_IN 3
	fault KEEP_OLD_COPY 1
	mk_cgroup hog 32M
	run_in_cgroup hog hog --content random --writes 60 --touches 12000 80 | tee "$RUN/hog" || true
	assert_ge "$(hog_errors "$RUN/hog")" 1 "stale pages served without the defence"
}
