// SPDX-License-Identifier: GPL-2.0
/* How much of a device clean pages may have, and how they end: switched off, poisoned, let go, hibernation. */
#include <linux/delay.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>

#include "pmem.h"

/* An index entry takes 9 to 16 bytes where files are cached densely; more than this is too much. */
#define INDEX_BYTES_A_PAGE	128

/* Cells that are made between two looks whether they are still wanted. */
#define CELLS_AT_A_TIME		(1U << 16)

struct workqueue_struct *tmem_pmem_clean_workers;

/* Guards whether the backend is registered. Outermost, but for tmem_pmem_lock, which is not taken inside. */
static DEFINE_MUTEX(switch_lock);
static bool registered;
static bool closed;

/* Devices with a share, and the pages that all shares may have. */
static atomic_t sharing = ATOMIC_INIT(0);
static atomic64_t pages_shared = ATOMIC64_INIT(0);

static struct tmem_clean_backend backend = {
	.name	= "tmem_pmem",
	.ops	= &tmem_pmem_clean_ops,
	.fast	= true,
};

/* Nothing is put on the device any more. Who copies ends soon. */
static void drop_all(struct tmem_pmem_device *device)
{
	struct tmem_pmem_cells *cells = &device->clean.cells;

	if (!READ_ONCE(cells->used))
		return;
	tmem_index_forget_slots(&tmem_pmem_index, device->base, device->slots.count);
	while (READ_ONCE(cells->used)) {
		tmem_index_reap(&tmem_pmem_index);
		usleep_range(100, 500);
	}
}

static void close_share(struct tmem_pmem_device *device)
{
	struct tmem_pmem_clean *clean = &device->clean;

	lockdep_assert_held(&clean->lock);
	if (clean->percent)
		atomic_dec(&sharing);
	WRITE_ONCE(clean->percent, 0);
	atomic64_sub(clean->cells.limit, &pages_shared);
	WRITE_ONCE(clean->cells.limit, 0);
	/* Puts that saw a limit have ended. */
	synchronize_rcu();
	drop_all(device);
}

static void free_share(struct tmem_pmem_clean *clean)
{
	tmem_pmem_cells_exit(&clean->cells);
	tmem_pmem_stages_exit(clean);
	if (clean->page)
		__free_page(clean->page);
	clean->page = NULL;
}

/* Memory for the cells, in parts: whoever wants the device gone waits for this. */
static int make_cells(struct tmem_pmem_clean *clean, u32 count)
{
	struct tmem_pmem_cells *cells = &clean->cells;
	int err = 0;

	/* To find that out by trying, all else would be pushed out of memory first. */
	if (count > cells->made &&
	    (u64)(count - cells->made) * sizeof(struct tmem_pmem_cell) > (u64)si_mem_available() << PAGE_SHIFT)
		return -ENOMEM;
	while (!err && cells->made < count) {
		err = tmem_pmem_cells_make(cells, min(count, cells->made + CELLS_AT_A_TIME));
		if (READ_ONCE(clean->stopped))
			err = -ENODEV;
		else if (fatal_signal_pending(current))
			err = -EINTR;
	}
	return err;
}

static int open_share(struct tmem_pmem_device *device, unsigned int percent)
{
	struct tmem_pmem_clean *clean = &device->clean;
	u32 before = clean->cells.limit, limit = div_u64((u64)device->slots.count * percent, 100);
	int err;

	lockdep_assert_held(&clean->lock);
	if (!clean->page)
		clean->page = alloc_page(GFP_KERNEL);
	if (!clean->page)
		return -ENOMEM;
	err = tmem_pmem_stages_init(device);
	if (!err)
		err = make_cells(clean, limit);
	if (!err)
		err = tmem_pmem_cells_set_limit(&clean->cells, limit);
	if (err) {
		if (!clean->percent)
			free_share(clean);
		return err;
	}
	atomic64_add((s64)clean->cells.limit - before, &pages_shared);
	if (!clean->percent)
		atomic_inc(&sharing);
	WRITE_ONCE(clean->percent, percent);
	tmem_pmem_clean_look(device);
	queue_work(tmem_pmem_clean_workers, &clean->room_work);
	return 0;
}

static int change_share(struct tmem_pmem_device *device, unsigned int percent)
{
	struct tmem_pmem_clean *clean = &device->clean;
	int err = 0;

	atomic_inc(&clean->hurried);
	mutex_lock(&clean->lock);
	atomic_dec(&clean->hurried);
	if (READ_ONCE(clean->stopped))
		err = -ENODEV;
	else if (percent)
		err = open_share(device, percent);
	else
		close_share(device);
	if (!err && !percent)
		free_share(clean);
	mutex_unlock(&clean->lock);
	return err;
}

static int switch_on(void)
{
	int err;

	if (closed)
		return -ENODEV;
	if (registered)
		return 0;
	err = tmem_register_clean_backend(&backend);
	registered = !err;
	return err;
}

static void switch_off(void)
{
	if (registered)
		tmem_unregister_clean_backend(&backend);
	registered = false;
}

/**
 * tmem_pmem_clean_set_percent() - give clean pages another share of a device
 * @device: attached
 * @percent: of its slots, 0 to 100; 0: none, and all are dropped
 *
 * Context: process, may sleep; tmem_pmem_lock not held.
 * Return: 0 or -errno.
 */
int tmem_pmem_clean_set_percent(struct tmem_pmem_device *device, unsigned int percent)
{
	int err = 0;

	mutex_lock(&switch_lock);
	if (percent)
		err = switch_on();
	if (!err)
		err = change_share(device, percent);
	if (!atomic_read(&sharing))
		switch_off();
	tmem_pmem_clean_admit_resize();
	mutex_unlock(&switch_lock);
	return err;
}

u64 tmem_pmem_clean_pages_shared(void)
{
	return atomic64_read(&pages_shared);
}

bool tmem_pmem_clean_index_full(void)
{
	return tmem_index_bytes(&tmem_pmem_index) >
	       tmem_pmem_clean_pages_shared() * INDEX_BYTES_A_PAGE;
}

int tmem_pmem_clean_set_up(struct tmem_pmem_device *device)
{
	struct tmem_pmem_clean *clean = &device->clean;

	mutex_init(&clean->lock);
	atomic_set(&clean->hurried, 0);
	tmem_pmem_cells_init(&clean->cells);
	INIT_LIST_HEAD(&clean->idle);
	INIT_LIST_HEAD(&clean->full);
	INIT_WORK(&clean->encrypt_work, tmem_pmem_encrypt_work);
	INIT_WORK(&clean->room_work, tmem_pmem_clean_room_work);
	clean->counters = alloc_percpu(struct tmem_pmem_clean_counters);
	return clean->counters ? 0 : -ENOMEM;
}

void tmem_pmem_clean_undo(struct tmem_pmem_device *device)
{
	free_share(&device->clean);
	free_percpu(device->clean.counters);
}

void tmem_pmem_clean_stop(struct tmem_pmem_device *device)
{
	struct tmem_pmem_clean *clean = &device->clean;

	/* Whoever makes room sees it at once. */
	WRITE_ONCE(clean->stopped, true);
	mutex_lock(&clean->lock);
	close_share(device);
	mutex_unlock(&clean->lock);
	tmem_pmem_clean_admit_resize();
	cancel_work_sync(&clean->room_work);
	cancel_work_sync(&clean->encrypt_work);
}

unsigned long tmem_pmem_clean_drop_slots(struct tmem_pmem_device *device, u32 first, u32 last)
{
	struct tmem_pmem_cells *cells = &device->clean.cells;
	struct tmem_pmem_cell cell;
	unsigned long lost = 0;
	u32 number;

	for (number = 0; number < READ_ONCE(cells->made); number++) {
		if (!tmem_pmem_cells_hold(cells, number, &cell))
			continue;
		if (cell.slot >= first && cell.slot <= last)
			lost += tmem_pmem_clean_drop(device, &cell);
		tmem_pmem_clean_release(device, number);
		cond_resched();
	}
	return lost;
}

/*
 * The image of a hibernation has the index, but not what is put while it is written, in cells that had other
 * pages. So nothing is here from before it is made until it is of no use any more.
 */
void tmem_pmem_clean_sleep(void)
{
	unsigned int i;

	lockdep_assert_held(&tmem_pmem_lock);
	WRITE_ONCE(tmem_pmem_clean_paused, true);
	synchronize_rcu();
	for (i = 0; i < TMEM_PMEM_DEVICES_MAX; i++)
		if (tmem_pmem_device_at(i))
			drop_all(tmem_pmem_device_at(i));
}

void tmem_pmem_clean_wake(void)
{
	WRITE_ONCE(tmem_pmem_clean_paused, false);
}

int tmem_pmem_clean_init(void)
{
	tmem_index_init(&tmem_pmem_index, &tmem_pmem_index_ops);
	tmem_pmem_clean_workers = alloc_workqueue("tmem_pmem_clean",
						  WQ_UNBOUND | WQ_HIGHPRI | WQ_MEM_RECLAIM, 0);
	return tmem_pmem_clean_workers ? 0 : -ENOMEM;
}

void tmem_pmem_clean_close(void)
{
	mutex_lock(&switch_lock);
	closed = true;
	switch_off();
	mutex_unlock(&switch_lock);
}

/* No device is left. */
void tmem_pmem_clean_exit(void)
{
	destroy_workqueue(tmem_pmem_clean_workers);
	tmem_pmem_clean_admit_exit();
	tmem_index_exit(&tmem_pmem_index);
}
