# SPDX-License-Identifier: GPL-2.0
# A fake system for the tool: devices are sparse files, /sys and /proc are trees in a directory.
# shellcheck shell=bash

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
export TMEM_SYSFS=$tree/sys TMEM_DEV=$tree/dev TMEM_PROC=$tree/proc TMEM_RUN=$tree/run TMEM_ETC=$tree/etc
export TMEM_MODULES=$tree/modules TMEM_RELEASE=6.12.57+deb13-amd64 TMEM_ROOT=1
export ASAN_OPTIONS=detect_leaks=0
mm=$TMEM_SYSFS/kernel/mm
suite=$(basename "$0" .sh)
problem=

# new_tree: an empty system without devices and modules.
new_tree()
{
	rm -rf "${tree:?}"/*
	mkdir -p "$TMEM_SYSFS/class/block" "$TMEM_SYSFS/module" "$TMEM_DEV" "$TMEM_PROC/self" \
		"$TMEM_RUN" "$TMEM_ETC" "$TMEM_MODULES"
	ln -s class/block "$TMEM_SYSFS/block"
	: >"$TMEM_PROC/self/mountinfo"
	echo 'Filename Type Size Used Priority' >"$TMEM_PROC/swaps"
}

# add_device NAME [NAMESPACE-NAME [MODE [SIZE]]]: blank persistent memory.
add_device()
{
	local dir=$TMEM_SYSFS/class/block/$1

	mkdir -p "$dir/queue" "$dir/holders"
	echo 1 >"$dir/queue/dax"
	[ -z "${2:-}" ] || echo "$2 ${3:-fsdax}" >"$dir/namespace"
	truncate -s "${4:-64M}" "$TMEM_DEV/$1"
}

# load_modules: as if both modules were loaded and nothing attached.
load_modules()
{
	mkdir -p "$TMEM_SYSFS/module/tmem" "$TMEM_SYSFS/module/tmem_pmem" \
		"$mm/tmem/stats" "$mm/tmem/refused" "$mm/tmem_pmem/devices" "$mm/frontswap"
	: >"$mm/tmem_pmem/attach"
	echo active >"$mm/tmem/state"
	echo 'zswap_store armed' >"$mm/tmem/hooks"
	echo '0 1000 7 ok' >"$mm/tmem/areas"
	echo 7 >"$mm/frontswap/curr_pages"
	echo 9 >"$mm/tmem/stats/stores"
	echo 2 >"$mm/tmem/refused/full"
}

# set_attached NAME: as if the kernel had attached it.
set_attached()
{
	local dir=$mm/tmem_pmem/devices/$1

	mkdir -p "$dir"
	echo active >"$dir/state"
	echo 1024 >"$dir/slots"
	echo 7 >"$dir/slots_used"
	: >"$dir/detach"
}

# ctl ARGUMENTS...: run the tool; sets $out, $err and $status.
ctl()
{
	status=0
	"$TESTING/tmem-pmem-ctl" "$@" >"$tree/out" 2>"$tree/err" </dev/null || status=$?
	out=$(cat "$tree/out")
	err=$(cat "$tree/err")
}

# wrong TEXT: note that the test that runs has failed.
wrong()
{
	problem=${problem:-${1:-nothing was said}}
	printf '  %s\n' "$1" "  status $status, out: $out" "  err: $err"
}

# is_refused TEXT: the last ctl said one sentence with TEXT in it, and did nothing else.
is_refused()
{
	[ "$status" -ne 0 ] || wrong "not refused"
	[ "$(wc -l <"$tree/err")" -eq 1 ] || wrong "not one sentence"
	[[ $err == tmem-pmem-ctl:* ]] || wrong "does not say who speaks"
	[[ $err == *"$1"* ]] || wrong "does not say: $1"
}

# is_done TEXT: the last ctl succeeded and printed TEXT.
is_done()
{
	[ "$status" -eq 0 ] || wrong "failed"
	[[ $out == *"$1"* ]] || wrong "does not print: $1"
}

is_equal()
{
	[ "$1" = "$2" ] || wrong "\"$1\" is not \"$2\""
}

sum() { sha256sum <"$TMEM_DEV/$1"; }

# run_tests: run every function named test_*, each in a new tree.
run_tests()
{
	local name

	for name in $(declare -F | sed -n 's/^declare -f test_//p'); do
		new_tree
		problem=
		"test_$name"
		if [ -n "$problem" ]; then
			echo "FAIL $suite/$name"
		else
			echo "ok $suite/$name"
		fi
	done
}
