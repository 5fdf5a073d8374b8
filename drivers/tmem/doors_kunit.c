// SPDX-License-Identifier: GPL-2.0
/* Tests of a page's doors: whatever happens, a load brings the last store or nothing. */
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/wait_bit.h>

#include "kunit_env.h"

static struct tmem_fake *fake = &tmem_fakes[0];

/* Contents of @seed as the copy of the slots of @folio; the folio stays with other contents. */
static void store_ok(struct kunit *test, struct folio *folio, u32 seed)
{
	tmem_env_fill(folio, seed);
	KUNIT_ASSERT_EQ(test, tmem_env_store(folio), 0);
	tmem_env_fill(folio, ~seed);
}

static void load_brings_what_was_stored(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 1, 0);
	unsigned long loads = tmem_event_total(TMEM_EVENT_loads);

	store_ok(test, folio, 1);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 1);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
	KUNIT_EXPECT_TRUE(test, tmem_env_filled(folio, 1));
	/* It stays stored. */
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 1);
	KUNIT_EXPECT_EQ(test, tmem_event_total(TMEM_EVENT_loads), loads + 2);
}

static void load_of_an_unknown_slot(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, tmem_env_load(tmem_env_folio(test, 2, 0)), -ENOENT);
	KUNIT_EXPECT_EQ(test, fake->loads, 0);
}

static void second_store_replaces(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 3, 0);

	for (fake->in_place = false; ; fake->in_place = true) {
		store_ok(test, folio, 1);
		store_ok(test, folio, 2);
		KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
		KUNIT_EXPECT_TRUE(test, tmem_env_filled(folio, 2));
		KUNIT_EXPECT_EQ(test, tmem_fake_held(fake), 1);
		KUNIT_EXPECT_EQ(test, tmem_held_pages(), 1);
		KUNIT_EXPECT_EQ(test, fake->frees, 0);
		if (fake->in_place)
			break;
	}
}

static void refused_store_forgets_the_older_copy(struct kunit *test)
{
	static const struct {
		int err;
		enum tmem_refusal why;
	} refusals[] = {
		{ -ENOSPC, TMEM_REFUSED_full }, { -ENODEV, TMEM_REFUSED_no_backend },
		{ -ENXIO, TMEM_REFUSED_device_gone }, { -ENOMEM, TMEM_REFUSED_no_memory },
		{ -EIO, TMEM_REFUSED_backend },
	};
	struct folio *folio = tmem_env_folio(test, 4, 0);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(refusals); i++) {
		unsigned long before = tmem_refused_total(refusals[i].why);

		fake->store_err = 0;
		store_ok(test, folio, 1);
		fake->store_err = refusals[i].err;
		KUNIT_EXPECT_LT(test, tmem_env_store(folio), 0);
		KUNIT_EXPECT_EQ(test, tmem_refused_total(refusals[i].why), before + 1);
		KUNIT_EXPECT_EQ(test, tmem_env_load(folio), -ENOENT);
		KUNIT_EXPECT_EQ(test, tmem_held_pages(), 0);
	}
}

static void invalidation_forgets(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 5, 0);
	unsigned long before = tmem_event_total(TMEM_EVENT_invalidates);

	store_ok(test, folio, 1);
	tmem_invalidate(ENV_TYPE, 5, 1);
	KUNIT_EXPECT_EQ(test, fake->frees, 1);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), -ENOENT);
	tmem_invalidate(ENV_TYPE, 5, 1);
	KUNIT_EXPECT_EQ(test, fake->frees, 1);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 0);
	KUNIT_EXPECT_EQ(test, tmem_event_total(TMEM_EVENT_invalidates), before + 1);
	/* No area, no door. */
	tmem_invalidate(ENV_TYPE + 1, 5, 1);
}

static void invalidation_of_a_run_stays_in_it(struct kunit *test)
{
	struct folio *folios[4];
	unsigned int i;

	/* Slots 8, 10, 12 and 14. */
	for (i = 0; i < 4; i++) {
		folios[i] = tmem_env_folio(test, 8 + 2 * i, 0);
		store_ok(test, folios[i], i);
	}
	tmem_invalidate(ENV_TYPE, 9, 4);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folios[0]), 0);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folios[1]), -ENOENT);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folios[2]), -ENOENT);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folios[3]), 0);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 2);
}

static void large_folio_goes_in_and_out_whole(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 16, 2);

	store_ok(test, folio, 1);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 4);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
	KUNIT_EXPECT_TRUE(test, tmem_env_filled(folio, 1));
	KUNIT_EXPECT_FALSE(test, tmem_env_filled(folio, ~1U));
}

static void large_folio_is_stored_whole_or_not(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 16, 2);
	unsigned long full = tmem_refused_total(TMEM_REFUSED_full);
	unsigned int taken;

	for (taken = 0; taken < 4; taken++) {
		fake->store_err = 0;
		store_ok(test, folio, 1);
		fake->store_err = -ENOSPC;
		fake->refuse_after = taken;
		KUNIT_EXPECT_LT(test, tmem_env_store(folio), 0);
		/* Older copies of pages that were never tried are forgotten as well. */
		KUNIT_EXPECT_EQ(test, tmem_env_load(folio), -ENOENT);
		KUNIT_EXPECT_EQ(test, tmem_fake_held(fake), 0);
		KUNIT_EXPECT_EQ(test, tmem_held_pages(), 0);
	}
	KUNIT_EXPECT_EQ(test, tmem_refused_total(TMEM_REFUSED_full), full + 16);
}

/* A page of @folio is stored, and its place follows that of the one before. */
static bool places_follow(struct folio *folio)
{
	pgoff_t offset = swp_offset(folio->swap);
	u32 first = tmem_entry_place(*tmem_env_entry(offset));
	unsigned long i;

	for (i = 0; i < folio_nr_pages(folio); i++)
		if (tmem_entry_place(*tmem_env_entry(offset + i)) != first + i)
			return false;
	return true;
}

static void large_folio_goes_in_one_run(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 16, 3);
	unsigned long stores = tmem_event_total(TMEM_EVENT_stores);
	unsigned long loads = tmem_event_total(TMEM_EVENT_loads);
	unsigned long store_runs = tmem_event_total(TMEM_EVENT_store_runs);
	unsigned long load_runs = tmem_event_total(TMEM_EVENT_load_runs);
	u32 place;

	fake->run_max = FAKE_ROOM;
	store_ok(test, folio, 1);
	KUNIT_EXPECT_EQ(test, fake->runs_stored, 1);
	KUNIT_EXPECT_TRUE(test, places_follow(folio));
	place = tmem_entry_place(*tmem_env_entry(16));
	/* The older copies are overwritten where they are. */
	store_ok(test, folio, 2);
	KUNIT_EXPECT_EQ(test, fake->runs_stored, 2);
	KUNIT_EXPECT_EQ(test, fake->frees, 0);
	KUNIT_EXPECT_EQ(test, tmem_entry_place(*tmem_env_entry(16)), place);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 8);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
	KUNIT_EXPECT_EQ(test, fake->runs_loaded, 1);
	KUNIT_EXPECT_TRUE(test, tmem_env_filled(folio, 2));
	KUNIT_EXPECT_NE(test, *tmem_env_entry(23) & TMEM_ENTRY_KEPT, 0);
	KUNIT_EXPECT_EQ(test, tmem_event_total(TMEM_EVENT_stores), stores + 16);
	KUNIT_EXPECT_EQ(test, tmem_event_total(TMEM_EVENT_store_runs), store_runs + 2);
	KUNIT_EXPECT_EQ(test, tmem_event_total(TMEM_EVENT_loads), loads + 8);
	KUNIT_EXPECT_EQ(test, tmem_event_total(TMEM_EVENT_load_runs), load_runs + 1);
}

/* Whatever part of it goes by runs, and wherever the rest does. */
static void large_folio_goes_in_several_runs(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 16, 3);
	unsigned int round;

	for (round = 0; round < 16; round++) {
		fake->run_max = round % 5;
		fake->in_place = round % 3;
		store_ok(test, folio, round);
		KUNIT_EXPECT_EQ(test, tmem_fake_held(fake), 8);
		KUNIT_EXPECT_EQ(test, tmem_held_pages(), 8);
		fake->run_max = round % 4;
		KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
		KUNIT_EXPECT_TRUE(test, tmem_env_filled(folio, round));
		/* Some of the places become others. */
		tmem_invalidate(ENV_TYPE, 16 + round % 8, round % 2);
	}
}

static void same_filled_page_in_a_run(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 16, 3);
	unsigned int page, again;

	fake->run_max = FAKE_ROOM;
	for (page = 0; page < 8; page++) {
		for (again = 0; again < 2; again++) {
			tmem_env_fill(folio, page);
			memset(folio_address(folio) + page * PAGE_SIZE, 0, PAGE_SIZE);
			KUNIT_EXPECT_EQ(test, tmem_env_store(folio), 0);
			KUNIT_EXPECT_EQ(test, tmem_fake_held(fake), 7);
			KUNIT_EXPECT_EQ(test, tmem_held_pages(), 8);
			tmem_env_fill(folio, ~page);
			KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
			KUNIT_EXPECT_NULL(test, memchr_inv(folio_address(folio) + page * PAGE_SIZE, 0,
							   PAGE_SIZE));
			tmem_env_fill_page(folio, page, page);
			KUNIT_EXPECT_TRUE(test, tmem_env_filled(folio, page));
		}
	}
}

static void refused_in_a_run(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 16, 3);
	unsigned int taken, run_max;

	tmem_env_fill(folio, 1);
	for (run_max = 1; run_max <= 8; run_max++) {
		for (taken = 0; taken < 8; taken++) {
			fake->store_err = 0;
			fake->run_max = run_max;
			if (taken % 2)
				store_ok(test, folio, 1);
			fake->store_err = -ENOSPC;
			fake->refuse_after = taken;
			KUNIT_EXPECT_LT(test, tmem_env_store(folio), 0);
			KUNIT_EXPECT_EQ(test, tmem_env_load(folio), -ENOENT);
			KUNIT_EXPECT_EQ(test, tmem_fake_held(fake), 0);
			KUNIT_EXPECT_EQ(test, tmem_held_pages(), 0);
		}
	}
}

static int load_whole(struct folio *folio)
{
	int err;

	folio_clear_swapcache(folio);
	err = tmem_load_whole(folio->swap, folio);
	folio_set_swapcache(folio);
	return err;
}

static void whole_or_given_up(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 16, 3);
	unsigned long whole = tmem_event_total(TMEM_EVENT_large_loads);
	unsigned long given_up = tmem_event_total(TMEM_EVENT_large_loads_given_up);
	unsigned int gone;

	for (gone = 0; gone < 8; gone++) {
		fake->run_max = gone;
		KUNIT_EXPECT_FALSE(test, tmem_holds(folio->swap, 8));
		store_ok(test, folio, gone);
		KUNIT_EXPECT_TRUE(test, tmem_holds(folio->swap, 8));
		KUNIT_EXPECT_EQ(test, load_whole(folio), 0);
		KUNIT_EXPECT_TRUE(test, tmem_env_filled(folio, gone));
		tmem_invalidate(ENV_TYPE, 16 + gone, 1);
		KUNIT_EXPECT_FALSE(test, tmem_holds(folio->swap, 8));
		KUNIT_EXPECT_EQ(test, load_whole(folio), -ENOENT);
		/* The others are none the worse. */
		KUNIT_EXPECT_EQ(test, tmem_held_pages(), 7);
	}
	KUNIT_EXPECT_EQ(test, tmem_event_total(TMEM_EVENT_large_loads), whole + 8);
	KUNIT_EXPECT_EQ(test, tmem_event_total(TMEM_EVENT_large_loads_given_up), given_up + 8);
}

static void lost_page_in_a_run(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 16, 3);

	fake->run_max = FAKE_ROOM;
	store_ok(test, folio, 1);
	tmem_place_leave((struct tmem_key){ ENV_TYPE, 19 }, tmem_env_entry(19),
			 tmem_entry_place(*tmem_env_entry(19)), TMEM_PLACE_LOST);
	KUNIT_EXPECT_FALSE(test, tmem_holds(folio->swap, 8));
	KUNIT_EXPECT_EQ(test, load_whole(folio), -EIO);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 7);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), -EIO);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&tmem_lost_pages), 1);
}

static struct folio *being_read;

/* While a run is read, a worker moves one of its pages, and what was read of it is somebody else's. */
static void move_a_page(void)
{
	const struct tmem_backend_ops *ops = fake->backend.ops;
	struct tmem_key key = { ENV_TYPE, 18 };
	u32 *entry = tmem_env_entry(18);
	u32 place = tmem_entry_begin_move(entry);
	struct page *page = alloc_page(GFP_KERNEL);

	fake->after_load = NULL;
	ops->load(key, tmem_place_handle(place), page);
	tmem_entry_replace(entry, place, tmem_place_make(0, ops->store(key, page, TMEM_NO_HANDLE)));
	tmem_entry_end_move(entry);
	ops->free(key, tmem_place_handle(place));
	__free_page(page);
	memset(folio_address(being_read) + 2 * PAGE_SIZE, 0xff, PAGE_SIZE);
}

static void page_moves_while_a_run_is_read(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 16, 3);

	fake->run_max = FAKE_ROOM;
	store_ok(test, folio, 1);
	being_read = folio;
	fake->after_load = move_a_page;
	KUNIT_EXPECT_EQ(test, load_whole(folio), 0);
	KUNIT_EXPECT_NULL(test, fake->after_load);
	KUNIT_EXPECT_TRUE(test, tmem_env_filled(folio, 1));
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 8);
}

static void lost_page_is_an_error_for_good(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 20, 0);
	unsigned long lost = tmem_event_total(TMEM_EVENT_lost);

	store_ok(test, folio, 1);
	fake->load_err = -EIO;
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), -EIO);
	KUNIT_EXPECT_EQ(test, fake->frees, 1);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 0);
	fake->load_err = 0;
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), -EIO);
	KUNIT_EXPECT_EQ(test, fake->loads, 1);
	KUNIT_EXPECT_EQ(test, tmem_event_total(TMEM_EVENT_lost), lost + 1);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&tmem_lost_pages), 1);
	/* Until the slot is used again. */
	store_ok(test, folio, 2);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&tmem_lost_pages), 0);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 1);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
	KUNIT_EXPECT_TRUE(test, tmem_env_filled(folio, 2));
}

static void lost_page_is_forgotten_with_its_slot(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 21, 0);

	store_ok(test, folio, 1);
	fake->load_err = -EIO;
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), -EIO);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&tmem_lost_pages), 1);
	tmem_invalidate(ENV_TYPE, 21, 1);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&tmem_lost_pages), 0);
	KUNIT_EXPECT_EQ(test, fake->frees, 1);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 0);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), -ENOENT);
}

static void one_lost_page_spoils_a_large_folio(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 24, 1);

	store_ok(test, folio, 1);
	tmem_place_leave((struct tmem_key){ ENV_TYPE, 25 }, tmem_env_entry(25),
			 tmem_entry_place(*tmem_env_entry(25)), TMEM_PLACE_LOST);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), -EIO);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 1);
}

static void same_filled_page_takes_no_handle(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 28, 0);
	unsigned long fills = tmem_event_total(TMEM_EVENT_same_filled_stores);

	KUNIT_EXPECT_EQ(test, tmem_env_store(folio), 0);
	KUNIT_EXPECT_EQ(test, fake->stores, 0);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 1);
	KUNIT_EXPECT_EQ(test, tmem_event_total(TMEM_EVENT_same_filled_stores), fills + 1);
	tmem_env_fill(folio, 1);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(folio_address(folio), 0, PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, fake->loads, 0);
}

static void same_filled_and_other_pages_replace_each_other(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 29, 0);

	store_ok(test, folio, 1);
	memset(folio_address(folio), 0, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, tmem_env_store(folio), 0);
	KUNIT_EXPECT_EQ(test, fake->frees, 1);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 1);
	store_ok(test, folio, 2);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 1);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
	KUNIT_EXPECT_TRUE(test, tmem_env_filled(folio, 2));
	KUNIT_EXPECT_EQ(test, fake->frees, 1);
}

/* Refused before any backend is asked: the older copy goes all the same. */
static void expect_not_admitted(struct kunit *test, struct folio *folio, enum tmem_refusal why)
{
	unsigned long before = tmem_refused_total(why);
	unsigned int stores = fake->stores;

	KUNIT_EXPECT_LT(test, tmem_env_store(folio), 0);
	KUNIT_EXPECT_EQ(test, tmem_refused_total(why), before + folio_nr_pages(folio));
	KUNIT_EXPECT_EQ(test, fake->stores, stores);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), -ENOENT);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 0);
}

static void pause_and_hibernation_refuse(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 32, 1);

	store_ok(test, folio, 1);
	tmem_paused = true;
	expect_not_admitted(test, folio, TMEM_REFUSED_paused);
	tmem_paused = false;

	store_ok(test, folio, 2);
	tmem_hibernating = true;
	expect_not_admitted(test, folio, TMEM_REFUSED_hibernation);
	tmem_hibernating = false;
	store_ok(test, folio, 3);
}

static void refused_area_takes_nothing(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 34, 0);

	tmem_area(ENV_TYPE)->refusal = TMEM_REFUSED_crypt;
	expect_not_admitted(test, folio, TMEM_REFUSED_crypt);
}

static void no_table_no_store(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 36, 0);
	unsigned long no_table = tmem_refused_total(TMEM_REFUSED_no_table);
	unsigned long no_backend = tmem_refused_total(TMEM_REFUSED_no_backend);

	tmem_area_destroy(ENV_TYPE);
	KUNIT_EXPECT_LT(test, tmem_env_store(folio), 0);
	KUNIT_EXPECT_EQ(test, tmem_refused_total(TMEM_REFUSED_no_table), no_table + 1);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), -ENOENT);
	tmem_fake_unregister(fake);
	KUNIT_EXPECT_LT(test, tmem_env_store(folio), 0);
	KUNIT_EXPECT_EQ(test, tmem_refused_total(TMEM_REFUSED_no_backend), no_backend + 1);
}

static void load_to_the_cache_is_kept_in_mind(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 40, 0);

	store_ok(test, folio, 1);
	folio_clear_swapcache(folio);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
	KUNIT_EXPECT_EQ(test, *tmem_env_entry(40) & TMEM_ENTRY_KEPT, 0);
	folio_set_swapcache(folio);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
	KUNIT_EXPECT_NE(test, *tmem_env_entry(40) & TMEM_ENTRY_KEPT, 0);
	KUNIT_EXPECT_FALSE(test, folio_test_dirty(folio));
}

struct storer {
	struct folio *folio;
	int err;
	struct completion done;
};

static int store_in_thread(void *data)
{
	struct storer *storer = data;

	storer->err = tmem_env_store(storer->folio);
	complete(&storer->done);
	return 0;
}

/* Whether it is going to be stored or refused. */
static void expect_store_waits(struct kunit *test, struct folio *folio, bool stored)
{
	u32 *entry = tmem_env_entry(swp_offset(folio->swap));
	struct storer storer = { .folio = folio };
	struct task_struct *task;

	init_completion(&storer.done);
	KUNIT_ASSERT_NE(test, tmem_entry_begin_move(entry), TMEM_PLACE_NONE);
	task = kthread_run(store_in_thread, &storer, "tmem_kunit");
	KUNIT_EXPECT_EQ(test, wait_for_completion_timeout(&storer.done, HZ / 10), 0);
	tmem_entry_end_move(entry);
	wake_up_var(entry);
	KUNIT_EXPECT_NE(test, wait_for_completion_timeout(&storer.done, 5 * HZ), 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	KUNIT_EXPECT_EQ(test, !storer.err, stored);
}

static void store_waits_for_the_bio_to_its_slot(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 44, 0);

	store_ok(test, folio, 1);
	expect_store_waits(test, folio, true);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 1);
	tmem_paused = true;
	expect_store_waits(test, folio, false);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 0);
}

static struct kunit_case doors_cases[] = {
	KUNIT_CASE(load_brings_what_was_stored),
	KUNIT_CASE(load_of_an_unknown_slot),
	KUNIT_CASE(second_store_replaces),
	KUNIT_CASE(refused_store_forgets_the_older_copy),
	KUNIT_CASE(invalidation_forgets),
	KUNIT_CASE(invalidation_of_a_run_stays_in_it),
	KUNIT_CASE(large_folio_goes_in_and_out_whole),
	KUNIT_CASE(large_folio_is_stored_whole_or_not),
	KUNIT_CASE(large_folio_goes_in_one_run),
	KUNIT_CASE(large_folio_goes_in_several_runs),
	KUNIT_CASE(same_filled_page_in_a_run),
	KUNIT_CASE(refused_in_a_run),
	KUNIT_CASE(whole_or_given_up),
	KUNIT_CASE(lost_page_in_a_run),
	KUNIT_CASE(page_moves_while_a_run_is_read),
	KUNIT_CASE(lost_page_is_an_error_for_good),
	KUNIT_CASE(lost_page_is_forgotten_with_its_slot),
	KUNIT_CASE(one_lost_page_spoils_a_large_folio),
	KUNIT_CASE(same_filled_page_takes_no_handle),
	KUNIT_CASE(same_filled_and_other_pages_replace_each_other),
	KUNIT_CASE(pause_and_hibernation_refuse),
	KUNIT_CASE(refused_area_takes_nothing),
	KUNIT_CASE(no_table_no_store),
	KUNIT_CASE(load_to_the_cache_is_kept_in_mind),
	KUNIT_CASE(store_waits_for_the_bio_to_its_slot),
	{}
};

static struct kunit_suite doors_suite = {
	.name = "tmem_doors",
	.init = tmem_env_init,
	.exit = tmem_env_exit,
	.test_cases = doors_cases,
};
kunit_test_suite(doors_suite);
