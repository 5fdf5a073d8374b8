// SPDX-License-Identifier: GPL-2.0
/* Tests of the entry tables: when a swap area gets one, what it refuses, what is left at its end. */
#include <linux/delay.h>
#include <linux/sched.h>
#include <linux/swap.h>

#include "kunit_env.h"
#include "swap_device.h"

static void no_backend_no_table(struct kunit *test)
{
	tmem_area_create(ENV_TYPE);
	KUNIT_EXPECT_NULL(test, tmem_area(ENV_TYPE));
}

static void backend_hears_of_areas_before_and_after_it(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, tmem_fake_register(&tmem_fakes[0]), 0);
	KUNIT_ASSERT_NOT_NULL(test, tmem_area(ENV_TYPE));
	KUNIT_EXPECT_EQ(test, tmem_area(ENV_TYPE)->slots, ENV_SLOTS);
	KUNIT_EXPECT_EQ(test, tmem_fakes[0].area_inits, 1);
	KUNIT_ASSERT_EQ(test, tmem_fake_register(&tmem_fakes[1]), 0);
	KUNIT_EXPECT_EQ(test, tmem_fakes[0].area_inits, 1);
	KUNIT_EXPECT_EQ(test, tmem_fakes[1].area_inits, 1);

	KUNIT_ASSERT_NOT_NULL(test, tmem_double_swapon(ENV_TYPE + 1, 8));
	tmem_area_create(ENV_TYPE + 1);
	tmem_area_create(ENV_TYPE + 1);
	KUNIT_EXPECT_EQ(test, tmem_fakes[0].area_inits, 2);
	KUNIT_EXPECT_EQ(test, tmem_fakes[1].area_inits, 2);
	tmem_area_destroy(ENV_TYPE + 1);
	tmem_double_swapoff(ENV_TYPE + 1);
	KUNIT_EXPECT_EQ(test, tmem_fakes[0].area_exits, 1);
}

static void expect_refusal(struct kunit *test, enum tmem_refusal why)
{
	tmem_area_destroy(ENV_TYPE);
	tmem_area_create(ENV_TYPE);
	KUNIT_ASSERT_NOT_NULL(test, tmem_area(ENV_TYPE));
	KUNIT_EXPECT_EQ(test, tmem_area(ENV_TYPE)->refusal, why);
}

static void areas_that_must_not_be_used(struct kunit *test)
{
	struct swap_info_struct *device = tmem_swap_device(ENV_TYPE);
	static char bdev;

	KUNIT_ASSERT_EQ(test, tmem_fake_register(&tmem_fakes[0]), 0);
	expect_refusal(test, TMEM_REFUSED_NONE);
	device->bdev = (struct block_device *)&bdev;
	expect_refusal(test, TMEM_REFUSED_NONE);
	tmem_double.above_dm_crypt = true;
	expect_refusal(test, TMEM_REFUSED_crypt);
	device->flags = SWP_FS_OPS;
	expect_refusal(test, TMEM_REFUSED_fs_swapfile);
}

/* Without memory for the table the area works as if tmem were not there. */
static void no_memory_no_table(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 1, 0);
	unsigned int without = 0;
	bool failed = true;
	int nth;

	KUNIT_ASSERT_EQ(test, tmem_fake_register(&tmem_fakes[0]), 0);
	tmem_area_destroy(ENV_TYPE);
	for (nth = 1; failed; nth++) {
		current->fail_nth = nth;
		tmem_area_create(ENV_TYPE);
		failed = !current->fail_nth;
		current->fail_nth = 0;
		without += !tmem_area(ENV_TYPE);
		tmem_area_destroy(ENV_TYPE);
	}
	KUNIT_EXPECT_GE(test, without, 2);
	KUNIT_EXPECT_LT(test, tmem_env_store(folio), 0);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), -ENOENT);
	tmem_area_create(ENV_TYPE);
	KUNIT_EXPECT_NOT_NULL(test, tmem_area(ENV_TYPE));
}

/* Swapon was under way when the backend came, say. */
static void area_that_was_missed_gets_its_table(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 1, 0);

	KUNIT_ASSERT_EQ(test, tmem_fake_register(&tmem_fakes[0]), 0);
	tmem_area_destroy(ENV_TYPE);
	tmem_areas_late_ms = 10;
	KUNIT_EXPECT_LT(test, tmem_env_store(folio), 0);
	msleep(200);
	KUNIT_ASSERT_NOT_NULL(test, tmem_area(ENV_TYPE));
	KUNIT_EXPECT_EQ(test, tmem_env_store(folio), 0);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
}

/* The kernel frees every slot before swapoff is over; should it not, nothing stays behind. */
static void pages_left_at_swapoff(struct kunit *test)
{
	unsigned long left = tmem_event_total(TMEM_EVENT_left_at_swapoff);
	struct folio *folio = tmem_env_folio(test, 4, 1);

	KUNIT_ASSERT_EQ(test, tmem_fake_register(&tmem_fakes[0]), 0);
	tmem_env_fill(folio, 1);
	KUNIT_ASSERT_EQ(test, tmem_env_store(folio), 0);
	tmem_area_destroy(ENV_TYPE);
	KUNIT_EXPECT_EQ(test, tmem_event_total(TMEM_EVENT_left_at_swapoff), left + 2);
	KUNIT_EXPECT_EQ(test, tmem_fake_held(&tmem_fakes[0]), 0);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 0);
	KUNIT_EXPECT_FALSE(test, tmem_fakes[0].backend.pinned);
}

static struct kunit_case area_cases[] = {
	KUNIT_CASE(no_backend_no_table),
	KUNIT_CASE(backend_hears_of_areas_before_and_after_it),
	KUNIT_CASE(areas_that_must_not_be_used),
	KUNIT_CASE(no_memory_no_table),
	KUNIT_CASE(area_that_was_missed_gets_its_table),
	KUNIT_CASE(pages_left_at_swapoff),
	{}
};

static struct kunit_suite area_suite = {
	.name = "tmem_area",
	.init = tmem_env_init_bare,
	.exit = tmem_env_exit,
	.test_cases = area_cases,
};
kunit_test_suite(area_suite);
