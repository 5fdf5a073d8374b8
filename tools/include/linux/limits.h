/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's limits for user space, over the system's <linux/limits.h>.
 */
#ifndef _TOOLS_LINUX_LIMITS_H
#define _TOOLS_LINUX_LIMITS_H

#include_next <linux/limits.h>
#include <stdint.h>

#ifndef ULONG_MAX
#define ULONG_MAX	(~0UL)
#endif
#define U16_MAX		UINT16_MAX
#define U32_MAX		UINT32_MAX
#define U64_MAX		UINT64_MAX

#endif /* _TOOLS_LINUX_LIMITS_H */
