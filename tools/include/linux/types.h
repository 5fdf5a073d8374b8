/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kernel integer types for user space, over the system's <linux/types.h>.
 */
#ifndef _TOOLS_LINUX_TYPES_H
#define _TOOLS_LINUX_TYPES_H

#include_next <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s8 s8;
typedef __s32 s32;
typedef __s64 s64;
typedef unsigned long pgoff_t;

#define __rcu
#define __must_check	__attribute__((__warn_unused_result__))

#endif /* _TOOLS_LINUX_TYPES_H */
