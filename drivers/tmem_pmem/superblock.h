/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The superblock in memory: how it is laid out, sealed, checked and chosen.
 *
 * Pure: no I/O, no allocation, no locks, any context; compiles for user space too. What is read
 * from a medium is believed only after tmem_pmem_super_choose() has accepted it.
 */
#ifndef _TMEM_PMEM_SUPERBLOCK_H
#define _TMEM_PMEM_SUPERBLOCK_H

#include <linux/types.h>
#include <uapi/tmem/pmem_format.h>

/**
 * struct tmem_pmem_super - a superblock, decoded: host byte order, every integer in bounds
 * @feature_compat: compatible features, unknown ones included
 * @feature_incompat: incompatible features, all of them known
 * @uuid: names the formatting
 * @label: printable ASCII, NUL-terminated
 * @device_bytes: size of the device, a multiple of 4096
 * @data_offset_bytes: where slot 0 begins, a multiple of 2 MiB
 * @data_bytes: size of all slots, a multiple of 2 MiB, not 0; ends before the second copy
 * @slot_bytes: TMEM_PMEM_SLOT_BYTES
 * @sequence: at least 1
 * @created_seconds: when it was formatted, seconds since 1970-01-01 UTC
 */
struct tmem_pmem_super {
	u64	feature_compat;
	u64	feature_incompat;
	u8	uuid[TMEM_PMEM_UUID_BYTES];
	char	label[TMEM_PMEM_LABEL_BYTES];
	u64	device_bytes;
	u64	data_offset_bytes;
	u64	data_bytes;
	u32	slot_bytes;
	u64	sequence;
	u64	created_seconds;
};

/**
 * tmem_pmem_super_offset() - where a copy of the superblock is
 * @copy: 0 or 1
 * @device_bytes: size of the device, at least TMEM_PMEM_SUPER_BYTES
 *
 * Return: offset in bytes from the start of the device.
 */
u64 tmem_pmem_super_offset(u32 copy, u64 device_bytes);

/**
 * tmem_pmem_super_layout() - begin a new superblock for a device of some size
 * @device_bytes: size of the device; need not be a multiple of anything
 * @super: zeroed, then given its sizes, its offsets and sequence 1. The caller still sets
 *	@super->uuid and @super->created_seconds, and may set @super->label.
 *
 * Return: 0; -ENOSPC if the device is smaller than TMEM_PMEM_DEVICE_MIN_BYTES; -EFBIG if it is
 * larger than TMEM_PMEM_DEVICE_MAX_BYTES.
 */
int tmem_pmem_super_layout(u64 device_bytes, struct tmem_pmem_super *super);

/**
 * tmem_pmem_super_label_ok() - may this be a label?
 * @label: NUL-terminated
 *
 * Return: true for at most 31 printable ASCII characters.
 */
bool tmem_pmem_super_label_ok(const char *label);

/**
 * tmem_pmem_super_encode() - zero, encode and checksum one copy
 * @super: what to write
 * @copy: 0 for the start of the device, 1 for its end
 * @onmedia: overwritten, all 4096 bytes of it
 */
void tmem_pmem_super_encode(const struct tmem_pmem_super *super, u32 copy,
			    struct tmem_pmem_super_onmedia *onmedia);

/**
 * tmem_pmem_super_decode() - check one copy and bound every integer in it
 * @onmedia: a private copy of what was read, so that it cannot change meanwhile; NULL if the
 *	medium could not be read
 * @copy: which copy this is, 0 or 1
 * @device_bytes: size of the device
 * @super: filled on success, untouched otherwise
 *
 * Return: 0; -EIO unreadable; -ENODATA blank (all zero); -EMEDIUMTYPE something else is here;
 * -EBADMSG ours, but the checksum is wrong; -EPROTONOSUPPORT written by a later version;
 * -EOPNOTSUPP unknown incompatible feature; -ENXIO the device has another size than when it was
 * formatted; -EUCLEAN ours and sealed, but a value is out of bounds.
 */
int tmem_pmem_super_decode(const struct tmem_pmem_super_onmedia *onmedia, u32 copy,
			   u64 device_bytes, struct tmem_pmem_super *super);

/**
 * tmem_pmem_super_why() - what tmem_pmem_super_decode() has against one copy
 * @onmedia: as for tmem_pmem_super_decode()
 * @copy: likewise
 * @device_bytes: likewise
 *
 * Return: a clause that fits behind "pmem0: ", or NULL if nothing is wrong.
 */
const char *tmem_pmem_super_why(const struct tmem_pmem_super_onmedia *onmedia, u32 copy,
				u64 device_bytes);

/**
 * tmem_pmem_super_choose() - decide from both copies whether the device is ours
 * @first: private copy of the first superblock; NULL if it could not be read
 * @second: the same for the second one
 * @device_bytes: size of the device
 * @super: filled on success with the copy that has the higher sequence, untouched otherwise
 *
 * One valid copy is enough if the other one is ours but damaged, unreadable or, for the second
 * copy, blank (a formatting that was interrupted). Anything foreign in either place means that
 * somebody else may use the device now, so it is refused, as is a wiped first copy.
 *
 * Return: 0; -ENODATA if both are blank; -ESTALE if the copies contradict each other; else as
 * tmem_pmem_super_decode() for the copy that is the reason.
 */
int tmem_pmem_super_choose(const struct tmem_pmem_super_onmedia *first,
			   const struct tmem_pmem_super_onmedia *second, u64 device_bytes,
			   struct tmem_pmem_super *super);

/**
 * tmem_pmem_super_choose_why() - what tmem_pmem_super_choose() has against the device
 * @first: as for tmem_pmem_super_choose()
 * @second: likewise
 * @device_bytes: likewise
 *
 * Return: a clause that fits behind "pmem0: ", or NULL if nothing is wrong.
 */
const char *tmem_pmem_super_choose_why(const struct tmem_pmem_super_onmedia *first,
				       const struct tmem_pmem_super_onmedia *second,
				       u64 device_bytes);

#endif /* _TMEM_PMEM_SUPERBLOCK_H */
