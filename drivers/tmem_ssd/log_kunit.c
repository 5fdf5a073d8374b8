// SPDX-License-Identifier: GPL-2.0
/* Tests of the log: segments go round, and none is used again while somebody needs it. */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/limits.h>

#include "log.h"

#define FIRST_SLOT	(3 * TMEM_SSD_SEGMENT_BLOCKS)
#define SEGMENTS	16

static struct tmem_ssd_log log;

static int log_test_init(struct kunit *test)
{
	return tmem_ssd_log_init(&log, FIRST_SLOT, SEGMENTS);
}

static void log_test_exit(struct kunit *test)
{
	tmem_ssd_log_exit(&log);
}

static u32 in_state(enum tmem_ssd_segment_state state)
{
	return log.in_state[state];
}

/* Open a segment, give out @pages of it, and write it. Return: its number. */
static int fill(struct kunit *test, u32 pages)
{
	int segment = tmem_ssd_log_open(&log);
	u32 i, slot;

	KUNIT_ASSERT_GE(test, segment, 0);
	for (i = 0; i < pages; i++) {
		KUNIT_ASSERT_EQ(test, tmem_ssd_log_alloc(&log, segment, &slot), 0);
		KUNIT_EXPECT_EQ(test, slot, tmem_ssd_log_slot(&log, segment, i));
	}
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_close(&log, segment), pages);
	tmem_ssd_log_written(&log, segment);
	return segment;
}

static void drop_pages(u32 segment, u32 first, u32 count)
{
	u32 i;

	for (i = first; i < first + count; i++)
		tmem_ssd_log_drop(&log, tmem_ssd_log_slot(&log, segment, i));
}

static void slots_and_segments(struct kunit *test)
{
	u32 segment, page, slot;
	u64 expected = 0;

	for (segment = 0; segment < SEGMENTS; segment++) {
		KUNIT_EXPECT_EQ(test, tmem_ssd_log_segment_bytes(segment), expected);
		for (page = 0; page < TMEM_SSD_SEGMENT_PAGES; page++) {
			slot = tmem_ssd_log_slot(&log, segment, page);
			KUNIT_EXPECT_TRUE(test, tmem_ssd_log_slot_ok(&log, slot));
			KUNIT_EXPECT_EQ(test, tmem_ssd_log_segment(&log, slot), segment);
			KUNIT_EXPECT_EQ(test, tmem_ssd_log_page(&log, slot), page);
			KUNIT_EXPECT_EQ(test, tmem_ssd_log_offset_bytes(&log, slot),
					expected + (2 + page) * 4096);
		}
		expected += 1 << 20;
	}
}

static void slots_of_others(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, tmem_ssd_log_slot_ok(&log, 0));
	KUNIT_EXPECT_FALSE(test, tmem_ssd_log_slot_ok(&log, FIRST_SLOT - 1));
	KUNIT_EXPECT_FALSE(test, tmem_ssd_log_slot_ok(&log, FIRST_SLOT));
	KUNIT_EXPECT_FALSE(test, tmem_ssd_log_slot_ok(&log, FIRST_SLOT + 1));
	KUNIT_EXPECT_TRUE(test, tmem_ssd_log_slot_ok(&log, FIRST_SLOT + 2));
	KUNIT_EXPECT_TRUE(test, tmem_ssd_log_slot_ok(&log, FIRST_SLOT + SEGMENTS * 256 - 1));
	KUNIT_EXPECT_FALSE(test, tmem_ssd_log_slot_ok(&log, FIRST_SLOT + SEGMENTS * 256 + 2));
	KUNIT_EXPECT_FALSE(test, tmem_ssd_log_slot_ok(&log, U32_MAX));
}

static void sizes_that_cannot_be(struct kunit *test)
{
	struct tmem_ssd_log other;

	KUNIT_EXPECT_EQ(test, tmem_ssd_log_init(&other, 0, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_init(&other, 5, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_init(&other, 0, 1 << 24), -EINVAL);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_init(&other, 0xffffff00, 2), -EINVAL);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_init(&other, 0, U32_MAX), -EINVAL);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_init(&other, 0, 1), 0);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_keep_free(&other), 0);
	tmem_ssd_log_exit(&other);
}

static void a_segment_goes_round(struct kunit *test)
{
	int segment = tmem_ssd_log_open(&log);
	u32 slot, i;

	KUNIT_ASSERT_EQ(test, segment, 0);
	KUNIT_EXPECT_EQ(test, in_state(TMEM_SSD_SEGMENT_OPEN), 1);
	for (i = 0; i < TMEM_SSD_SEGMENT_PAGES; i++)
		KUNIT_EXPECT_EQ(test, tmem_ssd_log_alloc(&log, segment, &slot), 0);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_alloc(&log, segment, &slot), -ENOSPC);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&log.live), TMEM_SSD_SEGMENT_PAGES);

	KUNIT_EXPECT_EQ(test, tmem_ssd_log_close(&log, segment), TMEM_SSD_SEGMENT_PAGES);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_close(&log, segment), 0);
	KUNIT_EXPECT_EQ(test, in_state(TMEM_SSD_SEGMENT_WRITING), 1);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_evict_begin(&log), -ENOENT);
	tmem_ssd_log_written(&log, segment);
	KUNIT_EXPECT_EQ(test, in_state(TMEM_SSD_SEGMENT_SEALED), 1);

	KUNIT_EXPECT_EQ(test, tmem_ssd_log_evict_begin(&log), segment);
	KUNIT_EXPECT_EQ(test, in_state(TMEM_SSD_SEGMENT_EVICTING), 1);
	drop_pages(segment, 0, TMEM_SSD_SEGMENT_PAGES - 1);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_evict_end(&log, segment, false), -EAGAIN);
	drop_pages(segment, TMEM_SSD_SEGMENT_PAGES - 1, 1);
	KUNIT_EXPECT_TRUE(test, tmem_ssd_log_is_empty(&log, segment));
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_evict_end(&log, segment, true), 0);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_evict_end(&log, segment, true), -EAGAIN);
	KUNIT_EXPECT_EQ(test, in_state(TMEM_SSD_SEGMENT_FREE), SEGMENTS);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&log.live), 0);
	/* The others come first, as they have been free for longer. */
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_open(&log), 1);
}

static void not_open_no_slots(struct kunit *test)
{
	int segment = fill(test, 3);
	u32 slot;

	KUNIT_EXPECT_EQ(test, tmem_ssd_log_alloc(&log, segment, &slot), -ENOSPC);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_alloc(&log, segment + 1, &slot), -ENOSPC);
}

static void the_oldest_is_evicted_first(struct kunit *test)
{
	int i;

	for (i = 0; i < SEGMENTS; i++)
		fill(test, 1);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_open(&log), -ENOSPC);
	KUNIT_EXPECT_TRUE(test, tmem_ssd_log_wants_evict(&log));
	for (i = 0; i < SEGMENTS; i++)
		KUNIT_EXPECT_EQ(test, tmem_ssd_log_evict_begin(&log), i);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_evict_begin(&log), -ENOENT);
}

static void sequences_grow(struct kunit *test)
{
	int first = fill(test, 1), second = fill(test, 1);
	u64 sequence = log.segments[second].sequence;

	KUNIT_EXPECT_EQ(test, log.segments[first].sequence, 1);
	KUNIT_EXPECT_EQ(test, sequence, 2);
	drop_pages(first, 0, 1);
	while (fill(test, 1) != first)
		;
	KUNIT_EXPECT_EQ(test, log.segments[first].sequence, SEGMENTS + 1);
}

static void a_dead_segment_is_free_at_once(struct kunit *test)
{
	int segment = fill(test, 5);

	drop_pages(segment, 0, 4);
	KUNIT_EXPECT_EQ(test, in_state(TMEM_SSD_SEGMENT_FREE), SEGMENTS - 1);
	drop_pages(segment, 4, 1);
	KUNIT_EXPECT_EQ(test, in_state(TMEM_SSD_SEGMENT_FREE), SEGMENTS);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_evict_begin(&log), -ENOENT);
}

static void dead_before_it_was_written(struct kunit *test)
{
	int segment = tmem_ssd_log_open(&log);
	u32 slot;

	KUNIT_EXPECT_EQ(test, tmem_ssd_log_alloc(&log, segment, &slot), 0);
	tmem_ssd_log_drop(&log, slot);
	KUNIT_EXPECT_EQ(test, in_state(TMEM_SSD_SEGMENT_OPEN), 1);
	tmem_ssd_log_close(&log, segment);
	KUNIT_EXPECT_EQ(test, in_state(TMEM_SSD_SEGMENT_WRITING), 1);
	tmem_ssd_log_written(&log, segment);
	KUNIT_EXPECT_EQ(test, in_state(TMEM_SSD_SEGMENT_FREE), SEGMENTS);
}

static void a_pin_keeps_a_dead_segment(struct kunit *test)
{
	int segment = fill(test, 2);
	u32 slot = tmem_ssd_log_slot(&log, segment, 1);

	KUNIT_EXPECT_EQ(test, tmem_ssd_log_pin(&log, slot), TMEM_SSD_SEGMENT_SEALED);
	KUNIT_EXPECT_FALSE(test, tmem_ssd_log_is_empty(&log, segment));
	drop_pages(segment, 0, 2);
	KUNIT_EXPECT_EQ(test, in_state(TMEM_SSD_SEGMENT_SEALED), 1);
	tmem_ssd_log_unpin(&log, slot);
	KUNIT_EXPECT_EQ(test, in_state(TMEM_SSD_SEGMENT_SEALED), 0);
	KUNIT_EXPECT_EQ(test, in_state(TMEM_SSD_SEGMENT_FREE), SEGMENTS);
}

static void what_is_read_is_evicted_after_the_others(struct kunit *test)
{
	int first = fill(test, 1), second = fill(test, 1);
	u32 slot = tmem_ssd_log_slot(&log, first, 0);

	tmem_ssd_log_pin(&log, slot);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_evict_begin(&log), second);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_evict_begin(&log), first);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_evict_begin(&log), -ENOENT);
	tmem_ssd_log_unpin(&log, slot);
}

static void a_pin_keeps_an_evicted_segment(struct kunit *test)
{
	int segment = fill(test, 2);
	u32 slot = tmem_ssd_log_slot(&log, segment, 1);

	KUNIT_EXPECT_EQ(test, tmem_ssd_log_evict_begin(&log), segment);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_pin(&log, slot), TMEM_SSD_SEGMENT_EVICTING);
	drop_pages(segment, 0, 2);
	KUNIT_EXPECT_FALSE(test, tmem_ssd_log_is_empty(&log, segment));
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_evict_end(&log, segment, false), -EAGAIN);
	tmem_ssd_log_unpin(&log, slot);
	KUNIT_EXPECT_EQ(test, in_state(TMEM_SSD_SEGMENT_EVICTING), 1);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_evict_end(&log, segment, false), 0);
}

static void a_pin_that_came_late(struct kunit *test)
{
	int segment = fill(test, 1);
	u32 slot = tmem_ssd_log_slot(&log, segment, 0);

	tmem_ssd_log_drop(&log, slot);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_pin(&log, slot), TMEM_SSD_SEGMENT_FREE);
	while (fill(test, 1) != segment)
		;
	/* What is in it now is nothing to the one who pinned it, and stays. */
	tmem_ssd_log_unpin(&log, slot);
	KUNIT_EXPECT_EQ(test, log.segments[segment].state, TMEM_SSD_SEGMENT_SEALED);
}

static void a_write_that_failed(struct kunit *test)
{
	int segment = tmem_ssd_log_open(&log);
	u32 slot;

	KUNIT_EXPECT_EQ(test, tmem_ssd_log_alloc(&log, segment, &slot), 0);
	tmem_ssd_log_close(&log, segment);
	tmem_ssd_log_write_failed(&log, segment);
	KUNIT_EXPECT_EQ(test, in_state(TMEM_SSD_SEGMENT_EVICTING), 1);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_evict_end(&log, segment, false), -EAGAIN);
	tmem_ssd_log_drop(&log, slot);
	KUNIT_EXPECT_EQ(test, in_state(TMEM_SSD_SEGMENT_EVICTING), 1);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_evict_end(&log, segment, false), 0);
}

static void freed_segments_are_discarded_once(struct kunit *test)
{
	int segment;

	/* What was never written need not be discarded. */
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_discard_begin(&log), -ENOENT);
	segment = fill(test, 1);
	drop_pages(segment, 0, 1);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_discard_begin(&log), segment);
	KUNIT_EXPECT_EQ(test, in_state(TMEM_SSD_SEGMENT_FREE), SEGMENTS - 1);
	/* Who looks for a page that was there. */
	tmem_ssd_log_pin(&log, tmem_ssd_log_slot(&log, segment, 0));
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_evict_end(&log, segment, true), -EAGAIN);
	tmem_ssd_log_unpin(&log, tmem_ssd_log_slot(&log, segment, 0));
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_evict_end(&log, segment, true), 0);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_discard_begin(&log), -ENOENT);
	/* It is littered again when it was written again, and can be written as it is if no other is free. */
	do {
		segment = fill(test, 1);
	} while (in_state(TMEM_SSD_SEGMENT_FREE));
	drop_pages(segment, 0, 1);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_discard_begin(&log), segment);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_evict_end(&log, segment, false), 0);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_open(&log), segment);
	KUNIT_EXPECT_EQ(test, tmem_ssd_log_discard_begin(&log), -ENOENT);
}

static void free_ahead(struct kunit *test)
{
	u32 i;

	KUNIT_EXPECT_EQ(test, tmem_ssd_log_keep_free(&log), 2);
	for (i = 0; i < SEGMENTS - 2; i++)
		fill(test, 1);
	KUNIT_EXPECT_FALSE(test, tmem_ssd_log_wants_evict(&log));
	fill(test, 1);
	KUNIT_EXPECT_TRUE(test, tmem_ssd_log_wants_evict(&log));
}

static struct kunit_case log_cases[] = {
	KUNIT_CASE(slots_and_segments),
	KUNIT_CASE(slots_of_others),
	KUNIT_CASE(sizes_that_cannot_be),
	KUNIT_CASE(a_segment_goes_round),
	KUNIT_CASE(not_open_no_slots),
	KUNIT_CASE(the_oldest_is_evicted_first),
	KUNIT_CASE(sequences_grow),
	KUNIT_CASE(a_dead_segment_is_free_at_once),
	KUNIT_CASE(dead_before_it_was_written),
	KUNIT_CASE(a_pin_keeps_a_dead_segment),
	KUNIT_CASE(what_is_read_is_evicted_after_the_others),
	KUNIT_CASE(a_pin_keeps_an_evicted_segment),
	KUNIT_CASE(a_pin_that_came_late),
	KUNIT_CASE(a_write_that_failed),
	KUNIT_CASE(freed_segments_are_discarded_once),
	KUNIT_CASE(free_ahead),
	{}
};

static struct kunit_suite log_suite = {
	.name = "tmem_ssd_log",
	.init = log_test_init,
	.exit = log_test_exit,
	.test_cases = log_cases,
};
kunit_test_suite(log_suite);
