// SPDX-License-Identifier: GPL-2.0
/* Tests of what moves pages away: to a RAM disk as swap device, to another place, or to "lost". */
#include <linux/blkdev.h>
#include <linux/mm.h>

#include "kunit_env.h"
#include "swap_device.h"

static struct tmem_fake *first = &tmem_fakes[0];
static struct tmem_fake *second = &tmem_fakes[1];

static int move_init(struct kunit *test)
{
	if (tmem_double_disk_open())
		return -ENODEV;
	return tmem_env_init(test);
}

static void move_exit(struct kunit *test)
{
	tmem_env_exit(test);
	tmem_double_disk_close();
}

static void let_pages_be_written(sector_t first_sector)
{
	tmem_swap_device(ENV_TYPE)->bdev = tmem_double_disk();
	tmem_double.first_sector = first_sector;
}

static struct folio *stored(struct kunit *test, pgoff_t offset, u32 seed)
{
	struct folio *folio = tmem_env_folio(test, offset, 0);

	tmem_env_fill(folio, seed);
	KUNIT_ASSERT_EQ(test, tmem_env_store(folio), 0);
	tmem_env_fill(folio, ~seed);
	return folio;
}

static void expect_written_out(struct kunit *test, struct folio *folio, u32 seed)
{
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), -ENOENT);
	KUNIT_EXPECT_EQ(test, tmem_double_disk_transfer(folio, REQ_OP_READ), 0);
	KUNIT_EXPECT_TRUE(test, tmem_env_filled(folio, seed));
}

static bool all(u32 handle, void *data)
{
	return true;
}

static bool one(u32 handle, void *data)
{
	return handle == *(u32 *)data;
}

static void shrink_writes_to_their_own_slots(struct kunit *test)
{
	unsigned long written = tmem_event_total(TMEM_EVENT_written_out);
	struct folio *folios[8];
	unsigned int i;

	let_pages_be_written(DISK_FIRST_SECTOR);
	for (i = 0; i < ARRAY_SIZE(folios); i++)
		folios[i] = stored(test, 3 * i, i);
	KUNIT_EXPECT_EQ(test, tmem_shrink(8), 0);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 8);
	KUNIT_EXPECT_EQ(test, tmem_shrink(3), 0);
	KUNIT_EXPECT_LE(test, tmem_held_pages(), 3);
	KUNIT_EXPECT_EQ(test, tmem_shrink(0), 0);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 0);
	KUNIT_EXPECT_EQ(test, first->frees, 8);
	KUNIT_EXPECT_EQ(test, tmem_event_total(TMEM_EVENT_written_out), written + 8);
	for (i = 0; i < ARRAY_SIZE(folios); i++) {
		expect_written_out(test, folios[i], i);
		KUNIT_EXPECT_EQ(test, *tmem_env_entry(3 * i), 0);
	}
	KUNIT_EXPECT_FALSE(test, first->backend.pinned);
}

static void shrink_writes_same_filled_pages(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 1, 0);

	let_pages_be_written(DISK_FIRST_SECTOR);
	KUNIT_ASSERT_EQ(test, tmem_env_store(folio), 0);
	tmem_env_fill(folio, 1);
	KUNIT_EXPECT_EQ(test, tmem_shrink(0), 0);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), -ENOENT);
	KUNIT_EXPECT_EQ(test, tmem_double_disk_transfer(folio, REQ_OP_READ), 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(folio_address(folio), 0, PAGE_SIZE));
}

static void failed_write_leaves_the_page(struct kunit *test)
{
	unsigned long errors = tmem_event_total(TMEM_EVENT_write_out_errors);
	struct folio *folio = stored(test, 1, 1);

	let_pages_be_written(bdev_nr_sectors(tmem_double_disk()));
	KUNIT_EXPECT_EQ(test, tmem_shrink(0), -EIO);
	KUNIT_EXPECT_EQ(test, tmem_event_total(TMEM_EVENT_write_out_errors), errors + 1);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 1);
	KUNIT_EXPECT_EQ(test, *tmem_env_entry(1) & TMEM_ENTRY_INFLIGHT, 0);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
	KUNIT_EXPECT_TRUE(test, tmem_env_filled(folio, 1));
}

static void page_without_a_slot_on_the_device_stays(struct kunit *test)
{
	struct folio *folio = stored(test, 1, 1);

	KUNIT_EXPECT_EQ(test, tmem_shrink(0), -EIO);
	KUNIT_EXPECT_EQ(test, tmem_evacuate(&first->backend, all, NULL, false), 0);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
	first->store_err = -ENOSPC;
	KUNIT_EXPECT_EQ(test, tmem_evacuate(&first->backend, all, NULL, false), -EIO);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
	KUNIT_EXPECT_TRUE(test, tmem_env_filled(folio, 1));
}

static void free_slot_1(void)
{
	tmem_invalidate(ENV_TYPE, 1, 1);
}

/* What was read may be another page's by now: it must not reach the disk. */
static void page_freed_while_it_is_read_is_not_written(struct kunit *test)
{
	unsigned long written = tmem_event_total(TMEM_EVENT_written_out);
	struct folio *folio = stored(test, 1, 1);

	let_pages_be_written(DISK_FIRST_SECTOR);
	tmem_env_fill(folio, 2);
	KUNIT_ASSERT_EQ(test, tmem_double_disk_transfer(folio, REQ_OP_WRITE), 0);
	first->after_load = free_slot_1;
	KUNIT_EXPECT_EQ(test, tmem_shrink(0), 0);
	first->after_load = NULL;
	KUNIT_EXPECT_EQ(test, *tmem_env_entry(1), 0);
	KUNIT_EXPECT_EQ(test, first->frees, 1);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 0);
	KUNIT_EXPECT_EQ(test, tmem_event_total(TMEM_EVENT_written_out), written);
	tmem_env_fill(folio, 3);
	KUNIT_ASSERT_EQ(test, tmem_double_disk_transfer(folio, REQ_OP_READ), 0);
	KUNIT_EXPECT_TRUE(test, tmem_env_filled(folio, 2));
}

/* Its new place is given back as well. */
static void page_freed_while_it_is_relocated_stays_away(struct kunit *test)
{
	struct folio *folio = stored(test, 1, 1);

	first->after_store = free_slot_1;
	KUNIT_EXPECT_EQ(test, tmem_evacuate(&first->backend, all, NULL, false), 0);
	first->after_store = NULL;
	KUNIT_EXPECT_EQ(test, *tmem_env_entry(1), 0);
	KUNIT_EXPECT_EQ(test, first->frees, 2);
	KUNIT_EXPECT_EQ(test, tmem_fake_held(first), 0);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 0);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), -ENOENT);
}

static void unreadable_page_is_lost_not_written(struct kunit *test)
{
	unsigned long lost = tmem_event_total(TMEM_EVENT_lost);
	struct folio *folio = stored(test, 1, 1);

	let_pages_be_written(DISK_FIRST_SECTOR);
	first->load_err = -EIO;
	KUNIT_EXPECT_EQ(test, tmem_shrink(0), 0);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), -EIO);
	KUNIT_EXPECT_EQ(test, tmem_event_total(TMEM_EVENT_lost), lost + 1);
	KUNIT_EXPECT_EQ(test, first->frees, 1);
}

static struct folio *locked;

static void unlock_it(struct work_struct *work)
{
	folio_unlock(locked);
}

static DECLARE_DELAYED_WORK(unlock_work, unlock_it);

static void unreadable_page_that_is_locked_in_memory_is_waited_for(struct kunit *test)
{
	unsigned long lost = tmem_event_total(TMEM_EVENT_lost);

	locked = stored(test, 1, 1);
	tmem_double.cached = locked;
	first->load_err = -EIO;
	schedule_delayed_work(&unlock_work, 3);
	KUNIT_EXPECT_EQ(test, tmem_shrink(0), 0);
	flush_delayed_work(&unlock_work);
	KUNIT_EXPECT_TRUE(test, folio_test_dirty(locked));
	KUNIT_EXPECT_EQ(test, *tmem_env_entry(1), 0);
	KUNIT_EXPECT_EQ(test, tmem_event_total(TMEM_EVENT_lost), lost);
	KUNIT_EXPECT_EQ(test, first->frees, 1);
}

/* A store that waits for the mover may be who has it locked: it is let go, and the copy stays as it is. */
static void unreadable_page_that_stays_locked_is_not_lost(struct kunit *test)
{
	unsigned long lost = tmem_event_total(TMEM_EVENT_lost);
	struct folio *folio = stored(test, 1, 1);

	tmem_double.cached = folio;
	first->load_err = -EIO;
	KUNIT_EXPECT_EQ(test, tmem_shrink(0), -EAGAIN);
	KUNIT_EXPECT_EQ(test, tmem_event_total(TMEM_EVENT_lost), lost);
	KUNIT_EXPECT_NE(test, tmem_entry_place(*tmem_env_entry(1)), TMEM_PLACE_NONE);
	KUNIT_EXPECT_EQ(test, *tmem_env_entry(1) & TMEM_ENTRY_INFLIGHT, 0);
	folio_unlock(folio);
	KUNIT_EXPECT_EQ(test, tmem_shrink(0), 0);
	KUNIT_EXPECT_TRUE(test, folio_test_dirty(folio));
	KUNIT_EXPECT_EQ(test, tmem_event_total(TMEM_EVENT_lost), lost);
	KUNIT_EXPECT_EQ(test, first->frees, 1);
}

static void evacuation_empties_one_place(struct kunit *test)
{
	struct folio *folios[3];
	u32 handle;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(folios); i++)
		folios[i] = stored(test, i, i);
	handle = tmem_place_handle(tmem_entry_place(*tmem_env_entry(1)));
	KUNIT_EXPECT_EQ(test, tmem_evacuate(&first->backend, one, &handle, false), 0);
	KUNIT_EXPECT_EQ(test, first->frees, 1);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 3);
	KUNIT_EXPECT_NE(test, tmem_place_handle(tmem_entry_place(*tmem_env_entry(1))), handle);
	for (i = 0; i < ARRAY_SIZE(folios); i++) {
		KUNIT_EXPECT_EQ(test, tmem_env_load(folios[i]), 0);
		KUNIT_EXPECT_TRUE(test, tmem_env_filled(folios[i], i));
	}
}

static void backend_goes_and_the_other_takes_over(struct kunit *test)
{
	struct folio *folio = stored(test, 1, 1);

	KUNIT_ASSERT_EQ(test, tmem_fake_register(second), 0);
	tmem_fake_unregister(first);
	first->area_exits++;
	KUNIT_EXPECT_EQ(test, first->frees, 1);
	KUNIT_EXPECT_EQ(test, tmem_fake_held(second), 1);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
	KUNIT_EXPECT_TRUE(test, tmem_env_filled(folio, 1));
}

static void backend_goes_and_its_pages_are_written(struct kunit *test)
{
	struct folio *folio = stored(test, 1, 1);

	let_pages_be_written(DISK_FIRST_SECTOR);
	tmem_fake_unregister(first);
	first->area_exits++;
	expect_written_out(test, folio, 1);
	KUNIT_EXPECT_EQ(test, first->frees, 1);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 0);
}

static void backend_goes_and_its_pages_have_nowhere_to(struct kunit *test)
{
	unsigned long lost = tmem_event_total(TMEM_EVENT_lost);
	struct folio *folio = stored(test, 1, 1);

	tmem_fake_unregister(first);
	first->area_exits++;
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), -EIO);
	KUNIT_EXPECT_EQ(test, tmem_event_total(TMEM_EVENT_lost), lost + 1);
	KUNIT_EXPECT_EQ(test, first->frees, 1);
}

static void poison_spares_pages_in_memory(struct kunit *test)
{
	struct folio *in_memory = stored(test, 1, 1);
	struct folio *gone = stored(test, 2, 2);
	struct folio *untouched = tmem_env_folio(test, 3, 0);

	KUNIT_ASSERT_EQ(test, tmem_env_store(untouched), 0);
	tmem_double.cached = in_memory;
	folio_unlock(in_memory);
	KUNIT_EXPECT_EQ(test, tmem_poison(&first->backend, all, NULL), 1);
	KUNIT_EXPECT_TRUE(test, folio_test_dirty(in_memory));
	KUNIT_EXPECT_EQ(test, tmem_env_load(in_memory), -ENOENT);
	KUNIT_EXPECT_EQ(test, tmem_env_load(gone), -EIO);
	KUNIT_EXPECT_EQ(test, tmem_env_load(untouched), 0);
	KUNIT_EXPECT_EQ(test, first->frees, 2);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 1);
}

static void poison_waits_for_pages_that_are_locked(struct kunit *test)
{
	locked = stored(test, 1, 1);
	tmem_double.cached = locked;
	schedule_delayed_work(&unlock_work, msecs_to_jiffies(1000));
	KUNIT_EXPECT_EQ(test, tmem_poison(&first->backend, all, NULL), 0);
	flush_delayed_work(&unlock_work);
	KUNIT_EXPECT_TRUE(test, folio_test_dirty(locked));
	KUNIT_EXPECT_EQ(test, *tmem_env_entry(1), 0);
}

static void full_backend_gives_up_kept_copies(struct kunit *test)
{
	unsigned long dropped = tmem_event_total(TMEM_EVENT_kept_copies_dropped);
	struct folio *kept, *late;
	unsigned int i;

	first->room = 2;
	for (i = 0; i < 2; i++)
		kept = stored(test, 1 + i, i);
	/* Neither was loaded since: no copy may go. */
	late = tmem_env_folio(test, 40, 0);
	tmem_env_fill(late, 40);
	tmem_double.cached = kept;
	folio_unlock(kept);
	KUNIT_EXPECT_LT(test, tmem_env_store(late), 0);

	KUNIT_ASSERT_TRUE(test, folio_trylock(kept));
	KUNIT_EXPECT_EQ(test, tmem_env_load(kept), 0);
	folio_unlock(kept);
	first->watched = kept;
	KUNIT_EXPECT_EQ(test, tmem_env_store(late), 0);
	KUNIT_EXPECT_TRUE(test, first->dirty_at_free);
	KUNIT_EXPECT_EQ(test, first->frees, 1);
	KUNIT_EXPECT_EQ(test, tmem_event_total(TMEM_EVENT_kept_copies_dropped), dropped + 1);
	KUNIT_EXPECT_EQ(test, tmem_env_load(kept), -ENOENT);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 2);
}

static void kept_copy_whose_page_left_memory_stays(struct kunit *test)
{
	struct folio *folio = stored(test, 1, 1), *late = tmem_env_folio(test, 2, 0);

	first->room = 1;
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
	KUNIT_EXPECT_NE(test, *tmem_env_entry(1) & TMEM_ENTRY_KEPT, 0);
	tmem_env_fill(late, 2);
	KUNIT_EXPECT_LT(test, tmem_env_store(late), 0);
	KUNIT_EXPECT_EQ(test, *tmem_env_entry(1) & TMEM_ENTRY_KEPT, 0);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
	KUNIT_EXPECT_TRUE(test, tmem_env_filled(folio, 1));
}

static struct kunit_case move_cases[] = {
	KUNIT_CASE(shrink_writes_to_their_own_slots),
	KUNIT_CASE(shrink_writes_same_filled_pages),
	KUNIT_CASE(failed_write_leaves_the_page),
	KUNIT_CASE(page_without_a_slot_on_the_device_stays),
	KUNIT_CASE(page_freed_while_it_is_read_is_not_written),
	KUNIT_CASE(page_freed_while_it_is_relocated_stays_away),
	KUNIT_CASE(unreadable_page_is_lost_not_written),
	KUNIT_CASE(unreadable_page_that_is_locked_in_memory_is_waited_for),
	KUNIT_CASE(unreadable_page_that_stays_locked_is_not_lost),
	KUNIT_CASE(evacuation_empties_one_place),
	KUNIT_CASE(backend_goes_and_the_other_takes_over),
	KUNIT_CASE(backend_goes_and_its_pages_are_written),
	KUNIT_CASE(backend_goes_and_its_pages_have_nowhere_to),
	KUNIT_CASE(poison_spares_pages_in_memory),
	KUNIT_CASE(poison_waits_for_pages_that_are_locked),
	KUNIT_CASE(full_backend_gives_up_kept_copies),
	KUNIT_CASE(kept_copy_whose_page_left_memory_stays),
	{}
};

static struct kunit_suite move_suite = {
	.name = "tmem_move",
	.init = move_init,
	.exit = move_exit,
	.test_cases = move_cases,
};
kunit_test_suite(move_suite);
