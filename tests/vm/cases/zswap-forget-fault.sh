# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Shows that a page we store must be forgotten by zswap.
SUITE=full
DESCRIPTION="an older copy left in zswap is served without the defence, and not with it"
KERNELS="6.12 6.1 7.2"
DISKS="512M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

cleanup()
{
	echo N >/sys/module/zswap/parameters/enabled
	tmem_stop
}

# drained_beside_zswap: some pages are refused and are in zswap, those stored are drained again and again. Counts what
# is wrong in $RUN/hog.
drained_beside_zswap()
{
	local zswap written stores

	rm -f "$RUN"/ready "$RUN"/go
	zswap=$(vmstat zswpout)
	written=$(tmem_stat written_out)
	stores=$(tmem_stat stores)
	(run_in_cgroup hog hog --content compressible --writes 60 --ready "$RUN/ready" --go "$RUN/go" \
		--touches 15000 64 >"$RUN/hog" || true) &
	wait_for 60 [ -e "$RUN/ready" ]
	touch "$RUN/go"
	for _ in 1 2 3 4 5 6; do
		sleep 0.5
		echo 0 >"$FRONTSWAP"/curr_pages || true
	done
	wait $! || true
	cat "$RUN/hog"
	zswap=$(($(vmstat zswpout) - zswap)) written=$(($(tmem_stat written_out) - written))
	note "$(($(tmem_stat stores) - stores)) pages stored, $written written out, $zswap to zswap"
	assert_ge "$zswap" 1000 "pages to zswap"
	assert_ge "$written" 1000 "pages written out"
}

test()
{
	echo Y >/sys/module/zswap/parameters/enabled
	tmem_start "$DISK1"
	mk_cgroup hog 32M
	fault REFUSE_ONE_IN 2
	# On 6.1 zswap keeps its copy at a load. Its page is then changed and stored here; drained,
	# the page is on the swap device, and zswap's copy stands in front of that.
	fault NO_ZSWAP_FORGET 1
	drained_beside_zswap
	wrong_without "older copies of zswap's" "$(hog_errors "$RUN/hog")" 6.1
	fault NO_ZSWAP_FORGET 0
	drained_beside_zswap
	assert_eq "$(hog_errors "$RUN/hog")" 0 "wrong pages"
}
