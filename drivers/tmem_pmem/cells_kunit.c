// SPDX-License-Identifier: GPL-2.0
/* Tests of the cells of clean pages. */
#include <kunit/test.h>
#include <linux/errno.h>

#include "cells.h"

static struct tmem_pmem_cells cells;
static const struct tmem_file_id file = { .pool = 1, .generation = 2, .ino = 3 };

static int cells_test_init(struct kunit *test)
{
	tmem_pmem_cells_init(&cells);
	return tmem_pmem_cells_set_limit(&cells, 4);
}

static void cells_test_exit(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, cells.used, 0);
	KUNIT_EXPECT_TRUE(test, list_empty(&cells.order));
	tmem_pmem_cells_exit(&cells);
}

/* A page in a slot of the same number, found by the index. Return: its cell. */
static int put(struct kunit *test, pgoff_t index)
{
	int number = tmem_pmem_cells_take(&cells, &file, index, index, TMEM_PUT_WORKINGSET);

	KUNIT_ASSERT_GE(test, number, 0);
	tmem_pmem_cells_settle(&cells, number);
	KUNIT_EXPECT_EQ(test, tmem_pmem_cells_release(&cells, number, false), -1);
	return number;
}

/* The index lets go of a cell. Return: its slot, if it is free. */
static int drop(int number)
{
	return tmem_pmem_cells_release(&cells, number, true);
}

static void a_cell_says_what_was_put(struct kunit *test)
{
	struct tmem_pmem_cell cell;
	int number = put(test, 7);

	KUNIT_ASSERT_TRUE(test, tmem_pmem_cells_hold(&cells, number, &cell));
	KUNIT_EXPECT_EQ(test, cell.number, number);
	KUNIT_EXPECT_EQ(test, cell.index, 7);
	KUNIT_EXPECT_EQ(test, (u32)cell.slot, 7);
	KUNIT_EXPECT_EQ(test, cell.file.ino, file.ino);
	KUNIT_EXPECT_EQ(test, (u32)cell.flags, TMEM_PUT_WORKINGSET);
	KUNIT_EXPECT_EQ(test, tmem_pmem_cells_release(&cells, number, false), -1);
	KUNIT_EXPECT_EQ(test, drop(number), 7);
	KUNIT_EXPECT_FALSE(test, tmem_pmem_cells_hold(&cells, number, &cell));
	KUNIT_EXPECT_FALSE(test, tmem_pmem_cells_hold(&cells, 1000, &cell));
}

static void no_more_than_the_limit(struct kunit *test)
{
	int numbers[4], i;

	for (i = 0; i < 4; i++)
		numbers[i] = put(test, i);
	KUNIT_EXPECT_EQ(test, tmem_pmem_cells_take(&cells, &file, 4, 4, 0), -ENOSPC);
	KUNIT_ASSERT_EQ(test, tmem_pmem_cells_set_limit(&cells, 2), 0);
	KUNIT_EXPECT_EQ(test, drop(numbers[3]), 3);
	KUNIT_EXPECT_EQ(test, drop(numbers[2]), 2);
	KUNIT_EXPECT_EQ(test, tmem_pmem_cells_take(&cells, &file, 4, 4, 0), -ENOSPC);
	KUNIT_EXPECT_EQ(test, drop(numbers[1]), 1);
	numbers[1] = put(test, 5);
	KUNIT_ASSERT_EQ(test, tmem_pmem_cells_set_limit(&cells, 100), 0);
	numbers[2] = put(test, 6);
	for (i = 0; i < 3; i++)
		drop(numbers[i]);
}

static void the_oldest_comes_first(struct kunit *test)
{
	struct tmem_pmem_cell cell;
	int first = put(test, 10), second = put(test, 11), third = put(test, 12);

	KUNIT_EXPECT_EQ(test, drop(first), 10);
	KUNIT_EXPECT_EQ(test, tmem_pmem_cells_hold_oldest(&cells, &cell), second);
	/* Passed over, it counts as the youngest. */
	KUNIT_EXPECT_EQ(test, tmem_pmem_cells_hold_oldest(&cells, &cell), third);
	KUNIT_EXPECT_EQ(test, tmem_pmem_cells_release(&cells, third, false), -1);
	KUNIT_EXPECT_EQ(test, tmem_pmem_cells_release(&cells, second, false), -1);
	KUNIT_EXPECT_EQ(test, drop(second), 11);
	KUNIT_EXPECT_EQ(test, drop(third), 12);
	KUNIT_EXPECT_EQ(test, tmem_pmem_cells_hold_oldest(&cells, &cell), -ENOENT);
}

static void a_slot_is_free_when_nobody_reads_it(struct kunit *test)
{
	struct tmem_pmem_cell cell;
	int number = put(test, 20);

	KUNIT_ASSERT_TRUE(test, tmem_pmem_cells_hold(&cells, number, &cell));
	KUNIT_EXPECT_EQ(test, drop(number), -1);
	/* Nobody else comes upon it as the oldest. */
	KUNIT_EXPECT_EQ(test, tmem_pmem_cells_hold_oldest(&cells, &cell), -ENOENT);
	KUNIT_EXPECT_EQ(test, cells.used, 1);
	KUNIT_EXPECT_EQ(test, tmem_pmem_cells_release(&cells, number, false), 20);
}

/* Forgotten between the index's knowing it and its being in order, while a third holds it. */
static void forgotten_before_it_is_settled(struct kunit *test)
{
	struct tmem_pmem_cell cell;
	int number = tmem_pmem_cells_take(&cells, &file, 30, 30, 0);

	KUNIT_ASSERT_GE(test, number, 0);
	KUNIT_ASSERT_TRUE(test, tmem_pmem_cells_hold(&cells, number, &cell));
	KUNIT_EXPECT_EQ(test, drop(number), -1);
	tmem_pmem_cells_settle(&cells, number);
	KUNIT_EXPECT_EQ(test, tmem_pmem_cells_hold_oldest(&cells, &cell), -ENOENT);
	KUNIT_EXPECT_EQ(test, tmem_pmem_cells_release(&cells, number, false), -1);
	KUNIT_EXPECT_EQ(test, tmem_pmem_cells_release(&cells, number, false), 30);
	number = put(test, 31);
	KUNIT_EXPECT_EQ(test, drop(number), 31);
}

/* The index cannot find it, and has not let go of it yet. */
static void passed_over(struct kunit *test)
{
	struct tmem_pmem_cell cell;
	int first = put(test, 40), second = put(test, 41);

	KUNIT_EXPECT_EQ(test, tmem_pmem_cells_hold_oldest(&cells, &cell), first);
	tmem_pmem_cells_pass_over(&cells, first);
	KUNIT_EXPECT_EQ(test, tmem_pmem_cells_release(&cells, first, false), -1);
	KUNIT_EXPECT_EQ(test, tmem_pmem_cells_hold_oldest(&cells, &cell), second);
	KUNIT_EXPECT_EQ(test, tmem_pmem_cells_release(&cells, second, false), -1);
	KUNIT_EXPECT_EQ(test, drop(second), 41);
	KUNIT_EXPECT_EQ(test, tmem_pmem_cells_hold_oldest(&cells, &cell), -ENOENT);
	KUNIT_EXPECT_EQ(test, cells.used, 1);
	KUNIT_EXPECT_EQ(test, drop(first), 40);
	/* It is as any other now. */
	first = put(test, 42);
	KUNIT_EXPECT_EQ(test, tmem_pmem_cells_hold_oldest(&cells, &cell), first);
	KUNIT_EXPECT_EQ(test, tmem_pmem_cells_release(&cells, first, false), -1);
	KUNIT_EXPECT_EQ(test, drop(first), 42);
}

static struct kunit_case cells_cases[] = {
	KUNIT_CASE(a_cell_says_what_was_put),
	KUNIT_CASE(no_more_than_the_limit),
	KUNIT_CASE(the_oldest_comes_first),
	KUNIT_CASE(a_slot_is_free_when_nobody_reads_it),
	KUNIT_CASE(forgotten_before_it_is_settled),
	KUNIT_CASE(passed_over),
	{}
};

static struct kunit_suite cells_suite = {
	.name = "tmem_pmem_cells",
	.init = cells_test_init,
	.exit = cells_test_exit,
	.test_cases = cells_cases,
};
kunit_test_suite(cells_suite);
