# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# As ssd-errors; each kind of request fails, and all of them now and then.
DESCRIPTION="an SSD whose writes fail, or its reads, or both every other second"
KERNELS="6.12 6.1 7.2"
SUITE=full
DISKS="200M 24M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

# shellcheck source=tests/vm/cases/ssd-errors.sh
. /payload/tests/cases/ssd-errors.sh

requires()
{
	need_program tmem-pmem-ctl dmsetup
	need_module dm_flakey
}

test()
{
	# Others have it encrypted: there a worker ends the reads.
	set_up encrypt=0
	start_traffic
	serves
	goes_and_comes "writes fail" "0 SIZE flakey $DISK2 0 0 3600 1 error_writes"
	# 6.1 knows no such thing.
	[[ $(uname -r) == 6.1.* ]] ||
		goes_and_comes "reads fail" "0 SIZE flakey $DISK2 0 0 3600 1 error_reads"
	goes_and_comes "all fails one second in two" "0 SIZE flakey $DISK2 0 1 1"
	end_traffic
}
