/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's crc32c() for user space, a bit at a time. */
#ifndef _TOOLS_LINUX_CRC32C_H
#define _TOOLS_LINUX_CRC32C_H

#include <linux/types.h>

static inline u32 crc32c(u32 crc, const void *data, size_t length)
{
	const u8 *byte;
	int bit;

	for (byte = data; length--; byte++) {
		crc ^= *byte;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return crc;
}

#endif /* _TOOLS_LINUX_CRC32C_H */
