# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Fifty times loaded and unloaded while files are read and overwritten, with reads in flight.
DESCRIPTION="50 load and unload cycles with an SSD under traffic"
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

# traffic_goes_on WHAT
traffic_goes_on() { kill -0 "$traffic" || fail "the traffic has ended: $1"; }

# in_flight: a request has not ended.
in_flight() { awk '{ exit !($1 + $2) }' "/sys/block/$(ssd_name $CACHE)/inflight"; }

test()
{
	local i busy=0

	tmem-pmem-ctl ssd format --force "$DISK2"
	# Reads take so long that one is always under way.
	ssd_map cache "0 SIZE delay $DISK2 0 30 $DISK2 0 0"
	cached_fs ext4 "$DISK1"
	versioned_files --files 6
	modprobe tmem
	mk_cgroup small 12M
	versions_in small --files 6 --readers 4 --seconds 2000 run || true &
	traffic=$!
	for ((i = 0; i < CYCLES; i++)); do
		modprobe -i tmem_ssd devices=$CACHE
		echo all >"$SSD/policy"
		wait_for 60 served || fail "nothing is read in cycle $i"
		! wait_for 5 in_flight || busy=$((busy + 1))
		rmmod tmem_ssd
		traffic_goes_on "cycle $i of loading"
	done
	note "$busy times unloaded with requests in flight"
	assert_ge $busy $((CYCLES / 2)) "times with requests in flight"
	traffic_ends "$traffic" --files 6
	tmem_unload
}
