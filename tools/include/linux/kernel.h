/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is used of the kernel's <linux/kernel.h> in user space.
 */
#ifndef _TOOLS_LINUX_KERNEL_H
#define _TOOLS_LINUX_KERNEL_H

#include <linux/types.h>

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

/* A number below @end, as far up as @value is among all of 32 bits. */
static inline u32 reciprocal_scale(u32 value, u32 end)
{
	return (u64)value * end >> 32;
}

#endif /* _TOOLS_LINUX_KERNEL_H */
