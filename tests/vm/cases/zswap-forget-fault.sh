# SPDX-License-Identifier: GPL-2.0
# Shows that a page we store must be forgotten by zswap.
SUITE=full
DESCRIPTION="an older copy left in zswap is served, without the defence"
KERNELS="6.1"
DISKS="512M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	echo N >/sys/module/zswap/parameters/enabled
	tmem_stop
}

test()
{
	echo Y >/sys/module/zswap/parameters/enabled
	tmem_start "$DISK1"
	fault NO_ZSWAP_FORGET 1
	fault REFUSE_ONE_IN 2
	mk_cgroup hog 32M
	# On 6.1 zswap keeps its copy at a load. Its page is then changed and stored here; drained,
	# the page is on the swap device, and zswap's copy stands in front of that.
	(run_in_cgroup hog hog --content compressible --writes 60 --ready "$RUN/ready" --go "$RUN/go" \
		--touches 15000 64 >"$RUN/hog" || true) &
	wait_for 60 [ -e "$RUN/ready" ]
	touch "$RUN/go"
	for _ in 1 2 3 4 5 6; do
		sleep 0.5
		echo 0 >$FRONTSWAP/curr_pages || true
	done
	wait $! || true
	cat "$RUN/hog"
	assert_ge "$(hog_errors "$RUN/hog")" 1 "stale pages served without the defence"
}
