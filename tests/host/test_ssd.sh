#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The verbs for SSDs that cache pages of files.
. "$(dirname "$0")/lib.sh"

# add_disk NAME: an empty disk that is not persistent memory.
add_disk()
{
	mkdir -p "$TMEM_SYSFS/class/block/$1/holders"
	truncate -s 64M "$TMEM_DEV/$1"
	echo 131072 >"$TMEM_SYSFS/class/block/$1/size"
}

load_ssd()
{
	load_modules
	mkdir -p "$TMEM_SYSFS/module/tmem_ssd" "$mm/tmem_ssd/devices" "$mm/tmem_ssd/refused"
	: >"$mm/tmem_ssd/attach"
	: >"$mm/tmem/filesystems_enable"
	: >"$mm/tmem/filesystems_disable"
	: >"$mm/tmem/filesystem_choices"
	echo frequency >"$mm/tmem_ssd/policy"
	echo 'sda1 ext4 cached 6b3c4a52-0000-4000-8000-00000000000a' >"$mm/tmem/filesystems"
}

test_format()
{
	new_tree
	add_disk sda3
	ctl ssd format --label fast sda3
	is_done 'formatted'
	# Neither the kind of device that it is nor the other kind is overwritten.
	ctl ssd format sda3
	is_refused 'holds the superblock of a page-cache SSD'
	add_device pmem0
	ctl format pmem0
	ctl ssd format pmem0
	is_refused 'holds a tmem superblock'
	ctl ssd format --force sda3
	is_done 'formatted'
	add_disk sdb1
	mke2fs -q "$TMEM_DEV/sdb1"
	ctl ssd format sdb1
	is_refused 'holds a filesystem (ext2)'
}

test_attach()
{
	new_tree
	add_disk sda3
	ctl ssd attach sda3
	is_refused 'modprobe tmem_ssd'
	load_ssd
	ctl ssd attach sda3
	is_done "attached $TMEM_DEV/sda3"
	is_equal "$(cat "$mm/tmem_ssd/attach")" "$TMEM_DEV/sda3"
	: >"$mm/tmem_ssd/attach"
	(cd "$TMEM_DEV" && ctl ssd attach ./sda3)
	is_equal "$(cat "$mm/tmem_ssd/attach")" "$TMEM_DEV/sda3"
	ctl ssd detach sda3
	is_refused 'is not attached'
	mkdir "$mm/tmem_ssd/devices/sda3"
	: >"$mm/tmem_ssd/devices/sda3/detach"
	ctl ssd format --force sda3
	is_refused 'ssd detach sda3'
	ctl ssd detach sda3
	is_done 'detached sda3'
	is_equal "$(cat "$mm/tmem_ssd/devices/sda3/detach")" 1
}

# on_disk NAME: the filesystem that the tree is on is on this disk.
on_disk()
{
	local number

	number=$(stat -c %d "$tree")

	mkdir -p "$TMEM_SYSFS/dev/block"
	ln -sfn "../../block/$1" \
		"$TMEM_SYSFS/dev/block/$((number >> 8 & 0xfff)):$(((number & 0xff) | (number >> 12 & 0xfff00)))"
}

choices() { grep -v '^#' "$TMEM_ETC/tmem/filesystems" | tr '\n' ' '; }

test_filesystems()
{
	local uuid=6b3c4a52-0000-4000-8000-00000000000a other=6b3c4a52-0000-4000-8000-00000000000b

	new_tree
	load_ssd
	on_disk sdz
	ctl ssd enable "$tree"
	is_equal "$out" "enabled $tree"
	is_equal "$(cat "$mm/tmem/filesystems_enable")" "$tree"
	is_refused 'does not show that of'
	[ ! -e "$TMEM_ETC/tmem/filesystems" ] || wrong 'kept without a UUID'
	on_disk sda1
	ctl ssd enable "$tree"
	is_done "enabled $tree"
	is_equal "$(choices)" "$uuid enable "
	echo "$other disable" >>"$TMEM_ETC/tmem/filesystems"
	ctl ssd disable "$tree"
	is_done "disabled $tree"
	is_equal "$(choices)" "$other disable $uuid disable "
	ctl ssd forget "$tree"
	is_done "forgot the choice for $tree"
	is_equal "$(cat "$mm/tmem/filesystem_choices")" "$uuid forget"
	is_equal "$(choices)" "$other disable "
	on_disk 'cciss!c0d0p1'
	sed -i "s,^sda1,cciss/c0d0p1," "$mm/tmem/filesystems"
	ctl ssd disable "$tree"
	is_equal "$(choices)" "$other disable $uuid disable "
	on_disk sda1
	mkdir "$tree/a"$'\n'
	ctl ssd enable "$tree/a"$'\n'
	is_refused 'has a newline in it'
	is_equal "$(cat "$mm/tmem/filesystems_enable")" "$tree"
	ctl ssd enable "$tree/none"
	is_refused 'there is no'
	echo "sda1 ext4 cached 00000000-0000-0000-0000-000000000000" >"$mm/tmem/filesystems"
	ctl ssd enable "$tree"
	[[ $err == *'no UUID'* ]] || wrong 'does not say that there is no UUID'
	ctl ssd forget "$tree"
	is_refused 'no UUID'
	: >"$mm/tmem/filesystems"
	ctl ssd forget "$tree"
	is_refused 'does not know the filesystem'
	is_equal "$(choices)" "$other disable $uuid disable "
}

# The kernel's list ends at a page, in the middle of a UUID perhaps.
test_filesystems_cut()
{
	local id=6b3c4a52-0000-4000-8000-00000000000 length verb

	load_ssd
	on_disk sda1
	mkdir "$TMEM_ETC/tmem"
	printf '%s\n' "${id}b enable" "${id}c disable" >"$TMEM_ETC/tmem/filesystems"
	for length in 0 1 35; do
		printf 'sda1 ext4 cached %s' "${id:0:length}" >"$mm/tmem/filesystems"
		for verb in enable disable; do
			ctl ssd $verb "$tree"
			is_refused 'does not show that of'
		done
		ctl ssd forget "$tree"
		is_refused 'does not list it'
		is_equal "$(choices)" "${id}b enable ${id}c disable "
	done
	printf 'sda1 ext4 cached %s' "${id}ab" >"$mm/tmem/filesystems"
	ctl ssd disable "$tree"
	is_refused 'does not show that of'
	is_equal "$(choices)" "${id}b enable ${id}c disable "
}

# What somebody wrote into the file by hand, and what cannot be read.
test_filesystems_by_hand()
{
	local uuid=6b3c4a52-0000-4000-8000-00000000000a other=6b3c4a52-0000-4000-8000-00000000000b

	load_ssd
	on_disk sda1
	mkdir "$TMEM_ETC/tmem"
	printf '%s disable' "$other" >"$TMEM_ETC/tmem/filesystems"
	ctl ssd enable "$tree"
	is_equal "$status $(choices)" "0 $other disable $uuid enable "
	printf '%s\n%s disable\n' "# $uuid" "${uuid^^}" >"$TMEM_ETC/tmem/filesystems"
	ctl ssd forget "$tree"
	is_equal "$status $(cat "$TMEM_ETC/tmem/filesystems")" "0 # $uuid"
	for file in filesystems /proc/self/mem; do
		rm "$TMEM_ETC/tmem/filesystems"
		ln -s "$file" "$TMEM_ETC/tmem/filesystems"
		ctl ssd disable "$tree"
		is_refused 'so the choice is not kept'
		is_equal "$(readlink "$TMEM_ETC/tmem/filesystems")" "$file"
		ctl ssd autoattach
		is_refused 'so its choices do not count'
	done
	[ ! -e "$TMEM_ETC/tmem/filesystems.new" ] || wrong 'half a file is left'
}

noted() { grep -v '^#' "$TMEM_ETC/tmem/ssds" | tr '\n' ' '; }
uuid_of() { "$TESTING/tmem-pmem-ctl" ssd check --json "$1" | jq -r .uuid; }

# What was formatted or attached here, and no other, is attached by itself.
test_consent()
{
	local uuid

	load_ssd
	add_disk sda3
	ctl ssd format sda3
	is_equal "$err" ''
	uuid=$(uuid_of sda3)
	is_equal "$(noted)" "$uuid "
	ctl ssd autoattach
	is_equal "$status $out" "0 attached $TMEM_DEV/sda3"
	# It comes from elsewhere.
	: >"$mm/tmem_ssd/attach"
	echo "# $uuid" >"$TMEM_ETC/tmem/ssds"
	ctl ssd autoattach
	is_equal "$status $out $(cat "$mm/tmem_ssd/attach")" '0  '
	is_equal "$(wc -l <<<"$err")" 1
	[[ $err == *"run \"tmem-pmem-ctl ssd attach $TMEM_DEV/sda3\""* ]] || wrong 'does not say what to do'
	ctl ssd autoattach /dev/sda3
	is_equal "$status $out$err $(cat "$mm/tmem_ssd/attach")" '0  '
	ctl ssd attach sda3
	is_equal "$status $err" '0 '
	is_equal "$(noted)" "$uuid "
	: >"$mm/tmem_ssd/attach"
	ctl ssd autoattach /dev/sda3
	is_equal "$(cat "$mm/tmem_ssd/attach")" "$TMEM_DEV/sda3"
	echo "${uuid^^} # mine" >"$TMEM_ETC/tmem/ssds"
	ctl ssd attach sda3
	is_equal "$(noted)" "${uuid^^} # mine "
	ctl ssd autoattach
	is_done attached
}

# The file may be a link, and stays whose it was; what was formatted again has another UUID.
test_noting_changes_nothing_else()
{
	local uuid

	load_ssd
	add_disk sda3
	(umask 077 && ctl ssd format sda3)
	is_equal "$(stat -c %a "$TMEM_ETC/tmem/ssds")" 644
	uuid=$(uuid_of sda3)
	mkdir "$tree/elsewhere"
	mv "$TMEM_ETC/tmem/ssds" "$tree/elsewhere/mine"
	echo "6b3c4a52-0000-4000-8000-00000000000a" >>"$tree/elsewhere/mine"
	ln -s ../../elsewhere/mine "$TMEM_ETC/tmem/ssds"
	chmod 640 "$tree/elsewhere/mine"
	[ "$(id -u)" -ne 0 ] || chown 7:8 "$tree/elsewhere/mine"
	ctl ssd format --force sda3
	is_equal "$status $err" '0 '
	is_equal "$(readlink "$TMEM_ETC/tmem/ssds")" ../../elsewhere/mine
	is_equal "$(stat -c %a "$tree/elsewhere/mine")" 640
	[ "$(id -u)" -ne 0 ] || is_equal "$(stat -c %u:%g "$tree/elsewhere/mine")" 7:8
	[ "$(uuid_of sda3)" != "$uuid" ] || wrong 'the same UUID'
	is_equal "$(noted)" "6b3c4a52-0000-4000-8000-00000000000a $(uuid_of sda3) "
	ls "$tree/elsewhere" >"$tree/out"
	is_equal "$(cat "$tree/out")" mine
	# It leads nowhere.
	rm "$tree/elsewhere/mine"
	ctl ssd attach sda3
	[[ $err == *'so it is not attached by itself'* ]] || wrong 'does not say what follows'
	is_equal "$(readlink "$TMEM_ETC/tmem/ssds")" ../../elsewhere/mine
}

# What cannot be noted is done all the same.
test_consent_cannot_be_noted()
{
	load_ssd
	add_disk sda3
	mkdir -p "$TMEM_ETC/tmem/ssds.new"
	ctl ssd format sda3
	is_done formatted
	[[ $err == *'so it is not attached by itself'* ]] || wrong 'does not say what follows'
	ctl ssd attach sda3
	is_done attached
	[[ $err == *'so it is not attached by itself'* ]] || wrong 'does not say what follows'
	is_equal "$(wc -l <<<"$err")" 1
	ln -s ssds "$TMEM_ETC/tmem/ssds"
	ctl ssd autoattach
	is_refused 'cannot read /etc/tmem/ssds'
	ctl ssd autoattach sda3
	is_equal "$status$out$err" 0
}

# The kernel writes the slash in the name of a node as !; and a node may be missing, or have no medium.
test_autoattach_nodes()
{
	local name

	load_ssd
	add_disk sda
	rm "$TMEM_DEV/sda"
	add_disk sdb
	rm "$TMEM_DEV/sdb"
	ln -s sdb "$TMEM_DEV/sdb"
	ctl ssd autoattach
	is_equal "$status$out$err" 0
	ctl ssd autoattach /dev/sdb
	is_equal "$status$out$err" 0
	mkdir "$TMEM_DEV/cciss"
	mkdir -p "$TMEM_SYSFS/class/block/cciss!c0d0"
	echo 131072 >"$TMEM_SYSFS/class/block/cciss!c0d0/size"
	truncate -s 64M "$TMEM_DEV/cciss/c0d0"
	ctl ssd autoattach
	is_equal "$status$out$err" 0
	ctl ssd format 'cciss!c0d0'
	is_done "formatted $TMEM_DEV/cciss/c0d0"
	for name in '' /dev/cciss/c0d0; do
		# shellcheck disable=SC2086
		ctl ssd autoattach $name
		is_equal "$status$out" "0attached $TMEM_DEV/cciss/c0d0"
	done
}

# They count before anything is cached, and without an SSD too.
test_choices_are_restored()
{
	local uuid=6b3c4a52-0000-4000-8000-00000000000a line

	line="$uuid disable"
	add_device pmem0
	add_disk sda3
	mkdir "$TMEM_ETC/tmem"
	echo "$line" >"$TMEM_ETC/tmem/filesystems"
	ctl autoattach
	is_equal "$status$err" 0
	load_modules
	: >"$mm/tmem/filesystem_choices"
	ctl autoattach
	is_equal "$status $(cat "$mm/tmem/filesystem_choices")" "0 $line"
	: >"$mm/tmem/filesystem_choices"
	ctl ssd autoattach
	is_equal "$status $(cat "$mm/tmem/filesystem_choices")" "0 $line"
	: >"$mm/tmem/filesystem_choices"
	set_attached pmem0
	mkdir "$mm/tmem_pmem/devices/pmem0/clean_percent"
	ctl share pmem0 40
	is_refused 'cannot set the share'
	is_equal "$(cat "$mm/tmem/filesystem_choices")" "$line"
	load_ssd
	ctl ssd format sda3
	rm "$mm/tmem_ssd/attach"
	ctl ssd attach sda3
	is_refused 'cannot attach'
	is_equal "$(cat "$mm/tmem/filesystem_choices")" "$line"
	# What is wrong is said once.
	: >"$mm/tmem_ssd/attach"
	rm "$mm/tmem/filesystem_choices"
	ctl ssd attach sda3
	is_refused 'was not understood'
}

test_autoattach()
{
	new_tree
	add_disk sda3
	add_disk sdb
	add_disk sdc
	ctl ssd format sda3
	ctl ssd format sdc
	# What another device is made of is that one's.
	mkdir "$TMEM_SYSFS/class/block/sdc/holders/dm-0"
	ctl ssd autoattach
	is_equal "$status $out" '0 '
	load_ssd
	mkdir -p "$TMEM_ETC/tmem"
	printf '# a comment\n\n6b3c4a52-0000-4000-8000-00000000000a enable\n' >"$TMEM_ETC/tmem/filesystems"
	ctl ssd autoattach
	is_equal "$status $out" "0 attached $TMEM_DEV/sda3"
	is_equal "$(cat "$mm/tmem/filesystem_choices")" '6b3c4a52-0000-4000-8000-00000000000a enable'
	: >"$mm/tmem_ssd/attach"
	ctl ssd autoattach /dev/sdb
	is_equal "$status $(cat "$mm/tmem_ssd/attach")" '0 '
	ctl ssd autoattach /dev/sda3
	is_equal "$status $(cat "$mm/tmem_ssd/attach")" "0 $TMEM_DEV/sda3"
	# A filesystem was made between its superblocks.
	mke2fs -q -E offset=0 "$TMEM_DEV/sda3"
	ctl ssd autoattach
	is_equal "$status $out" '0 '
}

test_check()
{
	new_tree
	add_disk sda3
	ctl ssd check sda3
	is_refused 'blank'
	ctl ssd format --label fast sda3
	ctl ssd check --json sda3
	is_equal "$(jq -r '.result, .label, .segments, .segments_blank' "$tree/out" | tr '\n' ' ')" \
		'ok fast 62 62 '
	script -qec "$TESTING/tmem-pmem-ctl ssd check sda3" /dev/null >"$tree/screen" || wrong 'fails in a terminal'
	grep -q '100% read' "$tree/screen" || wrong 'does not say how far it is'
	printf x | dd of="$TMEM_DEV/sda3" bs=1 seek=$((2 << 20)) conv=notrunc status=none
	ctl ssd check --json sda3
	is_equal "$(jq -r '.result, .segments_other' "$tree/out" | tr '\n' ' ')" 'ok 1 '
	printf x | dd of="$TMEM_DEV/sda3" bs=1 seek=5000 conv=notrunc status=none
	ctl ssd check sda3
	is_refused 'something else was written beside the superblocks'
	printf x | dd of="$TMEM_DEV/sda3" bs=1 seek=100 conv=notrunc status=none
	ctl ssd check sda3
	is_refused 'checksum'
}

test_stats()
{
	new_tree
	ctl ssd stats
	is_refused 'modprobe tmem_ssd'
	load_ssd
	mkdir -p "$mm/tmem_ssd/devices/sda3/stats" "$mm/tmem/clean_stats"
	ctl ssd stats
	is_done 'hit_ratio: -'
	echo 100 >"$mm/tmem_ssd/devices/sda3/segments"
	echo 409600 >"$mm/tmem_ssd/devices/sda3/stats/bytes_written"
	echo 50 >"$mm/tmem/clean_stats/gets"
	echo 140 >"$mm/tmem/clean_stats/misses"
	echo 10 >"$mm/tmem/clean_stats/failed"
	echo 200 >"$mm/tmem_ssd/dwpd_percent"
	echo 7 >"$mm/tmem_ssd/refused/budget"
	ctl ssd stats --json
	is_equal "$(jq -r '.hit_ratio, .flash_written_per_byte_served, .flash_budget_a_day,
		.refused_by_the_cache.budget' "$tree/out" | tr '\n' ' ')" "0.25 2 $((200 << 20)) 7 "
	echo 0 >"$mm/tmem_ssd/dwpd_percent"
	echo 18446744073709551615 >"$mm/tmem_ssd/budget_bytes"
	ctl ssd stats --json
	is_equal "$(jq -r '.flash_budget_now, .flash_budget_a_day' "$tree/out" | xargs)" 'max max'
	ctl ssd stats --human
	is_done 'flash_budget_now: max'
	ctl ssd status --json
	grep -q '"budget_bytes":18446744073709551615' "$tree/out" || wrong 'not a number'
}

test_status()
{
	new_tree
	ctl ssd status
	is_refused 'modprobe tmem_ssd'
	load_ssd
	mkdir -p "$mm/tmem_ssd/devices/sda3/stats"
	echo 12 >"$mm/tmem_ssd/devices/sda3/stats/puts"
	echo 007 >"$mm/tmem_ssd/devices/sda3/label"
	ctl ssd status --json
	is_equal "$(jq -r '.policy, .filesystems[0], .devices[0].device, .devices[0].stats.puts' \
		"$tree/out" | tr '\n' ' ')" \
		'frequency sda1 ext4 cached 6b3c4a52-0000-4000-8000-00000000000a sda3 12 '
	is_equal "$(jq -c '.devices[0].label' "$tree/out")" '"007"'
}

run_tests
