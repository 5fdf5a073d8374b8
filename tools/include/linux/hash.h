/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's multiplicative hash for user space.
 */
#ifndef _TOOLS_LINUX_HASH_H
#define _TOOLS_LINUX_HASH_H

#define GOLDEN_RATIO_64	0x61C8864680B583EBull

#endif /* _TOOLS_LINUX_HASH_H */
