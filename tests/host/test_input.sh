#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Bad input: each line of the table is refused in one sentence that says what to do.
. "$(dirname "$0")/lib.sh"

# refuse TEXT ARGUMENTS...: refused with exit status 2 (usage) or 1, nothing on stdout.
refuse()
{
	local text=$1

	shift
	ctl "$@"
	is_refused "$text"
	[ -z "$out" ] || wrong "$*: prints something"
	[ "$status" -lt 3 ] || wrong "$*: status $status"
}

test_words()
{
	refuse 'no verb given'
	refuse 'there is no verb "frobnicate"' frobnicate
	refuse 'there is no verb "frobnicate"' help frobnicate
	refuse 'there is no verb "status frobnicate"' help status frobnicate
	refuse 'there is no verb ""' ''
	refuse 'there is no verb "ssd status"' 'ssd status'
	refuse 'there is no verb "ssd status"' 'ssd status' --json
	refuse 'there is no such verb, see "tmem-pmem-ctl help ssd"' ssd
	refuse 'there is no such verb' ssd frobnicate
	refuse 'there is no verb "ssd frobnicate"' help ssd frobnicate
	refuse 'unknown option --frobnicate' format --frobnicate /dev/pmem0
	refuse 'list: unknown option -Z, see' list -Z
	refuse 'status: unknown option -x,' status -xj
	refuse 'status: unknown option -x,' status -jx
	refuse 'status: unknown option --json=1, see' status --json=1
	refuse 'resize: unknown option -5, and no number may be negative,' resize pmem0 -50%
	refuse 'stats: -w needs an argument,' stats -jw
	refuse 'needs an argument' format /dev/pmem0 --label
	refuse 'needs an argument' create-namespace -s
	refuse 'give DEVICE' format
	refuse 'give DEVICE' check
	refuse 'give DEVICE' destroy
	refuse 'too many arguments' format a b
	refuse 'too many arguments' list a
	refuse 'give one of --json and --text' list --json --text
	refuse 'too many arguments' drain now
	refuse 'name a device or give --all' attach
	refuse 'not both' attach --all pmem0
	refuse 'name a device or give --all' detach
	refuse 'not both' detach -a pmem0
}

test_values()
{
	local size

	for size in '' 0 5 51200 -1 1Q 1MM abc 1.5G 99999999999999999999 99999999999T ' 1' 16MB; do
		refuse 'takes a number of bytes' create-namespace -s "$size"
	done
	refuse 'the mode has to be fsdax' create-namespace -m devdax
	refuse '--map takes mem or dev' create-namespace -M disk
	refuse 'the name has to have' create-namespace -n ''
	refuse 'the name has to have' create-namespace -n "$(printf 'x%.0s' {1..64})"
	refuse 'the label has to be' format -l "$(printf 'x%.0s' {1..32})" /dev/pmem0
	refuse 'the label has to be' format -l $'a\nb' /dev/pmem0
	refuse 'there is no region7' create-namespace -r region7
}

test_devices()
{
	add_device pmem0
	add_device pmem1 data devdax
	add_device pmem2 '' '' 8M
	add_device pmem3
	add_device pmem4p1
	echo 0 >"$TMEM_SYSFS/class/block/pmem3/queue/dax"
	echo 1 >"$TMEM_SYSFS/class/block/pmem4p1/partition"
	mkdir "$TMEM_DEV/directory"
	refuse 'cannot find' format pmem9
	refuse 'cannot find' format /dev/no/such
	refuse '"" is no device, see "tmem-pmem-ctl list"' check ''
	refuse '"" is no device, see "lsblk"' ssd format ''
	refuse 'see "lsblk"' ssd check nosuch
	refuse 'there is no namespace9.9' destroy namespace9.9
	refuse 'is not a block device' format "$TMEM_DEV/directory"
	refuse 'is in devdax mode' format pmem1
	refuse 'it takes 16.00 MiB to 1023.97 GiB' format pmem2
	refuse 'takes a namespace in fsdax mode' format pmem3
	refuse 'is a partition' format pmem4p1
	refuse 'belongs to no namespace' destroy pmem0
}

# Neither nothing nor a path is the name of what is attached.
test_names()
{
	local name verb

	add_device pmem0
	load_modules
	mkdir -p "$TMEM_SYSFS/module/tmem_ssd" "$mm/tmem_ssd/devices/sda3"
	set_attached pmem0
	for name in '' . .. ./pmem0 pmem0/ "$TMEM_DEV/pmem0/" devices/../pmem0; do
		for verb in detach marks resize share 'ssd detach'; do
			# shellcheck disable=SC2086
			refuse '' $verb "$name"
			[[ $err =~ 'is no device'|'is not a block device'|'cannot find' ]] || wrong "$verb $name: is attached"
		done
	done
	is_equal "$(cat "$mm/tmem_pmem/devices/pmem0/detach")" ''
	refuse '"" is no device' detach ''
	refuse "cannot find $TMEM_DEV/sda3/" ssd detach "$TMEM_DEV/sda3/"
	: >"$mm/tmem/filesystems_enable"
	refuse 'there is no "", give a directory' ssd enable ''
}

test_modules()
{
	local verb

	add_device pmem0
	refuse 'module tmem_pmem is not loaded' attach pmem0
	refuse 'module tmem_pmem is not loaded' attach --all
	refuse 'module tmem_pmem is not loaded' detach pmem0
	refuse 'module tmem_pmem is not loaded' detach --all
	refuse 'module tmem is not loaded' drain
	refuse 'module tmem is not loaded' resume
	for verb in stats top latency cgroups 'limit a' "ssd enable $tree" "ssd forget $tree"; do
		# shellcheck disable=SC2086
		refuse 'module tmem is not loaded, run "modprobe tmem_pmem" or "modprobe tmem_ssd"' $verb
	done
	load_modules
	refuse 'is not attached' detach pmem0
}

test_root()
{
	local verb

	for verb in list create-namespace 'format a' 'attach a' 'detach a' drain resume status \
		stats 'check a' 'destroy a' doctor autoattach; do
		# shellcheck disable=SC2086
		TMEM_ROOT=0 refuse 'needs root' $verb
	done
}

test_help()
{
	local verb

	for verb in list create-namespace format attach detach drain resume status stats check \
		destroy doctor autoattach; do
		ctl "$verb" --help
		is_done "usage: tmem-pmem-ctl $verb"
		ctl help "$verb"
		is_done "usage: tmem-pmem-ctl $verb"
	done
	ctl --help
	is_done 'create-namespace'
	[[ $out != *autoattach* ]] || wrong 'autoattach is not hidden'
	# The summaries are below each other.
	is_equal "$(grep '^  [a-z]' "$tree/out" | grep -vE '^  .{27} [a-z]|^  resize .*\]$')" ''
	ctl version
	is_done "tmem-pmem-ctl $(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$(dirname "$0")/../../dkms.conf")"
}

run_tests
