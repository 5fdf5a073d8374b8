# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# An SSD that does not answer holds up nobody: the machine does not hibernate, and says why.
DESCRIPTION="hibernation with an SSD that hangs, or is detached and hangs: refused after 20 s, or at once if that is killed; allowed when it answers"
KERNELS="6.12 6.1 7.2"
SUITE=full
DISKS="200M 24M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

CACHE=/dev/mapper/cache

requires()
{
	need_program tmem-pmem-ctl dmsetup
	need_file /dev/snapshot
}

cleanup()
{
	dmsetup resume cache
	ssd_stop
}

# prepare_for SECONDS: as a program does it that writes the image itself.
prepare_for() { timeout -s KILL "$1" bash -c ': </dev/snapshot'; }

# refused_in SECONDS: how long it takes to be refused, or killed after SECONDS.
refused_in()
{
	local begin=$SECONDS

	must_fail prepare_for "$1" >&2
	echo $((SECONDS - begin))
}

# is_refused: after about as long as it should take.
is_refused()
{
	local seconds

	seconds=$(refused_in 60)
	note "refused after $seconds s"
	[ "$seconds" -ge 15 ] && [ "$seconds" -le 40 ] || fail "refused after $seconds s"
	grep "$1 not answered for 20 seconds" "$TMEM/last_error"
}

is_detaching() { [ "$(cat "$(ssd_dir $CACHE)/state")" = detaching ]; }

is_active() { [ "$(cat "$(ssd_dir $CACHE)/state")" = active ]; }

test()
{
	local traffic waiting seconds held

	tmem-pmem-ctl ssd format --force "$DISK2"
	cached_fs ext4 "$DISK1"
	versioned_files --files 4
	ssd_map cache "0 SIZE linear $DISK2 0"
	modprobe -i tmem_ssd
	echo all >"$SSD/policy"
	tmem-pmem-ctl ssd attach $CACHE
	mk_cgroup small 20M
	versions_in small --files 4 --seconds 1000 run || true &
	traffic=$!
	wait_for 60 ssd_counted $CACHE gets_read 300 || fail "nothing is read"
	dmsetup suspend --noflush cache
	sleep 2

	is_refused "dm-0 has"
	is_active || fail "asleep, and the machine is not"

	seconds=$(refused_in 5)
	note "killed after $seconds s"
	[ "$seconds" -le 12 ] || fail "killed, it took $seconds s"
	wait_for 10 is_active || fail "asleep after a kill"

	dmsetup resume cache
	held=$(ssd_stat $CACHE gets_read)
	wait_for 60 ssd_counted $CACHE gets_read $((held + 100)) || fail "nothing is read after that"
	prepare_for 60
	held=$(ssd_stat $CACHE gets_read)
	wait_for 60 ssd_counted $CACHE gets_read $((held + 100)) || fail "nothing is read after hibernation"
	assert_eq "$(ssd_stat $CACHE checksum_errors)" 0 "checksum errors"

	dmsetup suspend --noflush cache
	sleep 2
	tmem-pmem-ctl ssd detach $CACHE &
	waiting=$!
	wait_for 10 is_detaching || fail "it is not being detached"
	is_refused "being attached or detached, and has"
	dmsetup resume cache
	wait $waiting
	ssd_is_out $CACHE || fail "it is attached"
	prepare_for 60
	kill -0 "$traffic" || fail "the traffic has ended"
	traffic_ends "$traffic" --files 4
	tmem_unload
}
