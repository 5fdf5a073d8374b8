# SPDX-License-Identifier: GPL-2.0
# What a test case can call in the guest.
# shellcheck shell=bash

RUN=/run/tmem
CGROUP=/sys/fs/cgroup
SKIP_REASONS=

note() { printf '# %s\n' "$*"; }

# fail WHY: end the test as failed.
fail()
{
	printf 'FAIL: %s\n' "$*"
	printf '%s\n' "$*" >$RUN/why
	trap - ERR
	exit 1
}

# skip WHY: end the test as skipped; in requires() use need_* instead.
skip()
{
	printf 'skip: %s\n' "$*"
	printf '%s\n' "$*" >$RUN/why
	trap - ERR
	exit 77
}

# Of a child that was killed, as cases do with programs that run for ever, only who waits for it says so.
report_error()
{
	case $1 in
	137 | 143) [ "$BASHPID" = $$ ] || return 0 ;;
	esac
	printf 'FAIL: status %s at %s\n' "$1" "$2"
	[ -s $RUN/why ] || printf '%s (status %s)\n' "$2" "$1" >$RUN/why
}

# unnoticed_failure STATUS: fails when something in the background, or in $(...), has failed and the test has not.
unnoticed_failure()
{
	[ "$1" -eq 0 ] && [ -s $RUN/why ] || return 0
	printf 'FAIL: unnoticed: %s\n' "$(head -n 1 $RUN/why)"
	return 1
}

# next_boot: cut the power, boot again with the same disks and NVDIMMs, and run test() again
# with PHASE one higher, without cleanup() in between. Only in tests with EXCLUSIVE=1.
# "next_boot clean" flushes disks first. What a cut does not lose is in docs/contracts.md.
next_boot()
{
	[ "${1:-crash}" != clean ] || sync
	unnoticed_failure 0 || exit 1
	trap - ERR EXIT
	exit 88
}

# need_module NAME..., need_program NAME..., need_file PATH...: for requires().
need_module()
{
	local name

	for name in "$@"; do
		[ -d "/sys/module/$name" ] || modprobe -nq "$name" || SKIP_REASONS+="no module $name; "
	done
}

need_program()
{
	local name

	for name in "$@"; do
		command -v "$name" >/dev/null || SKIP_REASONS+="no program $name; "
	done
}

need_file()
{
	local name

	for name in "$@"; do
		[ -e "$name" ] || SKIP_REASONS+="no file $name; "
	done
}

# sleep SECONDS: on a slow kernel (TMEM_SLOW on its command line, so in our environment) so much
# longer that programs get as far as on another.
sleep() { command sleep "$(awk "BEGIN { print $1 * ${TMEM_SLOW:-1} }")"; }

# wait_for SECONDS COMMAND...: until COMMAND succeeds; fails when it does not in time.
wait_for()
{
	local end=$((SECONDS + $1 * ${TMEM_SLOW:-1}))

	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		command sleep 0.1
	done
}

# assert_eq ACTUAL EXPECTED WHAT, assert_ge ACTUAL MINIMUM WHAT, assert_le ACTUAL MAXIMUM WHAT
assert_eq() { [ "$1" = "$2" ] || fail "$3: $1, expected $2"; }
assert_ge() { [ "$1" -ge "$2" ] || fail "$3: $1, expected at least $2"; }
assert_le() { [ "$1" -le "$2" ] || fail "$3: $1, expected at most $2"; }

# must_fail COMMAND...: succeeds when COMMAND fails.
must_fail()
{
	if "$@"; then
		fail "succeeded, but must not: $*"
	fi
}

# allow_dmesg REGEX: kernel log lines of this test that are expected, not splats.
allow_dmesg() { printf '%s\n' "$*" >>$RUN/allow; }

# allow_taint BITS: taint bits this test causes on purpose (512 = warning, 16 = machine check).
allow_taint() { echo $(($(cat $RUN/allow-taint 2>/dev/null || echo 0) | $1)) >$RUN/allow-taint; }

# dmesg_since_start: the kernel log of this test so far.
dmesg_since_start() { dmesg | sed "1,/tmem-test: start $TEST_NAME\$/d"; }

# expect_dmesg REGEX: fail unless the kernel log of this test has such a line.
expect_dmesg()
{
	dmesg_since_start | grep -Eq -- "$1" || fail "kernel log lacks: $1"
}

# vmstat KEY: a counter of /proc/vmstat.
vmstat() { awk -v key="$1" '$1 == key { print $2; found = 1 } END { if (!found) print 0 }' /proc/vmstat; }

# mk_cgroup NAME MEMORY_MAX [SWAP_MAX]: a fresh cgroup with a memory limit.
mk_cgroup()
{
	mkdir -p "$CGROUP/$1"
	echo "$2" >"$CGROUP/$1/memory.max"
	echo "${3:-max}" >"$CGROUP/$1/memory.swap.max"
}

# run_in_cgroup NAME COMMAND...
run_in_cgroup()
{
	local name=$1

	shift
	(echo "$BASHPID" >"$CGROUP/$name/cgroup.procs" && exec "$@")
}

# cgroup_stat NAME FILE [KEY]: a value of a cgroup's file.
cgroup_stat()
{
	if [ $# -eq 2 ]; then
		cat "$CGROUP/$1/$2"
	else
		awk -v key="$3" '$1 == key { print $2 }' "$CGROUP/$1/$2"
	fi
}

# swap_on DEVICE [PRIORITY]: make it a swap area and use it.
swap_on()
{
	wipefs -qa "$1"
	mkswap "$1" >/dev/null
	swapon ${2:+-p "$2"} "$1"
}

# mk_fs TYPE DEVICE MOUNTPOINT [MKFS_OPTION...]: a fresh filesystem, mounted.
mk_fs()
{
	local type=$1 device=$2 dir=$3

	shift 3
	wipefs -qa "$device"
	"mkfs.$type" -q "$@" "$device" >/dev/null
	mkdir -p "$dir"
	mount -t "$type" "$device" "$dir"
}

drop_caches() { sync; echo "${1:-3}" >/proc/sys/vm/drop_caches; }

# init_labels: give every NVDIMM with a label area an empty namespace index, once.
init_labels()
{
	[ ! -e $RUN/labels ] || return 0
	touch $RUN/labels
	ndctl list -D | jq -e 'length > 0' >/dev/null || return 0
	[ "$(ndctl read-labels all 2>/dev/null | tr -d '\0' | head -c 1 | wc -c)" -eq 0 ] || return 0
	ndctl disable-region all >/dev/null 2>&1
	ndctl init-labels -f all >/dev/null 2>&1
	ndctl enable-region all >/dev/null 2>&1
}

# create_namespace [MODE [SIZE [NAME [REGION]]]]: prints the block device (/dev/pmemN), its
# first MiB zeroed. MODE fsdax (default), sector, raw or devdax (prints the character device).
create_namespace()
{
	local mode=${1:-fsdax} size=${2:-} name=${3:-} region=${4:-} options json device

	init_labels >&2
	options=(-m "$mode")
	[ -z "$size" ] || options+=(-s "$size")
	[ -z "$name" ] || options+=(-n "$name")
	[ -z "$region" ] || options+=(-r "$region")
	if ! json=$(ndctl create-namespace "${options[@]}" 2>$RUN/ndctl); then
		# Without labels the whole region is one namespace, there from the start.
		json=$(ndctl create-namespace -f -e "namespace${region#region}.0" "${options[@]}") ||
			{ cat $RUN/ndctl >&2; return 1; }
	fi
	if [ "$mode" = devdax ]; then
		printf '/dev/%s\n' "$(jq -r '.daxregion.devices[0].chardev' <<<"$json")"
		return
	fi
	device=/dev/$(jq -r .blockdev <<<"$json")
	dd if=/dev/zero of="$device" bs=1M count=1 conv=fsync status=none
	printf '%s\n' "$device"
}

# namespace_of DEVICE: the ndctl name (namespaceX.Y) of a /dev/pmemN.
namespace_of()
{
	ndctl list -N | jq -r --arg dev "${1#/dev/}" '[.] | flatten | .[] | select(.blockdev == $dev) | .dev'
}

# physical_address DEVICE OFFSET: guest physical address of a byte of /dev/pmemN.
physical_address()
{
	local start

	start=$(cat "/sys/bus/nd/devices/$(readlink -f "/sys/block/${1#/dev/}/device" | xargs basename)/resource")
	printf '%#x\n' $((start + $2))
}

# start_udev [SUBSYSTEM...]: run systemd-udevd with the installed rules, and replay the devices
# of these subsystems to it (default: what storage is made of). Again: only replay.
start_udev()
{
	[ $# -gt 0 ] || set -- block nd dax
	if [ ! -e $RUN/udevd ]; then
		/lib/systemd/systemd-udevd --daemon
		touch $RUN/udevd
	fi
	udevadm trigger --action=add "${@/#/--subsystem-match=}"
	udevadm settle --timeout=60
}

# host_monitor COMMAND: issue a QEMU monitor command, print its answer.
host_monitor()
{
	local reply

	(
		flock 9
		exec 8<>/dev/virtio-ports/tmem.monitor
		jq -nc '{execute: "qmp_capabilities"}' >&8
		jq -nc --arg c "$1" \
			'{execute: "human-monitor-command", arguments: {"command-line": $c}, id: "hmp"}' >&8
		while read -r -t 30 reply <&8; do
			if jq -e '.id == "hmp"' <<<"$reply" >/dev/null; then
				jq -er '.return // empty' <<<"$reply" | tr -d '\r'
				jq -e 'has("return")' <<<"$reply" >/dev/null
				exit
			fi
		done
		exit 1
	) 9>$RUN/monitor.lock
}
