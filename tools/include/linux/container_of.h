/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's container_of() for user space.
 */
#ifndef _TOOLS_LINUX_CONTAINER_OF_H
#define _TOOLS_LINUX_CONTAINER_OF_H

#include <stddef.h>

#define container_of(pointer, type, member)	\
	((type *)((char *)(pointer) - offsetof(type, member)))

#endif /* _TOOLS_LINUX_CONTAINER_OF_H */
