# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The demonstration: the same swap-heavy job over three usual swap devices and over tmem.
DESCRIPTION="demonstration"
KERNELS="6.12"
MEM=2G
NVDIMMS="512M 512M"
ICOUNT=1
EXCLUSIVE=1
TIMEOUT=3000

here=/payload/tests/cases
# shellcheck source=bench/fio/guest/lib/contenders.sh
. $here/lib/contenders.sh
# shellcheck disable=SC1091
. $here/config
SWAP_MIB=384
ALONE_NS=0

# show WORD...: a line for the reader. try COMMAND...: show it as typed, and run it.
show() { printf '| %s\n' "$*"; }
try()
{
	show "guest# $*"
	"$@" >/tmp/tried 2>&1 || { sed 's/^/| /' /tmp/tried; fail "$*"; }
}

# fio_job MEMORY_MAX: run the job in a cgroup of that size; sets NS, CHECKED and ERRORS.
fio_job()
{
	local start status=0

	mk_cgroup demo "$1"
	start=$(date +%s%N)
	DIR=/dev/shm SIZE=${MIB}m run_in_cgroup demo fio --output-format=json --output=/tmp/fio.json \
		$here/swap-heavy.fio >/tmp/fio.out 2>&1 || status=$?
	NS=$(($(date +%s%N) - start))
	CHECKED=$(jq '[.jobs[].read.total_ios] | add' /tmp/fio.json)
	ERRORS=$(grep -c 'verify failed' /tmp/fio.out || true)
	[ "$status" = 0 ] || [ "$ERRORS" -gt 0 ] || fail "fio: status $status: $(tail -n 1 /tmp/fio.out)"
	rm -f /dev/shm/swap-heavy
	rmdir "$CGROUP/demo"
}

# run_over NAME: run the job over the swap area that is on, and log a row for the table.
run_over()
{
	local in out loads=0 stores=0

	in=$(vmstat pswpin) out=$(vmstat pswpout)
	if [ -d "$TMEM/stats" ]; then
		loads=$(tmem_stat loads) stores=$(tmem_stat stores)
	fi
	fio_job "${LIMIT_MIB}M"
	in=$(($(vmstat pswpin) - in)) out=$(($(vmstat pswpout) - out))
	if [ -d "$TMEM/stats" ]; then
		loads=$(($(tmem_stat loads) - loads)) stores=$(($(tmem_stat stores) - stores))
	fi
	jq -nc --arg name "$1" "{name: \$name, ns: $((NS - ALONE_NS)), in: $in, out: $out,
		loads: $loads, stores: $stores, checked: $CHECKED, errors: $ERRORS}" | sed 's/^/# ROW /'
	[ "$ERRORS" = 0 ] || sed 's/^/| /' /tmp/fio.out
	show "$1: $((loads + in)) pages came back, $ERRORS errors"
}

over_pmem_swap()
{
	try ndctl create-namespace --name swap --region region1
	SWAP_DEVICE=/dev/pmem1
	start_swap
	run_over "swap on /dev/pmem1"
	stop_swap
}

over_tmem()
{
	try ndctl create-namespace --name tmem
	try modprobe tmem_pmem
	grep -q . "$TMEM_PMEM"/devices/*/slots || fail "the namespace was not attached"
	"up_null_blk-80us"
	run_over "tmem_pmem over the disk"
	show "guest# grep -H . /sys/kernel/mm/frontswap/*"
	grep -H . "$FRONTSWAP"/* | sed 's/^/| /'
	"down_null_blk-80us"
	tmem_unload
}

test()
{
	echo 0 >/proc/sys/vm/page-cluster
	modprobe -a nd_pmem
	init_labels
	show "$(uname -sr), a file of $MIB MiB in memory, and a memory cgroup of $LIMIT_MIB MiB"
	# Twice: the first run reads fio from disk.
	fio_job max
	fio_job max
	ALONE_NS=$NS
	show "the job without swapping: $CHECKED pages checked, $ERRORS errors"
	over_pmem_swap
	"up_zram-lz4"
	run_over "zram, lz4"
	"down_zram-lz4"
	"up_null_blk-80us"
	run_over "disk of 80 us a request"
	"down_null_blk-80us"
	over_tmem
}
