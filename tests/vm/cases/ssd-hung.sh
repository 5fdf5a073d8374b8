# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The SSD has accepted as many requests as it can, and answers none of them for a while. Who reads from it waits, and nobody
# else does: unmounting a filesystem has to wait until nobody is in the middle of looking something up, but for no I/O.
# Who waits for a request that was accepted can be killed.
DESCRIPTION="an SSD that accepts no more requests: other filesystems are mounted and unmounted meanwhile"
KERNELS="6.12 6.1 7.2"
SUITE=full
DISKS="200M 64M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

DRIVER=/sys/bus/pseudo/drivers/scsi_debug
OTHER=/tmp/other

requires()
{
	need_program tmem-pmem-ctl
	need_module scsi_debug sd_mod
}

cleanup()
{
	ssd_stop
	umount $OTHER 2>/dev/null
	rmmod scsi_debug
}

# One request at a time is under way, and others wait to be accepted.
readers_wait()
{
	local reader

	for reader in $(pgrep -x versions); do
		! grep -q blk_mq_get_tag "/proc/$reader/stack" 2>/dev/null || return 0
	done
	return 1
}

# Its request was accepted; or it has ended.
is_waiting() { grep -q tmem_clean_wait_for "/proc/$1/stack" 2>/dev/null || ! kill -0 "$1" 2>/dev/null; }

# reader_waits FILE: somebody, $!, reads a page of it that is on the SSD.
reader_waits()
{
	local page

	for page in {0..1000..40}; do
		fileop fault "$1" "$page" &
		# What was written before may take its time first.
		wait_for 30 is_waiting $! || return 1
		! kill -0 $! 2>/dev/null || return 0
		wait $! || return 1
	done
	return 1
}

# A page that was on its way to a reader who was killed comes, and is right: all of them are compared later.
reader_is_killed()
{
	local reader start

	reader_waits "$1" || fail "no reader waits for the SSD"
	reader=$!
	start=$SECONDS
	kill -KILL "$reader"
	wait "$reader" 2>/dev/null || true
	assert_le $((SECONDS - start)) 3 "seconds until a reader was gone that was killed"
}

test()
{
	local disk readers=() i start

	modprobe sd_mod
	modprobe scsi_debug dev_size_mb=24 delay=0 max_queue=1
	wait_for 20 compgen -G "$DRIVER/adapter0/host*/target*/*/block/*" >/dev/null
	disk=/dev/$(basename "$DRIVER"/adapter0/host*/target*/*/block/*)
	echo none >"/sys/block/${disk#/dev/}/queue/scheduler"
	tmem-pmem-ctl ssd format --force "$disk"
	mkdir -p $OTHER
	rotational "$DISK2"
	mk_fs ext4 "$DISK2" $OTHER
	cached_fs ext4 "$DISK1"
	versioned_files --files 4
	modprobe -i tmem_ssd
	echo all >"$SSD/policy"
	mk_cgroup small 16M
	tmem-pmem-ctl ssd attach "$disk"
	head -c 1M /dev/urandom >$OTHER/file
	versions_in small --files 4 --seconds 1000 run || true &
	wait_for 60 ssd_counted "$disk" gets_read 300 || fail "nothing is read"
	pkill -x versions
	wait $! || true

	evict small
	note "each request takes ten seconds"
	# In ticks, of which there are 250 a second.
	echo 2500 >$DRIVER/delay
	reader_is_killed /mnt/v0
	for i in 1 2 3 4; do
		versions_in small --files 4 check &
		readers+=($!)
	done
	wait_for 30 readers_wait || fail "no reader waits for the SSD to accept a request"
	start=$SECONDS
	umount $OTHER
	mount -t tmpfs none $OTHER
	umount $OTHER
	assert_le $((SECONDS - start)) 5 "seconds until the others were unmounted"
	wait_for 30 readers_wait || fail "the readers do not wait any more"
	# What was not accepted yet is the last that is read from it.
	tmem-pmem-ctl ssd detach "$disk"
	for i in "${readers[@]}"; do
		wait "$i" || fail "a reader got a wrong byte or an error"
	done
	wait_for 20 umount /mnt 2>/dev/null
	tmem_unload
}
