// SPDX-License-Identifier: GPL-2.0
/* Tests of the checksum of a page: the two ways to compute it agree, and damage is seen. */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/types.h>

#include "checksum.h"

static u8 *page;

static int checksum_test_init(struct kunit *test)
{
	size_t i;

	page = kunit_kzalloc(test, TMEM_SSD_BLOCK_BYTES, GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	for (i = 0; i < TMEM_SSD_BLOCK_BYTES; i++)
		page[i] = (u32)i * 0x61C88647 >> 24;
	return 0;
}

/* As docs/format.md says it, byte by byte. */
static u32 crc_by_definition(const u8 *data, size_t bytes)
{
	u32 crc = ~0U;
	int bit;

	while (bytes--) {
		crc ^= *data++;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return crc;
}

static void as_documented(struct kunit *test)
{
	size_t quarter = TMEM_SSD_BLOCK_BYTES / 4;
	u8 parts[16];
	u32 crc;
	int i;

	for (i = 0; i < 4; i++) {
		crc = crc_by_definition(page + i * quarter, quarter);
		parts[4 * i] = crc;
		parts[4 * i + 1] = crc >> 8;
		parts[4 * i + 2] = crc >> 16;
		parts[4 * i + 3] = crc >> 24;
	}
	crc = crc_by_definition(parts, sizeof(parts));
	KUNIT_EXPECT_EQ(test, tmem_ssd_checksum(page), crc);
	KUNIT_EXPECT_EQ(test, tmem_ssd_checksum_by_library(page), crc);
}

static void damage_in_every_word(struct kunit *test)
{
	u32 whole = tmem_ssd_checksum(page);
	size_t i;

	for (i = 0; i < TMEM_SSD_BLOCK_BYTES; i += sizeof(u64)) {
		u8 *byte = &page[i + i / sizeof(u64) % sizeof(u64)];

		*byte ^= 1 << i / 64 % 8;
		KUNIT_EXPECT_NE(test, tmem_ssd_checksum(page), whole);
		KUNIT_EXPECT_EQ(test, tmem_ssd_checksum(page), tmem_ssd_checksum_by_library(page));
		*byte ^= 1 << i / 64 % 8;
	}
	KUNIT_EXPECT_EQ(test, tmem_ssd_checksum(page), whole);
}

/* Quarters that change places are a damage too. */
static void quarters_that_change_places(struct kunit *test)
{
	size_t quarter = TMEM_SSD_BLOCK_BYTES / 4;
	u32 whole = tmem_ssd_checksum(page);
	size_t i;

	for (i = 0; i < quarter; i++) {
		u8 byte = page[i];

		page[i] = page[i + quarter];
		page[i + quarter] = byte;
	}
	KUNIT_EXPECT_NE(test, tmem_ssd_checksum(page), whole);
}

static void never_unset(struct kunit *test)
{
	KUNIT_EXPECT_NE(test, tmem_ssd_checksum_of(0), TMEM_INDEX_NO_CHECKSUM);
	KUNIT_EXPECT_EQ(test, tmem_ssd_checksum_of(5), 5);
}

static struct kunit_case checksum_cases[] = {
	KUNIT_CASE(as_documented),
	KUNIT_CASE(damage_in_every_word),
	KUNIT_CASE(quarters_that_change_places),
	KUNIT_CASE(never_unset),
	{}
};

static struct kunit_suite checksum_suite = {
	.name = "tmem_ssd_checksum",
	.init = checksum_test_init,
	.test_cases = checksum_cases,
};

kunit_test_suite(checksum_suite);
