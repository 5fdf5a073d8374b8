// SPDX-License-Identifier: GPL-2.0
/* Tests of admission: how often is often enough, runs, the budget. */
#include <kunit/test.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/rcupdate.h>

#include "admit.h"

#define COUNTED_PAGES	4096
#define DAY_NS		86400000000000ULL
#define CAPACITY_BYTES	(64ULL << 20)
#define CAPACITY_PAGES	(CAPACITY_BYTES / 4096)

static struct tmem_ssd_admit admit;
static const struct tmem_file_id file_a = { .pool = 1, .ino = 100 };
static const struct tmem_file_id file_b = { .pool = 1, .ino = 101 };

static int admit_test_init(struct kunit *test)
{
	static const struct tmem_ssd_admit_config config = {
		.sequential_pages = 64,
		.dwpd_percent = 100,
	};
	int err = tmem_ssd_admit_init(&admit, &config, 1234567);

	if (!err)
		tmem_ssd_admit_resize(&admit, CAPACITY_BYTES, COUNTED_PAGES);
	return err;
}

static void admit_test_exit(struct kunit *test)
{
	tmem_ssd_admit_exit(&admit);
}

static enum tmem_ssd_verdict ask_with(unsigned int flags, const struct tmem_file_id *file,
				      pgoff_t page, u64 now_ns)
{
	enum tmem_ssd_verdict verdict;

	rcu_read_lock();
	verdict = tmem_ssd_admit_page(&admit, file, page, flags, now_ns);
	rcu_read_unlock();
	return verdict;
}

static enum tmem_ssd_verdict ask(const struct tmem_file_id *file, pgoff_t page, u64 now_ns)
{
	return ask_with(0, file, page, now_ns);
}

static bool keeps(pgoff_t page)
{
	bool yes;

	rcu_read_lock();
	yes = tmem_ssd_admit_keeps(&admit, &file_a, page);
	rcu_read_unlock();
	return yes;
}

static void evict_cached(pgoff_t page)
{
	rcu_read_lock();
	tmem_ssd_admit_count(&admit, &file_a, page, 0);
	rcu_read_unlock();
}

/* Far from each other, in no order. */
static pgoff_t scattered(unsigned long i)
{
	return i * 7919 % 1000003 * 10;
}

static void the_second_eviction_is_admitted(struct kunit *test)
{
	unsigned int i, admitted = 0;

	for (i = 0; i < 100; i++)
		KUNIT_EXPECT_EQ(test, ask(&file_a, scattered(i), 0), TMEM_SSD_REFUSE_RARE);
	for (i = 0; i < 100; i++)
		admitted += ask(&file_a, scattered(i), 0) == TMEM_SSD_ADMIT;
	/* Some were forgotten meanwhile: counts fade, of a few pages at a time. */
	KUNIT_EXPECT_GE(test, admitted, 95);
	KUNIT_EXPECT_EQ(test, ask(&file_b, scattered(0), 0), TMEM_SSD_REFUSE_RARE);
}

static void each_part_of_the_key_counts(struct kunit *test)
{
	struct tmem_file_id other = file_a;

	KUNIT_EXPECT_EQ(test, ask(&file_a, 5, 0), TMEM_SSD_REFUSE_RARE);
	other.pool++;
	KUNIT_EXPECT_EQ(test, ask(&other, 5, 0), TMEM_SSD_REFUSE_RARE);
	other = file_a;
	other.generation++;
	KUNIT_EXPECT_EQ(test, ask(&other, 5, 0), TMEM_SSD_REFUSE_RARE);
	other = file_a;
	other.ino |= 1ULL << 63;
	KUNIT_EXPECT_EQ(test, ask(&other, 5, 0), TMEM_SSD_REFUSE_RARE);
	KUNIT_EXPECT_EQ(test, ask(&file_a, 5 | 1ULL << 51, 0), TMEM_SSD_REFUSE_RARE);
	KUNIT_EXPECT_EQ(test, ask(&file_a, 5, 0), TMEM_SSD_ADMIT);
}

static void working_set_is_admitted_at_once(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ask_with(TMEM_PUT_WORKINGSET, &file_a, 7, 0), TMEM_SSD_ADMIT);
}

static enum tmem_ssd_verdict ask_with_room(u64 page)
{
	return ask_with(TMEM_SSD_PUT_ROOM, &file_a, page, 0);
}

static void an_empty_cache_takes_first_evictions(struct kunit *test)
{
	unsigned int i;

	KUNIT_EXPECT_EQ(test, ask_with_room(scattered(1)), TMEM_SSD_ADMIT);
	KUNIT_EXPECT_EQ(test, ask(&file_a, scattered(2), 0), TMEM_SSD_REFUSE_RARE);
	/* But of what is read on and on only the beginning. */
	for (i = 0; i < TMEM_SSD_FILL_RUN_PAGES; i++)
		KUNIT_EXPECT_EQ(test, ask_with_room(5000 + i), TMEM_SSD_ADMIT);
	KUNIT_EXPECT_EQ(test, ask_with_room(5000 + i), TMEM_SSD_REFUSE_RARE);
	KUNIT_EXPECT_EQ(test, ask_with_room(5000 + i + 1), TMEM_SSD_REFUSE_RARE);
}

/* Segments are emptied, and so much of each is written again. */
static void keep_of_segments(unsigned int segments, u32 percent)
{
	while (segments--)
		tmem_ssd_admit_kept(&admit, percent, 100);
}

/* Return: evictions after which the page is admitted; 0 if never. */
static unsigned int evictions_needed(pgoff_t page)
{
	unsigned int i;

	for (i = 1; i <= TMEM_FREQUENCY_MAX; i++)
		if (ask(&file_b, page, 0) == TMEM_SSD_ADMIT)
			return i;
	return 0;
}

static void more_is_asked_when_much_is_kept(struct kunit *test)
{
	unsigned int needed;

	keep_of_segments(40, 100);
	needed = evictions_needed(1);
	KUNIT_EXPECT_GE(test, needed, 5);
	keep_of_segments(10, TMEM_SSD_KEEP_PERCENT);
	KUNIT_EXPECT_LE(test, abs((int)evictions_needed(2) - (int)needed), 1);
	/* Never so much that nothing could come in, never less than the second eviction. */
	keep_of_segments(1000, 100);
	KUNIT_EXPECT_EQ(test, evictions_needed(3), 14);
	keep_of_segments(1000, 0);
	KUNIT_EXPECT_EQ(test, evictions_needed(4), 2);
}

static void less_is_asked_when_nothing_is_admitted(struct kunit *test)
{
	unsigned int i, low;

	keep_of_segments(1000, 100);
	low = admit.threshold;
	for (i = 0; i < 10 * COUNTED_PAGES; i++)
		ask(&file_a, scattered(i), 0);
	KUNIT_EXPECT_LE(test, admit.threshold, low - 1);
	for (i = 0; i < 100 * COUNTED_PAGES; i++)
		ask(&file_a, scattered(i % 100000), 0);
	KUNIT_EXPECT_EQ(test, evictions_needed(1), 2);
}

static void a_fraction_admits_a_share(struct kunit *test)
{
	unsigned int i, admitted = 0;

	admit.threshold = 2 * TMEM_SSD_THRESHOLD_ONE + TMEM_SSD_THRESHOLD_ONE / 4;
	for (i = 0; i < 400; i++) {
		ask(&file_a, scattered(i), i);
		admitted += ask(&file_a, scattered(i), i) == TMEM_SSD_ADMIT;
	}
	KUNIT_EXPECT_GE(test, admitted, 260);
	KUNIT_EXPECT_LE(test, admitted, 340);
}

static void what_is_kept_was_evicted_often(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, keeps(9));
	ask(&file_a, 9, 0);
	KUNIT_EXPECT_FALSE(test, keeps(9));
	/* Evicted once more while it was cached. */
	evict_cached(9);
	KUNIT_EXPECT_TRUE(test, keeps(9));
	keep_of_segments(10, 100);
	KUNIT_EXPECT_FALSE(test, keeps(9));
}

static void another_size_begins_anew(struct kunit *test)
{
	ask(&file_a, 5, 0);
	tmem_ssd_admit_resize(&admit, CAPACITY_BYTES, COUNTED_PAGES);
	KUNIT_EXPECT_EQ(test, ask(&file_a, 5, 0), TMEM_SSD_ADMIT);
	tmem_ssd_admit_resize(&admit, 2 * CAPACITY_BYTES, 2 * COUNTED_PAGES);
	KUNIT_EXPECT_EQ(test, ask(&file_a, 5, 0), TMEM_SSD_REFUSE_RARE);
	/* Without counters nothing is known. */
	tmem_ssd_admit_resize(&admit, 0, 0);
	KUNIT_EXPECT_EQ(test, ask(&file_a, 5, 0), TMEM_SSD_REFUSE_RARE);
	KUNIT_EXPECT_EQ(test, ask(&file_a, 5, 0), TMEM_SSD_REFUSE_RARE);
	KUNIT_EXPECT_FALSE(test, keeps(5));
	KUNIT_EXPECT_EQ(test, tmem_ssd_admit_bytes(&admit), 4096 * 8);
}

static void a_long_run_is_left_to_the_disk(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < 64; i++)
		KUNIT_EXPECT_EQ(test, ask(&file_a, 1000 + i, 0), TMEM_SSD_REFUSE_RARE);
	for (; i < 1000; i++)
		KUNIT_EXPECT_EQ(test, ask(&file_a, 1000 + i, 0), TMEM_SSD_REFUSE_SEQUENTIAL);
	/* Nothing of that run but its beginning is counted. */
	KUNIT_EXPECT_EQ(test, ask(&file_a, 1010, 0), TMEM_SSD_ADMIT);
	KUNIT_EXPECT_EQ(test, ask(&file_a, 1500, 0), TMEM_SSD_REFUSE_RARE);
}

static void runs_side_by_side(struct kunit *test)
{
	struct tmem_file_id file = file_a;
	unsigned int i, stream, refused = 0;

	for (i = 0; i < 200; i++)
		for (stream = 0; stream < 32; stream++) {
			file.ino = 1000 + stream % 16;
			refused += ask(&file, stream * 100000 + i, 0) == TMEM_SSD_REFUSE_SEQUENTIAL;
			/* What comes in between is no part of any. */
			ask(&file_b, scattered(i * 32 + stream), 0);
		}
	/* A run may be lost sight of when another falls on its place. */
	KUNIT_EXPECT_GE(test, refused, 32 * 136 * 8 / 10);
}

static void runs_can_be_admitted(struct kunit *test)
{
	unsigned int i;

	admit.config.sequential_pages = 0;
	for (i = 0; i < 500; i++)
		KUNIT_EXPECT_EQ(test, ask(&file_a, i, 0), TMEM_SSD_REFUSE_RARE);
}

/* Return: how many pages are admitted until the budget says no, at most @max. */
static unsigned int spend_all(unsigned int max, u64 now_ns)
{
	unsigned int i;

	for (i = 0; i < max; i++)
		if (ask_with(TMEM_PUT_WORKINGSET, &file_a, scattered(i), now_ns) ==
		    TMEM_SSD_REFUSE_BUDGET)
			break;
	return i;
}

static void a_day_of_budget_at_once(struct kunit *test)
{
	u64 now_ns = 5 * DAY_NS;

	KUNIT_EXPECT_EQ(test, tmem_ssd_admit_budget(&admit, now_ns), CAPACITY_BYTES);
	KUNIT_EXPECT_EQ(test, spend_all(2 * CAPACITY_PAGES, now_ns), CAPACITY_PAGES);
	KUNIT_EXPECT_EQ(test, tmem_ssd_admit_budget(&admit, now_ns), 0);
	/* It comes back evenly, and never more than a day of it. */
	KUNIT_EXPECT_EQ(test, spend_all(CAPACITY_PAGES, now_ns + DAY_NS / 4), CAPACITY_PAGES / 4);
	KUNIT_EXPECT_EQ(test, spend_all(2 * CAPACITY_PAGES, now_ns + 9 * DAY_NS), CAPACITY_PAGES);
}

static void the_budget_follows_the_rate(struct kunit *test)
{
	admit.config.dwpd_percent = 300;
	KUNIT_EXPECT_EQ(test, spend_all(4 * CAPACITY_PAGES, 0), 3 * CAPACITY_PAGES);
	admit.config.dwpd_percent = 0;
	KUNIT_EXPECT_EQ(test, spend_all(4 * CAPACITY_PAGES, 0), 4 * CAPACITY_PAGES);
	KUNIT_EXPECT_TRUE(test, tmem_ssd_admit_budget(&admit, 0) == U64_MAX);
}

static void what_is_not_written_is_paid_back(struct kunit *test)
{
	unsigned int i;

	KUNIT_EXPECT_EQ(test, spend_all(CAPACITY_PAGES, 0), CAPACITY_PAGES);
	for (i = 0; i < 10; i++)
		tmem_ssd_admit_refund(&admit);
	KUNIT_EXPECT_EQ(test, spend_all(CAPACITY_PAGES, 0), 10);
	/* It is no gift: no more than a day's budget comes of it. */
	for (i = 0; i < 10; i++)
		tmem_ssd_admit_refund(&admit);
	KUNIT_EXPECT_EQ(test, tmem_ssd_admit_budget(&admit, 5 * DAY_NS), CAPACITY_BYTES);
	admit.config.dwpd_percent = 0;
	tmem_ssd_admit_refund(&admit);
	KUNIT_EXPECT_TRUE(test, tmem_ssd_admit_budget(&admit, 0) == U64_MAX);
}

/* There was no budget when the page was taken, and there is one when it is given back. */
static void more_is_paid_back_than_was_paid(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < 10; i++)
		tmem_ssd_admit_refund(&admit);
	tmem_ssd_admit_spend(&admit, 4096, 0);
	KUNIT_EXPECT_EQ(test, tmem_ssd_admit_budget(&admit, 0), CAPACITY_BYTES - 4096);
}

static void other_writes_count(struct kunit *test)
{
	unsigned int i;

	tmem_ssd_admit_spend(&admit, CAPACITY_BYTES / 2, 0);
	KUNIT_EXPECT_EQ(test, tmem_ssd_admit_budget(&admit, 0), CAPACITY_BYTES / 2);
	/* What is owed is paid for by the days to come. */
	tmem_ssd_admit_spend(&admit, CAPACITY_BYTES, 0);
	KUNIT_EXPECT_EQ(test, tmem_ssd_admit_budget(&admit, 0), 0);
	KUNIT_EXPECT_EQ(test, tmem_ssd_admit_budget(&admit, DAY_NS), CAPACITY_BYTES / 2);
	/* But not for ever, whatever it was. */
	for (i = 0; i < 20; i++)
		tmem_ssd_admit_spend(&admit, U64_MAX, 0);
	KUNIT_EXPECT_EQ(test, tmem_ssd_admit_budget(&admit, 8 * DAY_NS), 0);
	KUNIT_EXPECT_EQ(test, tmem_ssd_admit_budget(&admit, 9 * DAY_NS), CAPACITY_BYTES);
}

static void all_means_all(struct kunit *test)
{
	unsigned int i;

	admit.config.policy = TMEM_SSD_POLICY_ALL;
	for (i = 0; i < 2 * CAPACITY_PAGES; i++)
		if (ask(&file_a, i, 0) != TMEM_SSD_ADMIT)
			break;
	KUNIT_EXPECT_EQ(test, i, 2 * CAPACITY_PAGES);
	KUNIT_EXPECT_EQ(test, tmem_ssd_admit_budget(&admit, 0), 0);
}

static void extreme_sizes(struct kunit *test)
{
	static const struct tmem_ssd_admit_config huge = {
		.dwpd_percent = U32_MAX, .capacity_bytes = 1ULL << 60,
	};
	static const struct tmem_ssd_admit_config tiny = {
		.dwpd_percent = 1, .capacity_bytes = 4096,
	};

	admit.config = huge;
	KUNIT_EXPECT_EQ(test, spend_all(100, 0), 100);
	admit.config = tiny;
	KUNIT_EXPECT_EQ(test, spend_all(100, 100 * DAY_NS), 0);
	tmem_ssd_admit_spend(&admit, U64_MAX, 0);
	tmem_ssd_admit_exit(&admit);
	KUNIT_EXPECT_EQ(test, tmem_ssd_admit_init(&admit, &tiny, 0), 0);
	KUNIT_EXPECT_EQ(test, ask(&file_a, ~0UL, 0), TMEM_SSD_REFUSE_RARE);
}

static struct kunit_case admit_cases[] = {
	KUNIT_CASE(the_second_eviction_is_admitted),
	KUNIT_CASE(each_part_of_the_key_counts),
	KUNIT_CASE(working_set_is_admitted_at_once),
	KUNIT_CASE(an_empty_cache_takes_first_evictions),
	KUNIT_CASE(more_is_asked_when_much_is_kept),
	KUNIT_CASE(less_is_asked_when_nothing_is_admitted),
	KUNIT_CASE(a_fraction_admits_a_share),
	KUNIT_CASE(what_is_kept_was_evicted_often),
	KUNIT_CASE(another_size_begins_anew),
	KUNIT_CASE(a_long_run_is_left_to_the_disk),
	KUNIT_CASE(runs_side_by_side),
	KUNIT_CASE(runs_can_be_admitted),
	KUNIT_CASE(a_day_of_budget_at_once),
	KUNIT_CASE(the_budget_follows_the_rate),
	KUNIT_CASE(what_is_not_written_is_paid_back),
	KUNIT_CASE(more_is_paid_back_than_was_paid),
	KUNIT_CASE(other_writes_count),
	KUNIT_CASE(all_means_all),
	KUNIT_CASE(extreme_sizes),
	{}
};

static struct kunit_suite admit_suite = {
	.name = "tmem_ssd_admit",
	.init = admit_test_init,
	.exit = admit_test_exit,
	.test_cases = admit_cases,
};
kunit_test_suite(admit_suite);
