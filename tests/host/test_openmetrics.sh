#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# All that docs/abi.md says can be read is in the OpenMetrics text, in a form that its parser takes.
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd -P)

# What is not there, and why.
declare -A LEFT_OUT=(
	[frontswap/succ_puts]='event="stores" of tmem_swap_events'
	[frontswap/failed_puts]='the sum of tmem_swap_refused_pages'
	[frontswap/gets]='event="loads" of tmem_swap_events'
	[frontswap/flushes]='event="invalidates" of tmem_swap_events'
	[cleancache/succ_gets]='event="gets" of tmem_clean_events'
	[cleancache/failed_gets]='event="misses" and "failed" of tmem_clean_events'
	[cleancache/puts]='event="puts" of tmem_clean_events'
	[cleancache/flushes]='event="ranges_forgotten" and "files_forgotten" of tmem_clean_events'
	[tmem/areas]='reading it looks at every slot of all swap areas'
	[tmem/signatures]='does not change while the modules are loaded; doctor says what matters of it'
	[tmem/last_error]='a sentence for who has just written to a file'
)

# metrics: into $out; without the head of each family, which says nothing about a file.
metrics()
{
	ctl stats --openmetrics
	[ "$status" -eq 0 ] || wrong 'no metrics'
	out=$(grep -v '^#' <<<"$out")
}

# tells_of FILE WORD: there is more in the output when the file has two numbers, a percentage, the word, a line of
# words or a histogram in it. It is the only file there is.
tells_of()
{
	local text found=1 uuid=01234567-89ab-cdef-0123-456789abcdef

	for text in '38 36' 50 "$2" 'one two' "one two three $uuid" $'1024 5\ninf 0\nsum 3000'; do
		echo "$text" >"$1"
		metrics
		[ -z "$out" ] || { found=0; break; }
	done
	rm "$1"
	return $found
}

test_every_file()
{
	local i text
	local -a paths words files

	load_modules
	rm -r "$mm"
	while IFS=$'\t' read -r path word; do
		file=$mm/${path//<*>/7}
		file=${file//\*/something}
		paths+=("$path") words+=("$word") files+=("$file")
		mkdir -p "${file%/*}"
	done < <("$here/attributes.py" "$here/../../docs/abi.md")
	[ ${#paths[@]} -ge 60 ] || wrong "only ${#paths[@]} files in docs/abi.md"
	metrics
	is_equal "$out" ''
	# Each has a number of its own; of many that is all there is to say.
	for i in "${!files[@]}"; do
		echo $((100000 + i)) >"${files[i]}"
	done
	metrics
	text=$out
	rm "${files[@]}"
	for i in "${!files[@]}"; do
		if grep -q " $((100000 + i))\$" <<<"$text"; then
			[ -z "${LEFT_OUT[${paths[i]}]:-}" ] || wrong "${paths[i]} is in the output"
		elif [ -z "${LEFT_OUT[${paths[i]}]:-}" ]; then
			tells_of "${files[i]}" "${words[i]}" || wrong "${paths[i]} is not in the output"
		fi
	done
	for path in "${!LEFT_OUT[@]}"; do
		printf '%s\n' "${paths[@]}" | grep -Fqx "$path" || wrong "$path is not in docs/abi.md"
	done
}

# has SAMPLE...: the parser has read these.
has()
{
	local sample

	"$here/openmetrics.py" <"$tree/out" >"$tree/samples" || wrong 'no OpenMetrics text'
	for sample; do
		grep -Fxq -- "$sample" "$tree/samples" || wrong "no $sample"
	done
}

test_settings()
{
	local pmem=$mm/tmem_pmem/devices/pmem0 ssd=$mm/tmem_ssd/devices/sda3

	load_modules
	mkdir -p "$pmem" "$ssd"
	echo '95 90' >"$pmem/marks"
	echo 40 >"$pmem/clean_percent"
	echo -1 >"$pmem/numa_node"
	echo detaching >"$pmem/state"
	echo frequency >"$mm/tmem_pmem/clean_policy"
	echo 0 >"$mm/tmem_ssd/dwpd_percent"
	echo 1 >"$ssd/encrypted"
	ctl stats --openmetrics
	has 'tmem_state{state="active"} 1' 'tmem_state{state="paused"} 0' \
		'tmem_pmem_high_mark_ratio{device="pmem0"} 0.95' 'tmem_pmem_low_mark_ratio{device="pmem0"} 0.9' \
		'tmem_pmem_clean_share_ratio{device="pmem0"} 0.4' 'tmem_pmem_numa_node{device="pmem0"} -1' \
		'tmem_pmem_device_state{device="pmem0",state="detaching"} 1' \
		'tmem_pmem_device_state{device="pmem0",state="active"} 0' \
		'tmem_pmem_clean_policy{policy="frequency"} 1' 'tmem_pmem_clean_policy{policy="all"} 0' \
		'tmem_ssd_daily_writes_ratio 0' 'tmem_ssd_encrypted{device="sda3"} 1'
	grep -Fxq '# UNIT tmem_pmem_clean_share_ratio ratio' "$tree/out" || wrong 'no unit'
	# What node exporter does not know, it takes nothing of.
	! grep '^# TYPE' "$tree/out" | grep -Ev ' (gauge|counter|histogram)$' || wrong 'another type'
}

# says FILE FAMILY LABELS LABEL WORD...: each word, and no other.
says()
{
	local file=$1 family=$2 labels=$3 label=$4 word

	shift 4
	for word; do
		echo "$word" >"$file"
		ctl stats --openmetrics
		has "$family{$labels$label=\"$word\"} 1"
		is_equal "$(grep -c "^$family{" "$tree/samples")" $#
	done
}

test_words()
{
	local pmem=$mm/tmem_pmem/devices/pmem0 ssd=$mm/tmem_ssd/devices/sda3

	load_modules
	mkdir -p "$pmem" "$ssd"
	says "$mm/tmem/state" tmem_state '' state active paused
	says "$pmem/state" tmem_pmem_device_state 'device="pmem0",' state active detaching gone
	says "$ssd/state" tmem_ssd_device_state 'device="sda3",' state active failed detaching asleep
	says "$mm/tmem_ssd/policy" tmem_ssd_policy '' policy frequency all
	says "$mm/tmem_pmem/clean_policy" tmem_pmem_clean_policy '' policy frequency all
}

test_texts()
{
	local cgroup=$mm/tmem/cgroups/42 text

	load_modules
	set_attached pmem0
	echo 'a \ of "mine"' >"$mm/tmem_pmem/devices/pmem0/label"
	echo 01234567-89ab-cdef-0123-456789abcdef >"$mm/tmem_pmem/devices/pmem0/uuid"
	mkdir -p "$cgroup"
	printf '/caf\303\251 \377\n' >"$cgroup/path"
	echo max >"$cgroup/limit_pages"
	printf '%s\n' 'sda1 ext4 cached 6b3c4a52-0000-4000-8000-00000000000a' \
		'tmpfs tmpfs type 00000000-0000-0000-0000-000000000000' \
		'tmpfs tmpfs type 00000000-0000-0000-0000-000000000000' \
		'sdb1 ext4 cached 6b3c4a52-0000-4000-8000-0000000000' >"$mm/tmem/filesystems"
	ctl stats --openmetrics
	has 'tmem_pmem_device_info{device="pmem0",label="a \ of "mine"",uuid="01234567-89ab-cdef-0123-456789abcdef"} 1' \
		'tmem_cgroup_info{cgroup="42",path="/caf\xc3\xa9 \xff"} 1' \
		'tmem_hook_info{function="zswap_store",state="armed"} 1' \
		'tmem_filesystem_info{device="sda1",state="cached",type="ext4",uuid="6b3c4a52-0000-4000-8000-00000000000a"} 1'
	is_equal "$(grep -c '^tmem_filesystem_info' "$tree/samples")" 2
	for text in sdb1 'sdb1 ext' 'sdb1 ext4 cached' 'sdb1 ext4 cached 6b3c4a52-0000-4000-8000-00000000000'; do
		printf %s "$text" >"$mm/tmem/filesystems"
		ctl stats --openmetrics
		! grep '^tmem_filesystem_info' "$tree/out" || wrong 'half a line'
	done
	! grep -q '^tmem_cgroup_limit' "$tree/samples" || wrong 'a limit'
}

run_tests
