/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The superblock that every device used by tmem carries twice, at its start and at its end. Kinds
 * of devices differ in the magic, and in what is between the two; see pmem_format.h and
 * ssd_format.h.
 *
 * docs/format.md has the table of bytes and the rules for later versions.
 */
#ifndef _UAPI_TMEM_SUPER_FORMAT_H
#define _UAPI_TMEM_SUPER_FORMAT_H

#include <linux/types.h>

#define TMEM_SUPER_BYTES		4096
#define TMEM_SUPER_COPIES		2
#define TMEM_SUPER_MAGIC_BYTES		16
#define TMEM_SUPER_SLOT_BYTES		4096
#define TMEM_SUPER_DEVICE_MAX_BYTES	(1ULL << 60)
#define TMEM_SUPER_UUID_BYTES		16
#define TMEM_SUPER_LABEL_BYTES		32	/* with at least one NUL */

/**
 * struct tmem_super_onmedia - a superblock as it is on the medium, little-endian
 * @magic: of the kind of device
 * @version: of the format of that kind
 * @super_bytes: size of this structure, TMEM_SUPER_BYTES
 * @feature_compat: properties a reader may ignore
 * @feature_incompat: properties a reader has to know to use the device
 * @uuid: names the formatting; the same in both copies, never all zero
 * @label: printable ASCII, NUL-padded; chosen by the administrator
 * @device_bytes: size of the device, rounded down to a multiple of 4096
 * @data_offset_bytes: where slot 0 begins
 * @data_bytes: size of all slots together
 * @slot_bytes: size of a slot, TMEM_SUPER_SLOT_BYTES
 * @copy: 0 at the start of the device, 1 at its end
 * @sequence: grows with every rewriting; the copy with the higher one counts
 * @created_seconds: when it was formatted, seconds since 1970-01-01 UTC
 * @reserved: zero
 * @crc32: CRC-32 (IEEE 802.3, as in zlib) of all bytes before it; at this place in every version
 */
struct tmem_super_onmedia {
	__u8	magic[TMEM_SUPER_MAGIC_BYTES];
	__le32	version;
	__le32	super_bytes;
	__le64	feature_compat;
	__le64	feature_incompat;
	__u8	uuid[TMEM_SUPER_UUID_BYTES];
	__u8	label[TMEM_SUPER_LABEL_BYTES];
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

#define TMEM_SUPER_AT(member, offset)							\
	_Static_assert(__builtin_offsetof(struct tmem_super_onmedia, member) == (offset),	\
		       "on-media place of " #member)

_Static_assert(sizeof(struct tmem_super_onmedia) == TMEM_SUPER_BYTES, "superblock size");
TMEM_SUPER_AT(magic, 0);
TMEM_SUPER_AT(version, 16);
TMEM_SUPER_AT(super_bytes, 20);
TMEM_SUPER_AT(feature_compat, 24);
TMEM_SUPER_AT(feature_incompat, 32);
TMEM_SUPER_AT(uuid, 40);
TMEM_SUPER_AT(label, 56);
TMEM_SUPER_AT(device_bytes, 88);
TMEM_SUPER_AT(data_offset_bytes, 96);
TMEM_SUPER_AT(data_bytes, 104);
TMEM_SUPER_AT(slot_bytes, 112);
TMEM_SUPER_AT(copy, 116);
TMEM_SUPER_AT(sequence, 120);
TMEM_SUPER_AT(created_seconds, 128);
TMEM_SUPER_AT(reserved, 136);
TMEM_SUPER_AT(crc32, 4092);
#undef TMEM_SUPER_AT

#endif /* _UAPI_TMEM_SUPER_FORMAT_H */
