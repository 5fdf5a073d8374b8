# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Readahead that waited while a file was shortened brings in pages behind its end. Once the file grows they are part of it.
DESCRIPTION="pages behind the end that were read while a file was shortened are zero when it grows"
KERNELS="6.12 6.1 7.2"
CPUS=2
DISKS="400M"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

ROUNDS=16

cleanup() { clean_stop; }

# shortened: prints how many pages were wrong, and how many of them when they had been evicted.
shortened()
{
	run_in_cgroup small shorten /mnt "$ROUNDS" "$CGROUP/small/memory.reclaim" >"$RUN/shorten" || [ $? = 1 ]
	jq -r '"\(.wrong) \(.copies_wrong)"' "$RUN/shorten"
}

test()
{
	local wrong copies gets puts refused

	cached_fs ext4 "$DISK1" -b 1024
	modprobe cleancache_ram max_pages=20000
	mk_cgroup small 64M
	# A file that has grown like that is not cached any more. For once it is.
	fault NO_GROW_DOUBT 1
	# Without the defence it is the kernel that is wrong, and what is put is as wrong as that.
	fault NO_EOF_SPLIT 1
	read -r wrong copies < <(shortened)
	note "without the defence $wrong pages of $ROUNDS are wrong, $copies of them still when they were evicted"
	assert_ge "$wrong" $((ROUNDS / 2)) "wrong pages without the defence"
	assert_ge "$copies" $((ROUNDS / 2)) "wrong copies without the defence"
	fault NO_EOF_SPLIT 0
	puts=$(clean_stat puts)
	gets=$(clean_stat gets)
	assert_eq "$(shortened)" "0 0" "wrong pages, and copies"
	assert_ge $(($(clean_stat puts) - puts)) "$ROUNDS" "pages put"
	assert_ge $(($(clean_stat gets) - gets)) "$ROUNDS" "pages got"
	fault NO_GROW_DOUBT 0
	refused=$(clean_refused doubtful)
	assert_eq "$(shortened)" "0 0" "wrong pages, and copies, with all defences"
	assert_ge $(($(clean_refused doubtful) - refused)) "$ROUNDS" "pages not put"
	clean_counters
	assert_eq "$(awk -v dev="${DISK1#/dev/}" '$1 == dev { print $3 }' "$TMEM"/filesystems)" cached "state"
}
