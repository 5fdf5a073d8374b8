# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# As ssd-wrong-data; blocks that changed places, and blocks that are as they were before.
DESCRIPTION="an SSD that lies: misplaced and stale blocks are recognised, with their summaries too"
KERNELS="6.12 6.1 7.2"
SUITE=full
DISKS="200M 20M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
TIMEOUT=600

# shellcheck source=tests/vm/cases/ssd-wrong-data.sh
. /payload/tests/cases/ssd-wrong-data.sh

OLD=/tmp/old-segments

cleanup()
{
	ssd_stop
	rm -f $OLD
}

# lies_always ARGUMENT...: damaged so it is let go.
lies_always()
{
	local before

	note "always: $*"
	before=$(times_logged '8 reads in a row failed')
	damage "$DISK2" "$@"
	read_all
	wait_for 10 ssd_is_out "$DISK2" || fail "the device stays in service"
	assert_eq "$(times_logged '8 reads in a row failed')" $((before + 1)) "lines in the log"
}

# overwrite_all: what was saved of the segments is of an older version now, and of a time in which the device
# was in service without a break.
overwrite_all()
{
	refill
	damage "$DISK2" save $OLD
	versions_in small --pages 768 --readers 0 --writers 2 --seconds 8 run
	evict small
	read_all
	evict small
	assert_eq "$(ssd_stat "$DISK2" checksum_errors)" 0 "checksum errors before"
}

# What was not encrypted is as good as new in the wrong place, or at the wrong time.
test()
{
	start_files encrypt=0
	lies_now_and_then swap 300
	overwrite_all
	lies_always stale $OLD pages
	overwrite_all
	lies_always stale $OLD all
	refill
	lies_always flip 1
	# It serves again when it tells the truth again.
	refill
	versions_in small --pages 768 --seconds 5 run
	assert_eq "$(ssd_stat "$DISK2" checksum_errors)" 0 "checksum errors"
	assert_ge "$(ssd_stat "$DISK2" gets_read)" 500 "pages read from it"
}
