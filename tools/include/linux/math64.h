/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's 64-bit division for user space.
 */
#ifndef _TOOLS_LINUX_MATH64_H
#define _TOOLS_LINUX_MATH64_H

#include <linux/types.h>

#define DIV_ROUND_UP_ULL(n, d)	(((u64)(n) + (d) - 1) / (d))
#define div64_u64(n, d)		((u64)(n) / (u64)(d))

#endif /* _TOOLS_LINUX_MATH64_H */
