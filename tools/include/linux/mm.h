/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is used of the kernel's <linux/mm.h> in user space: allocation.
 */
#ifndef _TOOLS_LINUX_MM_H
#define _TOOLS_LINUX_MM_H

#include <linux/slab.h>

#endif /* _TOOLS_LINUX_MM_H */
