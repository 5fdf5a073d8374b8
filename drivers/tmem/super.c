// SPDX-License-Identifier: GPL-2.0
/*
 * The superblock that all kinds of devices share: how it is laid out, sealed, checked and chosen.
 */
#include <linux/crc32.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <asm/byteorder.h>

#include <tmem/super.h>

/* The last second of the year 9999: more is a forgery and breaks date printing. */
#define CREATED_MAX_SECONDS	253402300799ULL

enum fault {
	FAULT_NONE,
	FAULT_UNREADABLE,
	FAULT_BLANK,
	FAULT_FOREIGN,
	FAULT_CRC,
	FAULT_VERSION,
	FAULT_FEATURE,
	FAULT_COPY,
	FAULT_SUPER_BYTES,
	FAULT_SLOT_BYTES,
	FAULT_DEVICE_BYTES,
	FAULT_SHRUNK,
	FAULT_GROWN,
	FAULT_DATA_OFFSET,
	FAULT_DATA_BYTES,
	FAULT_DATA_END,
	FAULT_TOO_LARGE,
	FAULT_SEQUENCE,
	FAULT_CREATED,
	FAULT_UUID,
	FAULT_LABEL,
	FAULT_RESERVED,
	/* Only two copies together can have these. */
	FAULT_FIRST_WIPED,
	FAULT_FIRST_FOREIGN,
	FAULT_SECOND_FOREIGN,
	FAULT_TWO_UUIDS,
	FAULT_TWO_CONTENTS,
};

static const struct {
	int error;
	const char *why;
} faults[] = {
	[FAULT_UNREADABLE]	= { -EIO, "the superblock cannot be read (media error)" },
	[FAULT_BLANK]		= { -ENODATA, "blank, it has no tmem superblock" },
	[FAULT_FOREIGN]		= { -EMEDIUMTYPE, "holds something that is not a tmem superblock" },
	[FAULT_CRC]		= { -EBADMSG, "the checksum of the superblock is wrong" },
	[FAULT_VERSION]		= { -EPROTONOSUPPORT,
				    "formatted by a later version of tmem, in a format unknown here" },
	[FAULT_FEATURE]		= { -EOPNOTSUPP, "uses an incompatible feature unknown here" },
	[FAULT_COPY]		= { -EUCLEAN,
				    "the superblock belongs to the other end of the device" },
	[FAULT_SUPER_BYTES]	= { -EUCLEAN, "the superblock has an impossible size of its own" },
	[FAULT_SLOT_BYTES]	= { -EUCLEAN, "the superblock has an impossible slot size" },
	[FAULT_DEVICE_BYTES]	= { -EUCLEAN, "the superblock has an impossible device size" },
	[FAULT_SHRUNK]		= { -ENXIO, "the device is smaller than when it was formatted" },
	[FAULT_GROWN]		= { -ENXIO, "the device is larger than when it was formatted" },
	[FAULT_DATA_OFFSET]	= { -EUCLEAN, "the superblock has an impossible data offset" },
	[FAULT_DATA_BYTES]	= { -EUCLEAN, "the superblock has an impossible data size" },
	[FAULT_DATA_END]	= { -EUCLEAN, "the data area ends behind the second superblock" },
	[FAULT_TOO_LARGE]	= { -EFBIG,
				    "larger than tmem can use, make a smaller namespace or partition" },
	[FAULT_SEQUENCE]	= { -EUCLEAN, "the superblock has the impossible sequence 0" },
	[FAULT_CREATED]		= { -EUCLEAN, "the superblock has an impossible creation time" },
	[FAULT_UUID]		= { -EUCLEAN, "the superblock has an all-zero UUID" },
	[FAULT_LABEL]		= { -EUCLEAN, "the label is not printable ASCII padded with NUL" },
	[FAULT_RESERVED]	= { -EUCLEAN, "reserved bytes of the superblock are not zero" },
	[FAULT_FIRST_WIPED]	= { -ENODATA,
				    "the first superblock was wiped, only the second one is left" },
	[FAULT_FIRST_FOREIGN]	= { -EMEDIUMTYPE,
				    "something else has overwritten the first superblock" },
	[FAULT_SECOND_FOREIGN]	= { -EMEDIUMTYPE,
				    "something else has overwritten the second superblock" },
	[FAULT_TWO_UUIDS]	= { -ESTALE, "the two superblocks have different UUIDs" },
	[FAULT_TWO_CONTENTS]	= { -ESTALE,
				    "the two superblocks differ under the same sequence number" },
};

u64 tmem_super_offset(u32 copy, u64 device_bytes)
{
	if (!copy)
		return 0;
	return (device_bytes & ~(u64)(TMEM_SUPER_BYTES - 1)) - TMEM_SUPER_BYTES;
}
EXPORT_SYMBOL_GPL(tmem_super_offset);

int tmem_super_layout(const struct tmem_super_kind *kind, u64 device_bytes,
		      struct tmem_super *super)
{
	u64 room_bytes;

	if (device_bytes < kind->device_min_bytes)
		return -ENOSPC;
	if (device_bytes > kind->device_max_bytes)
		return -EFBIG;

	memset(super, 0, sizeof(*super));
	super->device_bytes = device_bytes & ~(u64)(TMEM_SUPER_BYTES - 1);
	super->data_offset_bytes = kind->align_bytes;
	room_bytes = tmem_super_offset(1, device_bytes) - super->data_offset_bytes;
	super->data_bytes = room_bytes & ~(kind->align_bytes - 1);
	super->slot_bytes = TMEM_SUPER_SLOT_BYTES;
	super->sequence = 1;
	return 0;
}
EXPORT_SYMBOL_GPL(tmem_super_layout);

/* Printable up to the first NUL, NUL from there to the end. */
static bool label_bytes_ok(const u8 *label)
{
	size_t i = 0;

	while (i < TMEM_SUPER_LABEL_BYTES && label[i] >= 0x20 && label[i] < 0x7f)
		i++;
	return i < TMEM_SUPER_LABEL_BYTES && !memchr_inv(label + i, 0, TMEM_SUPER_LABEL_BYTES - i);
}

bool tmem_super_label_ok(const char *label)
{
	u8 bytes[TMEM_SUPER_LABEL_BYTES] = {};
	size_t length = strnlen(label, TMEM_SUPER_LABEL_BYTES);

	memcpy(bytes, label, length);
	return label_bytes_ok(bytes);
}
EXPORT_SYMBOL_GPL(tmem_super_label_ok);

/* The kernel's CRC leaves out the inversions before and after that make it zlib's. */
static u32 super_crc(const struct tmem_super_onmedia *onmedia)
{
	return ~crc32_le(~0U, (const u8 *)onmedia, offsetof(struct tmem_super_onmedia, crc32));
}

void tmem_super_encode(const struct tmem_super_kind *kind, const struct tmem_super *super,
		       u32 copy, struct tmem_super_onmedia *onmedia)
{
	memset(onmedia, 0, sizeof(*onmedia));
	memcpy(onmedia->magic, kind->magic, TMEM_SUPER_MAGIC_BYTES);
	onmedia->version = cpu_to_le32(kind->version);
	onmedia->super_bytes = cpu_to_le32(TMEM_SUPER_BYTES);
	onmedia->feature_compat = cpu_to_le64(super->feature_compat);
	onmedia->feature_incompat = cpu_to_le64(super->feature_incompat);
	memcpy(onmedia->uuid, super->uuid, TMEM_SUPER_UUID_BYTES);
	memcpy(onmedia->label, super->label, strnlen(super->label, TMEM_SUPER_LABEL_BYTES));
	onmedia->device_bytes = cpu_to_le64(super->device_bytes);
	onmedia->data_offset_bytes = cpu_to_le64(super->data_offset_bytes);
	onmedia->data_bytes = cpu_to_le64(super->data_bytes);
	onmedia->slot_bytes = cpu_to_le32(super->slot_bytes);
	onmedia->copy = cpu_to_le32(copy);
	onmedia->sequence = cpu_to_le64(super->sequence);
	onmedia->created_seconds = cpu_to_le64(super->created_seconds);
	onmedia->crc32 = cpu_to_le32(super_crc(onmedia));
}
EXPORT_SYMBOL_GPL(tmem_super_encode);

/* Ours, whole, and of a kind we know? */
static enum fault seal_fault(const struct tmem_super_kind *kind,
			     const struct tmem_super_onmedia *onmedia)
{
	if (!onmedia)
		return FAULT_UNREADABLE;
	if (!memchr_inv(onmedia, 0, sizeof(*onmedia)))
		return FAULT_BLANK;
	if (memcmp(onmedia->magic, kind->magic, TMEM_SUPER_MAGIC_BYTES))
		return FAULT_FOREIGN;
	if (le32_to_cpu(onmedia->crc32) != super_crc(onmedia))
		return FAULT_CRC;
	if (le32_to_cpu(onmedia->version) > kind->version)
		return FAULT_VERSION;
	if (!onmedia->version)
		return FAULT_FOREIGN;
	if (le64_to_cpu(onmedia->feature_incompat) & ~kind->feature_incompat)
		return FAULT_FEATURE;
	return FAULT_NONE;
}

/* Do the sizes and offsets fit each other and the device? */
static enum fault layout_fault(const struct tmem_super_kind *kind,
			       const struct tmem_super_onmedia *onmedia, u64 device_bytes)
{
	const u64 align_mask = kind->align_bytes - 1;
	u64 recorded_bytes = le64_to_cpu(onmedia->device_bytes);
	u64 offset_bytes = le64_to_cpu(onmedia->data_offset_bytes);
	u64 data_bytes = le64_to_cpu(onmedia->data_bytes);
	u64 end_bytes;

	if (le32_to_cpu(onmedia->super_bytes) != TMEM_SUPER_BYTES)
		return FAULT_SUPER_BYTES;
	if (le32_to_cpu(onmedia->slot_bytes) != TMEM_SUPER_SLOT_BYTES)
		return FAULT_SLOT_BYTES;
	if (recorded_bytes < kind->device_min_bytes ||
	    recorded_bytes > TMEM_SUPER_DEVICE_MAX_BYTES ||
	    recorded_bytes & (TMEM_SUPER_BYTES - 1))
		return FAULT_DEVICE_BYTES;
	device_bytes &= ~(u64)(TMEM_SUPER_BYTES - 1);
	if (recorded_bytes != device_bytes)
		return recorded_bytes > device_bytes ? FAULT_SHRUNK : FAULT_GROWN;

	end_bytes = tmem_super_offset(1, device_bytes);
	if (!offset_bytes || offset_bytes & align_mask || offset_bytes >= end_bytes)
		return FAULT_DATA_OFFSET;
	if (!data_bytes || data_bytes & align_mask)
		return FAULT_DATA_BYTES;
	if (data_bytes > end_bytes - offset_bytes)
		return FAULT_DATA_END;
	return data_bytes > kind->device_max_bytes ? FAULT_TOO_LARGE : FAULT_NONE;
}

static enum fault super_fault(const struct tmem_super_kind *kind,
			      const struct tmem_super_onmedia *onmedia, u32 copy,
			      u64 device_bytes)
{
	enum fault fault = seal_fault(kind, onmedia);

	if (fault)
		return fault;
	if (le32_to_cpu(onmedia->copy) != copy)
		return FAULT_COPY;
	fault = layout_fault(kind, onmedia, device_bytes);
	if (fault)
		return fault;
	if (!onmedia->sequence)
		return FAULT_SEQUENCE;
	if (le64_to_cpu(onmedia->created_seconds) > CREATED_MAX_SECONDS)
		return FAULT_CREATED;
	if (!memchr_inv(onmedia->uuid, 0, TMEM_SUPER_UUID_BYTES))
		return FAULT_UUID;
	if (!label_bytes_ok(onmedia->label))
		return FAULT_LABEL;
	if (memchr_inv(onmedia->reserved, 0, sizeof(onmedia->reserved)))
		return FAULT_RESERVED;
	return FAULT_NONE;
}

/* @onmedia has no fault. */
static void super_read(const struct tmem_super_onmedia *onmedia, struct tmem_super *super)
{
	memset(super, 0, sizeof(*super));
	super->feature_compat = le64_to_cpu(onmedia->feature_compat);
	super->feature_incompat = le64_to_cpu(onmedia->feature_incompat);
	memcpy(super->uuid, onmedia->uuid, TMEM_SUPER_UUID_BYTES);
	memcpy(super->label, onmedia->label, TMEM_SUPER_LABEL_BYTES);
	super->device_bytes = le64_to_cpu(onmedia->device_bytes);
	super->data_offset_bytes = le64_to_cpu(onmedia->data_offset_bytes);
	super->data_bytes = le64_to_cpu(onmedia->data_bytes);
	super->slot_bytes = le32_to_cpu(onmedia->slot_bytes);
	super->sequence = le64_to_cpu(onmedia->sequence);
	super->created_seconds = le64_to_cpu(onmedia->created_seconds);
}

int tmem_super_decode(const struct tmem_super_kind *kind,
		      const struct tmem_super_onmedia *onmedia, u32 copy, u64 device_bytes,
		      struct tmem_super *super)
{
	enum fault fault = super_fault(kind, onmedia, copy, device_bytes);

	if (!fault)
		super_read(onmedia, super);
	return faults[fault].error;
}
EXPORT_SYMBOL_GPL(tmem_super_decode);

const char *tmem_super_why(const struct tmem_super_kind *kind,
			   const struct tmem_super_onmedia *onmedia, u32 copy,
			   u64 device_bytes)
{
	return faults[super_fault(kind, onmedia, copy, device_bytes)].why;
}
EXPORT_SYMBOL_GPL(tmem_super_why);

/* Both copies are valid. */
static enum fault pair_fault(const struct tmem_super_onmedia *first,
			     const struct tmem_super_onmedia *second)
{
	struct tmem_super a, b;

	if (memcmp(first->uuid, second->uuid, TMEM_SUPER_UUID_BYTES))
		return FAULT_TWO_UUIDS;
	super_read(first, &a);
	super_read(second, &b);
	if (a.sequence == b.sequence && memcmp(&a, &b, sizeof(a)))
		return FAULT_TWO_CONTENTS;
	return FAULT_NONE;
}

/*
 * Sets *@chosen if nothing is wrong. A copy that was changed is never made up for by the other one:
 * somebody has written there, if only into a part of it, as a boot sector does.
 */
static enum fault choose_fault(const struct tmem_super_kind *kind,
			       const struct tmem_super_onmedia *first,
			       const struct tmem_super_onmedia *second, u64 device_bytes,
			       const struct tmem_super_onmedia **chosen)
{
	enum fault fault_1 = super_fault(kind, first, 0, device_bytes);
	enum fault fault_2 = super_fault(kind, second, 1, device_bytes);

	if (!fault_1 && !fault_2) {
		*chosen = le64_to_cpu(second->sequence) > le64_to_cpu(first->sequence) ?
			  second : first;
		return pair_fault(first, second);
	}
	if (!fault_1) {
		*chosen = first;
		/* The medium failed, or the formatting was cut short. */
		if (fault_2 == FAULT_UNREADABLE || fault_2 == FAULT_BLANK)
			return FAULT_NONE;
		return fault_2 == FAULT_FOREIGN ? FAULT_SECOND_FOREIGN : fault_2;
	}
	if (!fault_2) {
		*chosen = second;
		if (fault_1 == FAULT_UNREADABLE)
			return FAULT_NONE;
		if (fault_1 == FAULT_BLANK)
			return FAULT_FIRST_WIPED;
		return fault_1 == FAULT_FOREIGN ? FAULT_FIRST_FOREIGN : fault_1;
	}
	/* Neither is valid: the more telling reason; blank is the least telling. */
	return fault_1 == FAULT_BLANK ? fault_2 : fault_1;
}

int tmem_super_choose(const struct tmem_super_kind *kind,
		      const struct tmem_super_onmedia *first,
		      const struct tmem_super_onmedia *second, u64 device_bytes,
		      struct tmem_super *super)
{
	const struct tmem_super_onmedia *chosen;
	enum fault fault = choose_fault(kind, first, second, device_bytes, &chosen);

	if (!fault)
		super_read(chosen, super);
	return faults[fault].error;
}
EXPORT_SYMBOL_GPL(tmem_super_choose);

const char *tmem_super_choose_why(const struct tmem_super_kind *kind,
				  const struct tmem_super_onmedia *first,
				  const struct tmem_super_onmedia *second, u64 device_bytes)
{
	const struct tmem_super_onmedia *chosen;

	return faults[choose_fault(kind, first, second, device_bytes, &chosen)].why;
}
EXPORT_SYMBOL_GPL(tmem_super_choose_why);
