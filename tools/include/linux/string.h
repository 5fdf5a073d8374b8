/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's string functions for user space that the C library lacks.
 */
#ifndef _TOOLS_LINUX_STRING_H
#define _TOOLS_LINUX_STRING_H

#include <string.h>

/* The first byte that is not @c, or NULL. */
static inline const void *memchr_inv(const void *start, int c, size_t length)
{
	const unsigned char *bytes = start;

	for (; length; bytes++, length--)
		if (*bytes != (unsigned char)c)
			return bytes;
	return NULL;
}

#endif /* _TOOLS_LINUX_STRING_H */
