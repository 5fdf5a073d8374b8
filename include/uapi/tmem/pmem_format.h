/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What tmem_pmem writes to persistent memory: one superblock, twice, and nothing else of meaning.
 *
 *	byte 0                           first superblock
 *	4096 .. 2 MiB                    unused
 *	data_offset_bytes (2 MiB)        slots of 4096 bytes, void after every boot
 *	device_bytes - 4096              second superblock
 *
 * docs/format.md has the table of bytes and the rules for later versions.
 */
#ifndef _UAPI_TMEM_PMEM_FORMAT_H
#define _UAPI_TMEM_PMEM_FORMAT_H

#include <linux/types.h>
#include "super_format.h"

/* 16 bytes, the last one is the NUL; the bytes 0x8f 0x0d 0x0a spoil under text conversions. */
#define TMEM_PMEM_MAGIC			"TMEM-PMEM\x8f\r\n\x1a\0\0"
#define TMEM_PMEM_MAGIC_BYTES		TMEM_SUPER_MAGIC_BYTES
#define TMEM_PMEM_VERSION		1

#define TMEM_PMEM_SUPER_BYTES		TMEM_SUPER_BYTES
#define TMEM_PMEM_SUPER_COPIES		TMEM_SUPER_COPIES
#define TMEM_PMEM_SLOT_BYTES		TMEM_SUPER_SLOT_BYTES
/* The data area begins and ends on a multiple of this, so that it can be mapped by huge pages. */
#define TMEM_PMEM_ALIGN_BYTES		(2UL << 20)
#define TMEM_PMEM_DEVICE_MIN_BYTES	(16UL << 20)
#define TMEM_PMEM_DEVICE_MAX_BYTES	((1ULL << 40) - (32ULL << 20))

#define TMEM_PMEM_LABEL_BYTES		TMEM_SUPER_LABEL_BYTES

/* Incompatible bits this version knows. A reader refuses the others, and ignores unknown compatible ones. */
#define TMEM_PMEM_FEATURE_INCOMPAT_KNOWN	0ULL

/* The superblock is the one that all kinds of devices share. */
#define tmem_pmem_super_onmedia		tmem_super_onmedia

_Static_assert(sizeof(TMEM_PMEM_MAGIC) == TMEM_PMEM_MAGIC_BYTES, "magic size");

#endif /* _UAPI_TMEM_PMEM_FORMAT_H */
