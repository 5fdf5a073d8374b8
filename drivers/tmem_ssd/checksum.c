// SPDX-License-Identifier: GPL-2.0
/* The checksum of a page: with the processor's CRC-32C instruction, or by the kernel's library. */
#include <linux/crc32c.h>
#include <asm/byteorder.h>
#ifdef __x86_64__
#include <asm/cpufeature.h>
#endif

#include "checksum.h"

#define PARTS		4
#define PART_BYTES	(TMEM_SSD_BLOCK_BYTES / PARTS)
#define SEED		(~0U)

u32 tmem_ssd_checksum_by_library(const void *data)
{
	__le32 parts[PARTS];
	unsigned int i;

	for (i = 0; i < PARTS; i++)
		parts[i] = cpu_to_le32(crc32c(SEED, data + i * PART_BYTES, PART_BYTES));
	return tmem_ssd_checksum_of(crc32c(SEED, parts, sizeof(parts)));
}

#ifdef __x86_64__

#define WORDS	((unsigned int)(PART_BYTES / sizeof(u64)))

static inline u64 add_word(u64 crc, u64 word)
{
	asm("crc32q %1, %0" : "+r" (crc) : "rm" (word));
	return crc;
}

static u32 by_instruction(const u64 *words)
{
	u64 a = SEED, b = SEED, c = SEED, d = SEED;
	unsigned int i;

#pragma GCC unroll 8
	for (i = 0; i < WORDS; i++) {
		a = add_word(a, words[i]);
		b = add_word(b, words[i + WORDS]);
		c = add_word(c, words[i + 2 * WORDS]);
		d = add_word(d, words[i + 3 * WORDS]);
	}
	return tmem_ssd_checksum_of(add_word(add_word(SEED, b << 32 | a), d << 32 | c));
}

u32 tmem_ssd_checksum(const void *data)
{
	if (boot_cpu_has(X86_FEATURE_XMM4_2))
		return by_instruction(data);
	return tmem_ssd_checksum_by_library(data);
}

#else

u32 tmem_ssd_checksum(const void *data)
{
	return tmem_ssd_checksum_by_library(data);
}

#endif
