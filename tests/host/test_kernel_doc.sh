#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What include/tmem declares has a kernel-doc comment. That it has all its parts is for scripts/test to say.
. "$(dirname "$0")/lib.sh"
here=$(cd "$(dirname "$0")" && pwd -P)
top=$(cd "$here/../.." && pwd -P)

test_headers()
{
	out=$("$here/undocumented.py" "$top"/include/tmem/*.h)
	[ "$(wc -l <<<"$out")" -eq 1 ] || wrong 'without a comment'
	[ "$(tail -n 1 <<<"$out")" -ge 100 ] || wrong 'not all declarations found'
}

# What has none is found, and nothing else.
test_mistakes()
{
	cat >"$tree/header.h" <<'TEXT'
/* A comment, but not the right one. */
int plain(int first,
	  int second);
/**
 * documented() - fine
 */
void documented(void);
struct thing *behind(void);

/** far() - too far */

u64 far(void);
static inline const char *in_line(void)
{
	return called();
}
extern int object;
struct forward;
struct whole {
	int (*member)(int a);
};
__printf(1, 2) void attributed(const char *fmt, ...);
#define macro(a)	documented()
#define CONSTANT	(1 + 2)
typedef int (function_t)(void *data);
TEXT
	is_equal "$("$here/undocumented.py" "$tree/header.h" | sed 's/.*: \(.*\) has .*/\1/' | xargs)" \
		'plain behind far in_line whole attributed macro function_t 9'
}

run_tests
