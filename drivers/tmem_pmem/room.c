// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps room free on a device: when more of it is in use than its high mark says, the core takes away
 * the pages that are least worth their slots, down to the low mark.
 *
 * Nobody waits for that. Stores count themselves, and every so many have a worker look.
 *
 * With several devices one that is above its high mark is passed over by stores as long as another one is not, and
 * keeps what it has; room is made when all are.
 */
#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <tmem/stat.h>

#include "../tmem/fault.h"
#include "pmem.h"

/* A worker looks when this part of a device was stored. */
#define LOOK_PART	512

/* Back-off after a store found no room, and after a round in vain. */
#define FULL_MS		100
#define IN_VAIN_MS	2000

/* A device that is passed over gets no stores that would have it checked: stores elsewhere do that, this often. */
#define PASSED_OVER_MS	1000

/* In one call, this or a 256th of a device: others who move pages are waiting. */
#define PAGES_AT_A_TIME	16384U
#define TIMES		256

static struct workqueue_struct *makers;

/* Guards @near_node of all devices, and what follows. */
static DEFINE_SPINLOCK(share_lock);
static bool several;		/* devices */
static bool had_room;		/* one of them, below its high mark */

/* Some pages were stored. Context: any. */
void tmem_pmem_room_look(struct tmem_pmem_device *device)
{
	queue_delayed_work(makers, &device->room_work, 0);
}

/* A page found no room, or the marks are others. Context: any. */
void tmem_pmem_room_wanted(struct tmem_pmem_device *device)
{
	if (READ_ONCE(device->marks).high_percent == 100 && !READ_ONCE(several))
		return;
	WRITE_ONCE(device->room_wanted, true);
	queue_delayed_work(makers, &device->room_work, msecs_to_jiffies(FULL_MS));
}

static bool has_room(const struct tmem_pmem_device *device)
{
	return READ_ONCE(device->state) == TMEM_PMEM_ACTIVE && !READ_ONCE(device->above_high) &&
	       (!device->cipher || tmem_cipher_has_key(device->cipher));
}

/* Inside RCU: it is not freed before its work is cancelled, nor that before we are through. */
static void look_again(struct tmem_pmem_device *device)
{
	WRITE_ONCE(device->room_wanted, true);
	queue_delayed_work(makers, &device->room_work, 0);
}

/**
 * tmem_pmem_room_share_out() - settle which devices take pages of their own nodes first
 *
 * To be called when a device comes, goes, changes its state, has another key, or crosses its high mark. When none is
 * below any more, all are looked at: it is for each of them to make room.
 *
 * Context: process.
 */
void tmem_pmem_room_share_out(void)
{
	unsigned int i, count = 0;
	bool any = false;

	rcu_read_lock();
	spin_lock(&share_lock);
	for (i = 0; i < TMEM_PMEM_DEVICES_MAX; i++) {
		struct tmem_pmem_device *device = tmem_pmem_device_seen(i);

		count += !!device;
		any |= device && has_room(device);
	}
	for (i = 0; i < TMEM_PMEM_DEVICES_MAX; i++) {
		struct tmem_pmem_device *device = tmem_pmem_device_seen(i);

		if (!device)
			continue;
		WRITE_ONCE(device->near_node, any && !has_room(device) ? TMEM_PMEM_NEAR_NONE : device->node);
		if (had_room && !any && count > 1)
			look_again(device);
	}
	WRITE_ONCE(several, count > 1);
	had_room = any;
	spin_unlock(&share_lock);
	rcu_read_unlock();
}

/* Is another device below its high mark? Then new pages go there. */
static bool room_elsewhere(const struct tmem_pmem_device *than)
{
	bool any = false;
	unsigned int i;

	rcu_read_lock();
	for (i = 0; i < TMEM_PMEM_DEVICES_MAX; i++) {
		struct tmem_pmem_device *device = tmem_pmem_device_seen(i);

		any |= device && device != than && has_room(device);
	}
	rcu_read_unlock();
	return any;
}

static void look_at_passed_over(void)
{
	unsigned int i;

	rcu_read_lock();
	for (i = 0; i < TMEM_PMEM_DEVICES_MAX; i++) {
		struct tmem_pmem_device *device = tmem_pmem_device_seen(i);

		if (device && READ_ONCE(device->above_high) &&
		    time_after(jiffies, READ_ONCE(device->looked_at) + msecs_to_jiffies(PASSED_OVER_MS)))
			look_again(device);
	}
	rcu_read_unlock();
}

static unsigned int pages_stored(const struct tmem_pmem_device *device)
{
	return tmem_percpu_sum(*device->stored);
}

/* The device is not in the middle of being let go, and has the page. */
static bool match(u32 handle, void *data)
{
	struct tmem_pmem_device *device = data;

	return READ_ONCE(device->state) == TMEM_PMEM_ACTIVE &&
	       tmem_pmem_match_device(handle, device);
}

/* Clean pages do not count: they make room, or at once are gone, wherever a page wants their slot. */
static void note_level(struct tmem_pmem_device *device, u32 used, u32 high)
{
	u32 clean = READ_ONCE(device->clean.cells.used);
	bool above = used - min(used, clean) >= high;

	if (READ_ONCE(device->above_high) == above)
		return;
	WRITE_ONCE(device->above_high, above);
	tmem_pmem_room_share_out();
}

/* What is in use, and the marks, in slots. Those that are bad do not count. */
struct level {
	u32 used;
	u32 high;
	u32 low;
};

/* Return: false if no room is made there. */
static bool look(struct tmem_pmem_device *device, struct level *level)
{
	struct tmem_pmem_marks marks = READ_ONCE(device->marks);
	u64 slots = tmem_pmem_slots_good(&device->slots);

	if ((marks.high_percent == 100 && !READ_ONCE(several)) ||
	    READ_ONCE(device->state) != TMEM_PMEM_ACTIVE)
		return false;
	level->high = div_u64(slots * marks.high_percent, 100);
	level->low = div_u64(slots * marks.low_percent, 100);
	/* Counted while others change it: it may be off, even below 0. */
	level->used = tmem_pmem_slots_used(&device->slots);
	if (level->used > device->slots.count)
		level->used = 0;
	note_level(device, level->used, level->high);
	return marks.high_percent < 100;
}

/*
 * Clean pages go first: as many as are above the high mark, and some for what is stored meanwhile. Swapped-out pages
 * alone may never come to that mark, so not down to the low one.
 * Return: true if that was enough.
 */
static bool clean_pages_go(struct tmem_pmem_device *device)
{
	unsigned int times = 0;
	struct level level;

	while (look(device, &level) && level.used > level.high) {
		u32 more = max((level.high - level.low) / 4, device->slots.count / LOOK_PART);

		if (!READ_ONCE(device->clean.cells.used) || times++ == TIMES)
			return false;
		if (!tmem_pmem_clean_make_room(device, level.used - level.high + more, false))
			tmem_pmem_clean_reap();
	}
	return true;
}

static void make_room(struct tmem_pmem_device *device)
{
	u32 most = tmem_fault(TMEM_FAULT_SMALL_ROUNDS) ?: max(device->slots.count / TIMES, PAGES_AT_A_TIME);
	unsigned int times = 0;
	struct level level;

	/* Once begun, go on to the low mark: else two devices stop each other just below their high ones. */
	if (clean_pages_go(device) || room_elsewhere(device))
		return;
	while (times++ < TIMES && look(device, &level) && level.used > level.low) {
		u32 pages = level.used - level.low;

		pages -= tmem_pmem_clean_make_room(device, pages, false);
		if (pages && !tmem_write_back(&tmem_pmem_backend, match, device, min(pages, most))) {
			/* The swap device may be failing. */
			WRITE_ONCE(device->room_wanted, true);
			queue_delayed_work(makers, &device->room_work, msecs_to_jiffies(IN_VAIN_MS));
			return;
		}
	}
}

static void room_work(struct work_struct *work)
{
	struct tmem_pmem_device *device = container_of(to_delayed_work(work),
						       struct tmem_pmem_device, room_work);
	unsigned int stored = pages_stored(device);

	tmem_pmem_recheck_bad_blocks(device);
	/* Few CPUs may store all, and then look more often than there is reason to. */
	if (stored - device->looked < device->slots.count / LOOK_PART &&
	    !READ_ONCE(device->room_wanted))
		return;
	WRITE_ONCE(device->room_wanted, false);
	device->looked = stored;
	WRITE_ONCE(device->looked_at, jiffies);
	make_room(device);
	if (READ_ONCE(several))
		look_at_passed_over();
}

int tmem_pmem_room_set_up(struct tmem_pmem_device *device)
{
	u32 each = device->slots.count / LOOK_PART / num_online_cpus();

	device->stored = alloc_percpu(unsigned int);
	if (!device->stored)
		return -ENOMEM;
	device->look_mask = roundup_pow_of_two(max(each, 16U)) - 1;
	device->marks = TMEM_PMEM_MARKS;
	device->near_node = device->node;
	INIT_DELAYED_WORK(&device->room_work, room_work);
	return 0;
}

/* Nothing is stored on the device any more. */
void tmem_pmem_room_undo(struct tmem_pmem_device *device)
{
	cancel_delayed_work_sync(&device->room_work);
	free_percpu(device->stored);
}

int tmem_pmem_room_init(void)
{
	makers = alloc_workqueue("tmem_pmem_room", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	return makers ? 0 : -ENOMEM;
}

void tmem_pmem_room_exit(void)
{
	destroy_workqueue(makers);
}
