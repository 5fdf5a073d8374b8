# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Reads files from a slow disk through every kind of cache, all in one boot.
DESCRIPTION="page cache benchmark"
KERNELS="6.12"
MEM=3G
NVDIMMS="256M"
APPEND=nokaslr
ICOUNT=1
EXCLUSIVE=1
TIMEOUT=21600

here=/payload/tests/cases
# shellcheck source=bench/fio/guest/lib/caches.sh
. $here/lib/caches.sh
# shellcheck disable=SC1091
. $here/config
REREAD=/tmp/reread
SSD=/sys/kernel/mm/tmem_ssd
WINDOW=0 SET=0

# Functions of the modules a contender may use, for the profile: "SYMBOL set kallsyms-line".
print_symbols()
{
	SET=$((SET + 1))
	awk -v set="$SET" '
		$4 ~ /tmem|null_blk|ftrace|bcache|dm_|crc|ext4|jbd2|mbcache/ { print "# SYMBOL", set, $0 }
	' /proc/kallsyms
}

# free_kib: memory that nobody uses.
free_kib()
{
	echo 1 >/proc/sys/vm/stat_refresh
	awk '$1 == "MemFree:" { print $2 }' /proc/meminfo
}

wants() { [[ " $WORKLOADS " == *" $1 "* ]]; }

# counters NAME: options of the reader.
counters()
{
	local file

	[ ! -b /dev/hdd ] || printf '%s\n' --counter hdd_read=/sys/block/hdd/stat:3
	[ ! -b /dev/flash ] || printf '%s\n' --counter flash_read=/sys/block/flash/stat:3 \
		--counter flash_requests=/sys/block/flash/stat:1 \
		--counter flash_written=/sys/block/flash/stat:7
	printf '%s\n' --counter "top_read=/sys/block/$(top_device "$1")/stat:3"
	is_tmem "$1" || return 0
	for file in clean_stats/gets clean_stats/misses clean_stats/failed clean_stats/puts; do
		printf '%s\n' --counter "${file#*/}=$TMEM/$file"
	done
	for file in rare sequential budget staging_full no_memory; do
		printf '%s\n' --counter "refused_$file=$SSD/refused/$file"
	done
	for file in checksum_errors io_errors; do
		printf '%s\n' --counter "$file=$SSD/devices/flash/stats/$file"
	done
	has_pmem "$1" || return 0
	for file in gets demoted demotions_refused refused_full refused_staging_full; do
		printf '%s\n' --counter "pmem_$file=$(tier_dir)/clean_stats/$file"
	done
}

# measure NAME WORKLOAD READER_ARGUMENT...: log the result of one run in a small cgroup.
measure()
{
	local name=$1 workload=$2 options

	shift 2
	mapfile -t options < <(counters "$name")
	WINDOW=$((WINDOW + 1))
	run_in_cgroup bench $REREAD "${options[@]}" "$@" >/tmp/result || [ -s /tmp/result ] ||
		fail "$name, $workload: reread died"
	jq -c --arg name "$name" --arg workload "$workload" --argjson window $WINDOW \
		--argjson set $SET --argjson pages "$(cached_pages "$name")" \
		--argjson index "$(index_bytes_per_page "$name")" \
		'{contender: $name, workload: $workload, window: $window, set: $set,
		  cached_pages: $pages, index_bytes_per_page: $index} + .' \
		/tmp/result | sed 's/^/# RAW /'
	if is_tmem "$name"; then
		clean_counters
		! has_pmem "$name" || tier_counters
		grep -H . $SSD/refused/* $SSD/devices/flash/stats/* | sed -n 's|.*/\([a-z_]*\):\([1-9]\)|# \1 \2|p'
	fi
}

begin() { drop_caches 1; mk_cgroup bench "${LIMIT_MIB}M"; }
end() { rmdir "$CGROUP/bench"; }

# The readahead window of what is mounted, in KiB.
readahead() { echo "$1" >"/sys/block/$(top_device "$2")/queue/read_ahead_kb"; }

# Random reads until the cache has settled, and behind that a long file that is read only once.
settled()
{
	local name=$1 before after

	drop_caches
	before=$(free_kib)
	"up_$name"
	print_symbols
	begin
	if wants zipf; then
		measure "$name" zipf --order zipf --warmup "$WARMUP" --reads "$READS" /mnt/set
	fi
	# Other reads of the same kind, until nearly all blocks were read and the cache has to choose.
	if wants steady; then
		# Half an hour of reads at this rate would use up what may be written in a day.
		! is_tmem "$name" || echo 0 >$SSD/dwpd_percent
		measure "$name" steady --order zipf --seed 1 --warmup "$STEADY" --reads "$READS" /mnt/set
	fi
	! is_tmem "$name" || echo 100 >$SSD/dwpd_percent
	# The pass pushes out its own pages, and not those of the reads before.
	evict bench
	# So large that the disk, which takes a seek for each request, reads as fast as disks do.
	readahead 1024 "$name"
	if wants sequential; then
		measure "$name" sequential --order straight --reads $((ONCE_MIB * 256)) /mnt/once
	fi
	readahead 128 "$name"
	# Reclaim, because to drop the page cache would also empty the cache of what is in there.
	evict bench
	after=$(free_kib)
	jq -nc --arg name "$name" "{contender: \$name, ram_kib: $((before - after)),
		cached_pages: $(cached_pages "$name")}" | sed 's/^/# RAM /'
	end
	"down_$name"
}

# A cache that is empty: every block is read for the first time.
misses()
{
	"up_$1"
	print_symbols
	begin
	measure "$1" misses --order shuffled --warmup $((LIMIT_MIB * 270)) --reads "$HALF" /mnt/set
	end
	"down_$1"
}

# fill_up NAME: until the cache has all of /mnt/hits; what is evicted faster than it is written is refused.
fill_up()
{
	local left

	for left in 6 5 4 3 2 1 0; do
		[ "$(cached_pages "$1")" -lt $((ONCE_MIB * 256)) ] || return 0
		[ $left -gt 0 ] || break
		# The reader opens a window each time it runs.
		WINDOW=$((WINDOW + 1))
		run_in_cgroup bench $REREAD --order straight --reads $((ONCE_MIB * 256)) /mnt/hits >/dev/null
		evict bench
	done
	fail "$1: only $(cached_pages "$1") of $((ONCE_MIB * 256)) pages are cached"
}

# A cache that has everything, or the filesystem on the SSD itself.
hits()
{
	"up_$1"
	print_symbols
	begin
	if is_tmem "$1"; then
		echo all >$SSD/policy
		measure "$1" fill --order straight --reads $((ONCE_MIB * 256)) /mnt/hits
		evict bench
		fill_up "$1"
		# What is read once is refused now, all of it: so much is in the cache that it is filled no more.
		echo frequency >$SSD/policy
		measure "$1" refused --order straight --reads $((ONCE_MIB * 256)) /mnt/once
		evict bench
	fi
	measure "$1" hits-random --order shuffled --reads "$HALF" /mnt/hits
	evict bench
	measure "$1" hits-sequential --order straight --reads $((ONCE_MIB * 256)) /mnt/hits
	end
	"down_$1"
}

measure_all()
{
	local name=$1

	if ! on_ssd "$name" && [ "$name" != disk ]; then
		add_flash
	fi
	if ! on_ssd "$name" && { wants zipf || wants steady || wants sequential; }; then
		settled "$name"
	fi
	if { [ "$name" = disk ] || is_tmem "$name"; } && wants misses; then
		misses "$name"
	fi
	if { on_ssd "$name" || is_tmem "$name"; } && wants hits; then
		hits "$name"
	fi
	if ! on_ssd "$name" && [ "$name" != disk ]; then
		remove_null_blk flash
	fi
}

test()
{
	local base name

	cp $here/reread $REREAD
	mkdir -p /mnt
	for base in plain bcache ssd ssd-crypt; do
		for name in $CONTENDERS; do
			[ "$(base_of "$name")" = "$base" ] || continue
			if [ ! -e "/tmp/base.$base" ]; then
				"base_$base"
				touch "/tmp/base.$base"
			fi
			measure_all "$name"
		done
		if [ -e "/tmp/base.$base" ]; then
			"drop_$base"
		fi
	done
}
