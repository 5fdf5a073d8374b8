// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the superblock: what is written is read back, and nothing else is believed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <asm/byteorder.h>
#include <linux/crc32.h>
#include <linux/string.h>

#include "../../drivers/tmem_pmem/superblock.h"

#define DEVICE_BYTES	(64ULL << 20)

typedef struct tmem_pmem_super_onmedia block_t;

static int failures;

/* Names the line that failed; the test goes on. */
#define CHECK(condition)						\
	do {								\
		if (!(condition)) {					\
			printf("  line %d: %s\n", __LINE__, #condition); \
			failures++;					\
		}							\
	} while (0)

static struct tmem_pmem_super sample(void)
{
	struct tmem_pmem_super super;

	if (tmem_pmem_super_layout(DEVICE_BYTES, &super))
		abort();
	memcpy(super.uuid, "0123456789abcdef", sizeof(super.uuid));
	strcpy(super.label, "swap on node 0");
	super.created_seconds = 1700000000;
	super.sequence = 7;
	return super;
}

static void seal(block_t *block)
{
	block->crc32 = cpu_to_le32(~crc32_le(~0U, (const u8 *)block, 4092));
}

static void make(block_t *block, u32 copy)
{
	struct tmem_pmem_super super = sample();

	tmem_pmem_super_encode(&super, copy, block);
}

static int decode(const block_t *block, u32 copy)
{
	struct tmem_pmem_super out;
	int error;

	memset(&out, 0xa5, sizeof(out));
	error = tmem_pmem_super_decode(block, copy, DEVICE_BYTES, &out);
	if (error)
		CHECK(!memchr_inv(&out, 0xa5, sizeof(out)));
	CHECK(!!error == !!tmem_pmem_super_why(block, copy, DEVICE_BYTES));
	return error;
}

static void test_round_trip(void)
{
	struct tmem_pmem_super super = sample(), out;
	block_t block;
	u32 copy;

	for (copy = 0; copy < 2; copy++) {
		memset(&block, 0xff, sizeof(block));
		tmem_pmem_super_encode(&super, copy, &block);
		memset(&out, 0xff, sizeof(out));
		CHECK(!tmem_pmem_super_decode(&block, copy, DEVICE_BYTES + 4095, &out));
		CHECK(!memcmp(&super, &out, sizeof(out)));
		CHECK(!tmem_pmem_super_why(&block, copy, DEVICE_BYTES));
	}
}

/* The bytes of version 1, written out: they must never change. */
static void test_golden_bytes(void)
{
	static const u8 head[] = {
		'T', 'M', 'E', 'M', '-', 'P', 'M', 'E', 'M', 0x8f, 0x0d, 0x0a, 0x1a, 0, 0, 0,
		1, 0, 0, 0,  0, 0x10, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0,
		'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
		's', 'w', 'a', 'p', ' ', 'o', 'n', ' ', 'n', 'o', 'd', 'e', ' ', '0', 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 4, 0, 0, 0, 0,		/* device: 64 MiB */
		0, 0, 0x20, 0, 0, 0, 0, 0,	/* data offset: 2 MiB */
		0, 0, 0xc0, 3, 0, 0, 0, 0,	/* data: 60 MiB */
		0, 0x10, 0, 0,  1, 0, 0, 0,	/* slot, copy */
		7, 0, 0, 0, 0, 0, 0, 0,
		0x00, 0xf1, 0x53, 0x65, 0, 0, 0, 0,
	};
	/* zlib.crc32() of these 136 bytes and 3956 zeroes */
	static const u8 crc[] = { 0x79, 0x0e, 0xfe, 0xbd };
	block_t block;

	make(&block, 1);
	CHECK(sizeof(head) == 136);
	CHECK(!memcmp(&block, head, sizeof(head)));
	CHECK(!memchr_inv((u8 *)&block + 136, 0, 3956));
	CHECK(!memcmp((u8 *)&block + 4092, crc, 4));
}

static void test_layout(void)
{
	struct tmem_pmem_super super;
	u64 bytes;

	CHECK(tmem_pmem_super_layout((16 << 20) - 1, &super) == -ENOSPC);
	CHECK(tmem_pmem_super_layout(0, &super) == -ENOSPC);
	CHECK(tmem_pmem_super_layout((1023ULL << 30) + (992 << 20) + 1, &super) == -EFBIG);
	CHECK(tmem_pmem_super_layout(~0ULL, &super) == -EFBIG);
	CHECK(!tmem_pmem_super_layout((1023ULL << 30) + (992 << 20), &super));
	CHECK(!tmem_pmem_super_layout(16 << 20, &super));
	CHECK(super.data_bytes == 12 << 20 && super.data_offset_bytes == 2 << 20);
	CHECK(super.sequence == 1 && super.slot_bytes == 4096 && !super.label[0]);
	for (bytes = 16 << 20; bytes < 24 << 20; bytes += 1021) {
		CHECK(!tmem_pmem_super_layout(bytes, &super));
		CHECK(super.device_bytes == bytes / 4096 * 4096);
		CHECK(super.data_bytes % (2 << 20) == 0 && super.data_bytes);
		CHECK(super.data_offset_bytes + super.data_bytes <=
		      tmem_pmem_super_offset(1, bytes));
		CHECK(super.data_offset_bytes + super.data_bytes + (2 << 20) >
		      tmem_pmem_super_offset(1, bytes));
		CHECK(tmem_pmem_super_offset(1, bytes) + 4096 == super.device_bytes);
		if (failures)
			break;
	}
}

static void test_too_large(void)
{
	const u64 most = (1023ULL << 30) + (992 << 20);
	struct tmem_pmem_super super = sample(), out;
	block_t block;

	super.device_bytes = most + (8 << 20);
	super.data_bytes = most;
	tmem_pmem_super_encode(&super, 0, &block);
	CHECK(!tmem_pmem_super_decode(&block, 0, super.device_bytes, &out));
	super.data_bytes += 2 << 20;
	tmem_pmem_super_encode(&super, 0, &block);
	CHECK(tmem_pmem_super_decode(&block, 0, super.device_bytes, &out) == -EFBIG);
	CHECK(strstr(tmem_pmem_super_why(&block, 0, super.device_bytes) ?: "", "larger than tmem can use"));
}

#define FORGE(name, statement)					\
	static void forge_##name(block_t *b) { statement; }

FORGE(none, (void)b)
FORGE(magic, b->magic[3] ^= 1)
FORGE(version, b->version = cpu_to_le32(2))
FORGE(version_max, b->version = cpu_to_le32(~0U))
FORGE(version_zero, b->version = 0)
FORGE(incompat, b->feature_incompat = cpu_to_le64(1))
FORGE(incompat_top, b->feature_incompat = cpu_to_le64(1ULL << 63))
FORGE(compat, b->feature_compat = cpu_to_le64(~0ULL))
FORGE(copy, b->copy = cpu_to_le32(1))
FORGE(copy_wild, b->copy = cpu_to_le32(~0U))
FORGE(super_bytes, b->super_bytes = cpu_to_le32(8192))
FORGE(slot_bytes, b->slot_bytes = cpu_to_le32(2048))
FORGE(slot_zero, b->slot_bytes = 0)
FORGE(shrunk, b->device_bytes = cpu_to_le64(DEVICE_BYTES + 4096))
FORGE(grown, b->device_bytes = cpu_to_le64(DEVICE_BYTES - 4096))
FORGE(device_odd, b->device_bytes = cpu_to_le64(DEVICE_BYTES + 1))
FORGE(device_tiny, b->device_bytes = cpu_to_le64(4096))
FORGE(device_huge, b->device_bytes = cpu_to_le64(~4095ULL))
FORGE(offset_zero, b->data_offset_bytes = 0)
FORGE(offset_odd, b->data_offset_bytes = cpu_to_le64((2 << 20) + 4096))
FORGE(offset_end, b->data_offset_bytes = cpu_to_le64(DEVICE_BYTES))
FORGE(offset_wraps, b->data_offset_bytes = cpu_to_le64(0ULL - (2 << 20)))
FORGE(data_zero, b->data_bytes = 0)
FORGE(data_odd, b->data_bytes = cpu_to_le64((4 << 20) + 4096))
FORGE(data_long, b->data_bytes = cpu_to_le64(62 << 20))
FORGE(data_wraps, b->data_bytes = cpu_to_le64(0ULL - (2 << 20)))
FORGE(data_less, b->data_bytes = cpu_to_le64(4 << 20))
FORGE(sequence, b->sequence = 0)
FORGE(created, b->created_seconds = cpu_to_le64(253402300800ULL))
FORGE(uuid, memset(b->uuid, 0, 16))
FORGE(label_control, b->label[2] = '\n')
FORGE(label_high, b->label[2] = 0x80)
FORGE(label_full, memset(b->label, 'x', 32))
FORGE(label_tail, b->label[31] = 'x')
FORGE(reserved_first, b->reserved[0] = 1)
FORGE(reserved_last, b->reserved[3955] = 1)

static const struct {
	const char *name;
	void (*forge)(block_t *block);
	int error;
	const char *why;
} forgeries[] = {
	{ "none", forge_none, 0, NULL },
	{ "compat", forge_compat, 0, NULL },
	{ "data_less", forge_data_less, 0, NULL },
	{ "magic", forge_magic, -EMEDIUMTYPE, "not a tmem superblock" },
	{ "version", forge_version, -EPROTONOSUPPORT, "later version" },
	{ "version_max", forge_version_max, -EPROTONOSUPPORT, "later version" },
	{ "version_zero", forge_version_zero, -EMEDIUMTYPE, "not a tmem superblock" },
	{ "incompat", forge_incompat, -EOPNOTSUPP, "incompatible feature" },
	{ "incompat_top", forge_incompat_top, -EOPNOTSUPP, "incompatible feature" },
	{ "copy", forge_copy, -EUCLEAN, "other end" },
	{ "copy_wild", forge_copy_wild, -EUCLEAN, "other end" },
	{ "super_bytes", forge_super_bytes, -EUCLEAN, "size of its own" },
	{ "slot_bytes", forge_slot_bytes, -EUCLEAN, "slot size" },
	{ "slot_zero", forge_slot_zero, -EUCLEAN, "slot size" },
	{ "shrunk", forge_shrunk, -ENXIO, "smaller" },
	{ "grown", forge_grown, -ENXIO, "larger" },
	{ "device_odd", forge_device_odd, -EUCLEAN, "device size" },
	{ "device_tiny", forge_device_tiny, -EUCLEAN, "device size" },
	{ "device_huge", forge_device_huge, -EUCLEAN, "device size" },
	{ "offset_zero", forge_offset_zero, -EUCLEAN, "data offset" },
	{ "offset_odd", forge_offset_odd, -EUCLEAN, "data offset" },
	{ "offset_end", forge_offset_end, -EUCLEAN, "data offset" },
	{ "offset_wraps", forge_offset_wraps, -EUCLEAN, "data offset" },
	{ "data_zero", forge_data_zero, -EUCLEAN, "data size" },
	{ "data_odd", forge_data_odd, -EUCLEAN, "data size" },
	{ "data_long", forge_data_long, -EUCLEAN, "ends behind" },
	{ "data_wraps", forge_data_wraps, -EUCLEAN, "ends behind" },
	{ "sequence", forge_sequence, -EUCLEAN, "sequence" },
	{ "created", forge_created, -EUCLEAN, "creation time" },
	{ "uuid", forge_uuid, -EUCLEAN, "UUID" },
	{ "label_control", forge_label_control, -EUCLEAN, "label" },
	{ "label_high", forge_label_high, -EUCLEAN, "label" },
	{ "label_full", forge_label_full, -EUCLEAN, "label" },
	{ "label_tail", forge_label_tail, -EUCLEAN, "label" },
	{ "reserved_first", forge_reserved_first, -EUCLEAN, "reserved" },
	{ "reserved_last", forge_reserved_last, -EUCLEAN, "reserved" },
};

static void test_forged(void)
{
	const char *why;
	block_t block;
	int error;
	size_t i;

	for (i = 0; i < sizeof(forgeries) / sizeof(forgeries[0]); i++) {
		make(&block, 0);
		forgeries[i].forge(&block);
		seal(&block);
		error = decode(&block, 0);
		why = tmem_pmem_super_why(&block, 0, DEVICE_BYTES);
		if (error != forgeries[i].error || !why != !forgeries[i].why ||
		    (why && !strstr(why, forgeries[i].why))) {
			printf("  forgery %s: %d, %s\n", forgeries[i].name, error, why ?: "-");
			failures++;
		}
	}
}

static void test_bit_flips(void)
{
	block_t block;
	size_t bit;

	make(&block, 0);
	for (bit = 0; bit < 8 * sizeof(block); bit++) {
		((u8 *)&block)[bit / 8] ^= 1 << bit % 8;
		CHECK(decode(&block, 0) == (bit < 8 * 16 ? -EMEDIUMTYPE : -EBADMSG));
		((u8 *)&block)[bit / 8] ^= 1 << bit % 8;
	}
	CHECK(!decode(&block, 0));
}

/* A write that stopped half way, over zeroes. */
static void test_truncated(void)
{
	block_t block;
	size_t length;

	for (length = 0; length < sizeof(block) - 1; length++) {
		make(&block, 0);
		memset((u8 *)&block + length, 0, sizeof(block) - length);
		CHECK(decode(&block, 0) == (!length ? -ENODATA : length < 13 ? -EMEDIUMTYPE :
					    -EBADMSG));
	}
}

static void test_not_ours(void)
{
	block_t block;

	memset(&block, 0, sizeof(block));
	CHECK(decode(&block, 0) == -ENODATA && decode(&block, 1) == -ENODATA);
	memset(&block, 0xff, sizeof(block));
	CHECK(decode(&block, 0) == -EMEDIUMTYPE);
	CHECK(decode(NULL, 0) == -EIO);
	make(&block, 1);
	CHECK(decode(&block, 0) == -EUCLEAN);
}

static void test_labels(void)
{
	CHECK(tmem_super_label_ok(""));
	CHECK(tmem_super_label_ok("tmem-0 ~"));
	CHECK(tmem_super_label_ok("0123456789012345678901234567890"));
	CHECK(!tmem_super_label_ok("01234567890123456789012345678901"));
	CHECK(!tmem_super_label_ok("a\tb"));
	CHECK(!tmem_super_label_ok("caf\xc3\xa9"));
	CHECK(!tmem_super_label_ok("\x7f"));
}

/* What one of the two places can hold. */
enum state {
	OK, OK_LATER, OK_OTHER_UUID, OK_OTHER_DATA, BLANK, FOREIGN, TORN, UNREADABLE, LATER_VERSION,
	BOUNDS,
};

static const block_t *place(enum state state, u32 copy, block_t *block)
{
	make(block, copy);
	if (state == OK_LATER)
		block->sequence = cpu_to_le64(8);
	if (state == OK_OTHER_UUID)
		block->uuid[0] ^= 1;
	if (state == OK_OTHER_DATA)
		block->label[0] = 'S';
	if (state == LATER_VERSION)
		block->version = cpu_to_le32(2);
	if (state == BOUNDS)
		block->slot_bytes = 0;
	seal(block);
	if (state == BLANK)
		memset(block, 0, sizeof(*block));
	if (state == FOREIGN)
		memset(block, 'x', sizeof(*block));
	if (state == TORN)
		memset((u8 *)block + 512, 0, sizeof(*block) - 512);
	return state == UNREADABLE ? NULL : block;
}

static const struct {
	enum state first, second;
	int error;
	u64 sequence;
} pairs[] = {
	{ OK, OK, 0, 7 },			{ OK, OK_LATER, 0, 8 },
	{ OK_LATER, OK, 0, 8 },			{ OK, OK_OTHER_UUID, -ESTALE, 0 },
	{ OK_LATER, OK_OTHER_UUID, -ESTALE, 0 },	{ OK, OK_OTHER_DATA, -ESTALE, 0 },
	{ OK, BLANK, 0, 7 },			{ OK, TORN, -EBADMSG, 0 },
	{ OK, UNREADABLE, 0, 7 },		{ OK, FOREIGN, -EMEDIUMTYPE, 0 },
	{ OK, LATER_VERSION, -EPROTONOSUPPORT, 0 },	{ OK, BOUNDS, -EUCLEAN, 0 },
	{ BLANK, OK, -ENODATA, 0 },		{ FOREIGN, OK, -EMEDIUMTYPE, 0 },
	{ TORN, OK_LATER, -EBADMSG, 0 },		{ UNREADABLE, OK, 0, 7 },
	{ LATER_VERSION, OK, -EPROTONOSUPPORT, 0 },	{ BOUNDS, OK, -EUCLEAN, 0 },
	{ BLANK, BLANK, -ENODATA, 0 },		{ BLANK, FOREIGN, -EMEDIUMTYPE, 0 },
	{ FOREIGN, BLANK, -EMEDIUMTYPE, 0 },	{ TORN, TORN, -EBADMSG, 0 },
	{ UNREADABLE, UNREADABLE, -EIO, 0 },	{ TORN, BLANK, -EBADMSG, 0 },
};

static void test_choose(void)
{
	struct tmem_pmem_super out;
	block_t blocks[2];
	const block_t *first, *second;
	const char *why;
	int error;
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		first = place(pairs[i].first, 0, &blocks[0]);
		second = place(pairs[i].second, 1, &blocks[1]);
		out.sequence = 0;
		error = tmem_pmem_super_choose(first, second, DEVICE_BYTES, &out);
		why = tmem_pmem_super_choose_why(first, second, DEVICE_BYTES);
		if (error != pairs[i].error || out.sequence != pairs[i].sequence ||
		    !error != !why) {
			printf("  pair %zu: %d, sequence %llu, %s\n", i, error,
			       (unsigned long long)out.sequence, why ?: "-");
			failures++;
		}
	}
}

/* Not "blank": somebody has to look at it. */
static void test_wiped(void)
{
	block_t blocks[2];

	place(BLANK, 0, &blocks[0]);
	place(OK, 1, &blocks[1]);
	CHECK(strstr(tmem_pmem_super_choose_why(&blocks[0], &blocks[1], DEVICE_BYTES), "wiped"));
}

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	{ "round_trip", test_round_trip },
	{ "golden_bytes", test_golden_bytes },
	{ "layout", test_layout },
	{ "too_large", test_too_large },
	{ "forged", test_forged },
	{ "bit_flips", test_bit_flips },
	{ "truncated", test_truncated },
	{ "not_ours", test_not_ours },
	{ "labels", test_labels },
	{ "choose", test_choose },
	{ "wiped", test_wiped },
};

int main(void)
{
	int failed = 0;
	size_t i;

	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		failures = 0;
		tests[i].run();
		printf("%s superblock/%s\n", failures ? "FAIL" : "ok", tests[i].name);
		failed += !!failures;
	}
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
