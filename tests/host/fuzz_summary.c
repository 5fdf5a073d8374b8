// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target: a segment's summary of any content; what is accepted is in bounds.
 *
 * Input: a byte of flags, seven unused, then up to 8192 bytes. The flags repair what random bytes
 * never get right, so that the checks behind it are reached.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <asm/byteorder.h>
#include <linux/crc32.h>

#include "../../drivers/tmem_ssd/summary.h"

enum repair {
	REPAIR_MAGIC = 1,	/* magic and version */
	REPAIR_CRC = 2,
	REPAIR_PLACE = 4,	/* UUID, segment and sequence */
	REPAIR_RESERVED = 8,
	REPAIR_COUNT = 16,	/* in bounds, and nothing behind */
};

#define HEAD_BYTES	8

static const u8 uuid[TMEM_SUPER_UUID_BYTES] = "a formatting..";

static void must(int condition)
{
	if (!condition)
		abort();
}

static void repair(struct tmem_ssd_summary_onmedia *onmedia, unsigned int flags)
{
	u32 count = le32_to_cpu(onmedia->count) % TMEM_SSD_SEGMENT_PAGES + 1, i;

	if (flags & REPAIR_MAGIC) {
		onmedia->magic = cpu_to_le64(TMEM_SSD_SUMMARY_MAGIC);
		onmedia->version = cpu_to_le32(1);
	}
	if (flags & REPAIR_PLACE) {
		memcpy(onmedia->uuid, uuid, sizeof(uuid));
		onmedia->segment = cpu_to_le64(5);
	}
	if (flags & REPAIR_RESERVED) {
		memset(onmedia->reserved, 0, sizeof(onmedia->reserved));
		for (i = 0; i < TMEM_SSD_SEGMENT_PAGES; i++)
			onmedia->keys[i].reserved = 0;
	}
	if (flags & REPAIR_COUNT) {
		onmedia->count = cpu_to_le32(count);
		memset(&onmedia->keys[count], 0,
		       (TMEM_SSD_SEGMENT_PAGES - count) * sizeof(onmedia->keys[0]));
	}
	if (flags & REPAIR_CRC) {
		onmedia->crc32 = 0;
		onmedia->crc32 = cpu_to_le32(~crc32_le(~0U, (const u8 *)onmedia,
						       sizeof(*onmedia)));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tmem_ssd_summary_onmedia onmedia, again;
	struct tmem_ssd_summary summary;

	if (size < HEAD_BYTES)
		return 0;
	memset(&onmedia, 0, sizeof(onmedia));
	size -= HEAD_BYTES;
	memcpy(&onmedia, data + HEAD_BYTES, size < sizeof(onmedia) ? size : sizeof(onmedia));
	repair(&onmedia, data[0]);
	if (tmem_ssd_summary_decode(&onmedia, uuid, 5, 0, &summary))
		return 0;
	must(summary.count >= 1 && summary.count <= TMEM_SSD_SEGMENT_PAGES);
	must(summary.segment == 5 && summary.sequence);
	must(!memcmp(summary.uuid, uuid, sizeof(uuid)));
	/* Nothing is in it that was not understood. */
	tmem_ssd_summary_encode(&summary, &again);
	must(!memcmp(&onmedia, &again, sizeof(again)));
	return 0;
}
