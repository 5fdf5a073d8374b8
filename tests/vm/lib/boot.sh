# SPDX-License-Identifier: GPL-2.0
# One running guest: starts QEMU, talks to the guest's driver, and ends it.
# shellcheck shell=bash
# Needs common.sh and qemu.sh.

BOOT_LIMIT=${TMEM_BOOT_LIMIT:-300}
TIME_SCALE=${TMEM_TIMEOUT_SCALE:-1}

make_pipes()
{
	local dir=$1 name

	for name in ctl monitor; do
		rm -f "$dir/$name.in" "$dir/$name.out"
		mkfifo "$dir/$name.in" "$dir/$name.out"
	done
	# The guest's port is wired straight to the monitor: what one writes the other reads.
	ln -sfn monitor.out "$dir/guestmon.in"
	ln -sfn monitor.in "$dir/guestmon.out"
}

# boot_start DIR LIFE_SECONDS: start a guest in DIR; sets QEMU_PID. Its media must exist.
boot_start()
{
	local dir=$1 life=$2

	make_pipes "$dir"
	: >"$dir/console"
	: >"$dir/log"
	qemu_arguments "$dir"
	emulator
	printf '%q ' "${QEMU[@]}" "${QEMU_ARGS[@]}" >"$dir/command"
	exec {CTL_IN}<>"$dir/ctl.in" {CTL_OUT}<>"$dir/ctl.out"
	setpriv --pdeathsig KILL timeout --foreground -k 5 "$life" \
		setpriv --pdeathsig KILL "${QEMU[@]}" "${QEMU_ARGS[@]}" \
		</dev/null >"$dir/qemu.out" 2>&1 &
	QEMU_PID=$!
	PENDING=
}

# boot_read SECONDS: the guest's next line in REPLY; 1 when it died, 2 when time is up.
boot_read()
{
	local end=$((SECONDS + $1)) part alive=1

	while :; do
		if IFS= read -r -t 1 -u "$CTL_OUT" part; then
			REPLY=$PENDING$part
			PENDING=
			return 0
		fi
		PENDING+=$part
		# One more read after QEMU is gone: the last line may still be in the pipe.
		[ $alive = 1 ] || { PENDING=; return 1; }
		kill -0 "$QEMU_PID" 2>/dev/null || alive=0
		[ $SECONDS -lt $end ] || return 2
		# Groups run in the background: none of them outlives the runner.
		kill -0 $$ 2>/dev/null || exit 143
	done
}

boot_send() { printf '%s\n' "$*" >&"$CTL_IN"; }

# boot_stop [off|cut]: end the guest. "off": it is about to end by itself. "cut": as a power cut does, it gets
# no chance to finish anything.
boot_stop()
{
	local try

	[ -n "${QEMU_PID:-}" ] || return 0
	case ${1:-} in
	off)
		for try in {1..50}; do
			kill -0 "$QEMU_PID" 2>/dev/null || break
			sleep 0.1
		done
		;;
	# QEMU itself, so that the wait below is for its end: the next guest has the same disks.
	cut) pkill -KILL -P "$QEMU_PID" || true ;;
	esac
	kill "$QEMU_PID" 2>/dev/null || true
	wait "$QEMU_PID" 2>/dev/null || true
	QEMU_PID=
	exec {CTL_IN}>&- {CTL_OUT}>&-
}

# boot_off: let the guest look at its kernel log once more, and end. REPLY says what is wrong, if anything; fails then.
boot_off()
{
	local code=0

	boot_send off
	boot_read $((60 * TIME_SCALE * ${SLOW:-1})) || code=$?
	case $code in
	0) REPLY=${REPLY#off} REPLY=${REPLY# } ;;
	1) REPLY="the guest died when it was to end" ;;
	*) REPLY="the guest hangs when it is to end" ;;
	esac
	boot_stop "$([ $code -ne 0 ] || echo off)"
	[ -z "$REPLY" ]
}

# take_log DIR OUT: move what the guest logged since the last call to OUT, after the guest's
# end mark has arrived there too.
take_log()
{
	local dir=$1 out=$2 try

	for try in {1..30}; do
		tail -c "+$((LOG_TAKEN + 1))" "$dir/log" >"$out"
		[ "${3:-}" != ended ] || ! tail -n 1 "$out" | grep -q '^==== end' || break
		[ "${3:-}" = ended ] || break
		sleep 0.1
	done
	LOG_TAKEN=$((LOG_TAKEN + $(stat -c %s "$out")))
	sed -i '/^==== end$/d' "$out"
}
