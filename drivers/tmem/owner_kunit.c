// SPDX-License-Identifier: GPL-2.0
/* Tests of who is charged for a page, of limits, and of owners that go when their cgroup is gone. */
#include <linux/blkdev.h>
#include <linux/delay.h>
#include <linux/mm.h>

#include "kunit_env.h"
#include "swap_device.h"

#define ROOT	1
#define UPPER	2
#define OTHER	3
#define LOWER	4
#define BESIDE	5

static struct tmem_fake *first = &tmem_fakes[0];

static int owner_init(struct kunit *test)
{
	if (tmem_double_disk_open())
		return -ENODEV;
	if (tmem_env_init(test))
		return -ENOMEM;
	tmem_swap_device(ENV_TYPE)->bdev = tmem_double_disk();
	tmem_double.first_sector = DISK_FIRST_SECTOR;
	return 0;
}

static void owner_exit(struct kunit *test)
{
	tmem_env_exit(test);
	tmem_double_disk_close();
}

static int store(struct kunit *test, u64 cgroup, pgoff_t offset)
{
	struct folio *folio = tmem_env_folio(test, offset, 0);

	tmem_double.cgroup = cgroup;
	tmem_env_fill(folio, offset);
	return tmem_env_store(folio);
}

static int load(struct kunit *test, pgoff_t offset)
{
	return tmem_env_load(tmem_env_folio(test, offset, 0));
}

static struct tmem_owner *owner_of(struct kunit *test, u64 cgroup)
{
	struct tmem_owner *owner = tmem_owner_by_id(cgroup);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, owner);
	return owner;
}

static s64 pages(struct kunit *test, u64 cgroup)
{
	return percpu_counter_sum(&owner_of(test, cgroup)->pages);
}

static unsigned long events(struct kunit *test, u64 cgroup, enum tmem_owner_event event)
{
	return tmem_owner_event_total(owner_of(test, cgroup), event);
}

static void page_counts_for_its_cgroup_and_all_above(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, store(test, LOWER, 1), 0);
	KUNIT_EXPECT_EQ(test, store(test, LOWER, 2), 0);
	KUNIT_EXPECT_EQ(test, store(test, BESIDE, 3), 0);
	KUNIT_EXPECT_EQ(test, store(test, OTHER, 4), 0);
	KUNIT_EXPECT_EQ(test, pages(test, LOWER), 2);
	KUNIT_EXPECT_EQ(test, pages(test, BESIDE), 1);
	KUNIT_EXPECT_EQ(test, pages(test, UPPER), 3);
	KUNIT_EXPECT_EQ(test, pages(test, OTHER), 1);
	KUNIT_EXPECT_EQ(test, pages(test, ROOT), 4);
	/* What happened is told of the very one. */
	KUNIT_EXPECT_EQ(test, events(test, LOWER, TMEM_OWNER_stores), 2);
	KUNIT_EXPECT_EQ(test, events(test, UPPER, TMEM_OWNER_stores), 0);
	KUNIT_EXPECT_EQ(test, load(test, 2), 0);
	KUNIT_EXPECT_EQ(test, events(test, LOWER, TMEM_OWNER_loads), 1);
	tmem_invalidate(ENV_TYPE, 1, 2);
	KUNIT_EXPECT_EQ(test, pages(test, LOWER), 0);
	KUNIT_EXPECT_EQ(test, pages(test, UPPER), 1);
	KUNIT_EXPECT_EQ(test, pages(test, ROOT), 2);
}

static void nobody_is_charged_without_a_cgroup(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, store(test, 0, 1), 0);
	KUNIT_EXPECT_EQ(test, pages(test, ROOT), 0);
	/* Then one comes, and goes again. */
	KUNIT_EXPECT_EQ(test, store(test, LOWER, 1), 0);
	KUNIT_EXPECT_EQ(test, pages(test, ROOT), 1);
	KUNIT_EXPECT_EQ(test, store(test, 0, 1), 0);
	KUNIT_EXPECT_EQ(test, pages(test, ROOT), 0);
}

static void charge_moves_with_the_page(struct kunit *test)
{
	first->in_place = true;
	KUNIT_EXPECT_EQ(test, store(test, LOWER, 1), 0);
	KUNIT_EXPECT_EQ(test, store(test, OTHER, 1), 0);
	KUNIT_EXPECT_EQ(test, pages(test, LOWER), 0);
	KUNIT_EXPECT_EQ(test, pages(test, OTHER), 1);
	KUNIT_EXPECT_EQ(test, pages(test, ROOT), 1);
	KUNIT_EXPECT_EQ(test, load(test, 1), 0);
	KUNIT_EXPECT_EQ(test, events(test, OTHER, TMEM_OWNER_loads), 1);
	KUNIT_EXPECT_EQ(test, events(test, LOWER, TMEM_OWNER_loads), 0);
	/* A store that fails leaves nothing behind. */
	first->store_err = -ENOMEM;
	KUNIT_EXPECT_EQ(test, store(test, LOWER, 1), -ENOMEM);
	KUNIT_EXPECT_EQ(test, pages(test, OTHER), 0);
	KUNIT_EXPECT_EQ(test, pages(test, LOWER), 0);
	KUNIT_EXPECT_EQ(test, events(test, LOWER, TMEM_OWNER_refused), 1);
}

static void lost_page_is_not_charged(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, store(test, LOWER, 1), 0);
	first->load_err = -EIO;
	KUNIT_EXPECT_EQ(test, load(test, 1), -EIO);
	KUNIT_EXPECT_EQ(test, pages(test, LOWER), 0);
	KUNIT_EXPECT_EQ(test, events(test, LOWER, TMEM_OWNER_loads), 0);
	tmem_invalidate(ENV_TYPE, 1, 1);
	KUNIT_EXPECT_EQ(test, pages(test, ROOT), 0);
}

static void drained_page_is_not_charged(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, store(test, LOWER, 1), 0);
	KUNIT_EXPECT_EQ(test, tmem_shrink(0), 0);
	KUNIT_EXPECT_EQ(test, pages(test, LOWER), 0);
	KUNIT_EXPECT_EQ(test, events(test, LOWER, TMEM_OWNER_written_back), 0);
}

static void store_at_the_limit_is_refused(struct kunit *test)
{
	pgoff_t offset;

	KUNIT_EXPECT_EQ(test, tmem_owner_set_limit(UPPER, 5), 0);
	KUNIT_EXPECT_EQ(test, tmem_owner_set_limit(7, 5), 0);
	KUNIT_EXPECT_EQ(test, tmem_owner_set_limit(DOUBLE_CGROUPS, 5), -ENOENT);
	/* What would make room is not written back here. */
	tmem_double_cgroups[LOWER].stays = true;
	tmem_double_cgroups[BESIDE].stays = true;
	for (offset = 1; offset < 5; offset++)
		KUNIT_EXPECT_EQ(test, store(test, LOWER, offset), 0);
	KUNIT_EXPECT_EQ(test, store(test, BESIDE, 5), 0);
	KUNIT_EXPECT_EQ(test, store(test, BESIDE, 6), -EPERM);
	KUNIT_EXPECT_EQ(test, store(test, OTHER, 7), 0);
	KUNIT_EXPECT_EQ(test, pages(test, UPPER), 5);
	KUNIT_EXPECT_EQ(test, events(test, BESIDE, TMEM_OWNER_refused), 1);
	/* A page that is stored already: its older copy must not be seen again. */
	KUNIT_EXPECT_EQ(test, store(test, LOWER, 1), -EPERM);
	KUNIT_EXPECT_EQ(test, load(test, 1), -ENOENT);
	KUNIT_EXPECT_EQ(test, pages(test, UPPER), 4);
	KUNIT_EXPECT_EQ(test, tmem_owner_set_limit(UPPER, TMEM_NO_LIMIT), 0);
	KUNIT_EXPECT_EQ(test, store(test, BESIDE, 6), 0);
	KUNIT_EXPECT_EQ(test, store(test, BESIDE, 8), 0);
}

static void whole_folio_or_none_of_it(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 8, 2);

	tmem_env_fill(folio, 1);
	tmem_double.cgroup = LOWER;
	tmem_double_cgroups[LOWER].stays = true;
	KUNIT_EXPECT_EQ(test, tmem_owner_set_limit(LOWER, 3), 0);
	KUNIT_EXPECT_EQ(test, tmem_env_store(folio), -EPERM);
	KUNIT_EXPECT_EQ(test, pages(test, LOWER), 0);
	KUNIT_EXPECT_EQ(test, events(test, LOWER, TMEM_OWNER_refused), 4);
	KUNIT_EXPECT_EQ(test, tmem_owner_set_limit(LOWER, 4), 0);
	KUNIT_EXPECT_EQ(test, tmem_env_store(folio), 0);
	KUNIT_EXPECT_EQ(test, pages(test, LOWER), 4);
}

static void oldest_of_its_own_go_below_the_limit(struct kunit *test)
{
	struct tmem_owner *owner;
	pgoff_t offset;

	for (offset = 0; offset < 5; offset++)
		KUNIT_EXPECT_EQ(test, store(test, OTHER, offset), 0);
	for (offset = 10; offset < 20; offset++) {
		KUNIT_EXPECT_EQ(test, store(test, LOWER, offset), 0);
		tmem_env_age(test, 1);
	}
	KUNIT_EXPECT_EQ(test, tmem_owner_set_limit(UPPER, 4), 0);
	owner = owner_of(test, UPPER);
	flush_delayed_work(&owner->room_work);
	KUNIT_EXPECT_EQ(test, pages(test, UPPER), 3);
	KUNIT_EXPECT_EQ(test, pages(test, OTHER), 5);
	KUNIT_EXPECT_EQ(test, events(test, LOWER, TMEM_OWNER_written_back), 7);
	KUNIT_EXPECT_EQ(test, events(test, OTHER, TMEM_OWNER_written_back), 0);
	for (offset = 10; offset < 17; offset++)
		KUNIT_EXPECT_EQ(test, load(test, offset), -ENOENT);
	for (; offset < 20; offset++)
		KUNIT_EXPECT_EQ(test, load(test, offset), 0);
}

static struct tmem_owner *asks;

static void ask_for_room(void)
{
	tmem_owner_may_store(asks, 1);
}

/* Of 16 pages, 15 are the high mark, 14 the low one. */
static void room_is_made_in_rounds_down_to_the_low_mark(struct kunit *test)
{
	unsigned int round_pages = tmem_owner_round_pages;
	unsigned long begun;
	pgoff_t offset;

	for (offset = 0; offset < 16; offset++)
		KUNIT_EXPECT_EQ(test, store(test, LOWER, offset), 0);
	asks = owner_of(test, LOWER);
	tmem_owner_round_pages = 1;
	first->after_load = ask_for_room;
	begun = jiffies;
	KUNIT_EXPECT_EQ(test, tmem_owner_set_limit(LOWER, 16), 0);
	flush_delayed_work(&asks->room_work);
	first->after_load = NULL;
	/* A rest lies between them, although a store asked for room in the middle of the first. */
	KUNIT_EXPECT_TRUE(test, time_after_eq(asks->room_work.timer.expires, begun + msecs_to_jiffies(100)));
	flush_delayed_work(&asks->room_work);
	KUNIT_EXPECT_EQ(test, pages(test, LOWER), 14);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&asks->room_work));
	/* Then not before the high mark is passed. */
	KUNIT_EXPECT_EQ(test, store(test, LOWER, 20), 0);
	KUNIT_EXPECT_EQ(test, tmem_owner_set_limit(LOWER, 16), 0);
	flush_delayed_work(&asks->room_work);
	KUNIT_EXPECT_EQ(test, pages(test, LOWER), 15);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&asks->room_work));
	tmem_owner_round_pages = round_pages;
}

static void forbid_more(void)
{
	tmem_double_cgroups[LOWER].stays = true;
}

static void round_in_vain_ends_it(struct kunit *test)
{
	unsigned int round_pages = tmem_owner_round_pages;
	struct tmem_owner *owner;
	pgoff_t offset;

	for (offset = 0; offset < 16; offset++)
		KUNIT_EXPECT_EQ(test, store(test, LOWER, offset), 0);
	owner = owner_of(test, LOWER);
	tmem_owner_round_pages = 1;
	first->after_load = forbid_more;
	KUNIT_EXPECT_EQ(test, tmem_owner_set_limit(LOWER, 16), 0);
	flush_delayed_work(&owner->room_work);
	first->after_load = NULL;
	flush_delayed_work(&owner->room_work);
	KUNIT_EXPECT_EQ(test, pages(test, LOWER), 15);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&owner->room_work));
	tmem_owner_round_pages = round_pages;
}

static bool all(u32 handle, void *data)
{
	return true;
}

/* A limit so small that what is stored below it is nothing to the backend. */
static void pages_of_a_small_cgroup_have_ages(struct kunit *test)
{
	struct folio *hot = tmem_env_folio(test, 1, 0);
	unsigned int i;
	pgoff_t offset;

	/* The hand begins at the first slot. */
	KUNIT_EXPECT_EQ(test, store(test, OTHER, ENV_SLOTS - 1), 0);
	KUNIT_EXPECT_EQ(test, tmem_write_back(&first->backend, all, NULL, 1), 1);
	first->in_place = true;
	for (offset = 1; offset < 11; offset++)
		KUNIT_EXPECT_EQ(test, store(test, LOWER, offset), 0);
	tmem_env_fill(hot, 1);
	for (i = 0; i < 4 * TMEM_AGE_PAGES; i++)
		KUNIT_ASSERT_EQ(test, tmem_env_store(hot), 0);
	KUNIT_EXPECT_EQ(test, tmem_owner_set_limit(LOWER, 4), 0);
	flush_delayed_work(&owner_of(test, LOWER)->room_work);
	KUNIT_EXPECT_EQ(test, pages(test, LOWER), 3);
	KUNIT_EXPECT_EQ(test, load(test, 1), 0);
	KUNIT_EXPECT_EQ(test, load(test, 2), -ENOENT);
}

static void who_stays_is_not_written_back(struct kunit *test)
{
	pgoff_t offset;

	for (offset = 0; offset < 3; offset++)
		KUNIT_EXPECT_EQ(test, store(test, LOWER, offset), 0);
	tmem_env_age(test, 1);
	for (; offset < 6; offset++)
		KUNIT_EXPECT_EQ(test, store(test, OTHER, offset), 0);
	tmem_double_cgroups[LOWER].stays = true;
	KUNIT_EXPECT_EQ(test, tmem_write_back(&first->backend, all, NULL, 6), 3);
	KUNIT_EXPECT_EQ(test, pages(test, LOWER), 3);
	KUNIT_EXPECT_EQ(test, pages(test, OTHER), 0);
	/* Who drains wants them all. */
	KUNIT_EXPECT_EQ(test, tmem_shrink(0), 0);
	KUNIT_EXPECT_EQ(test, pages(test, LOWER), 0);
}

/* Making an owner has the others looked at. */
static bool goes(struct kunit *test, u64 cgroup, u64 *next)
{
	unsigned int tries;

	KUNIT_EXPECT_EQ(test, tmem_owner_set_limit((*next)++, TMEM_NO_LIMIT), 0);
	for (tries = 0; tries < 50 && atomic_read(&tmem_double_cgroups[cgroup].references); tries++)
		msleep(20);
	return !atomic_read(&tmem_double_cgroups[cgroup].references);
}

static void owner_goes_after_its_cgroup_and_its_pages(struct kunit *test)
{
	u64 next = BESIDE + 1;
	u16 number;

	KUNIT_EXPECT_EQ(test, store(test, LOWER, 1), 0);
	number = owner_of(test, LOWER)->number;
	tmem_double_cgroups[LOWER].removed = true;
	KUNIT_EXPECT_FALSE(test, goes(test, LOWER, &next));
	KUNIT_EXPECT_PTR_EQ(test, tmem_owner_by_number(number), owner_of(test, LOWER));
	KUNIT_EXPECT_EQ(test, pages(test, LOWER), 1);
	tmem_invalidate(ENV_TYPE, 1, 1);
	KUNIT_EXPECT_TRUE(test, goes(test, LOWER, &next));
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(tmem_owner_by_id(LOWER)), -ENOENT);
	/* Those above have others below them, and are not removed. */
	KUNIT_EXPECT_EQ(test, pages(test, UPPER), 0);
}

static struct kunit_case owner_cases[] = {
	KUNIT_CASE(page_counts_for_its_cgroup_and_all_above),
	KUNIT_CASE(nobody_is_charged_without_a_cgroup),
	KUNIT_CASE(charge_moves_with_the_page),
	KUNIT_CASE(lost_page_is_not_charged),
	KUNIT_CASE(drained_page_is_not_charged),
	KUNIT_CASE(store_at_the_limit_is_refused),
	KUNIT_CASE(whole_folio_or_none_of_it),
	KUNIT_CASE(oldest_of_its_own_go_below_the_limit),
	KUNIT_CASE(room_is_made_in_rounds_down_to_the_low_mark),
	KUNIT_CASE(round_in_vain_ends_it),
	KUNIT_CASE(pages_of_a_small_cgroup_have_ages),
	KUNIT_CASE(who_stays_is_not_written_back),
	KUNIT_CASE(owner_goes_after_its_cgroup_and_its_pages),
	{}
};

static struct kunit_suite owner_suite = {
	.name = "tmem_owner",
	.init = owner_init,
	.exit = owner_exit,
	.test_cases = owner_cases,
};
kunit_test_suite(owner_suite);
