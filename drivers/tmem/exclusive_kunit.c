// SPDX-License-Identifier: GPL-2.0
/* Tests of exclusive loads: the copy goes, and never before the page in memory is marked dirty. */
#include <linux/mm.h>

#include "kunit_env.h"

static struct tmem_fake *fake = &tmem_fakes[0];

static int exclusive_init(struct kunit *test)
{
	tmem_env_init_bare(test);
	fake->backend.exclusive_loads = true;
	return tmem_fake_register(fake);
}

static struct folio *stored(struct kunit *test, pgoff_t offset, unsigned int order)
{
	struct folio *folio = tmem_env_folio(test, offset, order);

	tmem_env_fill(folio, 1);
	KUNIT_ASSERT_EQ(test, tmem_env_store(folio), 0);
	tmem_env_fill(folio, 2);
	fake->watched = folio;
	return folio;
}

static void load_leaves_a_dirty_page(struct kunit *test)
{
	struct folio *folio = stored(test, 1, 0);

	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
	KUNIT_EXPECT_TRUE(test, tmem_env_filled(folio, 1));
	KUNIT_EXPECT_EQ(test, fake->frees, 1);
	KUNIT_EXPECT_TRUE(test, fake->dirty_at_free);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 0);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), -ENOENT);
}

static void large_folio_gives_up_every_copy(struct kunit *test)
{
	struct folio *folio = stored(test, 4, 2);

	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
	KUNIT_EXPECT_TRUE(test, tmem_env_filled(folio, 1));
	KUNIT_EXPECT_EQ(test, fake->frees, 4);
	KUNIT_EXPECT_TRUE(test, fake->dirty_at_free);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 0);
}

static void fail_from_now_on(void)
{
	fake->load_err = -EIO;
}

/* The kernel throws such a folio away: then the copies are all there is. */
static void large_folio_that_cannot_be_read_gives_up_none(struct kunit *test)
{
	struct folio *folio = stored(test, 4, 2);

	fake->after_load = fail_from_now_on;
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), -EIO);
	fake->after_load = NULL;
	fake->load_err = 0;
	KUNIT_EXPECT_FALSE(test, folio_test_dirty(folio));
	/* All but the first one are lost, and that is known. */
	KUNIT_EXPECT_EQ(test, fake->frees, 3);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 1);
}

/* A page that is private to one fault may be thrown away: then the copy is all there is. */
static void load_past_the_swap_cache_leaves_the_copy(struct kunit *test)
{
	struct folio *folio = stored(test, 8, 0);

	folio_clear_swapcache(folio);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
	KUNIT_EXPECT_FALSE(test, folio_test_dirty(folio));
	KUNIT_EXPECT_EQ(test, fake->frees, 0);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
}

static void lost_page_is_not_marked_dirty(struct kunit *test)
{
	struct folio *folio = stored(test, 9, 0);

	fake->load_err = -EIO;
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), -EIO);
	KUNIT_EXPECT_FALSE(test, folio_test_dirty(folio));
	KUNIT_EXPECT_EQ(test, fake->frees, 1);
}

static struct kunit_case exclusive_cases[] = {
	KUNIT_CASE(load_leaves_a_dirty_page),
	KUNIT_CASE(large_folio_gives_up_every_copy),
	KUNIT_CASE(large_folio_that_cannot_be_read_gives_up_none),
	KUNIT_CASE(load_past_the_swap_cache_leaves_the_copy),
	KUNIT_CASE(lost_page_is_not_marked_dirty),
	{}
};

static struct kunit_suite exclusive_suite = {
	.name = "tmem_exclusive",
	.init = exclusive_init,
	.exit = tmem_env_exit,
	.test_cases = exclusive_cases,
};
kunit_test_suite(exclusive_suite);
