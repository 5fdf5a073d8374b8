// SPDX-License-Identifier: GPL-2.0
/* Tests of the classic API: a backend of 5.15 sees the calls it saw then, in the same order. */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/string.h>

#include <tmem/frontswap.h>
#include "kunit_env.h"

#define SLOT	9

/* What was called, one letter a call: Init Store Load invalidate-Page invalidate-Area. */
static char calls[32];
static u8 copy[PAGE_SIZE];
static int answer;

static void note(char call)
{
	size_t length = strlen(calls);

	if (length < sizeof(calls) - 1)
		calls[length] = call;
}

static void classic_init(unsigned int type)
{
	note('I');
}

static int classic_store(unsigned int type, pgoff_t offset, struct page *page)
{
	note(type == ENV_TYPE && offset == SLOT ? 'S' : '?');
	if (!answer)
		memcpy_from_page(copy, page, 0, PAGE_SIZE);
	return answer;
}

static int classic_load(unsigned int type, pgoff_t offset, struct page *page)
{
	note(type == ENV_TYPE && offset == SLOT ? 'L' : '?');
	if (!answer)
		memcpy_to_page(page, 0, copy, PAGE_SIZE);
	return answer;
}

static void classic_invalidate_page(unsigned int type, pgoff_t offset)
{
	note(type == ENV_TYPE && offset == SLOT ? 'P' : '?');
}

static void classic_invalidate_area(unsigned int type)
{
	note('A');
}

static struct frontswap_ops classic_ops = {
	.init = classic_init,
	.store = classic_store,
	.load = classic_load,
	.invalidate_page = classic_invalidate_page,
	.invalidate_area = classic_invalidate_area,
};

static int classic_test_init(struct kunit *test)
{
	tmem_env_init_bare(test);
	memset(calls, 0, sizeof(calls));
	answer = 0;
	return frontswap_register_ops(&classic_ops);
}

static void classic_test_exit(struct kunit *test)
{
	frontswap_tmem_exclusive_gets(false);
	tmem_env_exit(test);
	frontswap_unregister_ops(&classic_ops);
}

static void expect_calls(struct kunit *test, const char *expected)
{
	KUNIT_EXPECT_STREQ(test, calls, expected);
	memset(calls, 0, sizeof(calls));
}

static struct folio *stored(struct kunit *test, u32 seed)
{
	struct folio *folio = tmem_env_folio(test, SLOT, 0);

	tmem_env_fill(folio, seed);
	KUNIT_ASSERT_EQ(test, tmem_env_store(folio), 0);
	tmem_env_fill(folio, ~seed);
	expect_calls(test, "IS");
	return folio;
}

static void store_load_invalidate(struct kunit *test)
{
	struct folio *folio = stored(test, 1);

	KUNIT_EXPECT_EQ(test, frontswap_curr_pages(), 1);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
	KUNIT_EXPECT_TRUE(test, tmem_env_filled(folio, 1));
	expect_calls(test, "L");
	tmem_invalidate(ENV_TYPE, SLOT, 1);
	expect_calls(test, "P");
	tmem_invalidate(ENV_TYPE, SLOT, 1);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), -ENOENT);
	tmem_area_destroy(ENV_TYPE);
	expect_calls(test, "A");
	KUNIT_EXPECT_EQ(test, frontswap_curr_pages(), 0);
}

static void stale_duplicate_goes_first(struct kunit *test)
{
	struct folio *folio = stored(test, 1);

	tmem_env_fill(folio, 2);
	KUNIT_EXPECT_EQ(test, tmem_env_store(folio), 0);
	expect_calls(test, "PS");
	KUNIT_EXPECT_EQ(test, frontswap_curr_pages(), 1);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
	KUNIT_EXPECT_TRUE(test, tmem_env_filled(folio, 2));
}

static void refused_duplicate_is_invalidated_once(struct kunit *test)
{
	struct folio *folio = stored(test, 1);

	answer = -1;
	KUNIT_EXPECT_LT(test, tmem_env_store(folio), 0);
	expect_calls(test, "PS");
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), -ENOENT);
	tmem_invalidate(ENV_TYPE, SLOT, 1);
	expect_calls(test, "");
	KUNIT_EXPECT_EQ(test, frontswap_curr_pages(), 0);
}

static void failed_load_is_a_lost_page(struct kunit *test)
{
	struct folio *folio = stored(test, 1);

	answer = -1;
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), -EIO);
	expect_calls(test, "LP");
	KUNIT_EXPECT_EQ(test, frontswap_curr_pages(), 0);
}

static void exclusive_gets(struct kunit *test)
{
	struct folio *folio = stored(test, 1);

	frontswap_tmem_exclusive_gets(true);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
	expect_calls(test, "LP");
	KUNIT_EXPECT_TRUE(test, folio_test_dirty(folio));
	KUNIT_EXPECT_TRUE(test, tmem_env_filled(folio, 1));
	KUNIT_EXPECT_EQ(test, frontswap_curr_pages(), 0);
}

static void two_of_them_and_no_more(struct kunit *test)
{
	struct frontswap_ops other = classic_ops, third = classic_ops;

	KUNIT_EXPECT_EQ(test, frontswap_register_ops(&other), 0);
	KUNIT_EXPECT_EQ(test, frontswap_register_ops(&third), -EBUSY);
	third.invalidate_area = NULL;
	KUNIT_EXPECT_EQ(test, frontswap_register_ops(&third), -EINVAL);
	frontswap_unregister_ops(&other);
	/* Never registered: nothing happens. */
	frontswap_unregister_ops(&third);
	KUNIT_EXPECT_EQ(test, frontswap_register_ops(&other), 0);
	frontswap_unregister_ops(&other);
}

static struct kunit_case classic_cases[] = {
	KUNIT_CASE(store_load_invalidate),
	KUNIT_CASE(stale_duplicate_goes_first),
	KUNIT_CASE(refused_duplicate_is_invalidated_once),
	KUNIT_CASE(failed_load_is_a_lost_page),
	KUNIT_CASE(exclusive_gets),
	KUNIT_CASE(two_of_them_and_no_more),
	{}
};

static struct kunit_suite classic_suite = {
	.name = "tmem_frontswap",
	.init = classic_test_init,
	.exit = classic_test_exit,
	.test_cases = classic_cases,
};
kunit_test_suite(classic_suite);
