# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# 64 GiB of persistent memory and a swap area as large: nothing is done a page before there are pages.
DESCRIPTION="64 GiB: attach, detach, status and drain take little time and memory"
NVDIMMS="64G"
DISKS="64G"
MEM=3G
SUITE=full
EXCLUSIVE=1

SLOTS=$((64 << 30 >> 12))

cleanup() { tmem_stop; }

# took COMMAND...: sets $MS. Processor time is what is left when a machine is busy, but an attach sleeps too.
took()
{
	local begun

	begun=$(date +%s%N)
	"$@"
	MS=$((($(date +%s%N) - begun) / 1000000))
	note "$* took $MS ms"
}

# at_most LIMIT_MS WHAT
at_most() { assert_le "$MS" $(($1 * ${TMEM_SLOW:-1})) "ms for $2"; }

# kernel_kib: what the kernel has taken for itself, caches aside.
kernel_kib() { awk '$1 == "VmallocUsed:" || $1 == "SUnreclaim:" { sum += $2 } END { print sum }' /proc/meminfo; }

# A share that takes more memory than there is costs nobody anything.
too_large_a_share()
{
	local before

	before=$(kernel_kib)
	echo 2000 >/proc/sys/vm/nr_hugepages
	note "$(grep MemAvailable /proc/meminfo)"
	must_fail tmem-pmem-ctl share "$device" 100 2>"$RUN/said"
	grep -q memory "$RUN/said" || fail "it says: $(cat "$RUN/said")"
	echo 0 >/proc/sys/vm/nr_hugepages
	assert_le $(($(kernel_kib) - before)) 20000 "KiB that are left"
	tmem-pmem-ctl share "$device" 10
	tmem-pmem-ctl share "$device" 0
}

test()
{
	local device before held

	device=$(pmem_device)
	modprobe tmem
	modprobe -i tmem_pmem devices=
	tmem-pmem-ctl format "$device"
	# The first time modules of the crypto API come with it.
	took tmem-pmem-ctl attach "$device"
	took tmem-pmem-ctl detach "$device"
	at_most 1000 "detach with nothing held"
	before=$(kernel_kib)
	took tmem-pmem-ctl attach "$device"
	at_most 1000 attach
	assert_ge "$(cat "$TMEM_PMEM/devices/${device#/dev/}/slots")" $((SLOTS * 95 / 100)) slots
	note "attached: $((($(kernel_kib) - before) * 1024 * 1000 / SLOTS)) bytes a thousand slots"
	# docs/operations.md says so.
	assert_ge $((($(kernel_kib) - before) * 1024)) "$SLOTS" "bytes for the device"
	assert_le $((($(kernel_kib) - before) * 1024)) $((SLOTS * 9 / 4)) "bytes for the device"

	before=$(kernel_kib)
	took swap_on "$DISK1"
	note "swapon: $((($(kernel_kib) - before) * 1024 * 1000 / SLOTS)) bytes a thousand slots, the kernel's own included"
	took tmem-pmem-ctl status
	at_most 5000 "status of an empty area"

	mk_cgroup hog 64M
	run_in_cgroup hog hog --content random --ready "$RUN/ready" --go "$RUN/go" --touches 2000 192 >"$RUN/hog" &
	wait_for 120 [ -e "$RUN/ready" ]
	held=$(tmem_held)
	assert_ge "$held" 30000 "pages held"
	took tmem-pmem-ctl status
	at_most 5000 status
	# The table is walked once: it may take as long as a look at each slot takes, and the pages.
	took tmem-pmem-ctl drain
	at_most 30000 drain
	assert_eq "$(tmem_held)" 0 "pages held after the drain"
	tmem-pmem-ctl resume
	: >"$RUN/go"
	wait_for 120 [ -s "$RUN/hog" ]
	wait
	assert_eq "$(hog_errors "$RUN/hog")" 0 "wrong pages"
	too_large_a_share
	took tmem-pmem-ctl detach "$device"
	at_most 5000 "detach with an empty table of 64 GiB"
}
