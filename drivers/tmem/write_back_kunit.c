// SPDX-License-Identifier: GPL-2.0
/* Tests of who goes when room is made, and in how many requests. */
#include <linux/blkdev.h>
#include <linux/mm.h>

#include "kunit_env.h"
#include "swap_device.h"

static struct tmem_fake *first = &tmem_fakes[0];

static int write_back_init(struct kunit *test)
{
	if (tmem_double_disk_open())
		return -ENODEV;
	if (tmem_env_init(test))
		return -ENOMEM;
	tmem_swap_device(ENV_TYPE)->bdev = tmem_double_disk();
	tmem_double.first_sector = DISK_FIRST_SECTOR;
	return 0;
}

static void write_back_exit(struct kunit *test)
{
	tmem_env_exit(test);
	tmem_double_disk_close();
}

static struct folio *stored(struct kunit *test, pgoff_t offset)
{
	struct folio *folio = tmem_env_folio(test, offset, 0);

	tmem_env_fill(folio, offset);
	KUNIT_ASSERT_EQ(test, tmem_env_store(folio), 0);
	tmem_env_fill(folio, ~offset);
	return folio;
}

static bool all(u32 handle, void *data)
{
	return true;
}

static bool none(u32 handle, void *data)
{
	return false;
}

/* The hand that goes round the slots goes on where it stopped: make that the end. */
static void rewind(struct kunit *test)
{
	stored(test, ENV_SLOTS - 1);
	KUNIT_ASSERT_EQ(test, tmem_write_back(&first->backend, all, NULL, 1), 1);
}

static void expect_stored(struct kunit *test, struct folio *folio)
{
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
	KUNIT_EXPECT_TRUE(test, tmem_env_filled(folio, swp_offset(folio->swap)));
}

static void expect_written(struct kunit *test, struct folio *folio)
{
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), -ENOENT);
	KUNIT_EXPECT_EQ(test, tmem_double_disk_transfer(folio, REQ_OP_READ), 0);
	KUNIT_EXPECT_TRUE(test, tmem_env_filled(folio, swp_offset(folio->swap)));
}

static void least_recently_used_pages_go(struct kunit *test)
{
	unsigned long back = tmem_event_total(TMEM_EVENT_written_back);
	struct folio *old[4], *young[4];
	unsigned int i;

	/* Young ones first, so that what goes does not follow from where it is. */
	for (i = 0; i < 4; i++)
		old[i] = stored(test, 20 + 2 * i);
	tmem_env_age(test, 1);
	for (i = 0; i < 4; i++)
		young[i] = stored(test, 2 * i);
	tmem_env_age(test, 1);
	/* A second chance. */
	expect_stored(test, old[1]);
	KUNIT_EXPECT_EQ(test, tmem_write_back(&first->backend, all, NULL, 3), 3);
	KUNIT_EXPECT_EQ(test, tmem_event_total(TMEM_EVENT_written_back), back + 3);
	expect_written(test, old[0]);
	expect_stored(test, old[1]);
	expect_written(test, old[2]);
	expect_written(test, old[3]);
	for (i = 0; i < 4; i++)
		expect_stored(test, young[i]);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 5);
}

static void of_one_age_as_many_go_as_are_wanted(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < 10; i++)
		stored(test, i);
	KUNIT_EXPECT_EQ(test, tmem_write_back(&first->backend, all, NULL, 4), 4);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 6);
	KUNIT_EXPECT_EQ(test, tmem_write_back(&first->backend, all, NULL, 100), 6);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 0);
	KUNIT_EXPECT_EQ(test, tmem_write_back(&first->backend, all, NULL, 1), 0);
}

/* Each half as old as the one before, and the oldest has seen the clock go round many times. */
static void what_is_old_stays_old(struct kunit *test)
{
	static const unsigned int ages[] = { 1600, 800, 400, 200, 100 };
	struct folio *folios[ARRAY_SIZE(ages)];
	unsigned int i;

	rewind(test);
	for (i = 0; i < ARRAY_SIZE(ages); i++) {
		/* Where the hand comes by last. */
		folios[i] = stored(test, 20 - i);
		tmem_env_age(test, ages[i] - (i + 1 < ARRAY_SIZE(ages) ? ages[i + 1] : 0));
	}
	for (i = 0; i < ARRAY_SIZE(ages); i++) {
		KUNIT_EXPECT_EQ(test, tmem_write_back(&first->backend, all, NULL, 1), 1);
		expect_written(test, folios[i]);
		KUNIT_EXPECT_EQ(test, tmem_held_pages(), ARRAY_SIZE(ages) - i - 1);
	}
}

static void old_as_many_ticks_as_there_are(struct kunit *test)
{
	struct folio *old, *young;

	rewind(test);
	old = stored(test, 5);
	tmem_env_age(test, TMEM_AGES);
	young = stored(test, 1);
	tmem_env_age(test, 1);
	KUNIT_EXPECT_EQ(test, tmem_write_back(&first->backend, all, NULL, 1), 1);
	expect_written(test, old);
	expect_stored(test, young);
}

/* Nobody tells the clock but stores, and these take no new room. */
static void what_is_stored_again_stays_young(struct kunit *test)
{
	struct folio *hot, *cold;
	unsigned int i;

	rewind(test);
	first->in_place = true;
	hot = stored(test, 1);
	cold = stored(test, 5);
	tmem_env_fill(hot, 1);
	for (i = 0; i < 4 * TMEM_AGE_PAGES; i++)
		KUNIT_ASSERT_EQ(test, tmem_env_store(hot), 0);
	KUNIT_EXPECT_EQ(test, tmem_write_back(&first->backend, all, NULL, 1), 1);
	expect_written(test, cold);
	expect_stored(test, hot);
}

static void copies_of_pages_in_memory_go_before_any_other(struct kunit *test)
{
	unsigned long written = tmem_event_total(TMEM_EVENT_write_out_requests);
	struct folio *old = stored(test, 1), *in_memory;

	tmem_env_age(test, 1);
	in_memory = stored(test, 2);
	expect_stored(test, in_memory);
	tmem_double.cached = in_memory;
	folio_unlock(in_memory);
	KUNIT_EXPECT_EQ(test, tmem_write_back(&first->backend, all, NULL, 1), 1);
	KUNIT_EXPECT_EQ(test, tmem_event_total(TMEM_EVENT_write_out_requests), written);
	KUNIT_EXPECT_TRUE(test, folio_test_dirty(in_memory));
	KUNIT_EXPECT_EQ(test, *tmem_env_entry(2), 0);
	expect_stored(test, old);
}

static void other_places_stay(struct kunit *test)
{
	struct folio *folio = stored(test, 1), *same = tmem_env_folio(test, 2, 0);

	KUNIT_ASSERT_EQ(test, tmem_env_store(same), 0);
	KUNIT_EXPECT_EQ(test, tmem_write_back(&first->backend, none, NULL, 10), 0);
	/* A page of one repeated word takes no room. */
	KUNIT_EXPECT_EQ(test, tmem_write_back(&first->backend, all, NULL, 10), 1);
	expect_written(test, folio);
	KUNIT_EXPECT_EQ(test, tmem_env_load(same), 0);
}

static void failed_write_leaves_the_page(struct kunit *test)
{
	struct folio *folio = stored(test, 1);

	tmem_double.first_sector = bdev_nr_sectors(tmem_double_disk());
	KUNIT_EXPECT_EQ(test, tmem_write_back(&first->backend, all, NULL, 1), 0);
	KUNIT_EXPECT_EQ(test, *tmem_env_entry(1) & TMEM_ENTRY_INFLIGHT, 0);
	expect_stored(test, folio);
	tmem_double.first_sector = 0;
	KUNIT_EXPECT_EQ(test, tmem_write_back(&first->backend, all, NULL, 1), 0);
	expect_stored(test, folio);
}

static void neighbours_leave_in_one_request(struct kunit *test)
{
	struct folio *folios[FAKE_ROOM];
	unsigned long requests;
	unsigned int i;

	rewind(test);
	requests = tmem_event_total(TMEM_EVENT_write_out_requests);
	/* 1 to 8, 10 to 17. */
	for (i = 0; i < FAKE_ROOM; i++)
		folios[i] = stored(test, 1 + i + i / 8);
	KUNIT_EXPECT_EQ(test, tmem_write_back(&first->backend, all, NULL, FAKE_ROOM), FAKE_ROOM);
	KUNIT_EXPECT_EQ(test, tmem_event_total(TMEM_EVENT_write_out_requests), requests + 2);
	for (i = 0; i < FAKE_ROOM; i++)
		expect_written(test, folios[i]);
}

static struct folio *victim;

static void free_the_victim(void)
{
	tmem_invalidate(ENV_TYPE, swp_offset(victim->swap), 1);
}

/* What is on its disk slot stays, and the neighbours behind it arrive at their own. */
static void slot_freed_in_the_middle_of_a_request(struct kunit *test)
{
	struct folio *folios[3];
	unsigned int i;

	rewind(test);
	for (i = 0; i < 3; i++)
		folios[i] = stored(test, 1 + i);
	/* The first page that is read frees the second one; that is not even looked at then. */
	victim = folios[1];
	first->after_load = free_the_victim;
	KUNIT_EXPECT_EQ(test, tmem_write_back(&first->backend, all, NULL, 3), 2);
	first->after_load = NULL;
	KUNIT_EXPECT_EQ(test, tmem_env_load(folios[1]), -ENOENT);
	expect_written(test, folios[0]);
	expect_written(test, folios[2]);
}

static struct kunit_case write_back_cases[] = {
	KUNIT_CASE(least_recently_used_pages_go),
	KUNIT_CASE(of_one_age_as_many_go_as_are_wanted),
	KUNIT_CASE(what_is_old_stays_old),
	KUNIT_CASE(old_as_many_ticks_as_there_are),
	KUNIT_CASE(what_is_stored_again_stays_young),
	KUNIT_CASE(copies_of_pages_in_memory_go_before_any_other),
	KUNIT_CASE(other_places_stay),
	KUNIT_CASE(failed_write_leaves_the_page),
	KUNIT_CASE(neighbours_leave_in_one_request),
	KUNIT_CASE(slot_freed_in_the_middle_of_a_request),
	{}
};

static struct kunit_suite write_back_suite = {
	.name = "tmem_write_back",
	.init = write_back_init,
	.exit = write_back_exit,
	.test_cases = write_back_cases,
};
kunit_test_suite(write_back_suite);
