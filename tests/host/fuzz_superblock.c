// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target: two superblocks and a device size of any content; what is accepted is in bounds.
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

enum repair {
	REPAIR_MAGIC = 1,	/* magic, version, features */
	REPAIR_CRC = 2,
	REPAIR_RESERVED = 4,
	REPAIR_SIZE = 8,	/* the device is as large as the superblock says */
	REPAIR_COPY = 16,	/* copy number and sizes of the structures */
	REPAIR_SECOND = 32,	/* the second one is the first one's twin */
	REPAIR_SHORT = 64,	/* the input has only the fields of both, the rest is zero */
};

#define HEAD_BYTES	16
#define FIELD_BYTES	offsetof(struct tmem_pmem_super_onmedia, reserved)

static void must(int condition)
{
	if (!condition)
		abort();
}

static void check_accepted(const struct tmem_pmem_super *super, u64 device_bytes)
{
	u64 end_bytes = tmem_pmem_super_offset(1, device_bytes);
	struct tmem_pmem_super_onmedia block;
	struct tmem_pmem_super again;

	must(super->device_bytes == (device_bytes & ~4095ULL));
	must(super->data_offset_bytes >= 4096 && super->data_offset_bytes < end_bytes);
	must(super->data_offset_bytes % (2 << 20) == 0 && super->data_bytes % (2 << 20) == 0);
	must(super->data_bytes && super->data_bytes <= end_bytes - super->data_offset_bytes);
	must(super->slot_bytes == 4096 && super->sequence && !super->feature_incompat);
	must(tmem_pmem_super_label_ok(super->label));

	tmem_pmem_super_encode(super, 1, &block);
	must(!tmem_pmem_super_decode(&block, 1, device_bytes, &again));
	must(!memcmp(super, &again, sizeof(again)));
}

static void repair(struct tmem_pmem_super_onmedia *block, u32 copy, unsigned int flags)
{
	if (flags & REPAIR_MAGIC) {
		memcpy(block->magic, TMEM_PMEM_MAGIC, sizeof(block->magic));
		block->version = cpu_to_le32(1);
		block->feature_incompat = 0;
	}
	if (flags & REPAIR_COPY) {
		block->copy = cpu_to_le32(copy);
		block->super_bytes = cpu_to_le32(TMEM_PMEM_SUPER_BYTES);
		block->slot_bytes = cpu_to_le32(TMEM_PMEM_SLOT_BYTES);
	}
	if (flags & REPAIR_RESERVED)
		memset(block->reserved, 0, sizeof(block->reserved));
	if (flags & REPAIR_CRC)
		block->crc32 = cpu_to_le32(~crc32_le(~0U, (const u8 *)block, 4092));
}

static void fill(struct tmem_pmem_super_onmedia *blocks, const uint8_t *data, size_t size,
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
	struct tmem_pmem_super_onmedia blocks[2] = { 0 };
	struct tmem_pmem_super super;
	unsigned int flags;
	u64 device_bytes;
	int error;
	u32 i;

	if (size < HEAD_BYTES)
		return 0;
	flags = data[0];
	memcpy(&device_bytes, data + 8, sizeof(device_bytes));
	fill(blocks, data + HEAD_BYTES, size - HEAD_BYTES, flags);
	for (i = 0; i < 2; i++)
		repair(&blocks[i], i, flags);
	if (flags & REPAIR_SIZE)
		device_bytes = le64_to_cpu(blocks[0].device_bytes);

	for (i = 0; i < 2; i++) {
		error = tmem_pmem_super_decode(&blocks[i], i, device_bytes, &super);
		must(!error == !tmem_pmem_super_why(&blocks[i], i, device_bytes));
		if (!error)
			check_accepted(&super, device_bytes);
	}
	error = tmem_pmem_super_choose(&blocks[0], &blocks[1], device_bytes, &super);
	must(!error == !tmem_pmem_super_choose_why(&blocks[0], &blocks[1], device_bytes));
	if (!error)
		check_accepted(&super, device_bytes);
	return 0;
}
