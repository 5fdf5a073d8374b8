// SPDX-License-Identifier: GPL-2.0
/* Tests of same-filled pages: what counts as one, and that a number never changes its word. */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "fill.h"
#include "kunit_env.h"

#define WORDS	(PAGE_SIZE / sizeof(u64))

static void pages_of_one_word(struct kunit *test)
{
	u64 *page = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	u64 word = 99;

	KUNIT_ASSERT_NOT_NULL(test, page);
	memset64(page, 0, WORDS);
	KUNIT_EXPECT_TRUE(test, tmem_fill_word_of(page, PAGE_SIZE, &word));
	KUNIT_EXPECT_EQ(test, word, 0);
	memset64(page, 0x0123456789abcdefULL, WORDS);
	KUNIT_EXPECT_TRUE(test, tmem_fill_word_of(page, PAGE_SIZE, &word));
	KUNIT_EXPECT_EQ(test, word, 0x0123456789abcdefULL);
}

static void one_other_word_anywhere(struct kunit *test)
{
	u64 *page = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	u64 word = 99;
	size_t i;

	KUNIT_ASSERT_NOT_NULL(test, page);
	memset64(page, 7, WORDS);
	for (i = 0; i < WORDS; i++) {
		page[i] = 7 + (1ULL << 63);
		KUNIT_EXPECT_FALSE_MSG(test, tmem_fill_word_of(page, PAGE_SIZE, &word), "word %zu",
				       i);
		page[i] = 7;
	}
	KUNIT_EXPECT_EQ(test, word, 99);
}

static void zero_is_number_0(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, tmem_fill_number(0), 0);
	KUNIT_EXPECT_EQ(test, tmem_fill_word(0), 0);
}

static void a_word_keeps_its_number(struct kunit *test)
{
	int first = tmem_fill_number(~0ULL);
	int second = tmem_fill_number(~0ULL - 1);

	KUNIT_ASSERT_GT(test, first, 0);
	KUNIT_ASSERT_GT(test, second, 0);
	KUNIT_EXPECT_NE(test, first, second);
	KUNIT_EXPECT_EQ(test, tmem_fill_number(~0ULL), first);
	KUNIT_EXPECT_EQ(test, tmem_fill_word(first), ~0ULL);
	KUNIT_EXPECT_EQ(test, tmem_fill_word(second), ~0ULL - 1);
}

/* After the others, because the table never gets empty again. */
static void a_full_table_refuses(struct kunit *test)
{
	unsigned long *used = kunit_kzalloc(test, BITS_TO_LONGS(TMEM_FILLS_MAX) * sizeof(long),
					    GFP_KERNEL);
	unsigned int refused = 0;
	u64 word;

	KUNIT_ASSERT_NOT_NULL(test, used);
	for (word = 1; word <= 4 * TMEM_FILLS_MAX; word++) {
		int number = tmem_fill_number(word);

		if (number < 0) {
			refused++;
			continue;
		}
		KUNIT_ASSERT_LT(test, number, TMEM_FILLS_MAX);
		KUNIT_ASSERT_NE(test, number, 0);
		KUNIT_ASSERT_FALSE(test, test_and_set_bit(number, used));
	}
	KUNIT_EXPECT_GT(test, refused, 0);
	KUNIT_EXPECT_GT(test, bitmap_weight(used, TMEM_FILLS_MAX), TMEM_FILLS_MAX / 2);
	for (word = 1; word <= 4 * TMEM_FILLS_MAX; word++) {
		int number = tmem_fill_number(word);

		if (number >= 0)
			KUNIT_ASSERT_EQ(test, tmem_fill_word(number), word);
	}
	KUNIT_EXPECT_EQ(test, tmem_fill_number(0), 0);
	KUNIT_EXPECT_EQ(test, tmem_fill_word(0), 0);
}

static void a_word_without_a_number_takes_a_place(struct kunit *test)
{
	struct folio *folio;
	u64 word = 1;

	while (tmem_fill_number(word) >= 0)
		word++;
	tmem_env_init(test);
	folio = tmem_env_folio(test, 1, 0);
	memset64(folio_address(folio), word, WORDS);
	KUNIT_EXPECT_EQ(test, tmem_env_store(folio), 0);
	KUNIT_EXPECT_EQ(test, tmem_fakes[0].stores, 1);
	memset64(folio_address(folio), ~word, WORDS);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
	KUNIT_EXPECT_EQ(test, *(u64 *)folio_address(folio), word);
	tmem_env_exit(test);
}

static struct kunit_case fill_cases[] = {
	KUNIT_CASE(pages_of_one_word),
	KUNIT_CASE(one_other_word_anywhere),
	KUNIT_CASE(zero_is_number_0),
	KUNIT_CASE(a_word_keeps_its_number),
	KUNIT_CASE(a_full_table_refuses),
	KUNIT_CASE(a_word_without_a_number_takes_a_place),
	{}
};

static struct kunit_suite fill_suite = {
	.name = "tmem_fill",
	.test_cases = fill_cases,
};
kunit_test_suite(fill_suite);
