#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every shell script under shellcheck, without remarks.
. "$(dirname "$0")/lib.sh"

test_scripts()
{
	local top file
	local -a scripts=()

	top=$(cd "$(dirname "$0")/../.." && pwd -P)
	while IFS= read -r file; do
		scripts+=("$file")
	done < <(grep -rlE --exclude-dir=.git --exclude-dir=build --exclude='*.md' \
		'^#!/bin/(ba)?sh|^# shellcheck shell=' "$top")
	[ ${#scripts[@]} -ge 100 ] || wrong "only ${#scripts[@]} scripts found"
	(cd "$top" && shellcheck -x "${scripts[@]}") >"$tree/out" 2>&1 || wrong "$(cat "$tree/out")"
}

run_tests
