// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps room free on a device: when more of it is in use than its high mark says, the core takes away the pages that
 * are least worth their slots, down to the low mark.
 *
 * Nobody waits for that. Stores count themselves, and every so many have a worker look.
 */
#include <linux/cpumask.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/percpu.h>

#include "pmem.h"

/* A worker looks when so much of a device was stored: a 512th; and ages advance with so many looks. */
#define LOOKS		512
#define LOOKS_PER_AGE	16

static struct workqueue_struct *makers;

void tmem_pmem_room_check(struct tmem_pmem_device *device)
{
	queue_work(makers, &device->room_work);
}

static u32 mark_slots(const struct tmem_pmem_device *device, unsigned int percent)
{
	return mult_frac((u64)device->slots.count, percent, 100);
}

static void room_work(struct work_struct *work)
{
	struct tmem_pmem_device *device = container_of(work, struct tmem_pmem_device, room_work);
	u32 used;

	if (!(++device->looks % LOOKS_PER_AGE))
		tmem_age_advance();
	if (READ_ONCE(device->state) != TMEM_PMEM_ACTIVE)
		return;
	used = tmem_pmem_slots_used(&device->slots);
	if (used > mark_slots(device, READ_ONCE(device->high_percent)))
		tmem_write_back(&tmem_pmem_backend, tmem_pmem_match_device, device,
				used - mark_slots(device, READ_ONCE(device->low_percent)));
}

int tmem_pmem_room_set_up(struct tmem_pmem_device *device)
{
	u32 each = device->slots.count / LOOKS / num_online_cpus();

	device->stored = alloc_percpu(unsigned int);
	if (!device->stored)
		return -ENOMEM;
	device->look_mask = roundup_pow_of_two(max(each, 16U)) - 1;
	device->high_percent = TMEM_PMEM_HIGH_PERCENT;
	device->low_percent = TMEM_PMEM_LOW_PERCENT;
	INIT_WORK(&device->room_work, room_work);
	return 0;
}

/* Nothing is stored on the device any more. */
void tmem_pmem_room_undo(struct tmem_pmem_device *device)
{
	cancel_work_sync(&device->room_work);
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
