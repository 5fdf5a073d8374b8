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

/* 16 bytes, the last one is the NUL; the bytes 0x8f 0x0d 0x0a spoil under text conversions. */
#define TMEM_PMEM_MAGIC			"TMEM-PMEM\x8f\r\n\x1a\0\0"
#define TMEM_PMEM_MAGIC_BYTES		16
#define TMEM_PMEM_VERSION		1

#define TMEM_PMEM_SUPER_BYTES		4096
#define TMEM_PMEM_SUPER_COPIES		2
#define TMEM_PMEM_SLOT_BYTES		4096
/* The data area begins and ends on a multiple of this, so that it can be mapped by huge pages. */
#define TMEM_PMEM_ALIGN_BYTES		(2UL << 20)
#define TMEM_PMEM_DATA_OFFSET_BYTES	TMEM_PMEM_ALIGN_BYTES
#define TMEM_PMEM_DEVICE_MIN_BYTES	(16UL << 20)
#define TMEM_PMEM_DEVICE_MAX_BYTES	(1ULL << 60)

#define TMEM_PMEM_UUID_BYTES		16
#define TMEM_PMEM_LABEL_BYTES		32	/* with at least one NUL */

/* Bits this version knows. A reader ignores unknown compatible bits and refuses the others. */
#define TMEM_PMEM_FEATURE_COMPAT_KNOWN		0ULL
#define TMEM_PMEM_FEATURE_INCOMPAT_KNOWN	0ULL

/**
 * struct tmem_pmem_super_onmedia - a superblock as it is on the medium, little-endian
 * @magic: TMEM_PMEM_MAGIC
 * @version: TMEM_PMEM_VERSION
 * @super_bytes: size of this structure, TMEM_PMEM_SUPER_BYTES
 * @feature_compat: properties a reader may ignore
 * @feature_incompat: properties a reader has to know to use the device
 * @uuid: names the formatting; the same in both copies, never all zero
 * @label: printable ASCII, NUL-padded; chosen by the administrator
 * @device_bytes: size of the device, rounded down to a multiple of 4096
 * @data_offset_bytes: where slot 0 begins
 * @data_bytes: size of all slots together
 * @slot_bytes: size of a slot, TMEM_PMEM_SLOT_BYTES
 * @copy: 0 at the start of the device, 1 at its end
 * @sequence: grows with every rewriting; the copy with the higher one counts
 * @created_seconds: when it was formatted, seconds since 1970-01-01 UTC
 * @reserved: zero
 * @crc32: CRC-32 (IEEE 802.3, as in zlib) of all bytes before it; at this place in every version
 */
struct tmem_pmem_super_onmedia {
	__u8	magic[TMEM_PMEM_MAGIC_BYTES];
	__le32	version;
	__le32	super_bytes;
	__le64	feature_compat;
	__le64	feature_incompat;
	__u8	uuid[TMEM_PMEM_UUID_BYTES];
	__u8	label[TMEM_PMEM_LABEL_BYTES];
	__le64	device_bytes;
	__le64	data_offset_bytes;
	__le64	data_bytes;
	__le32	slot_bytes;
	__le32	copy;
	__le64	sequence;
	__le64	created_seconds;
	__u8	reserved[3956];
	__le32	crc32;
};

#define TMEM_PMEM_AT(member, offset)							\
	_Static_assert(__builtin_offsetof(struct tmem_pmem_super_onmedia, member) == (offset),	\
		       "on-media place of " #member)

_Static_assert(sizeof(struct tmem_pmem_super_onmedia) == TMEM_PMEM_SUPER_BYTES, "superblock size");
_Static_assert(sizeof(TMEM_PMEM_MAGIC) == TMEM_PMEM_MAGIC_BYTES, "magic size");
TMEM_PMEM_AT(magic, 0);
TMEM_PMEM_AT(version, 16);
TMEM_PMEM_AT(super_bytes, 20);
TMEM_PMEM_AT(feature_compat, 24);
TMEM_PMEM_AT(feature_incompat, 32);
TMEM_PMEM_AT(uuid, 40);
TMEM_PMEM_AT(label, 56);
TMEM_PMEM_AT(device_bytes, 88);
TMEM_PMEM_AT(data_offset_bytes, 96);
TMEM_PMEM_AT(data_bytes, 104);
TMEM_PMEM_AT(slot_bytes, 112);
TMEM_PMEM_AT(copy, 116);
TMEM_PMEM_AT(sequence, 120);
TMEM_PMEM_AT(created_seconds, 128);
TMEM_PMEM_AT(reserved, 136);
TMEM_PMEM_AT(crc32, 4092);
#undef TMEM_PMEM_AT

#endif /* _UAPI_TMEM_PMEM_FORMAT_H */
