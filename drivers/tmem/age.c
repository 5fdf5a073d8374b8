// SPDX-License-Identifier: GPL-2.0
/*
 * The clock by which the age of a page is told: how much was stored since it was used last.
 *
 * A page has one byte for that, the tick of its last use. A tick is a small part of all slots stored, whoever
 * stored it, and wherever. Before the 256 ticks are used up, a worker renumbers them: of those long ago it makes one
 * out of several, but none longer than an eighth of its age. So the pages of a small cgroup have ages to compare
 * as those of a large device have, and what is old never looks young again.
 */
#include <linux/atomic.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "core.h"
#include "move.h"
#include "swap_device.h"

/* A tick is such a part of all slots, or so many pages if that is more: renumbering looks at each slot. */
#define TICKS_OF_SLOTS	1024
#define TICK_PAGES_MIN	TMEM_AGE_PAGES

/* So many ticks are told apart before they are renumbered, and so many at most after that. */
#define RENUMBER_AT	224
#define KEPT_MAX	128

/* What is told as one tick is no more than such a part of its age. */
#define PART_OF_AGE	8

u8 tmem_age_now;

static atomic64_t stored;

/*
 * Guards what follows, and the clock: what was stored when each tick began, and how many of them there are beside
 * the one now. While they are renumbered the clock stands still, and so it does when there are no more of them.
 */
static DEFINE_SPINLOCK(clock_lock);
static u64 began[TMEM_AGES];
static unsigned int ticks;
static unsigned long tick_pages = TICK_PAGES_MIN;
static bool renumbering;

/* The age that is told in place of an age. Guarded by the lock of moves. */
static u8 told_as[TMEM_AGES];

static void renumber(struct work_struct *work);
static DECLARE_WORK(renumber_work, renumber);

static void tick(u64 pages)
{
	lockdep_assert_held(&clock_lock);
	if (renumbering || (s64)(pages - began[tmem_age_now]) < (s64)tick_pages)
		return;
	if (ticks >= RENUMBER_AT)
		queue_work(system_dfl_wq, &renumber_work);
	if (ticks == TMEM_AGES - 1)
		return;
	ticks++;
	began[(u8)(tmem_age_now + 1)] = pages;
	WRITE_ONCE(tmem_age_now, tmem_age_now + 1);
}

void tmem_age_stored(unsigned long pages)
{
	u64 now = atomic64_add_return(pages, &stored);

	if ((s64)(now - READ_ONCE(began[READ_ONCE(tmem_age_now)])) < (s64)READ_ONCE(tick_pages) ||
	    !spin_trylock(&clock_lock))
		return;
	tick(now);
	spin_unlock(&clock_lock);
}

/* From the youngest tick to the oldest: does it go with the one before? */
static void choose_ticks(void)
{
	u64 now = atomic64_read(&stored);
	u64 end = began[tmem_age_now];
	unsigned int age, kept = 0;
	u64 last = end;

	lockdep_assert_held(&clock_lock);
	for (age = 1; age <= ticks; age++) {
		u64 first = began[(u8)(tmem_age_now - age)];

		if (!kept || (kept < KEPT_MAX && last - first > (now - last) / PART_OF_AGE)) {
			kept++;
			last = end;
		}
		told_as[age] = kept;
		began[(u8)(tmem_age_now - kept)] = first;
		end = first;
	}
	for (; age < TMEM_AGES; age++)
		told_as[age] = kept;
	ticks = kept;
}

/* Return: slots of the area. */
static unsigned long renumber_area(unsigned int type)
{
	struct swap_info_struct *device = tmem_swap_device_get(type);
	struct tmem_area *area = device ? tmem_area(type) : NULL;
	unsigned long slots = area ? area->slots : 0;
	pgoff_t offset;

	for (offset = 0; offset < slots; offset++) {
		unsigned int age = tmem_age_of(area, offset);

		/* A page that is used at this very moment may look older than it is. */
		if (READ_ONCE(area->entries[offset]) && told_as[age] != age)
			WRITE_ONCE(area->ages[offset], tmem_age_now - told_as[age]);
		if (offset % 4096)
			continue;
		cond_resched();
		/* Swapoff waits for us, and empties the area. */
		if (percpu_ref_is_dying(&device->users))
			break;
	}
	if (device)
		tmem_swap_device_put(device);
	return slots;
}

static void renumber(struct work_struct *work)
{
	unsigned long slots = 0;
	unsigned int type;

	/* Nobody compares ages meanwhile. */
	tmem_moves_lock();
	spin_lock(&clock_lock);
	renumbering = true;
	choose_ticks();
	spin_unlock(&clock_lock);
	for (type = 0; type < MAX_SWAPFILES; type++)
		slots += renumber_area(type);
	spin_lock(&clock_lock);
	renumbering = false;
	WRITE_ONCE(tick_pages, max(slots / TICKS_OF_SLOTS, (unsigned long)TICK_PAGES_MIN));
	spin_unlock(&clock_lock);
	tmem_moves_unlock();
}

void tmem_age_exit(void)
{
	cancel_work_sync(&renumber_work);
}
