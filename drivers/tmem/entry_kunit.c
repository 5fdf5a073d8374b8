// SPDX-License-Identifier: GPL-2.0
/* Tests of the 32-bit entry: every transition of the table in entry.h, and those it forbids. */
#include <kunit/test.h>

#include "entry.h"

#define BUSY		((u32)TMEM_ENTRY_BUSY)
#define INFLIGHT	((u32)TMEM_ENTRY_INFLIGHT)
#define KEPT		((u32)TMEM_ENTRY_KEPT)
#define HERE		tmem_place_make(0, 5)
#define THERE		tmem_place_make(1, 6)

static void places_keep_backend_and_handle(struct kunit *test)
{
	static const u32 handles[] = { 0, 1, 4711, BIT(28) - 8192 - 1 };
	unsigned int backend, i;

	for (backend = 0; backend < 2; backend++) {
		for (i = 0; i < ARRAY_SIZE(handles); i++) {
			u32 place = tmem_place_make(backend, handles[i]);

			KUNIT_EXPECT_EQ(test, place & TMEM_ENTRY_FLAGS, 0);
			KUNIT_EXPECT_TRUE(test, tmem_place_is_handle(place));
			KUNIT_EXPECT_FALSE(test, tmem_place_is_fill(place));
			KUNIT_EXPECT_EQ(test, tmem_place_backend(place), backend);
			KUNIT_EXPECT_EQ(test, tmem_place_handle(place), handles[i]);
		}
	}
}

static void places_of_the_core_are_no_handles(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, tmem_place_is_handle(TMEM_PLACE_NONE));
	KUNIT_EXPECT_FALSE(test, tmem_place_is_handle(TMEM_PLACE_LOST));
	KUNIT_EXPECT_FALSE(test, tmem_place_is_handle(TMEM_PLACE_FILLS));
	KUNIT_EXPECT_FALSE(test, tmem_place_is_handle(TMEM_PLACE_HANDLES - 1));
	KUNIT_EXPECT_TRUE(test, tmem_place_is_handle(TMEM_PLACE_HANDLES));
	KUNIT_EXPECT_FALSE(test, tmem_place_is_fill(TMEM_PLACE_NONE));
	KUNIT_EXPECT_FALSE(test, tmem_place_is_fill(TMEM_PLACE_LOST));
	KUNIT_EXPECT_TRUE(test, tmem_place_is_fill(TMEM_PLACE_FILLS));
	KUNIT_EXPECT_TRUE(test, tmem_place_is_fill(TMEM_PLACE_FILLS + TMEM_FILLS_MAX - 1));
	KUNIT_EXPECT_FALSE(test, tmem_place_is_fill(TMEM_PLACE_FILLS + TMEM_FILLS_MAX));
	KUNIT_EXPECT_LE(test, TMEM_PLACE_FILLS + TMEM_FILLS_MAX, TMEM_PLACE_HANDLES);
}

static void store_to_an_empty_entry_needs_no_lock(struct kunit *test)
{
	u32 entry = 0, old = 99;

	KUNIT_EXPECT_EQ(test, tmem_entry_lock(&entry, &old), 0);
	KUNIT_EXPECT_EQ(test, old, TMEM_PLACE_NONE);
	KUNIT_EXPECT_EQ(test, entry, 0);
	tmem_entry_publish(&entry, HERE);
	KUNIT_EXPECT_EQ(test, entry, HERE);
}

static void store_over_a_place_locks_it(struct kunit *test)
{
	u32 entry = HERE | KEPT, old = 0;

	KUNIT_EXPECT_EQ(test, tmem_entry_lock(&entry, &old), 0);
	KUNIT_EXPECT_EQ(test, old, HERE);
	KUNIT_EXPECT_EQ(test, entry, HERE | KEPT | BUSY);

	/* Nobody else gets at it meanwhile. */
	KUNIT_EXPECT_EQ(test, tmem_entry_lock(&entry, &old), -EAGAIN);
	KUNIT_EXPECT_EQ(test, tmem_entry_begin_move(&entry), TMEM_PLACE_NONE);
	KUNIT_EXPECT_FALSE(test, tmem_entry_replace(&entry, HERE, THERE));
	tmem_entry_clear_kept(&entry, READ_ONCE(entry));
	KUNIT_EXPECT_EQ(test, entry, HERE | KEPT | BUSY);

	tmem_entry_publish(&entry, THERE);
	KUNIT_EXPECT_EQ(test, entry, THERE);
}

static void refused_store_leaves_an_empty_entry(struct kunit *test)
{
	u32 entry = HERE, old;

	KUNIT_EXPECT_EQ(test, tmem_entry_lock(&entry, &old), 0);
	tmem_entry_publish(&entry, TMEM_PLACE_NONE);
	KUNIT_EXPECT_EQ(test, entry, 0);
}

static void store_waits_for_a_move(struct kunit *test)
{
	u32 entry = HERE | INFLIGHT, old;

	KUNIT_EXPECT_EQ(test, tmem_entry_lock(&entry, &old), -EAGAIN);
	KUNIT_EXPECT_EQ(test, entry, HERE | INFLIGHT);

	/* Also when the slot was freed while the bio flies. */
	entry = INFLIGHT;
	KUNIT_EXPECT_EQ(test, tmem_entry_lock(&entry, &old), -EAGAIN);
	KUNIT_EXPECT_EQ(test, entry, INFLIGHT);

	tmem_entry_end_move(&entry);
	KUNIT_EXPECT_EQ(test, tmem_entry_lock(&entry, &old), 0);
}

static void invalidation_empties(struct kunit *test)
{
	u32 entry = HERE | KEPT;

	KUNIT_EXPECT_EQ(test, tmem_entry_clear(&entry), HERE);
	KUNIT_EXPECT_EQ(test, entry, 0);
	KUNIT_EXPECT_EQ(test, tmem_entry_clear(&entry), TMEM_PLACE_NONE);

	entry = TMEM_PLACE_LOST;
	KUNIT_EXPECT_EQ(test, tmem_entry_clear(&entry), TMEM_PLACE_LOST);
	KUNIT_EXPECT_EQ(test, entry, 0);
}

static void inflight_survives_invalidation(struct kunit *test)
{
	u32 entry = HERE | KEPT;

	KUNIT_EXPECT_EQ(test, tmem_entry_begin_move(&entry), HERE);
	KUNIT_EXPECT_EQ(test, entry, HERE | KEPT | INFLIGHT);
	KUNIT_EXPECT_EQ(test, tmem_entry_clear(&entry), HERE);
	KUNIT_EXPECT_EQ(test, entry, INFLIGHT);
	KUNIT_EXPECT_EQ(test, tmem_entry_clear(&entry), TMEM_PLACE_NONE);
	KUNIT_EXPECT_EQ(test, entry, INFLIGHT);
	/* The worker's write has ended, and there is nothing to leave any more. */
	KUNIT_EXPECT_FALSE(test, tmem_entry_replace(&entry, HERE, TMEM_PLACE_NONE));
	tmem_entry_end_move(&entry);
	KUNIT_EXPECT_EQ(test, entry, 0);
}

static void move_begins_once(struct kunit *test)
{
	u32 entry = HERE;

	KUNIT_EXPECT_EQ(test, tmem_entry_begin_move(&entry), HERE);
	KUNIT_EXPECT_EQ(test, tmem_entry_begin_move(&entry), TMEM_PLACE_NONE);
	KUNIT_EXPECT_EQ(test, entry, HERE | INFLIGHT);
	tmem_entry_end_move(&entry);
	KUNIT_EXPECT_EQ(test, entry, HERE);
}

static void only_copies_are_moved(struct kunit *test)
{
	static const u32 idle[] = { 0, TMEM_PLACE_LOST };
	unsigned int i;
	u32 entry;

	for (i = 0; i < ARRAY_SIZE(idle); i++) {
		entry = idle[i];
		KUNIT_EXPECT_EQ(test, tmem_entry_begin_move(&entry), TMEM_PLACE_NONE);
		KUNIT_EXPECT_EQ(test, entry, idle[i]);
	}
	entry = TMEM_PLACE_FILLS;
	KUNIT_EXPECT_EQ(test, tmem_entry_begin_move(&entry), TMEM_PLACE_FILLS);
}

static void move_ends_with_the_copy_gone(struct kunit *test)
{
	u32 entry = HERE | KEPT;

	tmem_entry_begin_move(&entry);
	KUNIT_EXPECT_TRUE(test, tmem_entry_replace(&entry, HERE, TMEM_PLACE_NONE));
	KUNIT_EXPECT_EQ(test, entry, INFLIGHT);
	tmem_entry_end_move(&entry);
	KUNIT_EXPECT_EQ(test, entry, 0);
}

static void move_to_another_place_keeps_inflight(struct kunit *test)
{
	u32 entry = HERE;

	tmem_entry_begin_move(&entry);
	KUNIT_EXPECT_TRUE(test, tmem_entry_replace(&entry, HERE, THERE));
	KUNIT_EXPECT_EQ(test, entry, THERE | INFLIGHT);
	tmem_entry_end_move(&entry);
	KUNIT_EXPECT_EQ(test, entry, THERE);
}

static void replace_wants_its_own_place(struct kunit *test)
{
	u32 entry = THERE;

	KUNIT_EXPECT_FALSE(test, tmem_entry_replace(&entry, HERE, TMEM_PLACE_LOST));
	KUNIT_EXPECT_EQ(test, entry, THERE);
	entry = 0;
	KUNIT_EXPECT_FALSE(test, tmem_entry_replace(&entry, HERE, TMEM_PLACE_LOST));
	KUNIT_EXPECT_EQ(test, entry, 0);
}

/*
 * A slot is freed and used again, by chance with the same place, while a bio for it flies. INFLIGHT
 * keeps the second use out until the first has ended, so the worker never empties the newer copy.
 */
static void same_place_cannot_come_back_under_a_move(struct kunit *test)
{
	u32 entry = HERE, old;

	KUNIT_ASSERT_EQ(test, tmem_entry_begin_move(&entry), HERE);
	KUNIT_ASSERT_EQ(test, tmem_entry_clear(&entry), HERE);
	KUNIT_EXPECT_EQ(test, tmem_entry_lock(&entry, &old), -EAGAIN);
	KUNIT_EXPECT_EQ(test, tmem_entry_begin_move(&entry), TMEM_PLACE_NONE);
	KUNIT_EXPECT_FALSE(test, tmem_entry_replace(&entry, HERE, TMEM_PLACE_NONE));
	tmem_entry_end_move(&entry);

	KUNIT_ASSERT_EQ(test, tmem_entry_lock(&entry, &old), 0);
	KUNIT_EXPECT_EQ(test, old, TMEM_PLACE_NONE);
	tmem_entry_publish(&entry, HERE);
	KUNIT_EXPECT_EQ(test, entry, HERE);
}

static void kept_is_a_hint(struct kunit *test)
{
	u32 entry = HERE;

	tmem_entry_set_kept(&entry, entry);
	KUNIT_EXPECT_EQ(test, entry, HERE | KEPT);
	tmem_entry_clear_kept(&entry, entry);
	KUNIT_EXPECT_EQ(test, entry, HERE);

	/* The entry changed since it was read: the hint is dropped, the change is not. */
	entry = THERE;
	tmem_entry_set_kept(&entry, HERE);
	KUNIT_EXPECT_EQ(test, entry, THERE);
	entry = HERE | INFLIGHT;
	tmem_entry_set_kept(&entry, HERE);
	KUNIT_EXPECT_EQ(test, entry, HERE | INFLIGHT);

	/* An empty entry has no copy to be kept, and stays one that a store needs no lock for. */
	entry = 0;
	tmem_entry_set_kept(&entry, entry);
	KUNIT_EXPECT_EQ(test, entry, 0);
	entry = INFLIGHT;
	tmem_entry_set_kept(&entry, entry);
	KUNIT_EXPECT_EQ(test, entry, INFLIGHT);
}

static void kept_goes_with_the_copy(struct kunit *test)
{
	u32 entry = HERE | KEPT, old;

	KUNIT_EXPECT_EQ(test, tmem_entry_place(entry), HERE);
	KUNIT_EXPECT_TRUE(test, tmem_entry_replace(&entry, HERE, THERE));
	KUNIT_EXPECT_EQ(test, entry, THERE);

	entry = HERE | KEPT;
	KUNIT_EXPECT_EQ(test, tmem_entry_lock(&entry, &old), 0);
	tmem_entry_publish(&entry, old);
	KUNIT_EXPECT_EQ(test, entry, HERE);
}

static struct kunit_case entry_cases[] = {
	KUNIT_CASE(places_keep_backend_and_handle),
	KUNIT_CASE(places_of_the_core_are_no_handles),
	KUNIT_CASE(store_to_an_empty_entry_needs_no_lock),
	KUNIT_CASE(store_over_a_place_locks_it),
	KUNIT_CASE(refused_store_leaves_an_empty_entry),
	KUNIT_CASE(store_waits_for_a_move),
	KUNIT_CASE(invalidation_empties),
	KUNIT_CASE(inflight_survives_invalidation),
	KUNIT_CASE(move_begins_once),
	KUNIT_CASE(only_copies_are_moved),
	KUNIT_CASE(move_ends_with_the_copy_gone),
	KUNIT_CASE(move_to_another_place_keeps_inflight),
	KUNIT_CASE(replace_wants_its_own_place),
	KUNIT_CASE(same_place_cannot_come_back_under_a_move),
	KUNIT_CASE(kept_is_a_hint),
	KUNIT_CASE(kept_goes_with_the_copy),
	{}
};

static struct kunit_suite entry_suite = {
	.name = "tmem_entry",
	.test_cases = entry_cases,
};
kunit_test_suite(entry_suite);
