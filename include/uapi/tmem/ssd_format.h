/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What tmem_ssd writes to flash: the superblock of super_format.h, twice, and between them
 * segments.
 *
 *	byte 0                           first superblock
 *	4096 .. 1 MiB                    unused
 *	data_offset_bytes (1 MiB)        segments of 1 MiB
 *	device_bytes - 4096              second superblock
 *
 * A segment is a summary of two blocks, then 254 pages of 4096 bytes. All of it is written at once.
 *
 * docs/format.md has the table of bytes and the rules for later versions.
 */
#ifndef _UAPI_TMEM_SSD_FORMAT_H
#define _UAPI_TMEM_SSD_FORMAT_H

#include <linux/types.h>
#include "super_format.h"

/* 16 bytes, the last ones are NUL; the bytes 0x8f 0x0d 0x0a spoil under text conversions. */
#define TMEM_SSD_MAGIC			"TMEM-SSD\x8f\r\n\x1a\0\0\0"
#define TMEM_SSD_VERSION		1
#define TMEM_SSD_FEATURE_INCOMPAT_KNOWN	0ULL

#define TMEM_SSD_BLOCK_BYTES		4096
#define TMEM_SSD_SEGMENT_BLOCKS		256
#define TMEM_SSD_SEGMENT_BYTES		(TMEM_SSD_SEGMENT_BLOCKS * TMEM_SSD_BLOCK_BYTES)
#define TMEM_SSD_SUMMARY_BLOCKS		2
#define TMEM_SSD_SUMMARY_BYTES		(TMEM_SSD_SUMMARY_BLOCKS * TMEM_SSD_BLOCK_BYTES)
#define TMEM_SSD_SEGMENT_PAGES		(TMEM_SSD_SEGMENT_BLOCKS - TMEM_SSD_SUMMARY_BLOCKS)
#define TMEM_SSD_DEVICE_MIN_BYTES	(16UL << 20)
#define TMEM_SSD_DEVICE_MAX_BYTES	(1ULL << 44)

#define TMEM_SSD_SUMMARY_MAGIC		0x534453534d454d54ULL	/* "TMEMSSDS" on the medium */
#define TMEM_SSD_SUMMARY_VERSION	1

/**
 * struct tmem_ssd_key_onmedia - which page of which file a page of a segment is
 * @ino: inode number
 * @page: number of the page in the file
 * @generation: of the inode number
 * @pool: the filesystem, as the kernel that wrote it counted them
 * @checksum: of the page: CRC-32C of the CRC-32Cs of its quarters, see docs/format.md
 * @reserved: zero
 */
struct tmem_ssd_key_onmedia {
	__le64	ino;
	__le64	page;
	__le32	generation;
	__le32	pool;
	__le32	checksum;
	__le32	reserved;
};

/**
 * struct tmem_ssd_summary_onmedia - the first two blocks of a segment, little-endian
 * @magic: TMEM_SSD_SUMMARY_MAGIC
 * @version: TMEM_SSD_SUMMARY_VERSION
 * @count: pages in the segment, 1 to 254
 * @uuid: of the superblock
 * @segment: number of the segment
 * @sequence: at least 1; grows with every segment that is written
 * @reserved: zero
 * @crc32: CRC-32 (IEEE 802.3, as in zlib) of all bytes of the summary, this field taken as zero
 * @keys: @count of them, the others zero
 */
struct tmem_ssd_summary_onmedia {
	__le64	magic;
	__le32	version;
	__le32	count;
	__u8	uuid[TMEM_SUPER_UUID_BYTES];
	__le64	segment;
	__le64	sequence;
	__u8	reserved[12];
	__le32	crc32;
	struct tmem_ssd_key_onmedia keys[TMEM_SSD_SEGMENT_PAGES];
};

#define TMEM_SSD_AT(type, member, offset)					\
	_Static_assert(__builtin_offsetof(struct type, member) == (offset),	\
		       "on-media place of " #member)

_Static_assert(sizeof(TMEM_SSD_MAGIC) == TMEM_SUPER_MAGIC_BYTES, "magic size");
_Static_assert(sizeof(struct tmem_ssd_summary_onmedia) == TMEM_SSD_SUMMARY_BYTES, "summary size");
_Static_assert(sizeof(struct tmem_ssd_key_onmedia) == 32, "key size");
TMEM_SSD_AT(tmem_ssd_summary_onmedia, version, 8);
TMEM_SSD_AT(tmem_ssd_summary_onmedia, count, 12);
TMEM_SSD_AT(tmem_ssd_summary_onmedia, uuid, 16);
TMEM_SSD_AT(tmem_ssd_summary_onmedia, segment, 32);
TMEM_SSD_AT(tmem_ssd_summary_onmedia, sequence, 40);
TMEM_SSD_AT(tmem_ssd_summary_onmedia, reserved, 48);
TMEM_SSD_AT(tmem_ssd_summary_onmedia, crc32, 60);
TMEM_SSD_AT(tmem_ssd_summary_onmedia, keys, 64);
TMEM_SSD_AT(tmem_ssd_key_onmedia, page, 8);
TMEM_SSD_AT(tmem_ssd_key_onmedia, generation, 16);
TMEM_SSD_AT(tmem_ssd_key_onmedia, pool, 20);
TMEM_SSD_AT(tmem_ssd_key_onmedia, checksum, 24);
TMEM_SSD_AT(tmem_ssd_key_onmedia, reserved, 28);
#undef TMEM_SSD_AT

#endif /* _UAPI_TMEM_SSD_FORMAT_H */
