// SPDX-License-Identifier: GPL-2.0
/* Clean pages make room, oldest first: for younger ones, and for swapped-out pages. */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/sched.h>

#include "pmem.h"

/* This part of the share is kept free, for what is put before the worker runs. */
#define RESERVE_PART	16

/* When this part of a device was put, or after this time, the worker checks its marks, as in room.c. */
#define LOOK_PART	512
#define LOOK_TIME	HZ

/* How long, and how often, a page waits while the SSD has no free stage. It writes a segment in some 10 ms. */
#define DEMOTE_WAIT_US	500
#define DEMOTE_TIMES	50

/* The oldest cells may be of files that were forgotten whole, and are still to be freed: pass over this many. */
#define TRIES		1024

/* Give up the oldest page. Return: its slot, taken; -EAGAIN if that is of no use; -ENOENT if there is none. */
static int give_up_oldest(struct tmem_pmem_device *device)
{
	struct tmem_pmem_cell cell;
	int slot;

	if (tmem_pmem_cells_hold_oldest(&device->clean.cells, &cell) < 0)
		return -ENOENT;
	if (tmem_pmem_clean_drop(device, &cell))
		tmem_pmem_clean_count(&device->clean, dropped_for_swap);
	/* Others may hold it still, and it be free soon. */
	slot = tmem_pmem_clean_release_slot(device, cell.number);
	if (slot < 0)
		return -EAGAIN;
	if (tmem_pmem_slots_is_usable(&device->slots, slot) && !tmem_pmem_slots_is_bad(&device->slots, slot))
		return slot;
	tmem_pmem_slots_free(&device->slots, slot);
	return -EAGAIN;
}

/* The slot is handed over: nobody looks for it in the map, nor takes it first. */
int tmem_pmem_clean_give_up(struct tmem_pmem_device *device)
{
	int slot = -EAGAIN;
	unsigned int i;

	if (!READ_ONCE(device->clean.cells.used))
		return -1;
	for (i = 0; i < TRIES && slot == -EAGAIN; i++)
		slot = give_up_oldest(device);
	return slot < 0 ? -1 : slot;
}

struct clean_demotion {
	struct tmem_pmem_device *device;
	const struct tmem_pmem_cell *cell;
};

/* The cell is held. It is of the page as long as the index says so. */
static int read_demoted(void *data, struct page *page)
{
	const struct clean_demotion *demotion = data;
	const struct tmem_pmem_cell *cell = demotion->cell;
	struct tmem_index_entry entry;

	if (!tmem_index_lookup(&tmem_pmem_index, &cell->file, cell->index, &entry) ||
	    entry.slot != demotion->device->base + cell->number)
		return -ENOENT;
	return tmem_pmem_clean_read(demotion->device, cell, page);
}

static void count_demotion(struct tmem_pmem_clean *clean, int err)
{
	if (!err)
		tmem_pmem_clean_count(clean, demoted);
	else if (err == -ENODEV)
		tmem_pmem_clean_count(clean, dropped);
	else if (err != -ECANCELED && err != -ENOENT && err != -EIO)
		tmem_pmem_clean_count(clean, demotions_refused);
}

/* The other backend has no room at this moment. Is there time to wait for it? */
static bool may_wait(const struct tmem_pmem_clean *clean, unsigned int times)
{
	return times < DEMOTE_TIMES && !READ_ONCE(clean->stopped) && !atomic_read(&clean->hurried) &&
	       READ_ONCE(clean->cells.used) < tmem_pmem_clean_most(clean);
}

/* @patient: to wait, until that was in vain once. */
static int hand_on(struct tmem_pmem_clean *clean, struct clean_demotion *demotion, bool *patient)
{
	const struct tmem_pmem_cell *cell = demotion->cell;
	unsigned int times = 0;
	int err;

	do {
		if (times)
			usleep_range(DEMOTE_WAIT_US, 2 * DEMOTE_WAIT_US);
		err = tmem_clean_demote(&cell->file, cell->index, cell->flags, clean->page,
					read_demoted, demotion);
	} while (err == -ENOSPC && *patient && may_wait(clean, ++times));
	if (times == DEMOTE_TIMES)
		*patient = false;
	return err;
}

/*
 * Hand the oldest page on, and drop it. Return: 1; 0 if it was forgotten already; -ENOENT if there is none.
 */
static int demote_oldest(struct tmem_pmem_device *device, bool *patient)
{
	struct tmem_pmem_clean *clean = &device->clean;
	struct tmem_pmem_cell cell;
	struct clean_demotion demotion = { .device = device, .cell = &cell };
	bool gone;
	int err;

	if (tmem_pmem_cells_hold_oldest(&clean->cells, &cell) < 0)
		return -ENOENT;
	err = hand_on(clean, &demotion, patient);
	gone = tmem_pmem_clean_drop(device, &cell);
	tmem_pmem_clean_release(device, cell.number);
	count_demotion(clean, err);
	return gone;
}

/* One at a time: they share a page. */
u32 tmem_pmem_clean_make_room(struct tmem_pmem_device *device, u32 pages, bool patient)
{
	struct tmem_pmem_clean *clean = &device->clean;
	bool count_all = patient;
	u32 gone = 0;
	int went;

	/* Whoever waits for the other backend holds the lock meanwhile. */
	if (!patient)
		atomic_inc(&clean->hurried);
	mutex_lock(&clean->lock);
	if (!patient)
		atomic_dec(&clean->hurried);
	while (!READ_ONCE(clean->stopped) && gone < pages && clean->page) {
		went = demote_oldest(device, &patient);
		if (went < 0)
			break;
		gone += count_all ? 1 : went;
		cond_resched();
	}
	mutex_unlock(&clean->lock);
	return gone;
}

/* More than there should be in what clean pages may have, a reserve for what is put next included. */
static u32 clean_excess(struct tmem_pmem_device *device)
{
	const struct tmem_pmem_cells *cells = &device->clean.cells;
	u32 most = tmem_pmem_clean_most(&device->clean), used = READ_ONCE(cells->used);
	u32 wanted = most - most / RESERVE_PART;

	/* Knowing them takes too much memory: the oldest go, few at a time. */
	if (tmem_pmem_clean_index_full())
		wanted = min(wanted, used - min(used, max(most / RESERVE_PART, 1U)));
	return used > wanted ? used - wanted : 0;
}

/* What swapped-out pages leave below the high mark, clean pages may have, within their share. */
static u32 left_for_clean(struct tmem_pmem_device *device)
{
	u64 high = div_u64((u64)tmem_pmem_slots_good(&device->slots) *
			   READ_ONCE(device->marks).high_percent, 100);
	u32 clean = READ_ONCE(device->clean.cells.used);
	u32 used = tmem_pmem_slots_used(&device->slots);

	/* Counted while others change them. */
	return max_t(s64, 0, (s64)high - used + clean);
}

void tmem_pmem_clean_look(struct tmem_pmem_device *device)
{
	struct tmem_pmem_clean *clean = &device->clean;

	WRITE_ONCE(clean->looked, READ_ONCE(clean->cells.taken));
	WRITE_ONCE(clean->looked_at, jiffies);
	WRITE_ONCE(clean->left, left_for_clean(device));
}

bool tmem_pmem_clean_look_due(const struct tmem_pmem_clean *clean)
{
	return time_after(jiffies, READ_ONCE(clean->looked_at) + LOOK_TIME);
}

/* The device may be fuller than its high mark says. */
static void look_at_marks(struct tmem_pmem_device *device)
{
	struct tmem_pmem_clean *clean = &device->clean;
	u32 taken = READ_ONCE(clean->cells.taken);

	if (taken - READ_ONCE(clean->looked) < device->slots.count / LOOK_PART &&
	    !tmem_pmem_clean_look_due(clean))
		return;
	tmem_pmem_clean_look(device);
	tmem_pmem_room_wanted(device);
}

void tmem_pmem_clean_room_work(struct work_struct *work)
{
	struct tmem_pmem_clean *clean = container_of(work, struct tmem_pmem_clean, room_work);
	struct tmem_pmem_device *device = container_of(clean, struct tmem_pmem_device, clean);
	u32 pages;

	look_at_marks(device);
	pages = clean_excess(device);
	if (pages)
		tmem_pmem_clean_make_room(device, pages, true);
}
