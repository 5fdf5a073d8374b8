# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The SSD takes its time: pages that do not fit into memory meanwhile are refused, and readers of those it
# has wait for it as for any disk.
DESCRIPTION="a slow SSD: full staging refuses and counts; a suspended one only makes readers wait"
KERNELS="6.12 6.1 7.2"
DISKS="200M 24M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

CACHE=/dev/mapper/cache

requires()
{
	need_program tmem-pmem-ctl dmsetup
	need_module dm_delay
}

cleanup()
{
	dmsetup resume cache
	ssd_stop
}

# evicted MIB: so much is read once, and evicted at once.
evicted()
{
	run_in_cgroup small sh -c "head -c ${1}M /dev/urandom >/mnt/once && sync"
	evict small
}

detached() { [ "$(cat "$(ssd_dir $CACHE)/state" 2>/dev/null)" != active ]; }

test()
{
	local held traffic waiting budget spent

	tmem-pmem-ctl ssd format --force "$DISK2"
	cached_fs ext4 "$DISK1"
	versioned_files --files 4
	ssd_map cache "0 SIZE delay $DISK2 0 0 $DISK2 0 3000"
	modprobe -i tmem_ssd
	echo all >"$SSD/policy"
	tmem-pmem-ctl ssd attach $CACHE
	mk_cgroup small 20M

	note "each segment takes three seconds"
	# A filesystem is known when it is read.
	versions_in small --files 4 check
	budget=$(cat "$SSD/budget_bytes")
	held=$(ssd_stat $CACHE puts)
	evicted 16
	ssd_counters $CACHE
	assert_ge "$(ssd_refused staging_full)" 500 "pages refused"
	# Eight stages of 254 pages, and what is written meanwhile.
	assert_ge "$(ssd_stat $CACHE puts)" 2032 "pages taken"
	# Pages are paid for if they are taken. A tenth is for summaries, and what was written again.
	spent=$((budget - $(cat "$SSD/budget_bytes")))
	assert_le $spent $((($(ssd_stat $CACHE puts) - held) * 4096 * 11 / 10)) "bytes of the budget that were used"
	versions_in small --files 4 check
	rm /mnt/once
	ssd_map cache "0 SIZE linear $DISK2 0"

	note "suspended under traffic"
	versions_in small --files 4 --seconds 1000 run || true &
	traffic=$!
	wait_for 60 ssd_counted $CACHE gets_read 300 || fail "nothing is read"
	dmsetup suspend --noflush cache
	held=$(ssd_stat $CACHE gets_read)
	sleep 3
	dmsetup resume cache
	wait_for 60 ssd_counted $CACHE gets_read $((held + 100)) || fail "nothing is read after that"

	note "detached while suspended"
	dmsetup suspend --noflush cache
	sleep 1
	tmem-pmem-ctl ssd detach $CACHE &
	waiting=$!
	wait_for 10 detached || fail "it is not being detached"
	sleep 1
	dmsetup resume cache
	wait $waiting
	ssd_is_out $CACHE || fail "it is attached"
	sleep 1
	kill -0 "$traffic" || fail "the traffic has ended"
	traffic_ends "$traffic" --files 4
	tmem_unload
}
