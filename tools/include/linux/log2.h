/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's integer logarithm for user space.
 */
#ifndef _TOOLS_LINUX_LOG2_H
#define _TOOLS_LINUX_LOG2_H

#define ilog2(n)		(63 - __builtin_clzll(n))
#define roundup_pow_of_two(n)	((n) <= 1 ? 1ULL : 1ULL << (64 - __builtin_clzll((n) - 1)))

#endif /* _TOOLS_LINUX_LOG2_H */
