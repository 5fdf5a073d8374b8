// SPDX-License-Identifier: GPL-2.0
/* Tests of the index; tests/host/test_index.c compares it with a map on random operations. */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/xarray.h>
#include <tmem/index.h>

#define SLOTS		4096

static struct tmem_index idx;
static const struct tmem_file_id file_a = { .pool = 1, .generation = 5, .ino = 100 };
static const struct tmem_file_id file_b = { .pool = 2, .generation = 5, .ino = ~0ULL };

/* How often each slot was dropped. */
static u8 drops[SLOTS];
static unsigned int dead_calls;

static void on_drop(struct tmem_index *index, u32 slot)
{
	drops[slot]++;
}

static void on_dead(struct tmem_index *index)
{
	dead_calls++;
}

static int index_test_init(struct kunit *test)
{
	static const struct tmem_index_ops ops = { .on_drop = on_drop, .on_dead = on_dead };

	memset(drops, 0, sizeof(drops));
	dead_calls = 0;
	tmem_index_init(&idx, &ops);
	return 0;
}

static void index_test_exit(struct kunit *test)
{
	tmem_index_exit(&idx);
	KUNIT_EXPECT_EQ(test, tmem_index_pages(&idx), 0);
	KUNIT_EXPECT_EQ(test, tmem_index_bytes(&idx), 0);
}

static void insert(struct kunit *test, const struct tmem_file_id *file, pgoff_t page, u32 slot)
{
	KUNIT_EXPECT_EQ(test, tmem_index_insert(&idx, file, page, slot), 0);
}

/* Return: the slot of a page, -1 if it is not there. */
static int slot_of(const struct tmem_file_id *file, pgoff_t page)
{
	struct tmem_index_entry entry;

	return tmem_index_lookup(&idx, file, page, &entry) ? (int)entry.slot : -1;
}

static void what_is_put_in_is_found(struct kunit *test)
{
	struct tmem_index_entry entry;
	u32 i;

	for (i = 0; i < 1000; i++)
		insert(test, i % 2 ? &file_a : &file_b, (pgoff_t)i * i * 1000003, i);
	for (i = 0; i < 1000; i++) {
		const struct tmem_file_id *file = i % 2 ? &file_a : &file_b;

		KUNIT_EXPECT_TRUE(test, tmem_index_lookup(&idx, file, (pgoff_t)i * i * 1000003,
							  &entry));
		KUNIT_EXPECT_EQ(test, entry.slot, i);
		KUNIT_EXPECT_EQ(test, entry.checksum, TMEM_INDEX_NO_CHECKSUM);
		KUNIT_EXPECT_EQ(test, slot_of(file, (pgoff_t)i * i * 1000003 + 1), -1);
	}
	KUNIT_EXPECT_EQ(test, tmem_index_pages(&idx), 1000);
}

static void keys_are_exact(struct kunit *test)
{
	struct tmem_file_id other = file_a;

	insert(test, &file_a, 64, 1);
	other.pool = 3;
	KUNIT_EXPECT_EQ(test, slot_of(&other, 64), -1);
	other = file_a;
	other.generation++;
	KUNIT_EXPECT_EQ(test, slot_of(&other, 64), -1);
	other = file_a;
	other.ino |= 1ULL << 32;
	KUNIT_EXPECT_EQ(test, slot_of(&other, 64), -1);
	KUNIT_EXPECT_EQ(test, slot_of(&file_a, 0), -1);
	KUNIT_EXPECT_EQ(test, slot_of(&file_a, 64), 1);
}

static void an_older_copy_is_dropped(struct kunit *test)
{
	insert(test, &file_a, 7, 1);
	KUNIT_EXPECT_EQ(test, tmem_index_seal(&idx, &file_a, 7, 1, 99), 0);
	insert(test, &file_a, 7, 2);
	KUNIT_EXPECT_EQ(test, drops[1], 1);
	KUNIT_EXPECT_EQ(test, slot_of(&file_a, 7), 2);
	KUNIT_EXPECT_EQ(test, tmem_index_pages(&idx), 1);
	/* What is said of the older one comes too late. */
	KUNIT_EXPECT_EQ(test, tmem_index_seal(&idx, &file_a, 7, 1, 99), -ENOENT);
	KUNIT_EXPECT_EQ(test, tmem_index_remove(&idx, &file_a, 7, 1), -ENOENT);
	KUNIT_EXPECT_EQ(test, tmem_index_move(&idx, &file_a, 7, 1, 3), -ENOENT);
	KUNIT_EXPECT_EQ(test, slot_of(&file_a, 7), 2);
	KUNIT_EXPECT_EQ(test, drops[2], 0);
}

static void seal_move_remove(struct kunit *test)
{
	struct tmem_index_entry entry;

	insert(test, &file_a, 7, 1);
	KUNIT_EXPECT_EQ(test, tmem_index_seal(&idx, &file_a, 7, 1, 0xabcd), 0);
	KUNIT_EXPECT_EQ(test, tmem_index_move(&idx, &file_a, 7, 1, 2), 0);
	KUNIT_EXPECT_EQ(test, drops[1], 1);
	KUNIT_EXPECT_TRUE(test, tmem_index_lookup(&idx, &file_a, 7, &entry));
	KUNIT_EXPECT_EQ(test, entry.slot, 2);
	KUNIT_EXPECT_EQ(test, entry.checksum, 0xabcd);
	KUNIT_EXPECT_EQ(test, tmem_index_remove(&idx, &file_a, 7, 2), 0);
	KUNIT_EXPECT_EQ(test, drops[2], 1);
	KUNIT_EXPECT_EQ(test, slot_of(&file_a, 7), -1);
}

static u32 run_from(pgoff_t page, u32 slot, unsigned int max)
{
	u32 checksums[100] = { }, found, i;

	found = tmem_index_lookup_run(&idx, &file_a, page, slot, max, checksums);
	for (i = 0; i < 100; i++)
		if (checksums[i] != (i < found ? 1000 + slot + i : 0))
			return U32_MAX;
	return found;
}

static void runs_are_looked_up_together(struct kunit *test)
{
	u32 i;

	KUNIT_EXPECT_EQ(test, run_from(0, 0, 10), 0);
	/* Over the borders of chunks; slot 150 is another page's, page 190 has no checksum yet. */
	for (i = 10; i < 200; i++) {
		insert(test, &file_a, i == 150 ? 500 : i, i);
		if (i != 190)
			tmem_index_seal(&idx, &file_a, i == 150 ? 500 : i, i, 1000 + i);
	}
	KUNIT_EXPECT_EQ(test, run_from(10, 10, 100), 100);
	KUNIT_EXPECT_EQ(test, run_from(100, 100, 100), 50);
	KUNIT_EXPECT_EQ(test, run_from(151, 151, 100), 39);
	KUNIT_EXPECT_EQ(test, run_from(63, 63, 1), 1);
	KUNIT_EXPECT_EQ(test, run_from(63, 63, 0), 0);
	KUNIT_EXPECT_EQ(test, run_from(63, 64, 10), 0);
	KUNIT_EXPECT_EQ(test, run_from(500, 150, 10), 1);
	KUNIT_EXPECT_EQ(test, run_from(9, 9, 10), 0);
}

static void ranges_are_forgotten(struct kunit *test)
{
	u32 i;

	for (i = 0; i < 300; i++)
		insert(test, &file_a, i, i);
	insert(test, &file_a, ULONG_MAX, 300);
	KUNIT_EXPECT_EQ(test, tmem_index_forget(&idx, &file_a, 10, 10), 1);
	KUNIT_EXPECT_EQ(test, tmem_index_forget(&idx, &file_a, 10, 10), 0);
	KUNIT_EXPECT_EQ(test, tmem_index_forget(&idx, &file_a, 60, 200), 141);
	KUNIT_EXPECT_EQ(test, slot_of(&file_a, 59), 59);
	KUNIT_EXPECT_EQ(test, slot_of(&file_a, 60), -1);
	KUNIT_EXPECT_EQ(test, slot_of(&file_a, 200), -1);
	KUNIT_EXPECT_EQ(test, slot_of(&file_a, 201), 201);
	KUNIT_EXPECT_EQ(test, tmem_index_forget(&idx, &file_a, 11, 5), 0);
	KUNIT_EXPECT_EQ(test, tmem_index_forget(&idx, &file_a, ULONG_MAX, ULONG_MAX), 1);
	KUNIT_EXPECT_EQ(test, tmem_index_forget(&idx, &file_a, 0, ULONG_MAX), 158);
	KUNIT_EXPECT_EQ(test, tmem_index_pages(&idx), 0);
	for (i = 0; i <= 300; i++)
		KUNIT_EXPECT_EQ(test, drops[i], 1);
}

static void many_are_forgotten_in_parts(struct kunit *test)
{
	pgoff_t first = TMEM_CHUNK_PAGES - 1;
	unsigned long dropped = 0;
	u32 i;

	for (i = 0; i < 2 * TMEM_INDEX_PART_CHUNKS + 1; i++)
		insert(test, &file_a, i * TMEM_CHUNK_PAGES + 5, i);
	/* Nothing is in its first chunk from there on, but that has been looked at. */
	first = tmem_index_forget_part(&idx, &file_a, first, ULONG_MAX, &dropped);
	KUNIT_EXPECT_EQ(test, dropped, TMEM_INDEX_PART_CHUNKS - 1);
	KUNIT_EXPECT_EQ(test, first, TMEM_INDEX_PART_CHUNKS * TMEM_CHUNK_PAGES);
	KUNIT_EXPECT_EQ(test, slot_of(&file_a, first + 5), TMEM_INDEX_PART_CHUNKS);
	/* As much as is done at once: nothing is left. */
	KUNIT_EXPECT_EQ(test, tmem_index_forget_part(&idx, &file_a, first, 2 * first - 1, &dropped), 0);
	KUNIT_EXPECT_EQ(test, dropped, 2 * TMEM_INDEX_PART_CHUNKS - 1);
	KUNIT_EXPECT_EQ(test, tmem_index_forget(&idx, &file_a, 0, ULONG_MAX), 2);
	KUNIT_EXPECT_EQ(test, tmem_index_forget_part(&idx, &file_a, 0, ULONG_MAX, &dropped), 0);
	for (i = 0; i < 2 * TMEM_INDEX_PART_CHUNKS + 1; i++)
		insert(test, &file_a, i * TMEM_CHUNK_PAGES, i);
	KUNIT_EXPECT_EQ(test, tmem_index_forget(&idx, &file_a, 0, ULONG_MAX), 2 * TMEM_INDEX_PART_CHUNKS + 1);
}

static void files_are_forgotten(struct kunit *test)
{
	u32 i;

	for (i = 0; i < 300; i++)
		insert(test, &file_a, i * 100, i);
	insert(test, &file_b, 0, 300);
	tmem_index_forget_file(&idx, &file_a);
	KUNIT_EXPECT_EQ(test, slot_of(&file_a, 0), -1);
	KUNIT_EXPECT_EQ(test, dead_calls, 1);
	KUNIT_EXPECT_EQ(test, drops[0], 0);
	/* The file begins anew while the old one waits. */
	insert(test, &file_a, 0, 301);
	KUNIT_EXPECT_EQ(test, tmem_index_reap(&idx), 300);
	for (i = 0; i < 300; i++)
		KUNIT_EXPECT_EQ(test, drops[i], 1);
	KUNIT_EXPECT_EQ(test, slot_of(&file_a, 0), 301);
	KUNIT_EXPECT_EQ(test, slot_of(&file_b, 0), 300);
	KUNIT_EXPECT_EQ(test, tmem_index_reap(&idx), 0);
}

static void a_new_generation_forgets_the_old_one(struct kunit *test)
{
	struct tmem_file_id newer = file_a;

	newer.generation++;
	insert(test, &file_a, 1, 1);
	KUNIT_EXPECT_EQ(test, tmem_index_forget(&idx, &newer, 0, ULONG_MAX), 0);
	tmem_index_forget_file(&idx, &newer);
	KUNIT_EXPECT_EQ(test, slot_of(&file_a, 1), 1);
	insert(test, &newer, 2, 2);
	KUNIT_EXPECT_EQ(test, slot_of(&file_a, 1), -1);
	KUNIT_EXPECT_EQ(test, slot_of(&newer, 2), 2);
	KUNIT_EXPECT_EQ(test, tmem_index_reap(&idx), 1);
	KUNIT_EXPECT_EQ(test, drops[1], 1);
}

static void pools_are_forgotten(struct kunit *test)
{
	insert(test, &file_a, 1, 1);
	insert(test, &file_b, 1, 2);
	tmem_index_forget_pool(&idx, file_a.pool);
	tmem_index_forget_pool(&idx, 12345);
	KUNIT_EXPECT_EQ(test, drops[1], 1);
	KUNIT_EXPECT_EQ(test, slot_of(&file_a, 1), -1);
	KUNIT_EXPECT_EQ(test, slot_of(&file_b, 1), 2);
}

static void slots_of_a_device_are_forgotten(struct kunit *test)
{
	u32 i;

	for (i = 0; i < 1000; i++)
		insert(test, i % 2 ? &file_a : &file_b, i, i);
	tmem_index_forget_file(&idx, &file_b);
	/* Those of the forgotten file are dropped too when this returns. */
	KUNIT_EXPECT_EQ(test, tmem_index_forget_slots(&idx, 100, 500), 250);
	for (i = 0; i < 1000; i++)
		KUNIT_EXPECT_EQ(test, drops[i], i % 2 == 0 || (i >= 100 && i < 600));
	KUNIT_EXPECT_EQ(test, tmem_index_pages(&idx), 250);
	KUNIT_EXPECT_EQ(test, tmem_index_forget_slots(&idx, U32_MAX, 1), 0);
}

static void memory_is_given_back(struct kunit *test)
{
	unsigned long before;
	u32 i, dropped = 0;

	for (i = 0; i < 1000; i++)
		insert(test, i % 2 ? &file_a : &file_b, i, i);
	before = tmem_index_bytes(&idx);
	KUNIT_EXPECT_EQ(test, tmem_index_shrink(&idx, 1), 32);
	KUNIT_EXPECT_EQ(test, tmem_index_shrink(&idx, 100), 128);
	/* It goes on where it was: the first file is seen through before the second one. */
	for (i = 0; i < 1000; i++)
		dropped += drops[i];
	KUNIT_EXPECT_EQ(test, dropped, 160);
	KUNIT_EXPECT_EQ(test, slot_of(&file_a, 319), -1);
	KUNIT_EXPECT_EQ(test, slot_of(&file_a, 321), 321);
	KUNIT_EXPECT_TRUE(test, tmem_index_bytes(&idx) < before);
	KUNIT_EXPECT_EQ(test, tmem_index_shrink(&idx, 10000), 840);
	KUNIT_EXPECT_EQ(test, tmem_index_pages(&idx), 0);
	KUNIT_EXPECT_EQ(test, tmem_index_shrink(&idx, 1), 0);
}

static void ram_a_page(struct kunit *test)
{
	u32 i;

	for (i = 0; i < SLOTS; i++)
		insert(test, &file_a, i, i);
	/* What debugging adds to each lock and node counts as well here. */
	KUNIT_EXPECT_LE(test, tmem_index_bytes(&idx), SLOTS * 16);
	KUNIT_EXPECT_EQ(test, idx.pools.nodes, 1);
	tmem_index_forget(&idx, &file_a, 0, ULONG_MAX);
	tmem_index_reap(&idx);
	for (i = 0; i < SLOTS; i++)
		insert(test, &file_a, i * 4, i);
	KUNIT_EXPECT_LE(test, tmem_index_bytes(&idx), SLOTS * 24);
}

/* What is left when many pages went one by one takes no more than if it alone had come. */
static void room_is_trimmed(struct kunit *test)
{
	unsigned long few;
	u32 i;

	for (i = 0; i < 16; i++)
		insert(test, &file_a, i, i);
	few = tmem_index_bytes(&idx);
	for (; i < 64; i++)
		insert(test, &file_a, i, i);
	for (i = 16; i < 64; i++)
		KUNIT_EXPECT_EQ(test, tmem_index_remove(&idx, &file_a, i, i), 0);
	KUNIT_EXPECT_LE(test, tmem_index_bytes(&idx), few + 32 * sizeof(struct tmem_index_entry));
	for (i = 0; i < 16; i++)
		KUNIT_EXPECT_EQ(test, slot_of(&file_a, i), (int)i);
}

static struct kunit_case index_cases[] = {
	KUNIT_CASE(what_is_put_in_is_found),
	KUNIT_CASE(keys_are_exact),
	KUNIT_CASE(an_older_copy_is_dropped),
	KUNIT_CASE(seal_move_remove),
	KUNIT_CASE(runs_are_looked_up_together),
	KUNIT_CASE(ranges_are_forgotten),
	KUNIT_CASE(many_are_forgotten_in_parts),
	KUNIT_CASE(files_are_forgotten),
	KUNIT_CASE(a_new_generation_forgets_the_old_one),
	KUNIT_CASE(pools_are_forgotten),
	KUNIT_CASE(slots_of_a_device_are_forgotten),
	KUNIT_CASE(memory_is_given_back),
	KUNIT_CASE(ram_a_page),
	KUNIT_CASE(room_is_trimmed),
	{}
};

static struct kunit_suite index_suite = {
	.name = "tmem_index",
	.init = index_test_init,
	.exit = index_test_exit,
	.test_cases = index_cases,
};
kunit_test_suite(index_suite);
