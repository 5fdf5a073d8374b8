// SPDX-License-Identifier: GPL-2.0
/* Tests of the counters of evictions. */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/hash.h>
#include <tmem/frequency.h>

#define PAGES	4096

static struct tmem_frequency *frequency;

static int frequency_test_init(struct kunit *test)
{
	frequency = tmem_frequency_alloc(PAGES);
	return frequency ? 0 : -ENOMEM;
}

static void frequency_test_exit(struct kunit *test)
{
	tmem_frequency_free(frequency);
}

static u64 hash_of(u64 page)
{
	u64 hash = (page + 1) * GOLDEN_RATIO_64;

	hash = (hash ^ hash >> 32) * GOLDEN_RATIO_64;
	return hash ^ hash >> 29;
}

static void counts(struct kunit *test)
{
	u32 i;

	KUNIT_EXPECT_EQ(test, tmem_frequency_get(frequency, hash_of(1)), 0);
	for (i = 1; i <= TMEM_FREQUENCY_MAX; i++)
		KUNIT_EXPECT_EQ(test, tmem_frequency_add(frequency, hash_of(1), 1), i);
	/* And no further, nor into what is beside it. */
	KUNIT_EXPECT_EQ(test, tmem_frequency_add(frequency, hash_of(1), 2),
			TMEM_FREQUENCY_MAX);
	KUNIT_EXPECT_EQ(test, tmem_frequency_get(frequency, hash_of(1)),
			TMEM_FREQUENCY_MAX);
	KUNIT_EXPECT_EQ(test, tmem_frequency_get(frequency, hash_of(2)), 0);
	KUNIT_EXPECT_EQ(test, tmem_frequency_add(frequency, hash_of(2), 2), 2);
}

/* One of many pages whose entries are in the same word. */
static u64 neighbour(u64 number)
{
	return number << 4;
}

static void add_times(u64 hash, unsigned int times)
{
	while (times--)
		tmem_frequency_add(frequency, hash, 1);
}

static void expect_counted(struct kunit *test, u64 hash, u32 evictions)
{
	KUNIT_EXPECT_EQ(test, tmem_frequency_get(frequency, hash), evictions);
}

static void the_fewest_give_way(struct kunit *test)
{
	add_times(neighbour(1), 3);
	add_times(neighbour(2), 1);
	add_times(neighbour(3), 2);
	add_times(neighbour(4), 15);
	expect_counted(test, neighbour(2), 1);
	add_times(neighbour(5), 1);
	expect_counted(test, neighbour(2), 0);
	add_times(neighbour(6), 1);
	expect_counted(test, neighbour(5), 0);
	expect_counted(test, neighbour(1), 3);
	expect_counted(test, neighbour(3), 2);
	expect_counted(test, neighbour(4), 15);
	expect_counted(test, neighbour(6), 1);
}

static void of_equals_the_oldest_gives_way(struct kunit *test)
{
	u64 i;

	for (i = 1; i <= 4; i++)
		add_times(neighbour(i), 2);
	/* Evicted again, so not the oldest any more, and then all the same again. */
	add_times(neighbour(1), 1);
	for (i = 2; i <= 4; i++)
		add_times(neighbour(i), 1);
	add_times(neighbour(5), 1);
	expect_counted(test, neighbour(1), 0);
	for (i = 2; i <= 4; i++)
		expect_counted(test, neighbour(i), 3);
}

static void few_are_taken_for_others(struct kunit *test)
{
	unsigned int i, wrong = 0;

	/* Each is compared with 4 fingerprints of 12 bits: 98 of 100,000. */
	for (i = 0; i < 100000; i++)
		wrong += tmem_frequency_add(frequency, hash_of(i), 1) != 1;
	KUNIT_EXPECT_LE(test, wrong, 200);
}

static void as_many_as_promised(struct kunit *test)
{
	unsigned int i, known = 0;

	for (i = 0; i < PAGES; i++)
		tmem_frequency_add(frequency, hash_of(i), 1);
	for (i = 0; i < PAGES; i++)
		known += tmem_frequency_get(frequency, hash_of(i)) == 1;
	KUNIT_EXPECT_GE(test, known, PAGES * 9 / 10);
}

static void old_counts_fade(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < 12; i++)
		tmem_frequency_add(frequency, hash_of(1), 1);
	/* All counters are halved once in ten evictions a page, whatever they are of. */
	for (i = 0; i < 10 * PAGES; i++)
		tmem_frequency_add(frequency, hash_of(2), 1);
	KUNIT_EXPECT_GE(test, tmem_frequency_get(frequency, hash_of(1)), 5);
	KUNIT_EXPECT_LE(test, tmem_frequency_get(frequency, hash_of(1)), 7);
	for (i = 0; i < 30 * PAGES; i++)
		tmem_frequency_add(frequency, hash_of(2), 1);
	KUNIT_EXPECT_LE(test, tmem_frequency_get(frequency, hash_of(1)), 1);
	KUNIT_EXPECT_GE(test, tmem_frequency_get(frequency, hash_of(2)), 14);
}

static void sizes(struct kunit *test)
{
	struct tmem_frequency *tiny = tmem_frequency_alloc(0);

	KUNIT_ASSERT_NOT_NULL(test, tiny);
	KUNIT_EXPECT_EQ(test, tmem_frequency_add(tiny, ~0ULL, 1), 1);
	KUNIT_EXPECT_EQ(test, tmem_frequency_bytes(tiny), sizeof(*tiny) + 8);
	tmem_frequency_free(tiny);
	KUNIT_EXPECT_EQ(test, tmem_frequency_bytes(frequency),
			sizeof(*frequency) + PAGES * TMEM_FREQUENCY_BYTES_PER_PAGE);
	KUNIT_EXPECT_EQ(test, tmem_frequency_bytes(NULL), 0);
}

static struct kunit_case frequency_cases[] = {
	KUNIT_CASE(counts),
	KUNIT_CASE(the_fewest_give_way),
	KUNIT_CASE(of_equals_the_oldest_gives_way),
	KUNIT_CASE(few_are_taken_for_others),
	KUNIT_CASE(as_many_as_promised),
	KUNIT_CASE(old_counts_fade),
	KUNIT_CASE(sizes),
	{}
};

static struct kunit_suite frequency_suite = {
	.name = "tmem_frequency",
	.init = frequency_test_init,
	.exit = frequency_test_exit,
	.test_cases = frequency_cases,
};
kunit_test_suite(frequency_suite);
