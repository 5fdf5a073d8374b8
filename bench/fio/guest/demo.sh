# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The demonstration: the same swap-heavy job over three usual swap devices and over tmem; then a file on
# a slow disk, read without and with an SSD in front of it.
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
# shellcheck source=bench/fio/guest/lib/caches.sh
. $here/lib/caches.sh
# shellcheck disable=SC1091
. $here/config
SWAP_MIB=384
REREAD=/tmp/reread
SSD=/sys/kernel/mm/tmem_ssd
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
	local name=$1

	shift
	try modprobe tmem_pmem "$@"
	grep -q . "$TMEM_PMEM"/devices/*/slots || fail "the namespace was not attached"
	"up_null_blk-80us"
	run_over "$name"
	show "guest# grep -H . /sys/kernel/mm/frontswap/*"
	grep -H . "$FRONTSWAP"/* | sed 's/^/| /'
	"down_null_blk-80us"
	tmem_unload
}

# read_file NAME: random reads of the file in a small cgroup, some of it again and again, and a row.
read_file()
{
	local before

	drop_caches 1
	mk_cgroup demo 16M
	before=$(sectors_read /dev/hdd)
	run_in_cgroup demo $REREAD --order zipf --warmup 50000 --reads 10000 /mnt/file >/tmp/read.json ||
		[ -s /tmp/read.json ] || fail "$1: reread died"
	jq -c --arg name "$1" --argjson disk $(($(sectors_read /dev/hdd) - before)) \
		'{name: $name, disk: ($disk / 8)} + .' /tmp/read.json | sed 's/^/# READ /'
	show "$1: $(jq '.reads / .window_ns * 1e9 | round' /tmp/read.json) reads a second," \
		"$(jq .errors /tmp/read.json) errors"
	rmdir "$CGROUP/demo"
}

over_files()
{
	cp $here/reread $REREAD
	add_hdd
	mkfs.ext4 -q -b 4096 -E nodiscard /dev/hdd
	mount_set /dev/hdd
	$REREAD --make "$FILE_MIB" /mnt/file
	umount /mnt
	show "now a file of $FILE_MIB MiB on a disk of 8 ms, and a memory cgroup of 16 MiB"
	mount_set /dev/hdd
	read_file "the disk alone"
	umount /mnt
	add_flash
	try tmem-pmem-ctl ssd format /dev/flash
	try modprobe tmem_ssd
	try tmem-pmem-ctl ssd attach /dev/flash
	mount_set /dev/hdd
	try tmem-pmem-ctl ssd enable /mnt
	read_file "tmem_ssd, an SSD of $CACHE_MIB MiB in front of it"
	show "$(clean_stat gets) pages came from the SSD, $(clean_stat misses) from the disk," \
		"$(cat $SSD/devices/flash/stats/puts) were written to the SSD"
	down_tmem_ssd
	remove_null_blk flash
	remove_null_blk hdd
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
	try ndctl create-namespace --name tmem
	over_tmem "tmem_pmem over the disk"
	over_tmem "the same, not encrypted" encrypt=0
	over_files
}
