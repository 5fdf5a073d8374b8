# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Fifty times attached and detached while files are read and overwritten, with reads in flight.
DESCRIPTION="50 attach and detach cycles of an SSD under traffic"
KERNELS="6.12 6.1 7.2"
SUITE=full
CPUS=2
DISKS="200M 24M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
TIMEOUT=1200

CACHE=/dev/mapper/cache
CYCLES=50

requires()
{
	need_program tmem-pmem-ctl dmsetup
	need_module dm_delay
}

cleanup() { ssd_stop; }

# served: pages were read from the device in this cycle.
served() { ssd_counted $CACHE gets_read 20; }

test()
{
	local i

	tmem-pmem-ctl ssd format --force "$DISK2"
	# Reads take so long that one is always under way.
	ssd_map cache "0 SIZE delay $DISK2 0 30 $DISK2 0 0"
	cached_fs ext4 "$DISK1"
	versioned_files --files 6
	modprobe -i tmem_ssd
	echo all >"$SSD/policy"
	mk_cgroup small 16M
	versions_in small --files 6 --readers 4 --seconds 2000 run || true &
	traffic=$!
	for ((i = 0; i < CYCLES; i++)); do
		tmem-pmem-ctl ssd attach $CACHE
		wait_for 60 served || fail "nothing is read in cycle $i"
		tmem-pmem-ctl ssd detach $CACHE
		ssd_is_out $CACHE || fail "still attached in cycle $i"
		kill -0 $traffic || fail "the traffic has ended in cycle $i"
	done
	traffic_ends $traffic --files 6
	tmem_unload
}
