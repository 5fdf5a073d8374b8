// SPDX-License-Identifier: GPL-2.0
/* Tests of what tmem_ssd writes: what is written is read back, and nothing else is believed. */
#include <kunit/test.h>
#include <linux/crc32.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <asm/byteorder.h>

#include "summary.h"
#include "superblock.h"

#define SEGMENT		77
#define SEQUENCE	0x123456789aULL

static struct tmem_ssd_summary *summary, *out;
static struct tmem_ssd_summary_onmedia *onmedia;
static const u8 uuid[TMEM_SUPER_UUID_BYTES] = "0123456789abcde";

static int summary_test_init(struct kunit *test)
{
	u32 i;

	summary = kunit_kzalloc(test, sizeof(*summary), GFP_KERNEL);
	out = kunit_kzalloc(test, sizeof(*out), GFP_KERNEL);
	onmedia = kunit_kzalloc(test, sizeof(*onmedia), GFP_KERNEL);
	if (!summary || !out || !onmedia)
		return -ENOMEM;
	memcpy(summary->uuid, uuid, sizeof(uuid));
	summary->segment = SEGMENT;
	summary->sequence = SEQUENCE;
	summary->count = TMEM_SSD_SEGMENT_PAGES;
	for (i = 0; i < summary->count; i++)
		summary->keys[i] = (struct tmem_ssd_key){
			.file = { .pool = i, .generation = ~i, .ino = (u64)i << 40 | i },
			.page = ~(u64)i,
			.checksum = i * 0x01010101,
		};
	memset(onmedia, 0xff, sizeof(*onmedia));
	tmem_ssd_summary_encode(summary, onmedia);
	return 0;
}

static void seal(void)
{
	onmedia->crc32 = 0;
	onmedia->crc32 = cpu_to_le32(~crc32_le(~0U, (const u8 *)onmedia, sizeof(*onmedia)));
}

/* A refusal leaves what it was given alone. */
static int decode(struct kunit *test)
{
	int err;

	memset(out, 0xa5, sizeof(*out));
	err = tmem_ssd_summary_decode(onmedia, uuid, SEGMENT, SEQUENCE, out);
	if (err)
		KUNIT_EXPECT_TRUE(test, !memchr_inv(out, 0xa5, sizeof(*out)));
	return err;
}

static void a_summary_is_read_back(struct kunit *test)
{
	u32 count;

	for (count = 1; count <= TMEM_SSD_SEGMENT_PAGES; count++) {
		summary->count = count;
		tmem_ssd_summary_encode(summary, onmedia);
		KUNIT_ASSERT_EQ(test, decode(test), 0);
		KUNIT_EXPECT_EQ(test, out->count, count);
		KUNIT_EXPECT_EQ(test, out->sequence, SEQUENCE);
		KUNIT_EXPECT_EQ(test, out->segment, SEGMENT);
		KUNIT_EXPECT_MEMEQ(test, out->uuid, uuid, sizeof(uuid));
		KUNIT_EXPECT_MEMEQ(test, out->keys, summary->keys, count * sizeof(out->keys[0]));
	}
	KUNIT_EXPECT_EQ(test, tmem_ssd_summary_decode(onmedia, uuid, SEGMENT, 0, out), 0);
}

static void bytes_of_version_1(struct kunit *test)
{
	static const u8 head[] = {
		'T', 'M', 'E', 'M', 'S', 'S', 'D', 'S',  1, 0, 0, 0,  254, 0, 0, 0,
		'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 0,
		77, 0, 0, 0, 0, 0, 0, 0,  0x9a, 0x78, 0x56, 0x34, 0x12, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	};
	static const u8 second_key[] = {
		1, 0, 0, 0, 0, 1, 0, 0,  0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xfe, 0xff, 0xff, 0xff,  1, 0, 0, 0,  1, 1, 1, 1,  0, 0, 0, 0,
	};

	KUNIT_EXPECT_MEMEQ(test, onmedia, head, sizeof(head));
	KUNIT_EXPECT_MEMEQ(test, &onmedia->keys[1], second_key, sizeof(second_key));
}

static void every_damaged_byte_is_seen(struct kunit *test)
{
	u8 *bytes = (u8 *)onmedia;
	unsigned int i;

	for (i = 0; i < sizeof(*onmedia); i++) {
		bytes[i] ^= 0x40;
		KUNIT_EXPECT_EQ(test, decode(test), i < 8 ? -EMEDIUMTYPE : -EBADMSG);
		bytes[i] ^= 0x40;
	}
	KUNIT_EXPECT_EQ(test, decode(test), 0);
}

static void what_is_no_summary(struct kunit *test)
{
	memset(onmedia, 0, sizeof(*onmedia));
	KUNIT_EXPECT_EQ(test, decode(test), -ENODATA);
	memset(onmedia, 0xff, sizeof(*onmedia));
	KUNIT_EXPECT_EQ(test, decode(test), -EMEDIUMTYPE);
}

#define EXPECT_FORGED(_statement, _err)						\
	do {									\
		tmem_ssd_summary_encode(summary, onmedia);			\
		_statement;							\
		seal();								\
		KUNIT_EXPECT_EQ(test, decode(test), (_err));			\
	} while (0)

static void forged_values_are_refused(struct kunit *test)
{
	summary->count = 100;
	EXPECT_FORGED((void)0, 0);
	EXPECT_FORGED(onmedia->version = 0, -EUCLEAN);
	EXPECT_FORGED(onmedia->version = cpu_to_le32(2), -EPROTONOSUPPORT);
	EXPECT_FORGED(onmedia->count = 0, -EUCLEAN);
	EXPECT_FORGED(onmedia->count = cpu_to_le32(99), -EUCLEAN);
	EXPECT_FORGED(onmedia->count = cpu_to_le32(101), 0);
	EXPECT_FORGED(onmedia->count = cpu_to_le32(255), -EUCLEAN);
	EXPECT_FORGED(onmedia->count = cpu_to_le32(~0U), -EUCLEAN);
	EXPECT_FORGED(onmedia->reserved[11] = 1, -EUCLEAN);
	EXPECT_FORGED(onmedia->keys[99].reserved = cpu_to_le32(1), -EUCLEAN);
	EXPECT_FORGED(onmedia->keys[100].ino = cpu_to_le64(1), -EUCLEAN);
	EXPECT_FORGED(onmedia->keys[253].reserved = cpu_to_le32(1), -EUCLEAN);
}

static void of_another_place_or_time(struct kunit *test)
{
	EXPECT_FORGED(onmedia->uuid[15] = 1, -ESTALE);
	EXPECT_FORGED(onmedia->segment = cpu_to_le64(SEGMENT + 1), -ESTALE);
	EXPECT_FORGED(onmedia->segment = cpu_to_le64(SEGMENT + (1ULL << 32)), -ESTALE);
	EXPECT_FORGED(onmedia->sequence = cpu_to_le64(SEQUENCE - 1), -ESTALE);
	EXPECT_FORGED(onmedia->sequence = 0, -ESTALE);
	KUNIT_EXPECT_EQ(test, tmem_ssd_summary_decode(onmedia, uuid, SEGMENT, 0, out), -EUCLEAN);
}

/* The shared code has its own tests; here: that these numbers fit each other. */
static void superblock_of_flash(struct kunit *test)
{
	const struct tmem_super_kind *kind = &tmem_ssd_super_kind;
	struct tmem_super_onmedia *block = (struct tmem_super_onmedia *)onmedia;
	struct tmem_super super, again;

	KUNIT_EXPECT_EQ(test, tmem_super_layout(kind, (16 << 20) - 1, &super), -ENOSPC);
	KUNIT_ASSERT_EQ(test, tmem_super_layout(kind, (16 << 20) + 4097, &super), 0);
	KUNIT_EXPECT_EQ(test, super.data_offset_bytes, 1 << 20);
	KUNIT_EXPECT_EQ(test, super.data_bytes, 15 << 20);
	KUNIT_EXPECT_EQ(test, tmem_ssd_super_segments(&super), 15);
	KUNIT_ASSERT_EQ(test, tmem_super_layout(kind, 16 << 20, &super), 0);
	KUNIT_EXPECT_EQ(test, tmem_ssd_super_segments(&super), 14);
	memcpy(super.uuid, uuid, sizeof(uuid));
	tmem_super_encode(kind, &super, 0, block);
	KUNIT_EXPECT_EQ(test, tmem_super_decode(kind, block, 0, 16 << 20, &again), 0);
	KUNIT_EXPECT_MEMEQ(test, &super, &again, sizeof(super));
	KUNIT_EXPECT_MEMEQ(test, block, "TMEM-SSD\x8f\r\n\x1a\0\0\0", 16);
	KUNIT_EXPECT_EQ(test, tmem_super_decode(kind, block, 1, 16 << 20, &again), -EUCLEAN);
	block->magic[5] = 'P';
	KUNIT_EXPECT_EQ(test, tmem_super_decode(kind, block, 0, 16 << 20, &again), -EMEDIUMTYPE);
}

static struct kunit_case summary_cases[] = {
	KUNIT_CASE(a_summary_is_read_back),
	KUNIT_CASE(bytes_of_version_1),
	KUNIT_CASE(every_damaged_byte_is_seen),
	KUNIT_CASE(what_is_no_summary),
	KUNIT_CASE(forged_values_are_refused),
	KUNIT_CASE(of_another_place_or_time),
	KUNIT_CASE(superblock_of_flash),
	{}
};

static struct kunit_suite summary_suite = {
	.name = "tmem_ssd_format",
	.init = summary_test_init,
	.test_cases = summary_cases,
};
kunit_test_suite(summary_suite);
