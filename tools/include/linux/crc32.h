/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's crc32_le() for user space, from zlib.
 */
#ifndef _TOOLS_LINUX_CRC32_H
#define _TOOLS_LINUX_CRC32_H

#include <linux/types.h>
#include <zlib.h>

/* zlib inverts before and after, the kernel leaves both to the caller. */
static inline u32 crc32_le(u32 crc, const unsigned char *bytes, size_t length)
{
	return ~(u32)crc32(~crc, bytes, length);
}

#endif /* _TOOLS_LINUX_CRC32_H */
