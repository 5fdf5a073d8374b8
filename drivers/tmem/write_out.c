// SPDX-License-Identifier: GPL-2.0
/*
 * Writes pages to their own swap slots: neighbours together, from bounce pages that are there always.
 *
 * A page's copy may be freed or replaced while it is written, so the bio carries a copy of the copy. The
 * bounce pages are one piece of memory: what lies side by side in it is one segment of a bio, so a large
 * page leaves in one. They are used round and round.
 */
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>

#include "core.h"
#include "fault.h"
#include "swap_device.h"
#include "trace.h"
#include "write_out.h"

/* The bounce pages: 2 MiB, less if memory has no such piece left. */
#define BOUNCE_ORDER_MAX	9
#define BOUNCE_ORDER_MIN	5

/* Bios at a time. */
#define RUNS_MAX		32

/**
 * struct write_run - pages of neighbouring slots, on their way in one bio
 * @first: key of the first one
 * @entries: of them
 * @device: held until the bio has ended
 * @sector: where the first one belongs
 * @bounce: number of its bounce page; the others follow
 * @count: of pages
 * @event: to be counted for each that has been written
 * @busy: a bio is using this
 * @vec: the one segment of @bio
 * @bio: the write
 */
struct write_run {
	struct tmem_key first;
	u32 *entries;
	struct swap_info_struct *device;
	sector_t sector;
	unsigned int bounce;
	unsigned int count;
	enum tmem_event event;
	bool busy;
	struct bio_vec vec;
	struct bio bio;
};

/**
 * struct bounce - one bounce page
 * @place: where its contents were read from
 * @busy: part of a bio that is under way
 */
struct bounce {
	u32 place;
	bool busy;
};

static struct write_run *runs[RUNS_MAX];
static struct page *pages;
static unsigned int order;
static struct bounce *bounces;
static atomic_t flying = ATOMIC_INIT(0);	/* pages */
static atomic_t failed = ATOMIC_INIT(0);	/* pages */

/* The run that pages are added to; only the one caller uses it. */
static struct write_run *open;
static unsigned int next_bounce;

void tmem_write_out_unmark(u32 *entry)
{
	tmem_entry_end_move(entry);
	/* The flag is cleared before the look for waiters; pairs with prepare_to_wait_event() in wait_var_event(). */
	smp_mb();
	wake_up_var(entry);
}

static void finish_page(struct write_run *run, unsigned int i, int err)
{
	struct bounce *bounce = &bounces[run->bounce + i];
	struct tmem_key key = { run->first.type, run->first.offset + i };
	u32 *entry = &run->entries[i];
	struct tmem_owner *owner;

	if (err) {
		tmem_count(TMEM_EVENT_write_out_errors);
		atomic_inc(&failed);
		goto out;
	}
	rcu_read_lock();
	owner = tmem_area_owner(tmem_area(key.type), key.offset);
	if (tmem_place_leave(key, entry, bounce->place, TMEM_PLACE_NONE)) {
		tmem_count(run->event);
		if (run->event == TMEM_EVENT_written_back)
			tmem_owner_count(owner, TMEM_OWNER_written_back, 1);
	}
	rcu_read_unlock();
out:
	trace_tmem_write_out(key.type, key.offset, bounce->place, err);
	tmem_write_out_unmark(entry);
	/* Pairs with bounce_is_free(). */
	smp_store_release(&bounce->busy, false);
}

static void write_end_io(struct bio *bio)
{
	struct write_run *run = container_of(bio, struct write_run, bio);
	struct swap_info_struct *device = run->device;
	int err = blk_status_to_errno(bio->bi_status);
	unsigned int count = run->count;
	unsigned int i;

	bio_uninit(bio);
	for (i = 0; i < count; i++)
		finish_page(run, i, err);
	tmem_swap_device_put(device);
	/* Pairs with idle_run(). */
	smp_store_release(&run->busy, false);
	atomic_sub(count, &flying);
	/* The updates before the look for waiters; pairs with prepare_to_wait_event() in wait_var_event(). */
	smp_mb__after_atomic();
	wake_up_var(&flying);
}

void tmem_write_out_submit(void)
{
	struct write_run *run = open;

	open = NULL;
	if (!run || !run->count)
		return;
	tmem_fault_delay(TMEM_FAULT_DELAY_MOVE_BIO);
	bio_init(&run->bio, run->device->bdev, &run->vec, 1, REQ_OP_WRITE | REQ_SYNC | REQ_SWAP);
	run->bio.bi_iter.bi_sector = run->sector;
	run->bio.bi_end_io = write_end_io;
	__bio_add_page(&run->bio, pages + run->bounce, run->count * PAGE_SIZE, 0);
	run->busy = true;
	tmem_count(TMEM_EVENT_write_out_requests);
	submit_bio(&run->bio);
}

static struct write_run *idle_run(void)
{
	unsigned int i;

	/* Pairs with write_end_io(). */
	for (i = 0; i < RUNS_MAX; i++)
		if (!smp_load_acquire(&runs[i]->busy))
			return runs[i];
	return NULL;
}

static bool bounce_is_free(unsigned int number)
{
	/* Pairs with finish_page(). */
	return number < 1U << order && !smp_load_acquire(&bounces[number].busy);
}

/* A run with nothing in it and a bounce page for its first one; NULL if there is none now. */
static struct write_run *new_run(void)
{
	struct write_run *run = idle_run();

	if (!run || !bounce_is_free(next_bounce))
		return NULL;
	run->count = 0;
	run->bounce = next_bounce;
	return run;
}

/* Does this page come behind those of the open run, and is there room for it? */
static bool goes_on(const struct swap_info_struct *device, pgoff_t offset, sector_t sector)
{
	return !open->count ||
	       (open->device == device && offset == open->first.offset + open->count &&
		sector == open->sector + open->count * (PAGE_SIZE >> SECTOR_SHIFT) &&
		bounce_is_free(open->bounce + open->count));
}

struct page *tmem_write_out_page(struct swap_info_struct *device, pgoff_t offset)
{
	sector_t sector = tmem_swap_device_sector(device, offset);

	if (open && !goes_on(device, offset, sector))
		tmem_write_out_submit();
	if (!open)
		wait_var_event(&flying, (open = new_run()));
	if (!open->count) {
		open->device = device;
		open->sector = sector;
	}
	return pages + open->bounce + open->count;
}

bool tmem_write_out_add(struct tmem_key key, u32 *entry, u32 place, enum tmem_event event)
{
	struct bounce *bounce = &bounces[open->bounce + open->count];

	if (!open->sector)
		return false;
	if (!open->count) {
		tmem_swap_device_hold(open->device);
		open->first = key;
		open->entries = entry;
		open->event = event;
	}
	bounce->place = place;
	bounce->busy = true;
	open->count++;
	atomic_inc(&flying);
	next_bounce = (open->bounce + open->count) % (1U << order);
	return true;
}

unsigned int tmem_write_out_wait(void)
{
	tmem_write_out_submit();
	wait_var_event(&flying, !atomic_read(&flying));
	return atomic_xchg(&failed, 0);
}

unsigned int tmem_write_out_pages(void)
{
	return atomic_read(&flying);
}

static int alloc_bounces(void)
{
	for (order = BOUNCE_ORDER_MAX; order >= BOUNCE_ORDER_MIN; order--) {
		pages = alloc_pages(GFP_KERNEL | __GFP_COMP | __GFP_NOWARN | __GFP_NORETRY, order);
		if (pages)
			break;
	}
	if (!pages)
		return -ENOMEM;
	bounces = kcalloc(1U << order, sizeof(*bounces), GFP_KERNEL);
	return bounces ? 0 : -ENOMEM;
}

/* Everything is there before it is needed: writing out is what frees memory for others. */
int tmem_write_out_init(void)
{
	unsigned int i;
	int err = alloc_bounces();

	for (i = 0; !err && i < RUNS_MAX; i++) {
		runs[i] = kzalloc(sizeof(*runs[i]), GFP_KERNEL);
		if (!runs[i])
			err = -ENOMEM;
	}
	if (err)
		tmem_write_out_exit();
	return err;
}

/* Nothing is under way. */
void tmem_write_out_exit(void)
{
	unsigned int i;

	for (i = 0; i < RUNS_MAX; i++) {
		kfree(runs[i]);
		runs[i] = NULL;
	}
	kfree(bounces);
	bounces = NULL;
	if (pages)
		__free_pages(pages, order);
	pages = NULL;
}
