// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps room free on a device: when more of it is in use than its high mark says, the core takes away
 * the pages that are least worth their slots, down to the low mark.
 *
 * Nobody waits for that. Stores count themselves, and every so many have a worker look.
 */
#include <linux/cpumask.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/percpu.h>

#include "pmem.h"

/* A worker looks when so much of a device was stored. */
#define LOOK_PART	512

/* As long it rests when a store found no room, and when no room could be made. */
#define FULL_MS		100
#define IN_VAIN_MS	2000

/* Not more at a time than a 256th of a device or this: others wait who move pages, too. */
#define PAGES_AT_A_TIME	16384U
#define TIMES		256

static struct workqueue_struct *makers;

/* Some pages were stored. Context: any. */
void tmem_pmem_room_look(struct tmem_pmem_device *device)
{
	queue_delayed_work(makers, &device->room_work, 0);
}

/* A page found no room, or the marks are others. Context: any. */
void tmem_pmem_room_wanted(struct tmem_pmem_device *device)
{
	if (READ_ONCE(device->marks).high_percent == 100)
		return;
	WRITE_ONCE(device->room_wanted, true);
	queue_delayed_work(makers, &device->room_work, msecs_to_jiffies(FULL_MS));
}

static unsigned int pages_stored(const struct tmem_pmem_device *device)
{
	unsigned int sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += *per_cpu_ptr(device->stored, cpu);
	return sum;
}

/* The device is not in the middle of being let go, and has the page. */
static bool match(u32 handle, void *data)
{
	struct tmem_pmem_device *device = data;

	return READ_ONCE(device->state) == TMEM_PMEM_ACTIVE &&
	       tmem_pmem_match_device(handle, device);
}

/* Pages that are too many; 0 below the high mark. Slots that are bad do not count, neither way. */
static u32 excess(struct tmem_pmem_device *device, bool above_high)
{
	struct tmem_pmem_marks marks = READ_ONCE(device->marks);
	u64 slots = tmem_pmem_slots_good(&device->slots);
	u32 high = div_u64(slots * marks.high_percent, 100);
	u32 low = div_u64(slots * marks.low_percent, 100);
	u32 used;

	if (marks.high_percent == 100 || READ_ONCE(device->state) != TMEM_PMEM_ACTIVE)
		return 0;
	/* Counted while others change it: it may be off, even below 0. */
	used = tmem_pmem_slots_used(&device->slots);
	if (used > device->slots.count || used <= (above_high ? high : low))
		return 0;
	return used - low;
}

static void make_room(struct tmem_pmem_device *device)
{
	u32 most = max(device->slots.count / TIMES, PAGES_AT_A_TIME);
	u32 pages = excess(device, true);
	unsigned int times = 0;

	while (pages && times++ < TIMES) {
		/* Clean pages go first. */
		pages -= tmem_pmem_clean_make_room(device, pages, false);
		if (pages && !tmem_write_back(&tmem_pmem_backend, match, device, min(pages, most))) {
			/* The swap device fails, say. */
			WRITE_ONCE(device->room_wanted, true);
			queue_delayed_work(makers, &device->room_work, msecs_to_jiffies(IN_VAIN_MS));
			return;
		}
		pages = excess(device, false);
	}
}

static void room_work(struct work_struct *work)
{
	struct tmem_pmem_device *device = container_of(to_delayed_work(work),
						       struct tmem_pmem_device, room_work);
	unsigned int stored = pages_stored(device);

	/* Few CPUs may store all, and then look more often than there is reason to. */
	if (stored - device->looked < device->slots.count / LOOK_PART &&
	    !READ_ONCE(device->room_wanted))
		return;
	WRITE_ONCE(device->room_wanted, false);
	device->looked = stored;
	make_room(device);
}

int tmem_pmem_room_set_up(struct tmem_pmem_device *device)
{
	u32 each = device->slots.count / LOOK_PART / num_online_cpus();

	device->stored = alloc_percpu(unsigned int);
	if (!device->stored)
		return -ENOMEM;
	device->look_mask = roundup_pow_of_two(max(each, 16U)) - 1;
	device->marks = TMEM_PMEM_MARKS;
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
