// SPDX-License-Identifier: GPL-2.0
/* A clean page's way to a slot and back: the operations of the fast backend of clean pages. */
#include <linux/mm.h>
#include <linux/pagemap.h>

#include "../tmem/fault.h"
#include "media.h"
#include "pmem.h"

/* Every so many puts a worker looks whether there is room. */
#define PUTS_A_LOOK	64

struct tmem_index tmem_pmem_index;
bool tmem_pmem_clean_paused;

static void release_cell(struct tmem_pmem_device *device, u32 number, bool by_index)
{
	int slot = tmem_pmem_cells_release(&device->clean.cells, number, by_index);

	if (slot >= 0)
		tmem_pmem_slots_free(&device->slots, slot);
}

/* The caller is an operation of the core, or has the device attached. */
int tmem_pmem_clean_release_slot(struct tmem_pmem_device *device, u32 number)
{
	return tmem_pmem_cells_release(&device->clean.cells, number, false);
}

/* Without its last hold the device may go, but not before a grace period has passed. */
void tmem_pmem_clean_release(struct tmem_pmem_device *device, u32 number)
{
	rcu_read_lock();
	release_cell(device, number, false);
	rcu_read_unlock();
}

bool tmem_pmem_clean_drop(struct tmem_pmem_device *device, const struct tmem_pmem_cell *cell)
{
	if (!tmem_index_remove(&tmem_pmem_index, &cell->file, cell->index, device->base + cell->number))
		return true;
	tmem_pmem_cells_pass_over(&device->clean.cells, cell->number);
	return false;
}

/* The index names a cell no more. The device is there: it waits until all of its cells are free. */
static void on_drop(struct tmem_index *index, u32 place)
{
	struct tmem_pmem_device *device;

	rcu_read_lock();
	device = tmem_pmem_device_of(place);
	if (device)
		release_cell(device, place - device->base, true);
	rcu_read_unlock();
}

void tmem_pmem_clean_reap(void)
{
	tmem_index_reap(&tmem_pmem_index);
}

static void reap(struct work_struct *work)
{
	tmem_pmem_clean_reap();
}

static DECLARE_WORK(reap_work, reap);

/* Files were forgotten whole, in a context where nothing can wait. */
static void on_dead(struct tmem_index *index)
{
	queue_work(tmem_pmem_clean_workers, &reap_work);
}

const struct tmem_index_ops tmem_pmem_index_ops = { .on_drop = on_drop, .on_dead = on_dead };

/* Return: 0, or a negative errno. */
static int copy_in(struct tmem_pmem_device *device, u32 number, u32 slot, struct page *page)
{
	if (device->cipher)
		return tmem_pmem_stage_put(device, number, page);
	return tmem_pmem_media_store_evicted(tmem_pmem_slot_address(device, slot), page);
}

/* The cell has its slot, and is held for the index and by us. */
static int enter(struct tmem_pmem_device *device, const struct tmem_file_id *file, pgoff_t index,
		 u32 number, u32 slot, struct page *page)
{
	struct tmem_pmem_clean *clean = &device->clean;
	int err = copy_in(device, number, slot, page);

	if (err) {
		if (err == -ENOSPC)
			tmem_pmem_clean_count(clean, refused_staging_full);
	} else {
		err = tmem_index_insert(&tmem_pmem_index, file, index, device->base + number);
		if (err)
			tmem_pmem_clean_count(clean, refused_no_memory);
	}
	if (err)
		release_cell(device, number, true);
	else
		tmem_pmem_cells_settle(&clean->cells, number);
	release_cell(device, number, false);
	return err;
}

static int put_in_slot(struct tmem_pmem_device *device, const struct tmem_file_id *file,
		       pgoff_t index, struct page *page, unsigned int flags)
{
	struct tmem_pmem_clean *clean = &device->clean;
	int slot = tmem_pmem_slots_alloc(&device->slots);
	int number, err;

	if (slot < 0) {
		tmem_pmem_clean_count(clean, refused_no_slot);
		return -ENOSPC;
	}
	number = tmem_pmem_cells_take(&clean->cells, file, index, slot, flags);
	if (number < 0) {
		tmem_pmem_slots_free(&device->slots, slot);
		tmem_pmem_clean_count(clean, refused_full);
		return number;
	}
	err = enter(device, file, index, number, slot, page);
	if (!err)
		tmem_pmem_clean_count(clean, puts);
	return err;
}

/* @came_back: the page was evicted before. */
static int put_on(struct tmem_pmem_device *device, const struct tmem_file_id *file, pgoff_t index,
		  struct page *page, unsigned int flags, bool came_back)
{
	struct tmem_pmem_clean *clean = &device->clean;
	int err;

	if (!READ_ONCE(clean->cells.limit) || !tmem_pmem_takes_pages(device))
		return -ENODEV;
	if (flags & TMEM_PUT_SECRET && !device->cipher) {
		tmem_pmem_clean_count(clean, refused_not_encrypted);
		return -EPERM;
	}
	if (device->cipher && !tmem_cipher_has_key(device->cipher)) {
		tmem_pmem_clean_count(clean, refused_no_key);
		return -ENOKEY;
	}
	if (tmem_pmem_clean_look_due(clean))
		queue_work(tmem_pmem_clean_workers, &clean->room_work);
	if (!came_back && !tmem_pmem_clean_has_room(clean)) {
		tmem_pmem_clean_count(clean, refused_rare);
		return -EPERM;
	}
	if (tmem_pmem_clean_index_full()) {
		tmem_pmem_clean_count(clean, refused_index_full);
		queue_work(tmem_pmem_clean_workers, &clean->room_work);
		return -ENOSPC;
	}
	err = -ENOSPC;
	if (READ_ONCE(clean->cells.used) < tmem_pmem_clean_most(clean))
		err = put_in_slot(device, file, index, page, flags);
	else
		tmem_pmem_clean_count(clean, refused_full);
	if (err || !(READ_ONCE(clean->cells.used) % PUTS_A_LOOK))
		queue_work(tmem_pmem_clean_workers, &clean->room_work);
	return err;
}

/* Each device gets pages in proportion to its share, so that those that make room are of about one age in all. */
static unsigned int first_device(u64 hash)
{
	u64 at = (hash >> 32) * tmem_pmem_clean_pages_shared() >> 32;
	unsigned int i;

	for (i = 0; i < TMEM_PMEM_DEVICES_MAX - 1; i++) {
		struct tmem_pmem_device *device = tmem_pmem_device_seen(i);
		u32 pages = device ? READ_ONCE(device->clean.cells.limit) : 0;

		if (at < pages)
			break;
		at -= pages;
	}
	return i;
}

/* Some device takes it, or none does. */
static int put(const struct tmem_file_id *file, pgoff_t index, struct page *page, unsigned int flags)
{
	u64 hash = tmem_pmem_clean_hash(file, index);
	bool came_back = tmem_pmem_clean_came_back(hash, flags);
	unsigned int first = first_device(hash), i;
	int err = -ENODEV;

	/* A page whose memory is bad is not read again. */
	for (i = 0; i < TMEM_PMEM_DEVICES_MAX && err && err != -EIO; i++) {
		unsigned int number = (first + i) % TMEM_PMEM_DEVICES_MAX;
		struct tmem_pmem_device *device = tmem_pmem_device_seen(number);

		if (device)
			err = put_on(device, file, index, page, flags, came_back);
	}
	return err;
}

static int clean_put(const struct tmem_file_id *file, pgoff_t index, struct page *page,
		     unsigned int flags)
{
	int err = -EBUSY;

	rcu_read_lock();
	if (!READ_ONCE(tmem_pmem_clean_paused))
		err = put(file, index, page, flags);
	if (err)
		tmem_index_forget(&tmem_pmem_index, file, index, index);
	rcu_read_unlock();
	return err;
}

static int clean_media_error(struct tmem_pmem_device *device, const struct tmem_pmem_cell *cell)
{
	tmem_pmem_slots_quarantine(&device->slots, cell->slot);
	atomic_long_inc(&device->poisoned_pages);
	tmem_pmem_clean_count(&device->clean, media_errors);
	pr_warn_ratelimited("%s: media error in slot %u, which had a page of a file\n", device->name,
			    cell->slot);
	return -EIO;
}

int tmem_pmem_clean_read(struct tmem_pmem_device *device, const struct tmem_pmem_cell *cell,
			 struct page *page)
{
	int err = tmem_pmem_stage_read(device, cell->number, page);

	if (err != -ENOENT)
		return err;
	/* The disk has the page, so nobody tries. */
	if (tmem_pmem_slots_is_bad(&device->slots, cell->slot))
		return -EIO;
	if (tmem_pmem_media_load(page, tmem_pmem_slot_address(device, cell->slot)) ||
	    tmem_fault_one_in(TMEM_FAULT_LOSE_ONE_IN))
		return clean_media_error(device, cell);
	return device->cipher ? tmem_cipher_decrypt(device->cipher, cell->slot, page) : 0;
}

/* Hold the cell of a page. Return: the device it is on, NULL if it is nowhere. */
static struct tmem_pmem_device *find(const struct tmem_file_id *file, pgoff_t index,
				     struct tmem_pmem_cell *cell)
{
	struct tmem_index_entry entry, again;
	struct tmem_pmem_device *device = NULL;

	rcu_read_lock();
	if (tmem_index_lookup(&tmem_pmem_index, file, index, &entry))
		device = tmem_pmem_device_of(entry.slot);
	if (device && !tmem_pmem_cells_hold(&device->clean.cells, entry.slot - device->base, cell))
		device = NULL;
	/* The cell may have been free, and taken for another page, before it was held. */
	if (device && (!tmem_index_lookup(&tmem_pmem_index, file, index, &again) ||
		       again.slot != entry.slot)) {
		release_cell(device, cell->number, false);
		device = NULL;
	}
	rcu_read_unlock();
	return device;
}

/* Return: 0; -ENOENT if the page is not here, or is lost. */
static int fill(const struct tmem_file_id *file, pgoff_t index, struct page *page)
{
	struct tmem_pmem_device *device;
	struct tmem_pmem_cell cell;
	int err;

	device = find(file, index, &cell);
	if (!device)
		return -ENOENT;
	err = tmem_pmem_clean_read(device, &cell, page);
	if (err)
		tmem_pmem_clean_drop(device, &cell);
	else
		tmem_pmem_clean_count(&device->clean, gets);
	tmem_pmem_clean_release(device, cell.number);
	return err ? -ENOENT : 0;
}

static bool has_all(const struct tmem_file_id *file, pgoff_t index, unsigned long pages)
{
	struct tmem_index_entry entry;
	unsigned long i;

	for (i = 0; i < pages; i++)
		if (!tmem_index_lookup(&tmem_pmem_index, file, index + i, &entry))
			return false;
	return true;
}

/* What is in memory again is not kept. Of a folio that is in the page cache nothing is put meanwhile. */
static int clean_get(const struct tmem_file_id *file, pgoff_t index, struct folio *folio,
		     struct tmem_clean_batch *batch)
{
	unsigned long pages = folio_nr_pages(folio), i;

	if (!has_all(file, index, pages))
		return -ENOENT;
	for (i = 0; i < pages; i++)
		if (fill(file, index + i, folio_page(folio, i)))
			return -ENOENT;
	tmem_index_forget(&tmem_pmem_index, file, index, index + pages - 1);
	for (i = 0; i < pages; i++)
		tmem_pmem_clean_count_hit(tmem_pmem_clean_hash(file, index + i));
	tmem_clean_end_get(folio, batch->wait, 0);
	return 0;
}

static int clean_pool_init(u32 pool, unsigned int flags)
{
	return (flags & TMEM_POOL_SECRET) && !tmem_pmem_encrypt ? -EPERM : 0;
}

static void clean_pool_exit(u32 pool)
{
	tmem_index_forget_pool(&tmem_pmem_index, pool);
}

static pgoff_t clean_forget(const struct tmem_file_id *file, pgoff_t first, pgoff_t last)
{
	unsigned long dropped = 0;

	return tmem_index_forget_part(&tmem_pmem_index, file, first, last, &dropped);
}

static void clean_forget_file(const struct tmem_file_id *file)
{
	tmem_index_forget_file(&tmem_pmem_index, file);
}

const struct tmem_clean_ops tmem_pmem_clean_ops = {
	.pool_init	= clean_pool_init,
	.pool_exit	= clean_pool_exit,
	.put		= clean_put,
	.get		= clean_get,
	.forget		= clean_forget,
	.forget_file	= clean_forget_file,
};
