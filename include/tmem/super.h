/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The superblock that all kinds of devices share: how it is laid out, sealed, checked and chosen.
 *
 * Pure: no I/O, no allocation, no locks, any context; compiles for user space too. What is read
 * from a medium is believed only after tmem_super_choose() has accepted it.
 */
#ifndef _TMEM_SUPER_H
#define _TMEM_SUPER_H

#include <linux/types.h>
#include <uapi/tmem/super_format.h>

/**
 * struct tmem_super_kind - what is particular to one kind of device
 * @magic: TMEM_SUPER_MAGIC_BYTES of it
 * @version: the latest that is known
 * @feature_incompat: all that are known
 * @align_bytes: the data begins and ends on a multiple of this, a power of two
 * @device_min_bytes: smallest device, at least 4 times @align_bytes
 * @device_max_bytes: largest device that is formatted, and most that its data may have
 */
struct tmem_super_kind {
	const char *magic;
	u32 version;
	u64 feature_incompat;
	u64 align_bytes;
	u64 device_min_bytes;
	u64 device_max_bytes;
};

/**
 * struct tmem_super - a superblock, decoded: host byte order, every integer in bounds
 * @feature_compat: compatible features, unknown ones included
 * @feature_incompat: incompatible features, all of them known
 * @uuid: names the formatting
 * @label: printable ASCII, NUL-terminated
 * @device_bytes: size of the device, a multiple of 4096
 * @data_offset_bytes: where slot 0 begins, a multiple of the kind's alignment
 * @data_bytes: size of all slots, a multiple of the kind's alignment, not 0, at most the kind's
 *	device_max_bytes; ends before the second copy
 * @slot_bytes: TMEM_SUPER_SLOT_BYTES
 * @sequence: at least 1
 * @created_seconds: when it was formatted, seconds since 1970-01-01 UTC
 */
struct tmem_super {
	u64	feature_compat;
	u64	feature_incompat;
	u8	uuid[TMEM_SUPER_UUID_BYTES];
	char	label[TMEM_SUPER_LABEL_BYTES];
	u64	device_bytes;
	u64	data_offset_bytes;
	u64	data_bytes;
	u32	slot_bytes;
	u64	sequence;
	u64	created_seconds;
};

/**
 * tmem_super_offset() - where a copy of the superblock is
 * @copy: 0 or 1
 * @device_bytes: size of the device, at least TMEM_SUPER_BYTES
 *
 * Return: offset in bytes from the start of the device.
 */
u64 tmem_super_offset(u32 copy, u64 device_bytes);

/**
 * tmem_super_layout() - begin a new superblock for a device of some size
 * @kind: kind of device
 * @device_bytes: size of the device; need not be a multiple of anything
 * @super: zeroed, then given its sizes, its offsets and sequence 1. The caller still sets
 *	@super->uuid and @super->created_seconds, and may set @super->label.
 *
 * Return: 0; -ENOSPC if the device is smaller than the kind's minimum; -EFBIG if it is
 * larger than @device_max_bytes of @kind.
 */
int tmem_super_layout(const struct tmem_super_kind *kind, u64 device_bytes,
		      struct tmem_super *super);

/**
 * tmem_super_label_ok() - may this be a label?
 * @label: NUL-terminated
 *
 * Return: true for at most 31 printable ASCII characters.
 */
bool tmem_super_label_ok(const char *label);

/**
 * tmem_super_encode() - zero, encode and checksum one copy
 * @kind: kind of device
 * @super: what to write
 * @copy: 0 for the start of the device, 1 for its end
 * @onmedia: overwritten, all 4096 bytes of it
 */
void tmem_super_encode(const struct tmem_super_kind *kind, const struct tmem_super *super,
		       u32 copy, struct tmem_super_onmedia *onmedia);

/**
 * tmem_super_decode() - check one copy and bound every integer in it
 * @kind: kind of device
 * @onmedia: a private copy of what was read, so that it cannot change meanwhile; NULL if the
 *	medium could not be read
 * @copy: which copy this is, 0 or 1
 * @device_bytes: size of the device
 * @super: filled on success, untouched otherwise
 *
 * Return: 0; -EIO unreadable; -ENODATA blank (all zero); -EMEDIUMTYPE something else is here;
 * -EBADMSG ours, but the checksum is wrong; -EPROTONOSUPPORT written by a later version;
 * -EOPNOTSUPP unknown incompatible feature; -ENXIO the device has another size than when it was
 * formatted; -EFBIG there is more data than this kind of device may have; -EUCLEAN ours and sealed,
 * but a value is out of bounds.
 */
int tmem_super_decode(const struct tmem_super_kind *kind,
		      const struct tmem_super_onmedia *onmedia, u32 copy, u64 device_bytes,
		      struct tmem_super *super);

/**
 * tmem_super_why() - what tmem_super_decode() has against one copy
 * @kind: kind of device
 * @onmedia: as for tmem_super_decode()
 * @copy: likewise
 * @device_bytes: likewise
 *
 * Return: a clause that fits behind "pmem0: ", or NULL if nothing is wrong.
 */
const char *tmem_super_why(const struct tmem_super_kind *kind,
			   const struct tmem_super_onmedia *onmedia, u32 copy,
			   u64 device_bytes);

/**
 * tmem_super_choose() - decide from both copies whether the device is ours
 * @kind: kind of device
 * @first: private copy of the first superblock; NULL if it could not be read
 * @second: the same for the second one
 * @device_bytes: size of the device
 * @super: filled on success with the copy that has the higher sequence, untouched otherwise
 *
 * One valid copy is enough if the other one is unreadable or, for the second copy, blank (a
 * formatting that was interrupted). A copy that was changed is refused. Anything foreign in either
 * place means that somebody else may use the device now, so it is refused, as is a wiped first copy.
 *
 * Return: 0; -ENODATA if both are blank; -ESTALE if the copies contradict each other; else as
 * tmem_super_decode() for the copy that is the reason.
 */
int tmem_super_choose(const struct tmem_super_kind *kind,
		      const struct tmem_super_onmedia *first,
		      const struct tmem_super_onmedia *second, u64 device_bytes,
		      struct tmem_super *super);

/**
 * tmem_super_choose_why() - what tmem_super_choose() has against the device
 * @kind: kind of device
 * @first: as for tmem_super_choose()
 * @second: likewise
 * @device_bytes: likewise
 *
 * Return: a clause that fits behind "pmem0: ", or NULL if nothing is wrong.
 */
const char *tmem_super_choose_why(const struct tmem_super_kind *kind,
				  const struct tmem_super_onmedia *first,
				  const struct tmem_super_onmedia *second, u64 device_bytes);

#endif /* _TMEM_SUPER_H */
