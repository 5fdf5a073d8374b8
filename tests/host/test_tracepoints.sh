#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The tracepoints and fields that documents use are those of drivers/tmem/trace.h.
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd -P)
top=$(cd "$here/../.." && pwd -P)

test_documents()
{
	out=$("$here/tracepoints.py" "$top/drivers/tmem/trace.h" "$top"/README.md "$top"/docs/*.md)
	[ "$(wc -l <<<"$out")" -eq 1 ] || wrong 'other names'
	[ "$(tail -n 1 <<<"$out")" -ge 15 ] || wrong 'not all uses found'
}

# docs/abi.md names each of them, and all their fields.
test_list()
{
	local named declared

	named=$(sed -n '/^## Tracepoints/,/^## [^T]/p' "$top/docs/abi.md" | grep -oP '\x60\K\w+(?=\x60)' | sort -u)
	declared=$(sed -n 's/^TRACE_EVENT(\(\w*\),.*/\1/p; s/^DEFINE_EVENT(\w*, \(\w*\),.*/\1/p
		s/.*__field(.*, \(\w*\))$/\1/p' "$top/drivers/tmem/trace.h" | sort -u)
	is_equal "$named" "$declared"
}

# What is wrong is found.
test_mistakes()
{
	cat >"$tree/document" <<'TEXT'
    bpftrace -e 'tracepoint:tmem:tmem_store { @[args->err] = count(); }
        tracepoint:tmem:tmem_invalidate /args.err == 0/ { @[args->type] = count(); }'
    echo hist:keys=err,ino >/sys/kernel/tracing/events/tmem/tmem_load/trigger
    echo 1 >/sys/kernel/tracing/events/tmem/tmem_nothing/enable
TEXT
	is_equal "$("$here/tracepoints.py" "$top/drivers/tmem/trace.h" "$tree/document" | sed 's|.*: ||')" \
		"$(printf '%s\n' 'no field err in tmem_invalidate' 'no field ino in tmem_load' \
			'no tracepoint tmem_nothing' 9)"
}

run_tests
