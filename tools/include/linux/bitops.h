/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's bit operations for user space.
 */
#ifndef _TOOLS_LINUX_BITOPS_H
#define _TOOLS_LINUX_BITOPS_H

#include <linux/bits.h>

#define hweight64(x)	((unsigned int)__builtin_popcountll(x))

#endif /* _TOOLS_LINUX_BITOPS_H */
