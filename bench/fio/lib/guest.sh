# SPDX-License-Identifier: GPL-2.0
# Boots one guest for a benchmark, follows its log while it runs, and counts its instructions.
# shellcheck shell=bash
# Needs common.sh and apt.sh.

BENCH=$TOP/bench/fio
for library in images qemu boot group prepare; do
	# shellcheck disable=SC1090
	. "$TOP/tests/vm/lib/$library.sh"
done
. "$BENCH/lib/report.sh"
# shellcheck disable=SC2034
GUEST_LIFE=14400
# Functions of the kernel whose calls are counted; those that tmem replaces.
WATCHED=(zswap_store zswap_load zswap_invalidate)

# bench_prepare SERIES BUILD: kernel, images and programs; modules will be those in BUILD, if given.
# Sets MODE: "kvm", or "icount" when the guest cannot run at real speed and counts instructions.
bench_prepare()
{
	RUN_DIR=$(scratch_dir)
	trap bench_end EXIT
	trap 'exit 130' INT TERM
	CASES=$RUN_DIR/cases
	LOG_DIR=$CACHE/logs/bench-$(date +%Y%m%d-%H%M%S)-$$
	RESULTS=$RUN_DIR/results
	ROUND=
	mkdir -p "$CASES" "$LOG_DIR"
	cp -a "$BENCH"/guest/. "$BENCH"/*.fio "$CASES"
	prepare_kernel "$1" ''
	MODE=$(accelerator "$INITRAMFS")
	if [ "$MODE" = kvm ]; then
		sed -i 's/^ICOUNT=1/ICOUNT=0/' "$CASES"/*.sh
	else
		MODE=icount
	fi
	gcc -O2 -Wall -Wextra -static -o "$CASES/touch" "$BENCH/touch.c"
	gcc -O2 -Wall -Wextra -static -o "$CASES/reread" "$BENCH/reread.c" -lm
	gcc -O2 -Wall -Wextra -shared -fPIC -fvisibility=hidden -o "$RUN_DIR/count.so" \
		"$BENCH/count.c"
	PREBUILT=$2
}

# bench_config CASE NAME=VALUE...: what the case reads as its configuration. Packs what it needs.
bench_config()
{
	read_settings "$1"
	shift
	printf '%s\n' "$@" >"$CASES/config"
	prepare_payload "$BUILD" "$PREBUILT"
}

# bench_symbols: sets SYMBOLS, a file that says where the functions of the guest's kernel are. A stock
# kernel comes without one, so a guest is asked, once; it boots without randomisation. From then
# on instructions are counted in windows.
bench_symbols()
{
	[ "$MODE" = icount ] || return 0
	SYMBOLS=$CACHE/images/symbols-$VERSION-$(hash_of "$BENCH/guest/symbols.sh" "$VMLINUZ" --)
	[ ! -e "$SYMBOLS" ] || return 0
	say "asking the kernel for its symbols (once)"
	bench_guest symbols cat >/dev/null
	sed -n 's/^# SYMBOL //p' "$BENCH_LOG" >"$SYMBOLS.new"
	mv "$SYMBOLS.new" "$SYMBOLS"
}

# emulator: as in tests/vm, with the plugin that counts instructions.
emulator()
{
	local name address plugin

	QEMU=(qemu-system-x86_64)
	[ -e "${SYMBOLS:-}" ] || return 0
	mkdir -p "$LOG_DIR/windows"
	plugin=$RUN_DIR/count.so,out=$LOG_DIR/windows/window
	for name in "${WATCHED[@]}"; do
		address=$(awk -v name="$name" '$3 == name { print $1 }' "$SYMBOLS")
		plugin+=,watch=$name:$address
		# Where a replaced function goes on: behind what ftrace patches, with an ENDBR before it or not.
		[[ $name == zswap_* ]] || plugin+=$(printf ',watch=%s+5:%x,watch=%s+9:%x' \
			"$name" $((16#$address + 5)) "$name" $((16#$address + 9)))
	done
	QEMU+=(-plugin "$plugin")
}

# bench_guest CASE PROGRESS: run the case; the function PROGRESS gets what it logs, as it comes.
bench_guest()
{
	local status=0

	GROUP_DIR=$RUN_DIR/guest
	mkdir -p "$GROUP_DIR"
	BENCH_LOG=$(log_of "$1")
	: >"$BENCH_LOG"
	fresh_guest "$1" || return 1
	stdbuf -oL tail -n +1 -f "$GROUP_DIR/log" > >("$2") &
	FOLLOWER=$!
	run_one "$GROUP_DIR" "$1" last >"$RUN_DIR/report" || status=1
	sleep 1
	kill "$FOLLOWER"
	FOLLOWER=
	cp "$GROUP_DIR/console" "$BENCH_LOG.console"
	cp "$GROUP_DIR/command" "$BENCH_LOG.command"
	group_end
	grep -q '^ok' "$RUN_DIR/report" || { cat "$RUN_DIR/report" >&2; return 1; }
	return $status
}

bench_end()
{
	[ -z "${FOLLOWER:-}" ] || kill "$FOLLOWER"
	[ ! -d "${GROUP_DIR:-}" ] || group_end
	rm -rf "$RUN_DIR"
}
