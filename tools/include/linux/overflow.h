/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's struct_size() for user space, where sizes are not forged.
 */
#ifndef _TOOLS_LINUX_OVERFLOW_H
#define _TOOLS_LINUX_OVERFLOW_H

#define struct_size(pointer, member, count)	\
	(sizeof(*(pointer)) + sizeof(*(pointer)->member) * (count))

#endif /* _TOOLS_LINUX_OVERFLOW_H */
