/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The checksum of a page.
 *
 * CRC-32C of four CRC-32Cs, little-endian and one behind the other, of the four quarters of the page; all
 * begun with ~0 and none inverted at its end. A damage of up to 32 bits in a row in one quarter is always seen. Four,
 * because a processor has three to four under way at once, and so needs neither floating-point registers
 * nor a way to join CRCs of parts: it is computed once a page in the completion of a read, and once
 * in reclaim with interrupts off.
 *
 * Pure; nothing sleeps, any context.
 */
#ifndef _TMEM_SSD_CHECKSUM_H
#define _TMEM_SSD_CHECKSUM_H

#include <linux/types.h>
#include <tmem/chunk.h>
#include <uapi/tmem/ssd_format.h>

/* What to store as checksum when @crc was computed: never TMEM_INDEX_NO_CHECKSUM. */
static inline u32 tmem_ssd_checksum_of(u32 crc)
{
	return crc == TMEM_INDEX_NO_CHECKSUM ? 1 : crc;
}

/* Return: the checksum of TMEM_SSD_BLOCK_BYTES bytes, aligned to 8. */
u32 tmem_ssd_checksum(const void *data);

/* The same by the kernel's library alone: for processors without the instruction. */
u32 tmem_ssd_checksum_by_library(const void *data);

#endif /* _TMEM_SSD_CHECKSUM_H */
