# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# As cleancache-coherence-full, over a small SSD.
DESCRIPTION="random work over an SSD: freezing, remounting, unmounting, growing, two at once, detaching"
KERNELS="6.12 6.1 7.2"
SUITE=full
CPUS=2
DISKS="600M 24M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"
TIMEOUT=1500

# shellcheck source=tests/vm/cases/cleancache-coherence-full.sh
. /payload/tests/cases/cleancache-coherence-full.sh

requires()
{
	need_program tmem-pmem-ctl
	need_module xfs
}

cleanup() { clean_stop; }

backend_up()
{
	modprobe -i tmem_ssd devices="$DISK2"
	echo all >"$SSD"/policy
	rm -f "$RUN"/gets_read "$RUN"/checksum_errors
}

backend_before() { echo "echo frequency >$SSD/policy"; }

# Its counters go with it.
backend_after()
{
	cat <<-EOF
		for name in gets_read checksum_errors; do cat $(ssd_dir "$DISK2")/stats/\$name >>$RUN/\$name; done
		tmem-pmem-ctl ssd detach $DISK2 >/dev/null; read_all
		echo all >$SSD/policy
		tmem-pmem-ctl ssd attach $DISK2 >/dev/null; did detach
	EOF
}

# in_all NAME: the counter, of all times the SSD was attached.
in_all() { { cat "$RUN/$1"; ssd_stat "$DISK2" "$1"; } | awk '{ sum += $1 } END { print sum }'; }

backend_served()
{
	clean_counters
	ssd_counters "$DISK2"
	assert_ge "$(did detach)" 2 "times of detach"
	note "$(in_all gets_read) pages read from the SSD"
	assert_ge "$(in_all gets_read)" 1000 "pages read from the SSD"
	assert_eq "$(in_all checksum_errors)" 0 "checksum errors"
}

test()
{
	tmem-pmem-ctl ssd format "$DISK2"
	on_filesystem 80 ext4 -b 4096
	on_filesystem 80 ext4 -b 1024
	on_filesystem 80 xfs
}
