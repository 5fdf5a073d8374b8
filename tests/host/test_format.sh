#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# format and destroy: what is refused stays as it was, what is written is what check expects.
. "$(dirname "$0")/lib.sh"
signatures=$(dirname "$0")/signatures.py

test_blank()
{
	add_device pmem0
	ctl format --label 'my swap' pmem0
	is_done 'formatted'
	is_done '60.00 MiB for pages'
	ctl check --json pmem0
	is_done '"result":"ok"'
	is_done '"label":"my swap"'
	is_equal "$(jq -r .slots <<<"$out")" 15360
	is_equal "$(jq -r .data_offset <<<"$out")" $((2 << 20))
	# nothing but the two superblocks
	cmp -s <(head -c $(((64 << 20) - 4096)) "$TMEM_DEV/pmem0" | tail -c +4097) \
		<(head -c $(((64 << 20) - 8192)) /dev/zero) || wrong 'writes more than superblocks'
}

# An independent implementation of the format.
test_other_writer()
{
	add_device pmem0
	"$signatures" tmem "$TMEM_DEV/pmem0"
	ctl check -j pmem0
	is_done '"result":"ok"'
	is_done '00112233-4455-6677-8899-aabbccddeeff'
	is_equal "$(jq -r .created <<<"$out")" 2023-11-14T22:13:20Z
}

# still_refused TEXT: format, destroy and autoattach leave it alone.
still_refused()
{
	local before

	before=$(sum pmem0)
	ctl format pmem0
	is_refused "$1"
	ctl destroy pmem0
	is_refused "$1"
	is_equal "$(sum pmem0)" "$before"
	load_modules
	ctl autoattach pmem0
	is_refused "is named tmem but holds"
	is_equal "$(sum pmem0)" "$before"
	is_equal "$(cat "$mm/tmem_pmem/attach")" ''
}

# forced: --force formats it, and nobody finds the old signature any more.
forced()
{
	ctl format --force pmem0
	is_done 'formatted'
	ctl check pmem0
	is_done 'result: ok'
	is_equal "$(blkid -p -o value -s TYPE -s PTTYPE "$TMEM_DEV/pmem0")" ''
}

test_ext4()
{
	add_device pmem0 tmem
	mkfs.ext4 -q -F "$TMEM_DEV/pmem0"
	still_refused 'holds a filesystem (ext4)'
	forced
}

test_swap()
{
	add_device pmem0 tmem
	mkswap -q "$TMEM_DEV/pmem0" 2>/dev/null
	still_refused 'holds swap space'
	forced
}

test_signatures()
{
	local kind text

	while read -r kind text; do
		new_tree
		add_device pmem0 tmem
		"$signatures" "$kind" "$TMEM_DEV/pmem0"
		still_refused "holds $text"
		forced
	done <<-'TABLE'
		xfs a filesystem (xfs)
		lvm a member of a RAID or volume group (LVM2_member)
		gpt a partition table (gpt)
		md a member of a RAID or volume group (linux_raid_member)
		luks an encrypted volume (crypto_LUKS)
	TABLE
}

test_unknown_data()
{
	local offset

	for offset in 0 5000 $(((16 << 20) - 1)) $((48 << 20)) $(((64 << 20) - 1)); do
		new_tree
		add_device pmem0 tmem
		printf x | dd of="$TMEM_DEV/pmem0" bs=1 seek=$offset conv=notrunc status=none
		still_refused "byte $offset is not zero"
	done
	# in the middle nobody looks
	new_tree
	add_device pmem0 tmem
	printf x | dd of="$TMEM_DEV/pmem0" bs=1 seek=$((32 << 20)) conv=notrunc status=none
	ctl format pmem0
	is_done 'formatted'
}

test_again()
{
	local before

	add_device pmem0
	ctl format pmem0
	before=$(sum pmem0)
	ctl format pmem0
	is_refused 'holds a tmem superblock'
	is_equal "$(sum pmem0)" "$before"
	ctl format -f pmem0
	is_done 'formatted'
	[ "$(sum pmem0)" != "$before" ] || wrong 'not formatted again'
}

# in_use TEXT: refused, with and without --force.
in_use()
{
	local before

	before=$(sum pmem0)
	ctl format pmem0
	is_refused "$1"
	ctl format --force pmem0
	is_refused "$1"
	ctl destroy --force pmem0
	is_refused "$1"
	is_equal "$(sum pmem0)" "$before"
}

test_in_use()
{
	add_device pmem0 tmem
	echo "36 35 259:0 / /mnt/a rw - ext4 $TMEM_DEV/pmem0 rw" >"$TMEM_PROC/self/mountinfo"
	in_use 'is mounted on /mnt/a'
	new_tree
	add_device pmem0 tmem
	echo "$TMEM_DEV/pmem0 partition 1000 0 -2" >>"$TMEM_PROC/swaps"
	in_use 'is swap space'
	new_tree
	add_device pmem0 tmem
	mkdir "$TMEM_SYSFS/class/block/pmem0/holders/dm-3"
	in_use 'is part of dm-3'
	new_tree
	add_device pmem0 tmem
	load_modules
	set_attached pmem0
	in_use 'is attached'
}

# What the path leads to may change between the questions and the writing.
test_another_device()
{
	local before

	add_device pmem1
	add_device pmem2
	add_device pmem0
	ln -sf pmem1 "$TMEM_DEV/pmem0"
	before=$(sum pmem2)
	rm "$TMEM_PROC/self/mountinfo"
	mkfifo "$TMEM_PROC/self/mountinfo"
	{
		exec 5>"$TMEM_PROC/self/mountinfo"
		ln -sfn pmem2 "$TMEM_DEV/pmem0"
		exec 5>&-
	} &
	ctl format pmem0
	is_refused 'another device than a moment ago'
	is_equal "$(sum pmem2)" "$before"
	wait
}

test_destroy()
{
	add_device pmem0 tmem
	ctl format pmem0
	ctl destroy namespace0.0
	is_done 'destroyed namespace0.0'
	cmp -s "$TMEM_DEV/pmem0" <(head -c 64M /dev/zero) || wrong 'not wiped'
}

# The raw namespace of a region without labels is taken if it is blank.
test_whole_region()
{
	local before

	add_device pmem0 whole raw
	ctl create-namespace -r region0 -s 32M
	is_refused 'cannot be divided'
	mkfs.ext4 -q -F "$TMEM_DEV/pmem0"
	before=$(sum pmem0)
	ctl create-namespace -r region0
	is_refused 'namespace0.0 holds a filesystem (ext4)'
	is_equal "$(sum pmem0)" "$before"
	truncate -s 0 "$TMEM_DEV/pmem0"
	truncate -s 64M "$TMEM_DEV/pmem0"
	echo "$TMEM_DEV/pmem0 partition 1000 0 -2" >>"$TMEM_PROC/swaps"
	ctl create-namespace -r region0
	is_refused 'is swap space'
	sed -i 2d "$TMEM_PROC/swaps"
	ctl create-namespace -r region0
	is_done 'created namespace0.0'
	is_done 'formatted'
}

test_damaged()
{
	add_device pmem0 tmem
	ctl format pmem0
	printf x | dd of="$TMEM_DEV/pmem0" bs=1 seek=60 conv=notrunc status=none
	ctl check pmem0
	[ "$status" -eq 1 ] || wrong 'a damaged superblock passes'
	[[ $err == *'the checksum of the superblock is wrong'* ]] || wrong "check is silent"
	[[ $out == *'first_superblock: the checksum'* ]] || wrong "check does not say which"
	printf x | dd of="$TMEM_DEV/pmem0" bs=1 seek=$(((64 << 20) - 4000)) conv=notrunc status=none
	ctl check pmem0
	is_refused 'the checksum of the superblock is wrong'
	still_refused_damaged
}

still_refused_damaged()
{
	local before

	before=$(sum pmem0)
	ctl format pmem0
	is_refused 'a tmem superblock that is not usable (the checksum'
	is_equal "$(sum pmem0)" "$before"
}

# What came later left the superblocks whole: it lies beside them, as a RAID member's own does.
test_written_beside_the_superblocks()
{
	local seek

	for seek in 4096 2097151 $(((62 << 20) + 5)); do
		rm -f "$TMEM_DEV/pmem0"
		add_device pmem0 tmem
		ctl format pmem0
		printf x | dd of="$TMEM_DEV/pmem0" bs=1 seek=$seek conv=notrunc status=none
		ctl check pmem0
		is_refused 'something else was written beside the superblocks'
		ctl format pmem0
		is_refused "something written over a tmem superblock, at byte $seek"
		ctl destroy pmem0
		is_refused 'something written over a tmem superblock'
	done
}

# What cannot be read there does not hide what is behind it.
test_written_behind_a_bad_page()
{
	local before bad

	add_device pmem0 tmem
	ctl format pmem0
	TMEM_BAD='8192 512' ctl check pmem0
	is_done 'result: ok'
	printf x | dd of="$TMEM_DEV/pmem0" bs=1 seek=$((1 << 20)) conv=notrunc status=none
	before=$(sum pmem0)
	for bad in '4096 512' '1044480 4096' "4096 $(((1 << 20) - 4096))" "$(((1 << 20) + 4096)) 1"; do
		TMEM_BAD=$bad ctl check pmem0
		is_refused 'something else was written beside the superblocks'
		TMEM_BAD=$bad ctl destroy pmem0
		is_refused "something written over a tmem superblock, at byte $((1 << 20))"
		is_equal "$(sum pmem0)" "$before"
	done
}

test_overwritten_by_something_unknown()
{
	local before

	add_device pmem0 tmem
	ctl format pmem0
	head -c 4M /dev/urandom | dd of="$TMEM_DEV/pmem0" conv=notrunc status=none
	before=$(sum pmem0)
	ctl destroy pmem0
	is_refused 'something else has overwritten the first superblock'
	is_equal "$(sum pmem0)" "$before"
}

test_resized()
{
	add_device pmem0
	ctl format pmem0
	truncate -s 62M "$TMEM_DEV/pmem0"
	ctl check pmem0
	is_refused 'smaller than when it was formatted'
	truncate -s 66M "$TMEM_DEV/pmem0"
	ctl check pmem0
	is_refused 'larger than when it was formatted'
}

# More than the module can use.
test_check_too_large()
{
	add_device pmem0 '' fsdax $(((1 << 40) - (24 << 20)))
	"$signatures" tmem "$TMEM_DEV/pmem0"
	ctl check pmem0
	is_refused 'larger than tmem can use'
}

test_check_file()
{
	head -c 20000 /dev/zero >"$tree/file"
	ctl check "$tree/file"
	is_refused 'blank'
	echo tiny >"$tree/file"
	ctl check "$tree/file"
	is_refused 'too small: a device has at least 16 MiB'
	ctl ssd check "$tree/file"
	is_refused 'too small: a device has at least 16 MiB'
}

test_scrub_and_badblocks()
{
	add_device pmem0
	ctl format pmem0
	ctl check --scrub --json pmem0
	is_equal "$(jq -r .unreadable <<<"$out")" 0
	echo '8192 8' >"$TMEM_SYSFS/class/block/pmem0/badblocks"
	ctl check pmem0
	[ "$status" -eq 1 ] && [[ $out == *'bad_blocks: 4096'* ]] || wrong 'bad blocks not seen'
}

run_tests
