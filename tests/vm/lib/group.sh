# SPDX-License-Identifier: GPL-2.0
# Test settings, groups of tests that share a boot, and running such a group.
# shellcheck shell=bash
# Needs boot.sh; RESULTS (file), LOG_DIR and the kernel's description in the environment.

CASES=${CASES:-$TOP/tests/vm/cases}
SETTINGS=(KERNELS SUITE CPUS MEM NVDIMMS NODES LABELS DISKS APPEND ICOUNT THREADS EXCLUSIVE TIMEOUT BUILD)

FIRST_SPLAT='BUG|WARNING:|KASAN|UBSAN|INFO: |Oops|kmemleak|panic|[Gg]eneral protection|sysrq:'

# read_settings TEST: the settings of a case, read from its NAME=value lines without running it.
read_settings()
{
	local line name value

	KERNELS='6.12 6.1 7.2' SUITE=quick CPUS=1 MEM=1G NVDIMMS=256M NODES='' LABELS=1 DISKS=''
	APPEND=''
	ICOUNT=0 THREADS=single EXCLUSIVE=0 TIMEOUT=300 BUILD='' DESCRIPTION=
	while IFS= read -r line; do
		name=${line%%=*}
		value=${line#*=}
		value=${value%%[[:space:]]#*}
		value=${value#[\"\']}
		value=${value%[\"\']}
		case " ${SETTINGS[*]} DESCRIPTION " in
		*" $name "*) printf -v "$name" %s "$value" ;;
		esac
	done < <(sed '/^[a-z_]* *()/,$d' "$CASES/$1.sh" | grep -E '^[A-Z_]+=')
	[ "$ICOUNT" = 0 ] || [ "$CPUS" = 1 ] || die "$1: ICOUNT=1 needs CPUS=1"
}

# group_key TEST: equal for tests that can share a boot. Sets the settings too.
group_key()
{
	read_settings "$1"
	GROUP_KEY="$CPUS|$MEM|$NVDIMMS|$NODES|$LABELS|$DISKS|$APPEND|$ICOUNT|$THREADS|$BUILD"
	[ "$EXCLUSIVE" = 0 ] || GROUP_KEY+="|$1"
}

# log_of TEST: where its output is kept.
log_of() { printf '%s\n' "$LOG_DIR/$SERIES-$1${ROUND:+.$ROUND}.log"; }

# report STATUS TEST SECONDS [WHY]: lines for the reader, written at once since groups run side
# by side, and one for the sum. A failure shows the end of the test's log.
report()
{
	local status=$1 test=$2 seconds=$3 why=${4:-} text log

	log=$(log_of "$test")
	case $status in
	pass) text="ok   $SERIES $test  ${seconds}s" ;;
	skip) text="skip $SERIES $test  $why" ;;
	*)
		status=fail
		text="FAIL $SERIES $test  ${seconds}s  $why
$(interesting_lines "$log" | sed 's/^/     | /')
     log: $log"
		;;
	esac
	printf '%s\n' "$text" | sed '/^$/d'
	printf '%s %s %s\n' "$status" "$SERIES" "$test" >>"$RESULTS"
}

# interesting_lines LOG: what the test printed last, and the first splat of the kernel log or, when
# the guest died, of its console.
interesting_lines()
{
	sed '/^---- \(kernel log\|console\)/,$d' "$1" | tail -n 15
	sed '1,/^---- \(kernel log\|console\)/d' "$1" | grep -E -m1 -A20 "$FIRST_SPLAT" || true
	if grep -q '^---- console' "$1" && ! grep -Eq "$FIRST_SPLAT" "$1"; then
		tail -n 10 "$1"
	fi
}

# explain_death DIR OUT: add the console's tail to a test's log.
explain_death()
{
	{
		echo "---- console"
		tail -n 120 "$1/console" | tr -d '\r'
		[ ! -s "$1/qemu.out" ] || { echo "---- qemu"; tail -n 20 "$1/qemu.out"; }
	} >>"$2"
}

# run_one DIR TEST [last]: run one test in the running guest. Returns 0 when the guest may be used on, or was
# ended behind the last one: what its kernel says until then is that test's.
run_one()
{
	local dir=$1 test=$2 last=${3:-} out status state why phase=1 start=$SECONDS limit code

	out=$(log_of "$test")
	read_settings "$test"
	limit=$((TIMEOUT * TIME_SCALE * ${SLOW:-1}))
	boot_send "run $test $phase $limit"
	while :; do
		code=0
		# The guest's own limit comes first; in icount mode its seconds are not ours.
		boot_read $((limit + 60 * ${SLOW:-1} + ICOUNT * limit)) || code=$?
		if [ $code -ne 0 ]; then
			boot_stop
			take_log "$dir" "$out"
			explain_death "$dir" "$out"
			if [ $code -eq 1 ]; then why="the guest died"; else why="the guest hangs"; fi
			report fail "$test" $((SECONDS - start)) "$why"
			return 1
		fi
		read -r _ status state why <<<"$REPLY"
		take_log "$dir" "$out.part" ended
		cat "$out.part" >>"$out"
		rm -f "$out.part"
		[ "$status" = again ] || break
		boot_stop cut
		phase=$((phase + 1))
		if ! boot_up "$dir"; then
			explain_death "$dir" "$out"
			report fail "$test" $((SECONDS - start)) "boot $phase failed"
			return 1
		fi
		boot_send "run $test $phase $limit"
	done
	if [ "$last" ] && [ "$state" = clean ] && ! boot_off; then
		status=fail state=dirty why=$REPLY
		take_log "$dir" "$out.part"
		cat "$out.part" >>"$out"
		rm -f "$out.part"
		[[ $why != 'the guest '* ]] || explain_death "$dir" "$out"
	fi
	report "$status" "$test" $((SECONDS - start)) "$why"
	[ "$state" = clean ]
}

# boot_once DIR: start a guest and wait until its driver is ready.
boot_once()
{
	LOG_TAKEN=0
	boot_start "$1" "${GUEST_LIFE:-7200}"
	if ! boot_read $((BOOT_LIMIT * TIME_SCALE * ${SLOW:-1})); then
		boot_stop
		return 1
	fi
	[ "${REPLY%% *}" = ready ] || { boot_stop; return 1; }
}

# boot_up DIR: as boot_once. An emulated processor now and then breaks down in a kernel's first second;
# nothing of ours is loaded then, so that is said, its console is kept, and it is tried once more.
boot_up()
{
	local console

	boot_once "$1" && return 0
	console=$LOG_DIR/$SERIES-boot-failed-$(date +%s%N).console
	cp "$1/console" "$console"
	say "$SERIES guest did not boot, console: $console; once more"
	boot_once "$1"
}

# group_end: stop the guest and remove what the group left.
group_end()
{
	boot_stop
	if [ "${KEEP:-0}" = 1 ]; then
		say "kept: $GROUP_DIR ${NVDIMM_DIR:-}"
	else
		rm -rf "$GROUP_DIR" ${NVDIMM_DIR:+"$NVDIMM_DIR"}
	fi
}

# fresh_guest TEST: new media, and a guest that is ready for TEST.
fresh_guest()
{
	local start=$SECONDS log

	read_settings "$1"
	rm -rf ${NVDIMM_DIR:+"$NVDIMM_DIR"} "$GROUP_DIR"/disk*
	make_media "$GROUP_DIR"
	PAYLOAD_IMAGE=$(payload_path "$BUILD")
	if boot_up "$GROUP_DIR"; then
		say "$SERIES guest up in $((SECONDS - start)) s"
		return 0
	fi
	log=$(log_of "$1")
	explain_death "$GROUP_DIR" "$log"
	report fail "$1" $((SECONDS - start)) "the guest does not boot"
	return 1
}

# run_group TEST...: run tests with equal boot settings, one guest after the other as needed.
run_group()
{
	local test left=$# up=0

	GROUP_DIR=$(scratch_dir)
	trap group_end EXIT
	trap 'exit 143' TERM INT
	for test in "$@"; do
		: >"$(log_of "$test")"
		left=$((left - 1))
		[ $up = 1 ] || fresh_guest "$test" || continue
		up=1
		run_one "$GROUP_DIR" "$test" "$([ $left -gt 0 ] || echo last)" || { boot_stop; up=0; }
	done
	cp "$GROUP_DIR/console" "$(log_of "$1").console"
	cp "$GROUP_DIR/command" "$(log_of "$1").command"
}
