// SPDX-License-Identifier: GPL-2.0
/* Tests of the superblock: what is written is read back, and nothing else is believed. */
#include <kunit/test.h>
#include <linux/crc32.h>
#include <linux/string.h>

#include "superblock.h"

#define DEVICE_BYTES	(64ULL << 20)

typedef struct tmem_pmem_super_onmedia block_t;

static struct tmem_pmem_super super;
static block_t *blocks;		/* both copies of it */

static void seal(block_t *block)
{
	block->crc32 = cpu_to_le32(~crc32_le(~0U, (const u8 *)block,
					     offsetof(block_t, crc32)));
}

static void encode_both(void)
{
	tmem_pmem_super_encode(&super, 0, &blocks[0]);
	tmem_pmem_super_encode(&super, 1, &blocks[1]);
}

static int superblock_init(struct kunit *test)
{
	blocks = kunit_kmalloc_array(test, 2, sizeof(*blocks), GFP_KERNEL);
	if (!blocks || tmem_pmem_super_layout(DEVICE_BYTES, &super))
		return -EINVAL;
	memcpy(super.uuid, "0123456789abcdef", sizeof(super.uuid));
	strscpy(super.label, "swap", sizeof(super.label));
	super.created_seconds = 1700000000;
	super.sequence = 7;
	memset(blocks, 0xff, 2 * sizeof(*blocks));
	encode_both();
	return 0;
}

/* A refusal has words for it, and leaves what it was given alone. */
static int decode(struct kunit *test, const block_t *block, u32 copy, u64 device_bytes)
{
	struct tmem_pmem_super out;
	int err;

	memset(&out, 0xa5, sizeof(out));
	err = tmem_pmem_super_decode(block, copy, device_bytes, &out);
	KUNIT_EXPECT_EQ(test, !err, !tmem_pmem_super_why(block, copy, device_bytes));
	if (err)
		KUNIT_EXPECT_NULL(test, memchr_inv(&out, 0xa5, sizeof(out)));
	else
		KUNIT_EXPECT_MEMEQ(test, &out, &super, sizeof(out));
	return err;
}

static int choose(struct kunit *test, const block_t *first, const block_t *second, u64 *sequence)
{
	struct tmem_pmem_super out;
	int err;

	memset(&out, 0xa5, sizeof(out));
	err = tmem_pmem_super_choose(first, second, DEVICE_BYTES, &out);
	KUNIT_EXPECT_EQ(test, !err, !tmem_pmem_super_choose_why(first, second, DEVICE_BYTES));
	if (err)
		KUNIT_EXPECT_NULL(test, memchr_inv(&out, 0xa5, sizeof(out)));
	*sequence = err ? 0 : out.sequence;
	return err;
}

static void both_copies_are_read_back(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, decode(test, &blocks[0], 0, DEVICE_BYTES), 0);
	KUNIT_EXPECT_EQ(test, decode(test, &blocks[1], 1, DEVICE_BYTES), 0);
	KUNIT_EXPECT_EQ(test, decode(test, &blocks[0], 0, DEVICE_BYTES + 4095), 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(blocks[0].reserved, 0, sizeof(blocks[0].reserved)));
}

static void copies_do_not_change_places(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, decode(test, &blocks[0], 1, DEVICE_BYTES), -EUCLEAN);
	KUNIT_EXPECT_EQ(test, decode(test, &blocks[1], 0, DEVICE_BYTES), -EUCLEAN);
}

static void layout_fits_the_device(struct kunit *test)
{
	static const u64 sizes[] = {
		TMEM_PMEM_DEVICE_MIN_BYTES, TMEM_PMEM_DEVICE_MIN_BYTES + 4096, DEVICE_BYTES - 1,
		TMEM_PMEM_DEVICE_MAX_BYTES,
	};
	unsigned int i;

	KUNIT_EXPECT_EQ(test, tmem_pmem_super_layout(TMEM_PMEM_DEVICE_MIN_BYTES - 1, &super),
			-ENOSPC);
	KUNIT_EXPECT_EQ(test, tmem_pmem_super_layout(TMEM_PMEM_DEVICE_MAX_BYTES + 1, &super),
			-EFBIG);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		u64 second = tmem_pmem_super_offset(1, sizes[i]);

		KUNIT_ASSERT_EQ(test, tmem_pmem_super_layout(sizes[i], &super), 0);
		memset(super.uuid, 1, sizeof(super.uuid));
		KUNIT_EXPECT_LE(test, super.data_offset_bytes + super.data_bytes, second);
		KUNIT_EXPECT_LE(test, second + TMEM_PMEM_SUPER_BYTES, sizes[i]);
		KUNIT_EXPECT_GT(test, super.data_bytes, 0);
		encode_both();
		KUNIT_EXPECT_EQ(test, decode(test, &blocks[1], 1, sizes[i]), 0);
	}
	KUNIT_EXPECT_EQ(test, tmem_pmem_super_offset(0, DEVICE_BYTES), 0);
}

static void every_damaged_byte_is_seen(struct kunit *test)
{
	u8 *bytes = (u8 *)&blocks[0];
	unsigned int i;

	for (i = 0; i < sizeof(blocks[0]); i++) {
		int err;

		bytes[i] ^= 0x10;
		err = decode(test, &blocks[0], 0, DEVICE_BYTES);
		KUNIT_EXPECT_EQ_MSG(test, err,
				    i < TMEM_PMEM_MAGIC_BYTES ? -EMEDIUMTYPE : -EBADMSG, "byte %u",
				    i);
		bytes[i] ^= 0x10;
	}
}

static void what_is_not_ours(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, decode(test, NULL, 0, DEVICE_BYTES), -EIO);
	memset(&blocks[0], 0, sizeof(blocks[0]));
	KUNIT_EXPECT_EQ(test, decode(test, &blocks[0], 0, DEVICE_BYTES), -ENODATA);
	memset(&blocks[0], 0xff, sizeof(blocks[0]));
	KUNIT_EXPECT_EQ(test, decode(test, &blocks[0], 0, DEVICE_BYTES), -EMEDIUMTYPE);
}

/* Sealed, but with one value that must not be believed. */
#define EXPECT_FORGED(_field, _value, _err)						\
	do {										\
		block_t *forged = &blocks[0];						\
											\
		encode_both();								\
		forged->_field = (_value);						\
		seal(forged);								\
		KUNIT_EXPECT_EQ_MSG(test, decode(test, forged, 0, DEVICE_BYTES), (_err),	\
				    #_field " = " #_value);				\
	} while (0)

static void forged_values_are_refused(struct kunit *test)
{
	EXPECT_FORGED(version, 0, -EMEDIUMTYPE);
	EXPECT_FORGED(version, cpu_to_le32(2), -EPROTONOSUPPORT);
	EXPECT_FORGED(feature_incompat, cpu_to_le64(1ULL << 63), -EOPNOTSUPP);
	EXPECT_FORGED(super_bytes, cpu_to_le32(8192), -EUCLEAN);
	EXPECT_FORGED(slot_bytes, 0, -EUCLEAN);
	EXPECT_FORGED(slot_bytes, cpu_to_le32(512), -EUCLEAN);
	EXPECT_FORGED(copy, cpu_to_le32(2), -EUCLEAN);
	EXPECT_FORGED(sequence, 0, -EUCLEAN);
	EXPECT_FORGED(created_seconds, cpu_to_le64(~0ULL), -EUCLEAN);
	EXPECT_FORGED(reserved[0], 1, -EUCLEAN);
	EXPECT_FORGED(reserved[sizeof(blocks->reserved) - 1], 1, -EUCLEAN);
	EXPECT_FORGED(label[0], 0x1b, -EUCLEAN);
	EXPECT_FORGED(label[10], 'x', -EUCLEAN);
	EXPECT_FORGED(feature_compat, 0, 0);
	encode_both();
	memset(blocks[0].uuid, 0, sizeof(blocks[0].uuid));
	seal(&blocks[0]);
	KUNIT_EXPECT_EQ(test, decode(test, &blocks[0], 0, DEVICE_BYTES), -EUCLEAN);
	encode_both();
	memset(blocks[0].label, 'x', sizeof(blocks[0].label));
	seal(&blocks[0]);
	KUNIT_EXPECT_EQ(test, decode(test, &blocks[0], 0, DEVICE_BYTES), -EUCLEAN);
}

static void forged_sizes_are_refused(struct kunit *test)
{
	const u64 align = TMEM_PMEM_ALIGN_BYTES;

	EXPECT_FORGED(device_bytes, 0, -EUCLEAN);
	EXPECT_FORGED(device_bytes, cpu_to_le64(DEVICE_BYTES + 1), -EUCLEAN);
	EXPECT_FORGED(device_bytes, cpu_to_le64(~0ULL << 12), -EUCLEAN);
	EXPECT_FORGED(device_bytes, cpu_to_le64(DEVICE_BYTES + 4096), -ENXIO);
	EXPECT_FORGED(device_bytes, cpu_to_le64(DEVICE_BYTES - 4096), -ENXIO);
	EXPECT_FORGED(data_offset_bytes, 0, -EUCLEAN);
	EXPECT_FORGED(data_offset_bytes, cpu_to_le64(4096), -EUCLEAN);
	EXPECT_FORGED(data_offset_bytes, cpu_to_le64(DEVICE_BYTES), -EUCLEAN);
	EXPECT_FORGED(data_offset_bytes, cpu_to_le64(-align), -EUCLEAN);
	EXPECT_FORGED(data_offset_bytes, cpu_to_le64(2 * align), -EUCLEAN);
	EXPECT_FORGED(data_bytes, 0, -EUCLEAN);
	EXPECT_FORGED(data_bytes, cpu_to_le64(align - 4096), -EUCLEAN);
	EXPECT_FORGED(data_bytes, cpu_to_le64(DEVICE_BYTES - align), -EUCLEAN);
	/* Together with the offset this wraps round to something small. */
	EXPECT_FORGED(data_bytes, cpu_to_le64(-align), -EUCLEAN);
}

static void device_of_another_size(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, decode(test, &blocks[0], 0, DEVICE_BYTES / 2), -ENXIO);
	KUNIT_EXPECT_EQ(test, decode(test, &blocks[0], 0, DEVICE_BYTES * 2), -ENXIO);
}

static void more_data_than_can_be_used(struct kunit *test)
{
	u64 bytes = TMEM_PMEM_DEVICE_MAX_BYTES + 4 * TMEM_PMEM_ALIGN_BYTES;

	super.device_bytes = bytes;
	super.data_bytes = TMEM_PMEM_DEVICE_MAX_BYTES;
	encode_both();
	KUNIT_EXPECT_EQ(test, decode(test, &blocks[0], 0, bytes), 0);
	super.data_bytes += TMEM_PMEM_ALIGN_BYTES;
	encode_both();
	KUNIT_EXPECT_EQ(test, decode(test, &blocks[0], 0, bytes), -EFBIG);
}

static void the_newer_copy_counts(struct kunit *test)
{
	u64 sequence;

	KUNIT_EXPECT_EQ(test, choose(test, &blocks[0], &blocks[1], &sequence), 0);
	KUNIT_EXPECT_EQ(test, sequence, 7);
	super.sequence = 8;
	tmem_pmem_super_encode(&super, 1, &blocks[1]);
	KUNIT_EXPECT_EQ(test, choose(test, &blocks[0], &blocks[1], &sequence), 0);
	KUNIT_EXPECT_EQ(test, sequence, 8);
	super.sequence = 9;
	tmem_pmem_super_encode(&super, 0, &blocks[0]);
	KUNIT_EXPECT_EQ(test, choose(test, &blocks[0], &blocks[1], &sequence), 0);
	KUNIT_EXPECT_EQ(test, sequence, 9);
}

static void one_good_copy_makes_up_for_damage(struct kunit *test)
{
	u64 sequence;

	KUNIT_EXPECT_EQ(test, choose(test, NULL, &blocks[1], &sequence), 0);
	KUNIT_EXPECT_EQ(test, choose(test, &blocks[0], NULL, &sequence), 0);
	KUNIT_EXPECT_EQ(test, choose(test, NULL, NULL, &sequence), -EIO);
	blocks[1].label[0] ^= 1;
	KUNIT_EXPECT_EQ(test, choose(test, NULL, &blocks[1], &sequence), -EIO);
	memset(&blocks[1], 0, sizeof(blocks[1]));
	KUNIT_EXPECT_EQ(test, choose(test, &blocks[0], &blocks[1], &sequence), 0);
}

static void one_good_copy_does_not_make_up_for_a_change(struct kunit *test)
{
	u64 sequence;

	blocks[1].label[0] ^= 1;
	KUNIT_EXPECT_EQ(test, choose(test, &blocks[0], &blocks[1], &sequence), -EBADMSG);
	blocks[1].label[0] ^= 1;
	blocks[0].reserved[400] ^= 1;
	KUNIT_EXPECT_EQ(test, choose(test, &blocks[0], &blocks[1], &sequence), -EBADMSG);
}

static void something_foreign_in_either_place(struct kunit *test)
{
	block_t *other = kunit_kzalloc(test, sizeof(*other), GFP_KERNEL);
	u64 sequence;

	KUNIT_ASSERT_NOT_NULL(test, other);
	KUNIT_EXPECT_EQ(test, choose(test, other, other, &sequence), -ENODATA);
	KUNIT_EXPECT_EQ(test, choose(test, other, &blocks[1], &sequence), -ENODATA);
	memset(other, 0x5a, sizeof(*other));
	KUNIT_EXPECT_EQ(test, choose(test, other, &blocks[1], &sequence), -EMEDIUMTYPE);
	KUNIT_EXPECT_EQ(test, choose(test, &blocks[0], other, &sequence), -EMEDIUMTYPE);
}

static void copies_that_contradict_each_other(struct kunit *test)
{
	u64 sequence;

	super.label[0] ^= 1;
	tmem_pmem_super_encode(&super, 1, &blocks[1]);
	KUNIT_EXPECT_EQ(test, choose(test, &blocks[0], &blocks[1], &sequence), -ESTALE);
	super.label[0] ^= 1;
	super.uuid[0] ^= 1;
	super.sequence++;
	tmem_pmem_super_encode(&super, 1, &blocks[1]);
	KUNIT_EXPECT_EQ(test, choose(test, &blocks[0], &blocks[1], &sequence), -ESTALE);
}

static void labels(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, tmem_super_label_ok(""));
	KUNIT_EXPECT_TRUE(test, tmem_super_label_ok("0123456789012345678901234567890"));
	KUNIT_EXPECT_FALSE(test, tmem_super_label_ok("01234567890123456789012345678901"));
	KUNIT_EXPECT_FALSE(test, tmem_super_label_ok("a\nb"));
	KUNIT_EXPECT_FALSE(test, tmem_super_label_ok("\x7f"));
}

static struct kunit_case superblock_cases[] = {
	KUNIT_CASE(both_copies_are_read_back),
	KUNIT_CASE(copies_do_not_change_places),
	KUNIT_CASE(layout_fits_the_device),
	KUNIT_CASE(every_damaged_byte_is_seen),
	KUNIT_CASE(what_is_not_ours),
	KUNIT_CASE(forged_values_are_refused),
	KUNIT_CASE(forged_sizes_are_refused),
	KUNIT_CASE(device_of_another_size),
	KUNIT_CASE(more_data_than_can_be_used),
	KUNIT_CASE(the_newer_copy_counts),
	KUNIT_CASE(one_good_copy_makes_up_for_damage),
	KUNIT_CASE(one_good_copy_does_not_make_up_for_a_change),
	KUNIT_CASE(something_foreign_in_either_place),
	KUNIT_CASE(copies_that_contradict_each_other),
	KUNIT_CASE(labels),
	{}
};

static struct kunit_suite superblock_suite = {
	.name = "tmem_pmem_superblock",
	.init = superblock_init,
	.test_cases = superblock_cases,
};
kunit_test_suite(superblock_suite);
