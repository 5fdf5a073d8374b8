// SPDX-License-Identifier: GPL-2.0
/*
 * Doors and workers at once: one task swaps pages out and in as the kernel would, another pushes
 * them out to a RAM disk and from place to place, and no page may ever come back old.
 */
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/sched.h>

#include "kunit_env.h"
#include "swap_device.h"

#define SLOTS		12
#define SECONDS		3

/* What the swapped-out page of a slot holds; 0 if the slot is free. */
static u32 seeds[SLOTS];
static struct folio *folios[SLOTS];

static void swap_out(struct kunit *test, unsigned int slot)
{
	seeds[slot] = get_random_u32() | 1;
	tmem_env_fill(folios[slot], seeds[slot]);
	if (tmem_env_store(folios[slot]))
		KUNIT_EXPECT_EQ(test, tmem_double_disk_transfer(folios[slot], REQ_OP_WRITE), 0);
	tmem_env_fill(folios[slot], 0);
}

static void swap_in(struct kunit *test, unsigned int slot)
{
	int err = tmem_env_load(folios[slot]);

	if (err == -ENOENT)
		err = tmem_double_disk_transfer(folios[slot], REQ_OP_READ);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_TRUE_MSG(test, tmem_env_filled(folios[slot], seeds[slot]), "slot %u", slot);
}

static void free_slot(unsigned int slot)
{
	tmem_invalidate(ENV_TYPE, slot, 1);
	seeds[slot] = 0;
}

static bool all(u32 handle, void *data)
{
	return true;
}

static int move_pages_away(void *data)
{
	while (!kthread_should_stop()) {
		tmem_shrink(get_random_u32_below(SLOTS));
		tmem_evacuate(&tmem_fakes[get_random_u32_below(2)].backend, all, NULL, false);
		schedule_timeout_uninterruptible(1);
	}
	return 0;
}

static void pages_come_back_as_they_left(struct kunit *test)
{
	unsigned long moved = tmem_event_total(TMEM_EVENT_written_out) +
			      tmem_event_total(TMEM_EVENT_relocated);
	struct task_struct *mover = kthread_run(move_pages_away, NULL, "tmem_kunit_mover");
	unsigned long end = jiffies + SECONDS * HZ;

	KUNIT_ASSERT_FALSE(test, IS_ERR(mover));
	while (time_before(jiffies, end)) {
		unsigned int slot = get_random_u32_below(SLOTS);
		unsigned int what = get_random_u32_below(4);

		if (what < 2)
			swap_out(test, slot);
		else if (what == 2 && seeds[slot])
			swap_in(test, slot);
		else
			free_slot(slot);
		cond_resched();
	}
	kthread_stop(mover);
	KUNIT_EXPECT_GT(test, tmem_event_total(TMEM_EVENT_written_out) +
			tmem_event_total(TMEM_EVENT_relocated), moved + 10);
}

static int race_init(struct kunit *test)
{
	unsigned int i;

	if (tmem_double_disk_open())
		return -ENODEV;
	tmem_env_init(test);
	tmem_fake_register(&tmem_fakes[1]);
	for (i = 0; i < 2; i++) {
		tmem_fakes[i].room = SLOTS / 3;
		tmem_fakes[i].yields = true;
	}
	tmem_swap_device(ENV_TYPE)->bdev = tmem_double_disk();
	tmem_double.first_sector = DISK_FIRST_SECTOR;
	memset(seeds, 0, sizeof(seeds));
	for (i = 0; i < SLOTS; i++)
		folios[i] = tmem_env_folio(test, i, 0);
	return 0;
}

static void race_exit(struct kunit *test)
{
	tmem_env_exit(test);
	tmem_double_disk_close();
}

static struct kunit_case race_cases[] = {
	KUNIT_CASE_SLOW(pages_come_back_as_they_left),
	{}
};

static struct kunit_suite race_suite = {
	.name = "tmem_race",
	.init = race_init,
	.exit = race_exit,
	.test_cases = race_cases,
};
kunit_test_suite(race_suite);
