# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A function of the kernel that is called otherwise than it was when the modules were built, a struct that is another one.
DESCRIPTION="functions and structs are compared with the kernel's BTF, and what differs is named and not used"
KERNELS="6.12 6.1 7.2"
BUILD="TMEM_FAULTS=y TMEM_STAMPS=y"

requires() { need_file /sys/kernel/btf/vmlinux; }

cleanup()
{
	[ ! -d /sys/module/cleancache_ram ] || rmmod cleancache_ram
	[ ! -d /sys/module/tmem ] || rmmod tmem
}

functions_that_are() { awk -v state="$1" '$2 == state { print $1 }' "$TMEM"/signatures | LC_ALL=C sort; }

# is_refused NAME: the kernel log says that it is another one, and nothing is replaced.
is_refused()
{
	expect_dmesg "tmem: (struct $1 of this kernel begins with|$1\(\) of this kernel is) \".+\", and tmem was built for \"something else\": use "
	assert_eq "$(grep -cE ' I( |$)' /sys/kernel/tracing/enabled_functions || true)" "$2" "functions replaced"
}

test()
{
	local name hooks file_hooks at_load
	# What belongs to modules is not in the BTF of the kernel proper.
	local of_modules="dm_get_live_table dm_get_md dm_put dm_put_live_table dm_table_find_target
		ext4_convert_unwritten_extents jbd2_journal_abort"

	modprobe tmem
	note "compared: $(functions_that_are same | tr '\n' ' ')"
	assert_eq "$(functions_that_are different)" "" "functions that differ"
	assert_eq "$(functions_that_are unknown)" "$(xargs -n 1 <<<"$of_modules")" "functions not compared"
	hooks=$(awk '$2 == "armed" { print $1 }' "$TMEM"/hooks)
	file_hooks=$(awk '$2 == "idle" && $1 !~ /^(ext4|jbd2)_/ { print $1 }' "$TMEM"/hooks)
	# All that is replaced, and what is called besides.
	at_load=$(functions_that_are same | grep -vxF -e "$file_hooks" -e iomap_dio -e iterate_supers -e lru_add_drain_all)
	assert_ge "$(functions_that_are same | wc -w)" $(($(wc -w <<<"$hooks $file_hooks") + 5)) "functions compared"
	rmmod tmem
	for name in $at_load; do
		must_fail modprobe tmem wrong_signature="$name"
		is_refused "$name" 0
	done
	# Those of the page cache, and the struct of direct I/O, are wanted only for a backend of clean pages.
	for name in read_pages reconfigure_super iterate_supers iomap_dio; do
		modprobe tmem wrong_signature="$name"
		assert_eq "$(functions_that_are different)" "$name" "function that differs"
		must_fail modprobe cleancache_ram
		is_refused "$name" "$(wc -w <<<"$hooks")"
		rmmod tmem
	done
	modprobe tmem
	modprobe cleancache_ram
}
