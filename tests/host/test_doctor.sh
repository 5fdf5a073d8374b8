#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# doctor: a machine that is ready passes, and each thing that is not is found.
. "$(dirname "$0")/lib.sh"

hooks='zswap_store zswap_load zswap_invalidate zswap_swapon zswap_swapoff swap_entry_range_free swapin_readahead'
hooks+=' generic_shutdown_super truncate_inode_pages_range invalidate_inode_pages2_range
	pagecache_isize_extended vfs_fallocate bmap __filemap_set_wb_err iomap_dio_complete generic_perform_write
	iomap_file_buffered_write __folio_mark_dirty __filemap_remove_folio filemap_read_folio read_pages
	vfs_get_tree reconfigure_super lock_two_nondirectories unlock_two_nondirectories'
symbols='kallsyms_lookup_name register_kprobe ftrace_location swap_info zswap_stored_pages mm_kobj
	block_class iterate_supers zswap_ever_enabled swap_cache_get_folio read_swap_cache_async
	add_to_swap_cache swapcache_prepare swapcache_clear mem_cgroup_swapin_charge_folio
	mem_cgroup_swapin_uncharge_swap lookup_swap_cgroup_id workingset_refault vma_thp_gfp_mask
	__thp_vma_allowable_orders transparent_hugepage_flags huge_anon_orders_always
	huge_anon_orders_madvise huge_anon_orders_inherit mthp_stats page_cluster'

# A kernel that has all that is needed.
healthy()
{
	local name

	new_tree
	add_device pmem0 tmem
	mkdir -p "$TMEM_MODULES/$TMEM_RELEASE" "$TMEM_PROC/sys/kernel" "$TMEM_PROC/sys/vm" \
		"$TMEM_SYSFS/kernel/tracing" "$TMEM_SYSFS/kernel/security" \
		"$TMEM_SYSFS/module/zswap/parameters"
	echo 'updates/dkms/tmem_pmem.ko.xz: updates/dkms/tmem.ko.xz' \
		>"$TMEM_MODULES/$TMEM_RELEASE/modules.dep"
	for name in $hooks $symbols; do
		echo "0000000000000000 T $name" >>"$TMEM_PROC/kallsyms"
	done
	tr -s ' \n\t' '\n' <<<"$hooks" >"$TMEM_SYSFS/kernel/tracing/available_filter_functions"
	echo 1 >"$TMEM_PROC/sys/kernel/ftrace_enabled"
	echo 0 >"$TMEM_PROC/sys/vm/page-cluster"
	echo '[none] integrity confidentiality' >"$TMEM_SYSFS/kernel/security/lockdown"
	echo N >"$TMEM_SYSFS/module/zswap/parameters/enabled"
	echo "$tree/swapfile file 1048576 0 -2" >>"$TMEM_PROC/swaps"
}

# finds WORD TOPIC TEXT: a finding; "fail" alone gives a bad exit status.
finds()
{
	ctl doctor
	grep -q "^$1 *$2: .*$3" "$tree/out" || wrong "no $1 $2: $3"
	if [ "$1" = fail ]; then
		[ "$status" -eq 1 ] || wrong "status $status in spite of a fail"
	else
		[ "$status" -eq 0 ] || wrong "status $status without a fail"
	fi
}

test_healthy()
{
	healthy
	ctl doctor
	is_equal "$status" 0
	is_equal "$(grep -cv '^ok ' "$tree/out")" 0
	is_equal "$(grep -c '^ok   swap: .*swapfile has 1.00 GiB' "$tree/out")" 1
}

test_kernel()
{
	healthy
	TMEM_RELEASE=6.18.1-amd64 finds fail kernel 'not supported'
	TMEM_RELEASE=6.10.0 finds fail kernel 'not supported'
	TMEM_RELEASE=7.20.0 finds fail kernel 'not supported'
	TMEM_RELEASE=6.12.99 finds fail module 'neither tmem_pmem nor tmem_ssd for this kernel'
	finds ok module 'modprobe tmem_pmem'
	load_modules
	TMEM_RELEASE=6.12.99 finds ok module 'tmem_pmem is loaded'
	TMEM_RELEASE=7.2+deb14-amd64 finds ok symbols 'all 33 functions'
	TMEM_RELEASE=6.1.0-44-amd64 finds fail symbols 'no __frontswap_store'
	sed -i '/ read_pages$/d' "$TMEM_PROC/kallsyms"
	finds fail symbols 'no read_pages'
	echo '0 t read_pages' >>"$TMEM_PROC/kallsyms"
	sed -i /zswap_swapoff/d "$TMEM_PROC/kallsyms"
	finds fail symbols 'no zswap_swapoff'
}

test_tracing()
{
	healthy
	sed -i /zswap_load/d "$TMEM_SYSFS/kernel/tracing/available_filter_functions"
	finds fail ftrace 'zswap_load cannot be traced'
	healthy
	echo '0 t jbd2_journal_abort	[jbd2]' >>"$TMEM_PROC/kallsyms"
	finds warn ext4 'jbd2_journal_abort cannot be traced, so no page of ext4 is cached'
	printf '%s\n' 'jbd2_journal_abort [jbd2]' 'ext4_convert_unwritten_extents [ext4]' \
		>>"$TMEM_SYSFS/kernel/tracing/available_filter_functions"
	finds ok ftrace 'can be traced'
	! grep ' ext4:' "$tree/out" || wrong "ext4 is complained about"
	rm "$TMEM_SYSFS/kernel/tracing/available_filter_functions"
	finds warn ftrace 'tracefs is not mounted'
	echo 0 >"$TMEM_PROC/sys/kernel/ftrace_enabled"
	finds fail ftrace 'kernel.ftrace_enabled=1'
}

test_signatures()
{
	healthy
	load_modules
	ctl doctor
	! grep ' signatures:' "$tree/out" || wrong "something is said without being known"
	printf '%s\n' 'zswap_store same' 'read_pages same' 'dm_put unknown' >"$mm/tmem/signatures"
	finds ok signatures '2 functions are called as tmem was built for'
	echo 'dm_put unknown' >"$mm/tmem/signatures"
	finds warn signatures 'CONFIG_DEBUG_INFO_BTF'
	printf '%s\n' 'zswap_store same' 'read_pages different' 'dm_put unknown' >"$mm/tmem/signatures"
	finds fail signatures 'read_pages is called otherwise'
}

test_policy()
{
	healthy
	echo 'none [integrity] confidentiality' >"$TMEM_SYSFS/kernel/security/lockdown"
	finds warn lockdown 'only signed modules load'
	mkdir -p "$TMEM_SYSFS/firmware/efi/efivars"
	printf '\6\0\0\0\1' \
		>"$TMEM_SYSFS/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
	finds warn lockdown 'Secure Boot is on'
	echo 'none integrity [confidentiality]' >"$TMEM_SYSFS/kernel/security/lockdown"
	finds fail lockdown 'lockdown=integrity'
	healthy
	mkdir -p "$TMEM_SYSFS/kernel/livepatch/fix_a/vmlinux/do_fork,1"
	finds ok livepatch 'fix_a is loaded and leaves'
	mkdir -p "$TMEM_SYSFS/kernel/livepatch/fix_b/vmlinux/zswap_store,1"
	finds fail livepatch 'fix_b replaces zswap_store'
	healthy
	mkdir -p "$TMEM_SYSFS/kernel/livepatch/fix_c/vmlinux/read_pages,1"
	finds fail livepatch 'fix_c replaces read_pages'
	healthy
	mkdir -p "$TMEM_SYSFS/kernel/livepatch/fix_d/jbd2/jbd2_journal_abort,1"
	finds warn livepatch 'fix_d replaces jbd2_journal_abort, so no page of ext4 is cached'
	rm -r "$TMEM_SYSFS/kernel/livepatch/fix_d/jbd2"
	mkdir -p "$TMEM_SYSFS/kernel/livepatch/fix_d/ext4/ext4_convert_unwritten_extents,1"
	finds warn livepatch 'fix_d replaces ext4_convert_unwritten_extents'
	rm -r "$TMEM_SYSFS/kernel/livepatch/fix_d/ext4"
	mkdir -p "$TMEM_SYSFS/kernel/livepatch/fix_d/ext4/ext4_sync_file,1"
	finds ok livepatch 'fix_d is loaded and leaves'
	healthy
	echo Y >"$TMEM_SYSFS/module/zswap/parameters/enabled"
	finds ok zswap 'zswap is on'
}

# swap_on NAME: a swap file on a block device NAME of the tree.
swap_on()
{
	local number

	: >"$tree/area"
	number=$(stat -c %Hd:%Ld "$tree/area")
	mkdir -p "$TMEM_SYSFS/dev/block" "$TMEM_SYSFS/class/block/$1"
	ln -sfn "../../class/block/$1" "$TMEM_SYSFS/dev/block/$number"
	sed -i '2,$d' "$TMEM_PROC/swaps"
	echo "$tree/area file 2097152 0 -2" >>"$TMEM_PROC/swaps"
}

test_swap()
{
	healthy
	sed -i '2,$d' "$TMEM_PROC/swaps"
	finds warn swap 'no swap area'
	swap_on sda1
	finds ok swap 'area has 2.00 GiB'
	sed -i 's/2097152/1034240/' "$TMEM_PROC/swaps"
	finds ok swap 'area has 1010.00 MiB'
	swap_on zram0
	finds warn swap 'is memory itself'
	swap_on dm-1
	mkdir -p "$TMEM_SYSFS/class/block/dm-1/slaves/dm-0" "$TMEM_SYSFS/class/block/dm-0/dm"
	echo LVM-abc >"$TMEM_SYSFS/class/block/dm-0/dm/uuid"
	finds ok swap 'area has 2.00 GiB'
	echo CRYPT-LUKS2-abc >"$TMEM_SYSFS/class/block/dm-0/dm/uuid"
	finds ok swap 'area has 2.00 GiB'
	printf '%s\n' '/a\040b\1 file 1048576 0 -3' >>"$TMEM_PROC/swaps"
	finds ok swap '/a b\\1 has 1.00 GiB'
	sed -i '$d' "$TMEM_PROC/swaps"
	# More memory than can have slots.
	load_modules
	set_attached pmem0
	finds ok swap 'area has 2.00 GiB'
	echo 1048576 >"$mm/tmem_pmem/devices/pmem0/slots_usable"
	finds warn swap 'have 2.00 GiB, and there is 4.00 GiB of persistent memory'
	echo 1048576 >"$mm/tmem_pmem/devices/pmem0/slots"
	echo 80 >"$mm/tmem_pmem/devices/pmem0/clean_percent"
	finds ok swap 'area has 2.00 GiB'
	[[ $out != *'twice as large'* ]] || wrong 'counts what files may have'
	# What the kernel found counts, if it is clear which area is which.
	swap_on sda1
	echo "/dev/sdb1 partition 2097152 0 -3" >>"$TMEM_PROC/swaps"
	load_modules
	finds ok swap 'area has 2.00 GiB'
	printf '%s\n' '0 1000 0 fs_swapfile' '2 1000 0 crypt' >"$mm/tmem/areas"
	finds warn swap 'area (2.00 GiB) is written through its filesystem'
	finds warn swap 'load tmem_pmem without encrypt=0'
	echo '0 1000 0 fs_swapfile' >"$mm/tmem/areas"
	finds ok swap 'area has 2.00 GiB'
	echo 3 >"$TMEM_PROC/sys/vm/page-cluster"
	finds warn page-cluster 'reads 8 pages'
}

test_media()
{
	healthy
	echo 'tmem sector' >"$TMEM_SYSFS/class/block/pmem0/namespace"
	finds warn namespace 'is in sector mode'
	finds warn namespace 'no fsdax namespace, run'
	: >"$TMEM_SYSFS/no_regions"
	finds fail region 'no persistent memory'
}

# A namespace that waits for somebody.
test_idle_namespaces()
{
	healthy
	add_device pmem1 data
	finds ok namespace 'on pmem0'
	finds warn namespace 'pmem1 is blank and not formatted: run "tmem-pmem-ctl format pmem1", then "modprobe tmem_pmem"'
	ctl format pmem1
	finds ok namespace 'on pmem1'
	load_modules
	finds warn namespace 'pmem1 is formatted, not attached: run "tmem-pmem-ctl attach pmem1"'
	finds warn namespace 'pmem0 is blank.* run "tmem-pmem-ctl format pmem0", then "tmem-pmem-ctl attach pmem0"'
	set_attached pmem1
	finds ok namespace 'on pmem1, attached'
	mkfs.ext4 -q -F "$TMEM_DEV/pmem0"
	finds ok namespace 'on pmem0'
	rm "$TMEM_DEV/pmem0"
	finds warn namespace 'pmem0 cannot be read'
}

test_ssd()
{
	healthy
	: >"$TMEM_SYSFS/no_regions"
	finds fail region 'no persistent memory'
	echo 'updates/dkms/tmem_ssd.ko.xz: updates/dkms/tmem.ko.xz' >"$TMEM_MODULES/$TMEM_RELEASE/modules.dep"
	finds warn region 'no persistent memory here'
	finds ok module 'modprobe tmem_ssd'
	: >"$TMEM_MODULES/$TMEM_RELEASE/modules.dep"
	echo 'none [integrity] confidentiality' >"$TMEM_SYSFS/kernel/security/lockdown"
	mkdir -p "$TMEM_SYSFS/module/tmem" "$TMEM_SYSFS/module/tmem_ssd" "$mm/tmem_ssd/devices" "$mm/tmem"
	finds ok region 'no persistent memory here'
	finds ok module 'tmem_ssd is loaded'
	finds ok lockdown 'only signed modules load, and tmem has loaded'
	finds warn ssd 'has no SSD'
	mkdir -p "$mm/tmem_ssd/devices/sda3" "$TMEM_SYSFS/class/block/sda3/queue"
	echo 100 >"$mm/tmem_ssd/devices/sda3/segments"
	echo 0 >"$TMEM_SYSFS/class/block/sda3/queue/rotational"
	finds ok ssd 'sda3 caches up to 100.00 MiB'
	echo 1 >"$TMEM_SYSFS/class/block/sda3/queue/rotational"
	finds warn ssd 'sda3 is a rotating disk'
	echo 'sdb1 ext4 not_rotational 0' >"$mm/tmem/filesystems"
	finds ok filesystem 'sdb1 (ext4) is not cached: its disk does not rotate'
	finds warn filesystem 'no filesystem that was read is cached'
	echo 'sdc1 xfs cached 0' >>"$mm/tmem/filesystems"
	finds ok filesystem 'sdc1 (xfs) is cached'
	printf '%s\n' 'sdd1 ext4 errors 0' 'sde1 ext4 unwatched 0' 'sdf1 ext4 inline_data 0' >>"$mm/tmem/filesystems"
	finds warn filesystem 'sdd1 (ext4) is not cached: something went wrong with it.* e2fsck'
	finds warn filesystem 'sde1 (ext4) is not cached: functions of ext4 could not be taken over'
	finds ok filesystem 'sdf1 (ext4) is not cached: it has inline_data'
}

# A share of persistent memory caches files without an SSD.
test_share()
{
	healthy
	load_modules
	set_attached pmem0
	: >"$mm/tmem/filesystems"
	ctl doctor
	! grep ' filesystem:' "$tree/out" || wrong 'files are looked at without a cache'
	echo 40 >"$mm/tmem_pmem/devices/pmem0/clean_percent"
	finds warn filesystem 'no filesystem that was read is cached'
	echo 'sdb1 ext4 stacked 0' >"$mm/tmem/filesystems"
	finds ok filesystem 'sdb1 (ext4) is not cached: it is not directly on a disk'
	echo 'sdc1 xfs cached 0' >>"$mm/tmem/filesystems"
	finds ok filesystem 'sdc1 (xfs) is cached'
	! grep ' ssd:' "$tree/out" || wrong 'an SSD is missed'
}

# The doctor asks for each name that is redirected or looked up.
test_names()
{
	local top name count=0

	top=$(dirname "$0")/../..
	while read -r name; do
		count=$((count + 1))
		grep -q "\"$name\"" "$top/tools/tmem-pmem-ctl/doctor_kernel.c" || wrong "not $name"
	done < <(find "$top/drivers/tmem" -name '*.c' -exec sed -n \
		's/.*TMEM_REDIRECT(\([a-z0-9_]*\),.*/\1/p; s/.*tmem_symbol("\([a-z_]*\)").*/\1/p' {} + |
		grep -vxE 'crypt_map|lru_add_drain_all')	# not needed, only asked for
	[ "$count" -ge 27 ] || wrong "only $count names found"
}

run_tests
