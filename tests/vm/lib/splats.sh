# SPDX-License-Identifier: GPL-2.0
# Lines that no healthy kernel prints: of guests, and of User-Mode Linux.
# shellcheck shell=bash
# tests/host/test_splats.sh has a line for each.

SPLAT_PATTERNS=(
	'BUG:' 'BUG ' 'WARNING:' 'Oops' '[Gg]eneral protection' 'KASAN' 'KCSAN' 'KFENCE' 'UBSAN' 'Kernel panic'
	'INFO: possible' 'possible recursive locking' 'possible circular' 'inconsistent lock state'
	'INFO: trying to register non-static key' 'INFO: lockdep is turned off' 'DEBUG_LOCKS_WARN'
	'held_lock' 'lock held when returning' 'suspicious RCU' 'scheduling while atomic' 'sleeping function called'
	'INFO: task .* blocked for more' 'soft lockup' 'hard LOCKUP' 'rcu:.*(stall|detected)'
	'kmemleak:' 'refcount_t:' 'corruption' '[Uu]nable to handle'
	'Bad page' '(Bad|Unused) swap (file|offset) entry' 'page allocation failure'
	'Out of memory:' 'Memory cgroup out of memory'
	'I/O error' 'EXT4-fs error' 'XFS.*(ERROR|Corrupt)' 'Hardware Error' 'Memory failure:'
)
# Which of them are no complaint. What a scan for leaks has found is looked at by who asked for it.
HARMLESS='kmemleak: ([0-9]+ new suspected memory leaks|Kernel memory leak detector initialized)'
SPLATS=$(IFS='|'; printf '%s' "${SPLAT_PATTERNS[*]}")

# find_splat FILE ALLOWED: the first such line that none of the regular expressions in the file ALLOWED matches. Fails
# when there is none.
find_splat()
{
	if [ -s "$2" ]; then
		grep -vE "$HARMLESS" "$1" | grep -vEf "$2" | grep -Em1 "$SPLATS"
	else
		grep -vE "$HARMLESS" "$1" | grep -Em1 "$SPLATS"
	fi
}
