// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target: two superblocks and a device size of any content, of persistent memory or of
 * flash; what is accepted is in bounds.
 *
 * Input: a byte of flags, seven unused, the device size, then up to two superblocks. The flags
 * repair what random bytes never get right, so that the checks behind it are reached.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <asm/byteorder.h>
#include <linux/crc32.h>

#include "../../drivers/tmem_pmem/superblock.h"
#include "../../drivers/tmem_ssd/superblock.h"

enum repair {
	REPAIR_MAGIC = 1,	/* magic, version, features */
	REPAIR_CRC = 2,
	REPAIR_RESERVED = 4,
	REPAIR_SIZE = 8,	/* the device is as large as the superblock says */
	REPAIR_COPY = 16,	/* copy number and sizes of the structures */
	REPAIR_SECOND = 32,	/* the second one is the first one's twin */
	REPAIR_SHORT = 64,	/* the input has only the fields of both, the rest is zero */
	KIND_SSD = 128,		/* of flash */
};

#define HEAD_BYTES	16
#define FIELD_BYTES	offsetof(struct tmem_super_onmedia, reserved)

static void must(int condition)
{
	if (!condition)
		abort();
}

static void check_accepted(const struct tmem_super_kind *kind, const struct tmem_super *super,
			   u64 device_bytes)
{
	u64 end_bytes = tmem_super_offset(1, device_bytes);
	struct tmem_super_onmedia block;
	struct tmem_super again;

	must(super->device_bytes == (device_bytes & ~4095ULL));
	must(super->data_offset_bytes >= 4096 && super->data_offset_bytes < end_bytes);
	must(super->data_offset_bytes % kind->align_bytes == 0 &&
	     super->data_bytes % kind->align_bytes == 0);
	must(super->data_bytes && super->data_bytes <= end_bytes - super->data_offset_bytes);
	must(super->data_bytes <= kind->device_max_bytes);
	must(super->slot_bytes == 4096 && super->sequence && !super->feature_incompat);
	must(tmem_super_label_ok(super->label));

	tmem_super_encode(kind, super, 1, &block);
	must(!tmem_super_decode(kind, &block, 1, device_bytes, &again));
	must(!memcmp(super, &again, sizeof(again)));
}

static void repair(const struct tmem_super_kind *kind, struct tmem_super_onmedia *block, u32 copy,
		   unsigned int flags)
{
	if (flags & REPAIR_MAGIC) {
		memcpy(block->magic, kind->magic, sizeof(block->magic));
		block->version = cpu_to_le32(1);
		block->feature_incompat = 0;
	}
	if (flags & REPAIR_COPY) {
		block->copy = cpu_to_le32(copy);
		block->super_bytes = cpu_to_le32(TMEM_SUPER_BYTES);
		block->slot_bytes = cpu_to_le32(TMEM_SUPER_SLOT_BYTES);
	}
	if (flags & REPAIR_RESERVED)
		memset(block->reserved, 0, sizeof(block->reserved));
	if (flags & REPAIR_CRC)
		block->crc32 = cpu_to_le32(~crc32_le(~0U, (const u8 *)block, 4092));
}

static void fill(struct tmem_super_onmedia *blocks, const uint8_t *data, size_t size,
		 unsigned int flags)
{
	size_t i, place, piece = flags & REPAIR_SHORT ? FIELD_BYTES : sizeof(*blocks);

	for (i = 0; i < size && i < 2 * piece; i++) {
		place = i % piece;
		((uint8_t *)&blocks[i / piece])[place] = data[i];
	}
	if (flags & REPAIR_SECOND)
		blocks[1] = blocks[0];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tmem_super_onmedia blocks[2] = { 0 };
	struct tmem_super super;
	const struct tmem_super_kind *kind;
	unsigned int flags;
	u64 device_bytes;
	int error;
	u32 i;

	if (size < HEAD_BYTES)
		return 0;
	flags = data[0];
	kind = flags & KIND_SSD ? &tmem_ssd_super_kind : &tmem_pmem_super_kind;
	memcpy(&device_bytes, data + 8, sizeof(device_bytes));
	fill(blocks, data + HEAD_BYTES, size - HEAD_BYTES, flags);
	for (i = 0; i < 2; i++)
		repair(kind, &blocks[i], i, flags);
	if (flags & REPAIR_SIZE)
		device_bytes = le64_to_cpu(blocks[0].device_bytes);

	for (i = 0; i < 2; i++) {
		error = tmem_super_decode(kind, &blocks[i], i, device_bytes, &super);
		must(!error == !tmem_super_why(kind, &blocks[i], i, device_bytes));
		if (!error)
			check_accepted(kind, &super, device_bytes);
	}
	error = tmem_super_choose(kind, &blocks[0], &blocks[1], device_bytes, &super);
	must(!error == !tmem_super_choose_why(kind, &blocks[0], &blocks[1], device_bytes));
	if (!error)
		check_accepted(kind, &super, device_bytes);
	return 0;
}
