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
	refuse 'there is no verb frobnicate' frobnicate
	refuse 'there is no verb frobnicate' help frobnicate
	refuse 'there is no such verb, see "tmem-pmem-ctl help ssd"' ssd
	refuse 'there is no such verb' ssd frobnicate
	refuse 'there is no verb ssd' help ssd frobnicate
	refuse 'unknown option --frobnicate' format --frobnicate /dev/pmem0
	refuse 'unknown option -Z' list -Z
	refuse 'needs an argument' format /dev/pmem0 --label
	refuse 'needs an argument' create-namespace -s
	refuse 'give DEVICE' format
	refuse 'give DEVICE' check
	refuse 'give DEVICE' destroy
	refuse 'too many arguments' format a b
	refuse 'too many arguments' list a
	refuse 'too many arguments' drain now
	refuse 'name a device or give --all' attach
	refuse 'not both' attach --all pmem0
	refuse 'name a device or give --all' detach
	refuse 'not both' detach -a pmem0
}

test_values()
{
	local size

	for size in '' 0 -1 1Q 1MM abc 1.5G 99999999999999999999 99999999999T ' 1' 16MB; do
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
	refuse 'is not a block device' check ''
	refuse 'there is no namespace9.9' destroy namespace9.9
	refuse 'is not a block device' format "$TMEM_DEV/directory"
	refuse 'is in devdax mode' format pmem1
	refuse 'it takes 16.00 MiB to 1023.97 GiB' format pmem2
	refuse 'takes a namespace in fsdax mode' format pmem3
	refuse 'is a partition' format pmem4p1
	refuse 'belongs to no namespace' destroy pmem0
}

test_modules()
{
	add_device pmem0
	refuse 'module tmem_pmem is not loaded' attach pmem0
	refuse 'module tmem_pmem is not loaded' attach --all
	refuse 'module tmem_pmem is not loaded' detach pmem0
	refuse 'module tmem is not loaded' drain
	refuse 'module tmem is not loaded' resume
	refuse 'module tmem is not loaded' stats
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
	ctl version
	is_done "tmem-pmem-ctl $(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$(dirname "$0")/../../dkms.conf")"
}

run_tests
