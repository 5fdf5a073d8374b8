#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The verbs that talk to the kernel, against files that stand in for it; and all the JSON.
. "$(dirname "$0")/lib.sh"

test_attach()
{
	add_device pmem0
	load_modules
	ctl attach pmem0
	is_done "attached $TMEM_DEV/pmem0"
	is_equal "$(cat "$mm/tmem_pmem/attach")" "$TMEM_DEV/pmem0"
	# The kernel is not where we are.
	ln -s dev "$tree/other"
	for path in dev/pmem0 ./dev/../other/pmem0 "$tree/other/pmem0"; do
		: >"$mm/tmem_pmem/attach"
		(cd "$tree" && ctl attach "$path")
		is_equal "$(cat "$mm/tmem_pmem/attach")" "$TMEM_DEV/pmem0"
	done
}

test_attach_all()
{
	add_device pmem0
	add_device pmem1
	add_device pmem2
	load_modules
	ctl format pmem1
	ctl format pmem2
	set_attached pmem2
	ctl attach --all
	is_equal "$status $out$err" "0 attached $TMEM_DEV/pmem1"
	set_attached pmem1
	ctl attach --all
	is_equal "$status $out" '0 '
	[[ $err == *'nothing to attach'* ]] || wrong 'does not say that nothing was done'
	# One that cannot be looked at does not keep it from the others.
	rm -r "$mm/tmem_pmem/devices/pmem1" "$TMEM_DEV/pmem0"
	ctl attach --all
	is_equal "$status $out" "1 attached $TMEM_DEV/pmem1"
}

test_list_unreadable()
{
	add_device pmem0 data
	add_device pmem1 data
	rm "$TMEM_DEV/pmem0"
	ctl list
	is_equal "$status $(wc -l <<<"$err")" '1 1'
	is_equal "$(jq -r '.[0].namespaces[].tmem' <<<"$out" | xargs)" 'unreadable blank'
}

test_attach_refused()
{
	add_device pmem0
	load_modules
	rm "$mm/tmem_pmem/attach"
	mkdir "$mm/tmem_pmem/attach"
	echo 'pmem0: blank, it has no tmem superblock' >"$mm/tmem/last_error"
	ctl attach pmem0
	is_refused 'pmem0: blank, it has no tmem superblock'
	# an old message is not passed off as the reason
	rmdir "$mm/tmem_pmem/attach"
	ctl attach pmem0
	is_refused 'No such file or directory'
}

test_detach()
{
	add_device pmem0
	load_modules
	set_attached pmem0
	ctl detach pmem0
	is_done 'detached pmem0'
	is_equal "$(cat "$mm/tmem_pmem/devices/pmem0/detach")" 1
	: >"$mm/tmem_pmem/devices/pmem0/detach"
	ctl detach --all
	is_done 'detached pmem0'
	is_equal "$(cat "$mm/tmem_pmem/devices/pmem0/detach")" 1
	mv "$mm/tmem_pmem/devices/pmem0" "$tree/pmem0"
	ctl detach --all
	is_equal "$status $out" '0 '
	[[ $err == *'nothing to detach'* ]] || wrong 'does not say that nothing was done'
	mv "$tree/pmem0" "$mm/tmem_pmem/devices/pmem0"
	# what has gone has no node any more
	rm "$TMEM_DEV/pmem0"
	ctl detach pmem0
	is_done 'detached pmem0'
}

test_drain_and_resume()
{
	load_modules
	ctl drain
	is_done 'moved 7 pages'
	is_done 'tmem-pmem-ctl resume'
	is_equal "$(cat "$mm/tmem/state")" paused
	is_equal "$(cat "$mm/frontswap/curr_pages")" 0
	ctl resume
	is_done 'stored again'
	is_equal "$(cat "$mm/tmem/state")" active
}

test_drain_fails()
{
	load_modules
	rm "$mm/frontswap/curr_pages"
	mkdir "$mm/frontswap/curr_pages"
	echo 'some pages could not be written' >"$mm/tmem/last_error"
	ctl drain
	is_refused 'some pages could not be written'
	is_equal "$(cat "$mm/tmem/state")" paused
}

test_status()
{
	ctl status
	is_done 'tmem: not loaded'
	is_equal "$err" ''
	load_modules
	echo 0 >"$mm/frontswap/curr_pages"
	ctl status
	is_equal "$err" 'tmem-pmem-ctl: no device is attached, so no page is stored: "tmem-pmem-ctl doctor" says what to do'
	echo 7 >"$mm/frontswap/curr_pages"
	set_attached pmem0
	ctl status
	is_done 'pages: 7'
	is_done 'zswap_store armed'
	is_done 'device: pmem0'
	[[ $err == *'tmem-pmem-ctl drain'* ]] || wrong 'does not name drain'
	ctl status --human
	is_done 'size: 4.00 MiB'
	echo 0 >"$mm/frontswap/curr_pages"
	ctl status
	is_equal "$err" ''
}

test_autoattach()
{
	load_modules
	add_device pmem0
	ctl autoattach
	is_equal "$status$out$err" 0
	cmp -s "$TMEM_DEV/pmem0" <(head -c 64M /dev/zero) || wrong 'formats what nobody named'
	ctl format pmem0
	ctl autoattach "/dev/pmem0"
	is_equal "$out" "attached $TMEM_DEV/pmem0"
	add_device pmem1 tmem-fast
	ctl autoattach
	is_done "formatted $TMEM_DEV/pmem1"
	is_done "attached $TMEM_DEV/pmem1"
	ctl check pmem1
	is_done 'label: tmem-fast'
}

test_autoattach_leaves_alone()
{
	local names='tmemory data tmem_x TMEM' name i=0

	load_modules
	for name in $names; do
		add_device "pmem$i" "$name"
		i=$((i + 1))
	done
	add_device pmem8 tmem devdax
	add_device pmem9 tmem
	echo 0 >"$TMEM_SYSFS/class/block/pmem9/queue/dax"
	ctl autoattach
	is_equal "$status$out$err" 0
	is_equal "$(cat "$mm/tmem_pmem/attach")" ''
	# without the module nothing happens either
	rm -r "$TMEM_SYSFS/module/tmem_pmem"
	add_device pmem7 tmem
	ctl autoattach
	is_equal "$status$out$err" 0
}

test_json()
{
	local command

	add_device pmem0 tmem
	add_device pmem1 'data' devdax
	add_device pmem2 'other'
	load_modules
	set_attached pmem2
	ctl format -l 'a "label" \ of mine' pmem0
	for command in list 'list --json' 'list -u' 'status --json' 'status -ju' 'stats --json' \
		'check --json pmem0' 'doctor --json'; do
		# shellcheck disable=SC2086
		ctl $command
		jq -e . <<<"$out" >/dev/null || wrong "$command prints no JSON"
	done
	ctl list
	is_equal "$(jq -r '.[0].namespaces[0] | .dev, .name, .tmem, .tmem_label' <<<"$out")" \
		"$(printf '%s\n' namespace0.0 tmem formatted 'a "label" \ of mine')"
	is_equal "$(jq -r '.[0].namespaces[1].tmem' <<<"$out")" 'unusable: not in fsdax mode'
	is_equal "$(jq -r '.[0].namespaces[2].tmem' <<<"$out")" attached
	ctl stats --json
	is_equal "$(jq '.frontswap.curr_pages, .stats.stores, .refused.full' <<<"$out" | xargs)" '7 9 2'
}

test_marks()
{
	load_modules
	add_device pmem0
	ctl marks pmem0
	is_refused 'pmem0 is not attached'
	set_attached pmem0
	echo '95 90' >"$mm/tmem_pmem/devices/pmem0/marks"
	ctl marks pmem0
	is_done 'above 95 % in use, pages are written back until 90 % are'
	ctl marks "$TMEM_DEV/pmem0" 80 70
	is_done 'above 80 % in use'
	is_equal "$(cat "$mm/tmem_pmem/devices/pmem0/marks")" '80 70'
	for bad in '70 80' '101 90' '90 200' '9x 1' 'a b' '+9 1'; do
		# shellcheck disable=SC2086
		ctl marks pmem0 $bad
		is_refused 'give two percentages, the high one first'
		is_equal "$status" 2
	done
	ctl marks pmem0 80
	is_refused 'give both marks'
	is_equal "$(cat "$mm/tmem_pmem/devices/pmem0/marks")" '80 70'
	ctl marks pmem7
	is_refused pmem7
}

test_resize()
{
	local bad file=$mm/tmem_pmem/devices/pmem0/slots_usable

	load_modules
	add_device pmem0
	ctl resize pmem0
	is_refused 'pmem0 is not attached'
	set_attached pmem0
	echo 1024 >"$file"
	ctl resize pmem0
	is_done 'pages are stored on 4.00 MiB of it, 100 %'
	: >"$file"
	ctl resize "$TMEM_DEV/pmem0" 50%
	is_done 'pages are stored on 2.00 MiB of it, 50 %'
	is_equal "$(cat "$file")" 512
	: >"$file"
	ctl resize pmem0 1M
	is_equal "$(cat "$file")" 256
	: >"$file"
	ctl resize pmem0 0%
	is_equal "$(cat "$file")" 0
	: >"$file"
	ctl resize pmem0 max
	is_equal "$(cat "$file")" 1024
	for bad in 101% 5%% half 1X % '' 1 50 4095 51200; do
		ctl resize pmem0 "$bad"
		is_refused 'give one with K, M, G or T, such as 12G'
		is_equal "$status" 2
	done
	ctl resize pmem0 3K
	is_refused '3K is less than a page'
	is_equal "$status" 2
	ctl resize pmem0 5M
	is_refused 'pmem0 has no more than 4.00 MiB'
	is_equal "$(cat "$file")" 1024
}

# add_cgroup PATH: a cgroup that has stored pages; sets $id.
add_cgroup()
{
	mkdir -p "$TMEM_SYSFS/fs/cgroup/$1"
	: >"$TMEM_SYSFS/fs/cgroup/$1/cgroup.procs"
	id=$(stat -c %i "$TMEM_SYSFS/fs/cgroup/$1")
	mkdir -p "$mm/tmem/cgroups/$id"
	echo "/$1" >"$mm/tmem/cgroups/$id/path"
	echo 1 >"$mm/tmem/cgroups/$id/online"
	echo 512 >"$mm/tmem/cgroups/$id/pages"
	echo max >"$mm/tmem/cgroups/$id/limit_pages"
	echo 600 >"$mm/tmem/cgroups/$id/stores"
	: >"$mm/tmem/cgroups/limit"
}

test_cgroups()
{
	local id

	ctl cgroups
	is_refused 'the module tmem is not loaded'
	load_modules
	ctl cgroups
	is_equal "$status$err" 0
	add_cgroup slice/web
	ctl cgroups --json
	is_equal "$(jq -r '.cgroups[0] | .id, .path, .pages, .limit_pages, .stores' <<<"$out" | xargs)" \
		"$id /slice/web 512 max 600"
	is_equal "$(jq '.cgroups | length' <<<"$out")" 1
	ctl cgroups --human
	is_done 'size: 2.00 MiB'
	ctl stats --openmetrics
	is_done "tmem_cgroup_pages{cgroup=\"$id\"} 512"
}

# A cgroup may have any name, and neither a terminal nor a reader of JSON is given its bytes.
test_names()
{
	local id name=$'a\033[2J\377\303\251'

	load_modules
	add_cgroup "$name"
	ctl cgroups
	is_done 'path: /a\x1b[2J\xff\xc3\xa9'
	ctl cgroups --json
	is_equal "$(iconv -f UTF-8 -t UTF-8 <"$tree/out" | jq -r '.cgroups[0].path')" '/a\x1b[2J\xff\xc3\xa9'
	ctl limit "$name" 1M
	is_equal "$out" 'a\x1b[2J\xff\xc3\xa9: at most 1.00 MiB may be stored'
	ctl limit "no$name" 1M
	is_refused 'there is no cgroup noa\x1b[2J\xff\xc3\xa9'
	printf '%s\n' "$name" >"$mm/tmem/areas"
	ctl status
	is_done '\x1b[2J'
	! cat "$tree/out" "$tree/err" | LC_ALL=C grep -q '[^ -~]' || wrong 'bytes that are not printable'
}

test_limit()
{
	local id bad

	ctl limit slice/web 1M
	is_refused 'the module tmem is not loaded'
	load_modules
	ctl limit slice/web 1M
	is_refused 'there is no cgroup slice/web'
	mkdir -p "$TMEM_SYSFS/fs/cgroup/slice"
	ctl limit slice 1M
	is_refused 'is not a cgroup'
	add_cgroup slice/web
	ctl limit /slice/web
	is_done '/slice/web: no limit'
	ctl limit /slice/web 1M
	is_done '/slice/web: at most 1.00 MiB may be stored'
	is_equal "$(cat "$mm/tmem/cgroups/limit")" "$id 256"
	: >"$mm/tmem/cgroups/limit"
	ctl limit "$TMEM_SYSFS/fs/cgroup/slice/web" 0
	is_equal "$(cat "$mm/tmem/cgroups/limit")" "$id 0"
	: >"$mm/tmem/cgroups/limit"
	ctl limit slice/web max
	is_equal "$(cat "$mm/tmem/cgroups/limit")" "$id max"
	for bad in much 1X 5% '' 1 512 51200; do
		ctl limit slice/web "$bad"
		is_refused 'give a size with K, M, G or T, such as 512M, 0 or max'
		is_equal "$status" 2
	done
	ctl limit slice/web 3K
	is_refused '3K is less than a page'
	is_equal "$status" 2
	is_equal "$(cat "$mm/tmem/cgroups/limit")" "$id max"
	echo 100 >"$mm/tmem/cgroups/$id/limit_pages"
	ctl limit slice/web
	is_done 'at most 400.00 KiB may be stored'
}

# Only the root is the root, and only the unified hierarchy has cgroups.
test_limit_names()
{
	local id bad

	load_modules
	add_cgroup .
	add_cgroup slice/web
	ctl limit '' 0
	is_refused 'name a cgroup, / for the root'
	is_equal "$status" 2
	mkdir "$tree/elsewhere"
	: >"$tree/elsewhere/cgroup.procs"
	for bad in "$tree/elsewhere" . .. ./; do
		(cd "$tree/elsewhere" && ctl limit "$bad" 0 && is_refused 'cgroup' && [ -z "$problem" ]) ||
			wrong "$bad is limited"
	done
	is_equal "$(cat "$mm/tmem/cgroups/limit")" ''
	(cd "$TMEM_SYSFS/fs/cgroup/slice/web" && ctl limit . 0)
	is_equal "$(cat "$mm/tmem/cgroups/limit")" "$id 0"
	: >"$mm/tmem/cgroups/limit"
	ctl limit / 0
	is_equal "$(cat "$mm/tmem/cgroups/limit")" "$(stat -c %i "$TMEM_SYSFS/fs/cgroup") 0"
}

test_share()
{
	local device=$mm/tmem_pmem/devices/pmem0

	load_modules
	add_device pmem0
	ctl share pmem0
	is_refused 'pmem0 is not attached'
	set_attached pmem0
	echo 0 >"$device/clean_percent"
	echo 256 >"$device/clean_pages"
	ctl share pmem0
	is_done 'may have 0 %, and have 1.00 MiB'
	ctl share "$TMEM_DEV/pmem0" 40
	is_done 'may have 40 %'
	is_equal "$(cat "$device/clean_percent")" 40
	for bad in 101 x 5%; do
		ctl share pmem0 "$bad"
		is_refused 'give a percentage'
		is_equal "$status" 2
	done
	is_equal "$(cat "$device/clean_percent")" 40
	mkdir "$device/clean_stats"
	echo 12 >"$device/clean_stats/demoted"
	ctl stats --json
	is_equal "$(jq .clean_stats.pmem0.demoted <<<"$out")" 12
	ctl stats -o
	is_equal "$(grep -c '^tmem_pmem_clean_events_total{device="pmem0",event="demoted"} 12$' <<<"$out")" 1
}

# Whatever is printed follows the specification, as its reference implementation reads it.
test_openmetrics()
{
	local ssd=$mm/tmem_ssd

	load_modules
	set_attached pmem0
	set_attached pmem1
	echo 5 >"$mm/tmem_pmem/devices/pmem1/poisoned_pages"
	ctl stats --openmetrics
	is_equal "$status" 0
	mkdir -p "$ssd/devices/sda3/stats" "$ssd/refused" "$mm/tmem/clean_stats" "$mm/tmem/clean_refused"
	echo 3 >"$ssd/refused/rare"
	echo 65536 >"$ssd/index_bytes"
	echo 4 >"$ssd/devices/sda3/stats/puts"
	echo 6 >"$mm/tmem/clean_stats/gets"
	ctl stats -o
	is_equal "$(tail -n 1 <<<"$out")" '# EOF'
	"$(dirname "$0")/openmetrics.py" <<<"$out" >"$tree/samples" || wrong 'no OpenMetrics text'
	for sample in 'tmem_swap_pages 7' 'tmem_swap_events_total{event="stores"} 9' \
		'tmem_swap_refused_pages_total{reason="full"} 2' 'tmem_pmem_slots{device="pmem1"} 1024' \
		'tmem_pmem_poisoned_pages_total{device="pmem1"} 5' 'tmem_ssd_refused_pages_total{reason="rare"} 3' \
		'tmem_ssd_index_bytes 65536' 'tmem_clean_events_total{event="gets"} 6' \
		'tmem_ssd_device_events_total{device="sda3",event="puts"} 4'; do
		grep -Fxq "$sample" "$tree/samples" || wrong "no $sample"
	done
	is_equal "$(grep -c 'tmem_pmem_poisoned' "$tree/samples")" 1
	ctl stats -o --json
	is_refused 'give one of'
}

test_watch()
{
	load_modules
	# The tool has two seconds to begin: on a busy machine that takes a while.
	(sleep 2; echo 109 >"$mm/tmem/stats/stores"; echo 12 >"$mm/tmem/refused/paused") &
	ctl stats --watch 4 --lines 1
	is_equal "$status" 0
	is_equal "$(wc -l <<<"$out")" 2
	is_equal "$(head -n 1 <<<"$out" | xargs)" 'held stores/s loads/s refused/s back/s puts/s gets/s misses/s'
	# 100 and 12 in four seconds, or a little more.
	awk 'NR == 2 { exit !($1 == 7 && $2 > 5 && $2 <= 25 && $4 >= 1 && $4 <= 3 && $5 == 0) }' <<<"$out" ||
		wrong 'other rates'
	wait
	ctl stats --watch 100000
	is_refused '"100000" is no interval: give seconds, 0.1 to 86400'
	for bad in '--watch 0' '--watch x' '--watch 1 --lines 0' '--watch 1 --lines x' '--lines 3' '--watch 1 --json' \
		'--watch 86401' '--watch 1 --lines 99999999999999999999'; do
		# shellcheck disable=SC2086
		ctl stats $bad
		is_refused ''
		is_equal "$status" 2
	done
}

# prints_to FILE ARGUMENTS...: as ctl, but what is printed goes there.
prints_to()
{
	local file=$1

	shift
	status=0
	timeout 20 "$TESTING/tmem-pmem-ctl" "$@" >"$file" 2>"$tree/err" </dev/null || status=$?
	out=
	err=$(cat "$tree/err")
}

test_output_fails()
{
	load_modules
	set_attached pmem0
	echo 0 >"$mm/frontswap/curr_pages"
	for verb in help 'status --json' 'stats --openmetrics' 'stats --watch 0.1'; do
		# shellcheck disable=SC2086
		prints_to /dev/full $verb
		is_refused 'cannot write all of the output'
		is_equal "$status" 1
	done
	# Who reads may have seen enough.
	mkfifo "$tree/pipe"
	: <"$tree/pipe" &
	exec 5>"$tree/pipe"
	wait
	status=0
	(trap '' PIPE; exec "$TESTING/tmem-pmem-ctl" help >&5 2>"$tree/err") || status=$?
	exec 5>&-
	is_equal "$status $(cat "$tree/err")" '1 '
}

test_lock()
{
	add_device pmem0
	flock "$TMEM_RUN/tmem-pmem-ctl.lock" sleep 5 &
	sleep 0.5
	ctl format pmem0
	is_done 'formatted'
	is_equal "$err" "tmem-pmem-ctl: waiting for another tmem-pmem-ctl to end, which has locked $TMEM_RUN/tmem-pmem-ctl.lock"
	ctl format --force pmem0
	is_equal "$status$err" 0
	wait
	# udev does not wait for ever.
	load_modules
	exec 6>"$TMEM_RUN/tmem-pmem-ctl.lock"
	flock 6
	TMEM_LOCK_SECONDS=4 ctl autoattach
	is_equal "$status" 1
	[[ $err == *'has locked '*' for 4 seconds, so nothing is attached now'* ]] || wrong 'does not say that it gives up'
	exec 6>&-
	TMEM_LOCK_SECONDS=4 ctl autoattach
	is_done "attached $TMEM_DEV/pmem0"
}

# What is opened does not become the standard output, and what nobody can read was not printed.
test_closed_files()
{
	add_device pmem0
	load_modules
	set_attached pmem1
	echo 0 >"$mm/frontswap/curr_pages"
	set_latency 1
	"$TESTING/tmem-pmem-ctl" format pmem0 <&- >&- 2>&-
	is_equal "$?" 1
	is_equal "$(cat "$TMEM_RUN/tmem-pmem-ctl.lock")" ''
	for verb in 'format --force pmem0' 'status --json'; do
		status=0
		# shellcheck disable=SC2086
		"$TESTING/tmem-pmem-ctl" $verb >&- 2>"$tree/err" || status=$?
		is_equal "$status" 1
		grep -q 'cannot write all of the output' "$tree/err" || wrong 'does not say why'
		is_equal "$(cat "$TMEM_RUN/tmem-pmem-ctl.lock")" ''
	done
	"$TESTING/tmem-pmem-ctl" latency on <&- >&- || wrong 'fails without having printed'
	ctl check pmem0
	is_done 'result: ok'
}

# set_latency: 90 stores of 1 to 2 us, 10 of 8 to 16 us; no load.
set_latency()
{
	local dir=$mm/tmem/latency bound door

	mkdir -p "$dir"
	echo "${1:-1}" >"$dir/enabled"
	for door in store load; do
		{
			for ((bound = 1; bound < 1 << 31; bound *= 2)); do
				case $door,$bound in
				store,2048) echo "$bound 90" ;;
				store,16384) echo "$bound 10" ;;
				*) echo "$bound 0" ;;
				esac
			done
			echo 'inf 0'
			[ $door = store ] && echo 'sum 235000' || echo 'sum 0'
		} >"$dir/$door"
	done
}

test_latency()
{
	load_modules
	ctl latency
	is_refused 'no histograms: install both of one version'
	set_latency 0
	ctl latency
	is_equal "$status" 0
	is_equal "$(head -n 1 <<<"$out")" 'store: 100, 2.35 us on average, half below 2.05 us, 99 % below 16.4 us'
	is_equal "$(tail -n 1 <<<"$out")" 'load: none yet'
	is_equal "$(grep -c '<' <<<"$out")" 4
	grep -q 'latency on' <<<"$err" || wrong 'no hint'
	ctl latency on
	is_equal "$status $(cat "$mm/tmem/latency/enabled")" '0 1'
	ctl latency --json
	is_equal "$(jq -c '[.enabled, .store.count, .load.count, (.store.buckets | length)]' <<<"$out")" '[1,100,0,32]'
	ctl latency off
	is_equal "$status $(cat "$mm/tmem/latency/enabled")" '0 0'
	ctl latency maybe
	is_refused 'neither on nor off'
	# All of it is read before any of it is printed; what has no last bucket is no histogram.
	cp "$mm/tmem/latency/load" "$tree/load"
	sed -i /inf/d "$mm/tmem/latency/load"
	ctl latency
	is_refused 'cannot read the histogram of loads'
	is_equal "$out" ''
	cp "$mm/tmem/latency/load" "$mm/tmem/latency/store"
	echo '64 5' >>"$mm/tmem/latency/store"
	ctl stats -o
	! grep -q latency_seconds <<<"$out" || wrong 'a histogram without an end'
	set_latency 0
	ctl stats -o
	"$(dirname "$0")/openmetrics.py" <<<"$out" >"$tree/samples" || wrong 'no OpenMetrics text'
	for sample in 'tmem_swap_latency_seconds_bucket{door="store",le="2.048e-06"} 90' \
		'tmem_swap_latency_seconds_bucket{door="store",le="+Inf"} 100' \
		'tmem_swap_latency_seconds_count{door="store"} 100' \
		'tmem_swap_latency_seconds_sum{door="store"} 0.000235'; do
		grep -Fxq "$sample" "$tree/samples" || wrong "no $sample"
	done
	! grep -q 'door="load"' "$tree/samples" || wrong 'a histogram of nothing'
}

test_top()
{
	load_modules
	set_attached pmem0
	set_latency
	mkdir -p "$mm/tmem_ssd/devices/sda3/stats" "$TMEM_SYSFS/module/tmem_ssd"
	echo 100 >"$mm/tmem_ssd/devices/sda3/segments"
	echo 12800 >"$mm/tmem_ssd/devices/sda3/pages"
	echo 2 >"$mm/tmem_ssd/devices/sda3/stats/io_errors"
	echo 512 >"$mm/tmem_pmem/devices/pmem0/slots_used"
	ctl top --delay 0.1 --lines 2
	is_equal "$status" 0
	is_equal "$(grep -c '^swap    active, 7 pages held' <<<"$out")" 2
	is_equal "$(grep -c 'pmem0 .*4.00 MiB .*50 %' <<<"$out")" 2
	is_equal "$(grep -c 'sda3 .*100.00 MiB .*50 %.* 2 errors' <<<"$out")" 2
	is_equal "$(grep -c 'a store: half below 2.05 us, 99 % below 16.4 us' <<<"$out")" 2
	! grep -q $'\033' <<<"$out" || wrong 'escapes where there is no terminal'
	# In a terminal, until q is pressed.
	(sleep 1; printf q) | timeout 20 script -qec "$TESTING/tmem-pmem-ctl top --delay 10" /dev/null >"$tree/screen" ||
		wrong 'not ended by q'
	grep -q '7 pages held' "$tree/screen" || wrong 'nothing on the screen'
	grep -q $'\033\\[?1049l' "$tree/screen" || wrong 'the screen is left as it was'
	# Stopped by Control-S, it still ends when it is told to.
	"$(dirname "$0")/stalled.py" "$TESTING/tmem-pmem-ctl" top --delay 0.1 || wrong 'not ended by a signal'
	for bad in '--delay=0' '--delay=x' '--lines=0' '--lines= 1' '--lines= -1'; do
		prints_to "$tree/out" top "$bad"
		is_refused 'is no'
		is_equal "$status" 2
	done
}

run_tests
