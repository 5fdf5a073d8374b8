// SPDX-License-Identifier: GPL-2.0
/* Tests of slot allocation: no slot twice, none lost, and a quarantined one never again. */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/numa.h>
#include <linux/sched.h>

#include "slots.h"

/* Not a multiple of a word, so that the last word of the map is a partial one. */
#define COUNT	203

static struct tmem_pmem_slots slots;

static int slots_test_init(struct kunit *test)
{
	return tmem_pmem_slots_init(&slots, COUNT, NUMA_NO_NODE);
}

static void slots_test_exit(struct kunit *test)
{
	tmem_pmem_slots_exit(&slots);
}

/* Return: how many slots could be had, all of them different. */
static unsigned int alloc_all(struct kunit *test, unsigned long *seen)
{
	unsigned int taken = 0;
	int slot;

	bitmap_zero(seen, COUNT);
	while ((slot = tmem_pmem_slots_alloc(&slots)) >= 0) {
		KUNIT_ASSERT_LT(test, slot, COUNT);
		KUNIT_ASSERT_FALSE(test, test_and_set_bit(slot, seen));
		taken++;
	}
	return taken;
}

static void every_slot_once_then_full(struct kunit *test)
{
	DECLARE_BITMAP(seen, COUNT);

	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_used(&slots), 0);
	KUNIT_EXPECT_EQ(test, alloc_all(test, seen), COUNT);
	KUNIT_EXPECT_TRUE(test, bitmap_full(seen, COUNT));
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_used(&slots), COUNT);
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_alloc(&slots), -1);
}

static void freed_slot_is_used_again(struct kunit *test)
{
	static const u32 freed[] = { 0, 63, 64, 100, COUNT - 1 };
	DECLARE_BITMAP(seen, COUNT);
	unsigned int i;

	alloc_all(test, seen);
	for (i = 0; i < ARRAY_SIZE(freed); i++) {
		tmem_pmem_slots_free(&slots, freed[i]);
		KUNIT_EXPECT_EQ(test, tmem_pmem_slots_used(&slots), COUNT - 1);
		KUNIT_EXPECT_EQ(test, tmem_pmem_slots_alloc(&slots), freed[i]);
		KUNIT_EXPECT_EQ(test, tmem_pmem_slots_alloc(&slots), -1);
	}
}

static void all_freed_all_again(struct kunit *test)
{
	DECLARE_BITMAP(seen, COUNT);
	u32 slot;

	alloc_all(test, seen);
	for (slot = 0; slot < COUNT; slot++)
		tmem_pmem_slots_free(&slots, slot);
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_used(&slots), 0);
	KUNIT_EXPECT_EQ(test, alloc_all(test, seen), COUNT);
}

static void used_counts_each_slot(struct kunit *test)
{
	int taken[10];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(taken); i++) {
		taken[i] = tmem_pmem_slots_alloc(&slots);
		KUNIT_ASSERT_GE(test, taken[i], 0);
		KUNIT_EXPECT_EQ(test, tmem_pmem_slots_used(&slots), i + 1);
	}
	for (i = 0; i < ARRAY_SIZE(taken); i++) {
		tmem_pmem_slots_free(&slots, taken[i]);
		KUNIT_EXPECT_EQ(test, tmem_pmem_slots_used(&slots), ARRAY_SIZE(taken) - i - 1);
	}
}

static void quarantined_free_slot_is_passed_over(struct kunit *test)
{
	DECLARE_BITMAP(seen, COUNT);

	KUNIT_EXPECT_FALSE(test, tmem_pmem_slots_is_bad(&slots, 77));
	KUNIT_EXPECT_TRUE(test, tmem_pmem_slots_quarantine(&slots, 77));
	KUNIT_EXPECT_FALSE(test, tmem_pmem_slots_quarantine(&slots, 77));
	KUNIT_EXPECT_TRUE(test, tmem_pmem_slots_is_bad(&slots, 77));
	KUNIT_EXPECT_FALSE(test, tmem_pmem_slots_is_bad(&slots, 76));
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_used(&slots), 0);

	KUNIT_EXPECT_EQ(test, alloc_all(test, seen), COUNT - 1);
	KUNIT_EXPECT_FALSE(test, test_bit(77, seen));
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_used(&slots), COUNT - 1);
}

static void quarantined_used_slot_does_not_come_back(struct kunit *test)
{
	DECLARE_BITMAP(seen, COUNT);
	u32 slot;

	alloc_all(test, seen);
	KUNIT_EXPECT_TRUE(test, tmem_pmem_slots_quarantine(&slots, 5));
	tmem_pmem_slots_free(&slots, 5);
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_alloc(&slots), -1);
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_used(&slots), COUNT - 1);

	for (slot = 0; slot < COUNT; slot++)
		if (slot != 5)
			tmem_pmem_slots_free(&slots, slot);
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_used(&slots), 0);
	KUNIT_EXPECT_EQ(test, alloc_all(test, seen), COUNT - 1);
	KUNIT_EXPECT_FALSE(test, test_bit(5, seen));
}

/* Free, but not yet so in the map. */
static void quarantined_freed_slot_is_not_counted(struct kunit *test)
{
	int first = tmem_pmem_slots_alloc(&slots), second = tmem_pmem_slots_alloc(&slots);
	DECLARE_BITMAP(seen, COUNT);

	KUNIT_ASSERT_GE(test, first, 0);
	KUNIT_ASSERT_GE(test, second, 0);
	tmem_pmem_slots_free(&slots, first);
	KUNIT_EXPECT_TRUE(test, tmem_pmem_slots_quarantine(&slots, first));
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_used(&slots), 1);
	tmem_pmem_slots_free(&slots, second);
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_used(&slots), 0);
	KUNIT_EXPECT_EQ(test, alloc_all(test, seen), COUNT - 1);
	KUNIT_EXPECT_FALSE(test, test_bit(first, seen));
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_used(&slots), COUNT - 1);
}

static void everything_quarantined_is_full(struct kunit *test)
{
	u32 slot;

	for (slot = 0; slot < COUNT; slot++)
		KUNIT_EXPECT_TRUE(test, tmem_pmem_slots_quarantine(&slots, slot));
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_alloc(&slots), -1);
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_used(&slots), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&slots.bad_count), COUNT);
}

/* Return: how many slots of runs of @want could be had, each one once, and each run in one piece. */
static unsigned int alloc_all_runs(struct kunit *test, u32 want, unsigned long *seen)
{
	unsigned int taken = 0;
	u32 got, i;
	int first;

	bitmap_zero(seen, COUNT);
	while ((first = tmem_pmem_slots_alloc_run(&slots, want, &got)) >= 0) {
		KUNIT_ASSERT_GE(test, got, 2);
		KUNIT_ASSERT_LE(test, got, want);
		KUNIT_ASSERT_LE(test, first + got, COUNT);
		for (i = 0; i < got; i++)
			KUNIT_ASSERT_FALSE(test, test_and_set_bit(first + i, seen));
		taken += got;
	}
	return taken;
}

static void runs_are_in_one_piece(struct kunit *test)
{
	DECLARE_BITMAP(seen, COUNT);
	u32 got, i;

	for (i = 0; i < COUNT / 16; i++) {
		KUNIT_EXPECT_EQ(test, tmem_pmem_slots_alloc_run(&slots, 16, &got), i * 16);
		KUNIT_EXPECT_EQ(test, got, 16);
	}
	/* What is left is shorter. */
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_alloc_run(&slots, 16, &got), 192);
	KUNIT_EXPECT_EQ(test, got, 8);
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_alloc_run(&slots, 16, &got), 200);
	KUNIT_EXPECT_EQ(test, got, 2);
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_alloc_run(&slots, 16, &got), -1);
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_used(&slots), COUNT - 1);
	KUNIT_EXPECT_EQ(test, alloc_all(test, seen), 1);
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_alloc_run(&slots, 16, &got), -1);
}

/* The slots of a folio of 2 MiB are one piece, though no word of the map has so many. */
static void long_runs_follow_one_another(struct kunit *test)
{
	u32 got, i;

	for (i = 0; i < COUNT / 64; i++) {
		KUNIT_EXPECT_EQ(test, tmem_pmem_slots_alloc_run(&slots, 512, &got), i * 64);
		KUNIT_EXPECT_EQ(test, got, 64);
	}
}

static void runs_of_any_length_find_all_pairs(struct kunit *test)
{
	DECLARE_BITMAP(seen, COUNT);
	u32 want, slot;

	for (want = 2; want < 100; want++) {
		KUNIT_EXPECT_GE(test, alloc_all_runs(test, want, seen), COUNT - 4);
		for_each_set_bit(slot, seen, COUNT)
			tmem_pmem_slots_free(&slots, slot);
		KUNIT_EXPECT_EQ(test, tmem_pmem_slots_used(&slots), 0);
	}
}

static void no_run_where_only_single_slots_are_free(struct kunit *test)
{
	DECLARE_BITMAP(seen, COUNT);
	u32 slot, got;

	alloc_all(test, seen);
	for (slot = 0; slot < COUNT; slot += 2)
		tmem_pmem_slots_free(&slots, slot);
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_alloc_run(&slots, 16, &got), -1);
	/* A hole of four is found, and what was freed is not lost by the search. */
	tmem_pmem_slots_free(&slots, 101);
	tmem_pmem_slots_free(&slots, 103);
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_alloc_run(&slots, 16, &got), 100);
	KUNIT_EXPECT_EQ(test, got, 4);
	KUNIT_EXPECT_EQ(test, alloc_all(test, seen), COUNT - COUNT / 2 - 2);
}

static void runs_pass_quarantined_slots_over(struct kunit *test)
{
	DECLARE_BITMAP(seen, COUNT);
	DECLARE_BITMAP(single, COUNT);

	tmem_pmem_slots_quarantine(&slots, 3);
	tmem_pmem_slots_quarantine(&slots, 64);
	tmem_pmem_slots_quarantine(&slots, 127);
	alloc_all_runs(test, 16, seen);
	alloc_all(test, single);
	KUNIT_EXPECT_FALSE(test, bitmap_intersects(seen, single, COUNT));
	bitmap_or(seen, seen, single, COUNT);
	KUNIT_EXPECT_FALSE(test, test_bit(3, seen) || test_bit(64, seen) || test_bit(127, seen));
	KUNIT_EXPECT_EQ(test, bitmap_weight(seen, COUNT), COUNT - 3);
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_used(&slots), COUNT - 3);
}

/* Of a map that was made smaller, nothing beyond its end is handed out. */
static void runs_end_where_the_map_does(struct kunit *test)
{
	DECLARE_BITMAP(seen, COUNT);
	unsigned int depth;

	for (depth = COUNT; depth > 20; depth -= 19) {
		u32 slot;

		tmem_pmem_slots_resize(&slots, depth);
		KUNIT_EXPECT_GE(test, alloc_all_runs(test, 16, seen), depth - 4);
		KUNIT_EXPECT_GE(test, find_next_bit(seen, COUNT, depth), COUNT);
		for_each_set_bit(slot, seen, COUNT)
			tmem_pmem_slots_free(&slots, slot);
	}
}

static void a_single_slot(struct kunit *test)
{
	struct tmem_pmem_slots one;

	KUNIT_ASSERT_EQ(test, tmem_pmem_slots_init(&one, 1, NUMA_NO_NODE), 0);
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_alloc(&one), 0);
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_alloc(&one), -1);
	tmem_pmem_slots_free(&one, 0);
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_alloc(&one), 0);
	tmem_pmem_slots_exit(&one);
}

/* Whichever allocation fails, nothing is left behind (kmemleak looks for it). */
static void no_memory_for_the_maps(struct kunit *test)
{
	struct tmem_pmem_slots none;
	unsigned int refused = 0;
	bool failed = true;
	int nth;

	for (nth = 1; failed; nth++) {
		int err;

		current->fail_nth = nth;
		err = tmem_pmem_slots_init(&none, COUNT, NUMA_NO_NODE);
		failed = !current->fail_nth;
		current->fail_nth = 0;
		if (err) {
			KUNIT_EXPECT_EQ(test, err, -ENOMEM);
			refused++;
		} else {
			tmem_pmem_slots_exit(&none);
		}
	}
	KUNIT_EXPECT_GE(test, refused, 2);
}

static void only_usable_slots_are_handed_out(struct kunit *test)
{
	static const u32 usable[] = { 100, 64, 1, 0, 130, COUNT };
	DECLARE_BITMAP(seen, COUNT);
	unsigned int i;
	u32 slot;

	for (i = 0; i < ARRAY_SIZE(usable); i++) {
		tmem_pmem_slots_resize(&slots, usable[i]);
		KUNIT_EXPECT_EQ(test, alloc_all(test, seen), usable[i]);
		KUNIT_EXPECT_EQ(test, find_next_bit(seen, COUNT, usable[i]), COUNT);
		KUNIT_EXPECT_EQ(test, tmem_pmem_slots_used(&slots), usable[i]);
		KUNIT_EXPECT_EQ(test, tmem_pmem_slots_good(&slots), usable[i]);
		for_each_set_bit(slot, seen, COUNT)
			tmem_pmem_slots_free(&slots, slot);
	}
}

static void what_is_not_usable_any_more_is_counted_and_freed(struct kunit *test)
{
	DECLARE_BITMAP(seen, COUNT);
	u32 slot;

	alloc_all(test, seen);
	tmem_pmem_slots_quarantine(&slots, 3);
	tmem_pmem_slots_quarantine(&slots, COUNT - 1);
	tmem_pmem_slots_resize(&slots, 70);
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_good(&slots), 69);
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_used(&slots), COUNT - 2);
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_alloc(&slots), -1);
	for (slot = 70; slot < COUNT - 1; slot++)
		tmem_pmem_slots_free(&slots, slot);
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_used(&slots), 69);
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_alloc(&slots), -1);
	/* It grows again: what was freed there is there. */
	tmem_pmem_slots_resize(&slots, COUNT);
	KUNIT_EXPECT_EQ(test, alloc_all(test, seen), COUNT - 1 - 70);
	KUNIT_EXPECT_EQ(test, tmem_pmem_slots_used(&slots), COUNT - 2);
}

static struct kunit_case slots_cases[] = {
	KUNIT_CASE(every_slot_once_then_full),
	KUNIT_CASE(freed_slot_is_used_again),
	KUNIT_CASE(all_freed_all_again),
	KUNIT_CASE(used_counts_each_slot),
	KUNIT_CASE(quarantined_free_slot_is_passed_over),
	KUNIT_CASE(quarantined_used_slot_does_not_come_back),
	KUNIT_CASE(quarantined_freed_slot_is_not_counted),
	KUNIT_CASE(everything_quarantined_is_full),
	KUNIT_CASE(runs_are_in_one_piece),
	KUNIT_CASE(long_runs_follow_one_another),
	KUNIT_CASE(runs_of_any_length_find_all_pairs),
	KUNIT_CASE(no_run_where_only_single_slots_are_free),
	KUNIT_CASE(runs_pass_quarantined_slots_over),
	KUNIT_CASE(runs_end_where_the_map_does),
	KUNIT_CASE(a_single_slot),
	KUNIT_CASE(no_memory_for_the_maps),
	KUNIT_CASE(only_usable_slots_are_handed_out),
	KUNIT_CASE(what_is_not_usable_any_more_is_counted_and_freed),
	{}
};

static struct kunit_suite slots_suite = {
	.name = "tmem_pmem_slots",
	.init = slots_test_init,
	.exit = slots_test_exit,
	.test_cases = slots_cases,
};
kunit_test_suite(slots_suite);
