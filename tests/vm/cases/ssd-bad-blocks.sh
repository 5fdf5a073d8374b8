# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# As ssd-errors; single blocks cannot be read until they are written again, as with real disks. Stock kernels of Debian
# lack dm-dust.
DESCRIPTION="an SSD with bad blocks all over: read from the disk instead, and mended when the cache writes there"
KERNELS="6.12 6.1 7.2"
SUITE=full
DISKS="200M 24M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

# shellcheck source=tests/vm/cases/ssd-errors.sh
. /payload/tests/cases/ssd-errors.sh

requires()
{
	need_program tmem-pmem-ctl dmsetup
	need_module dm_dust
}

dust() { dmsetup message cache 0 "$@"; }

# bad_blocks: how many there are.
bad_blocks() { dust countbadblocks | grep -o '[0-9]\+ badblock' | cut -d' ' -f1; }

fewer_than() { [ "$(bad_blocks)" -lt "$1" ]; }

test()
{
	local block bad

	modprobe -q dm_dust || true
	allow_dmesg 'dust'
	set_up encrypt=1
	ssd_map cache "0 SIZE dust $DISK2 0 4096"
	start_traffic
	serves
	# So far from each other that reads do not fail one after the other.
	for block in $(seq 300 97 5500); do
		dust addbadblock "$block"
	done
	bad=$(bad_blocks)
	assert_ge "$bad" 50 "bad blocks"
	dust enable
	wait_for 120 ssd_counted $CACHE io_errors 5 || fail "no request fails"
	wait_for 300 fewer_than $((bad / 2)) || fail "$(bad_blocks) bad blocks are left of $bad: few were written again"
	ssd_counters $CACHE
	assert_eq "$(times_logged "$GONE")" "$rounds" "lines in the log"
	assert_eq "$(cat "$(ssd_dir $CACHE)/state")" active state
	assert_eq "$(ssd_stat $CACHE checksum_errors)" 0 "checksum errors"
	dust disable
	end_traffic
}
