# SPDX-License-Identifier: GPL-2.0
# Turns what the guest logged into lines of progress, rows of JSON and tables.
# shellcheck shell=bash
# Needs common.sh; BENCH, BENCH_LOG, LOG_DIR and MODE set by guest.sh.

# swap_progress: from the log as it comes, a line for each window that was measured.
swap_progress()
{
	sed -un 's/^# RAW //p' | jq --unbuffered -r \
		'"\(.contender) \(.data) \(.writes) % writes: \(.window_ns / 1e9 * 1000 | round / 1000) s, \(.errors) errors"' |
		while IFS= read -r line; do
			say "$line"
		done
}

# window_symbols N SET: instructions of the n-th window by symbol, as JSON; {} if none were counted.
# SET names the modules' symbols that held then.
window_symbols()
{
	if [ ! -e "$LOG_DIR/windows/window.$1" ]; then
		echo '{}'
		return
	fi
	sed -n "s/^# SYMBOL $2 //p" "$BENCH_LOG" |
		"$BENCH/lib/symbols.py" "$SYMBOLS" "$LOG_DIR/windows/window.$1"
}

# counted_rows: what the guest logged of each window, with its instructions where they were counted.
counted_rows()
{
	local raw window

	while IFS= read -r raw; do
		window=$(jq .window <<<"$raw")
		window_symbols "$window" "$(jq .set <<<"$raw")" >"$LOG_DIR/windows.$window.json"
		jq -c --slurpfile counted "$LOG_DIR/windows.$window.json" \
			'. + {counted: $counted[0]}' <<<"$raw"
	done < <(sed -n 's/^# RAW //p' "$BENCH_LOG")
}

swap_rows() { counted_rows | jq -s --arg mode "$MODE" -f "$BENCH/lib/rows.jq"; }

cache_rows()
{
	sed -n 's/^# RAM //p' "$BENCH_LOG" >"$LOG_DIR/ram.json"
	counted_rows | jq -s --arg mode "$MODE" --slurpfile ram "$LOG_DIR/ram.json" -f "$BENCH/lib/cache_rows.jq"
}

# inversion_progress: likewise.
inversion_progress()
{
	sed -un 's/^# RAW //p' | jq --unbuffered -r \
		'"\(.contender) \(.data): \(.loads) hot pages from the device, \(.pswpin) from swap, \(.errors) errors"' |
		while IFS= read -r line; do
			say "$line"
		done
}

# inversion_rows: hot_served_pct is the share of hot pages swapped in that came from persistent memory.
inversion_rows()
{
	sed -n 's/^# RAW //p' "$BENCH_LOG" | jq -s --arg mode "$MODE" \
		'map({contender, data, hot_served_pct: (.loads * 10000 / (.loads + .pswpin) | round / 100),
		      hot_swapped_in: (.loads + .pswpin), written_back, refused_full, mib, slots, errors, mode: $mode})'
}

inversion_table()
{
	jq -r '"contender|data|hot pages served|of|written back|refused as full|errors",
		(.[] | "\(.contender)|\(.data)|\(.hot_served_pct) %|\(.hot_swapped_in)|\(.written_back)|\(.refused_full)|\(.errors)")' |
		column -t -s '|'
}

# large_progress: likewise.
large_progress()
{
	sed -un 's/^# RAW //p' | jq --unbuffered -r \
		'"\(.contender), folios \(.folios), \(.pattern), page-cluster \(.page_cluster): \(.window_ns / 1e9 * 1000 | round / 1000) s, \(.errors) errors"' |
		while IFS= read -r line; do
			say "$line"
		done
}

large_rows() { sed -n 's/^# RAW //p' "$BENCH_LOG" | jq -s --arg mode "$MODE" -f "$BENCH/lib/large_rows.jq"; }

large_table() { jq -r -f "$BENCH/lib/large_table.jq" | column -t -s '|'; }

# swap_table: rows of standard input as a table, compared with swap on pmem.
swap_table() { jq -r -f "$BENCH/lib/table.jq" | column -t -s '|'; }

cache_table()
{
	jq -r -f "$BENCH/lib/cache_table.jq" | column -t -s '|'
}

idle_table()
{
	jq -r 'group_by(.contender)[] | map(.us_per_pair) as $us |
		"\(.[0].contender)|\($us | map(tostring) | join(" "))|mean \(($us | add / length * 1000 | round) / 1000) us|spread \(($us | max - min) * 1000 | round / 1000) us"' |
		column -t -s '|'
}

# profile_table: instructions of a pair by what they are for, one column a row of standard input.
profile_table()
{
	local row

	while IFS= read -r row; do
		jq --slurpfile counted "$LOG_DIR/windows.$(jq .window <<<"$row").json" \
			'. + {counted: $counted[0]}' <<<"$row"
	done < <(jq -c '.[]') | jq -rs --slurpfile categories "$BENCH/lib/categories.json" \
		-f "$BENCH/lib/profile.jq" | column -t -s '|'
}

# cache_progress: as swap_progress, for reads of files.
cache_progress()
{
	sed -un 's/^# RAW //p' | jq --unbuffered -r \
		'"\(.contender) \(.workload): \(.window_ns / 1e9 * 1000 | round / 1000) s, \(.reads / .window_ns * 1e9 | round) IOPS, \(.errors) errors"' |
		while IFS= read -r line; do
			say "$line"
		done
}
