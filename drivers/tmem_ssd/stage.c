// SPDX-License-Identifier: GPL-2.0
/* Staging: pages that were put and are not on the medium yet. */
#include <linux/delay.h>
#include <linux/highmem.h>
#include <linux/slab.h>

#include "ssd.h"

/* A page of a stage that has been claimed. */
struct claim {
	struct tmem_ssd_stage *stage;
	u32 page;
	u32 slot;
};

static void free_stage(struct tmem_ssd_stage *stage)
{
	unsigned int i;

	if (!stage)
		return;
	for (i = TMEM_SSD_SUMMARY_BLOCKS; i < TMEM_SSD_SEGMENT_BLOCKS; i++)
		if (stage->pages[i])
			__free_page(stage->pages[i]);
	if (stage->onmedia)
		free_pages_exact(stage->onmedia, TMEM_SSD_SUMMARY_BYTES);
	kvfree(stage);
}

/* All pages of a segment. Zeroed: what is not overwritten goes to the medium as it is. */
static int alloc_pages_of(struct tmem_ssd_stage *stage)
{
	unsigned int i;

	stage->onmedia = alloc_pages_exact(TMEM_SSD_SUMMARY_BYTES, GFP_KERNEL);
	if (!stage->onmedia)
		return -ENOMEM;
	for (i = 0; i < TMEM_SSD_SUMMARY_BLOCKS; i++)
		stage->pages[i] = virt_to_page((char *)stage->onmedia + i * PAGE_SIZE);
	for (; i < TMEM_SSD_SEGMENT_BLOCKS; i++) {
		stage->pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!stage->pages[i])
			return -ENOMEM;
	}
	return 0;
}

static struct tmem_ssd_stage *alloc_stage(void)
{
	struct tmem_ssd_stage *stage = kvzalloc(sizeof(*stage), GFP_KERNEL);

	if (!stage)
		return NULL;
	if (alloc_pages_of(stage)) {
		free_stage(stage);
		return NULL;
	}
	stage->segment = TMEM_SSD_NO_SEGMENT;
	return stage;
}

int tmem_ssd_stages_init(struct tmem_ssd_stages *stages)
{
	unsigned int i;

	spin_lock_init(&stages->lock);
	INIT_LIST_HEAD(&stages->full);
	INIT_LIST_HEAD(&stages->idle);
	for (i = 0; i < TMEM_SSD_STAGES; i++) {
		stages->all[i] = alloc_stage();
		if (!stages->all[i]) {
			tmem_ssd_stages_exit(stages);
			return -ENOMEM;
		}
		list_add_tail(&stages->all[i]->list, &stages->idle);
	}
	return 0;
}

void tmem_ssd_stages_exit(struct tmem_ssd_stages *stages)
{
	unsigned int i;

	for (i = 0; i < TMEM_SSD_STAGES; i++)
		free_stage(stages->all[i]);
}

void tmem_ssd_stages_close(struct tmem_ssd_stages *stages)
{
	spin_lock_irq(&stages->lock);
	stages->closed = true;
	stages->open = NULL;
	spin_unlock_irq(&stages->lock);
}

/* A segment has one stage at most: what is read from another one would not be what was put. */
static bool has_stage(const struct tmem_ssd_device *device, u32 segment)
{
	unsigned int i;

	for (i = 0; i < TMEM_SSD_STAGES; i++)
		if (READ_ONCE(device->stages.all[i]->segment) == segment)
			return true;
	return false;
}

/* Context: the lock held. */
static struct tmem_ssd_stage *open_stage(struct tmem_ssd_device *device)
{
	struct tmem_ssd_stages *stages = &device->stages;
	struct tmem_ssd_stage *stage;
	int segment;

	lockdep_assert_held(&stages->lock);
	stage = list_first_entry_or_null(&stages->idle, struct tmem_ssd_stage, list);
	if (!stage || stages->closed)
		return NULL;
	segment = tmem_ssd_log_open(&device->log);
	if (segment < 0) {
		queue_work(device->worker, &device->work);
		return NULL;
	}
	WARN_ON_ONCE(has_stage(device, segment));
	list_del_init(&stage->list);
	stage->claimed = 0;
	bitmap_zero(stage->unused, TMEM_SSD_SEGMENT_PAGES);
	WRITE_ONCE(stage->segment, segment);
	stages->open = stage;
	return stage;
}

/* Context: the lock held; @stage is open. */
static void close_stage(struct tmem_ssd_device *device, struct tmem_ssd_stage *stage)
{
	tmem_ssd_log_close(&device->log, stage->segment);
	device->stages.open = NULL;
	list_add_tail(&stage->list, &device->stages.full);
	queue_work(device->worker, &device->work);
}

/* Return: false if there is no room. The caller calls end_claim() when it has copied. */
static bool begin_claim(struct tmem_ssd_device *device, struct claim *claim)
{
	struct tmem_ssd_stages *stages = &device->stages;
	struct tmem_ssd_stage *stage;
	unsigned long flags;
	bool claimed;

	spin_lock_irqsave(&stages->lock, flags);
	stage = stages->open ?: open_stage(device);
	claimed = stage && !tmem_ssd_log_alloc(&device->log, stage->segment, &claim->slot);
	if (claimed) {
		claim->stage = stage;
		claim->page = tmem_ssd_log_page(&device->log, claim->slot);
		atomic_inc(&stage->copying);
		stage->claimed = claim->page + 1;
		if (stage->claimed == TMEM_SSD_SEGMENT_PAGES)
			close_stage(device, stage);
	}
	spin_unlock_irqrestore(&stages->lock, flags);
	return claimed;
}

/* @named: an entry of the index names it; else it is of no use to anybody. */
static void end_claim(struct tmem_ssd_device *device, struct claim *claim, bool named)
{
	if (!named) {
		set_bit(claim->page, claim->stage->unused);
		tmem_ssd_log_drop(&device->log, claim->slot);
	}
	/* The contents and the key before the count: the worker reads them when it is 0, see wait_for_copies(). */
	atomic_dec_return_release(&claim->stage->copying);
}

/* Copy what goes to a claimed place: the page and its key. */
static int fill_claim(struct claim *claim, const struct tmem_ssd_key *key, struct page *page)
{
	claim->stage->summary.keys[claim->page] = *key;
	return tmem_copy_evicted(page_address(tmem_ssd_stage_page(claim->stage, claim->page)), page);
}

bool tmem_ssd_stage_ready(struct tmem_ssd_device *device)
{
	struct tmem_ssd_stages *stages = &device->stages;
	unsigned long flags;
	bool ready;

	spin_lock_irqsave(&stages->lock, flags);
	ready = stages->open || open_stage(device);
	spin_unlock_irqrestore(&stages->lock, flags);
	return ready;
}

int tmem_ssd_stage_put(struct tmem_ssd_device *device, const struct tmem_file_id *file,
		       pgoff_t index, struct page *page)
{
	const struct tmem_ssd_key key = { .file = *file, .page = index };
	struct claim claim;
	int err;

	if (!begin_claim(device, &claim))
		return -ENOSPC;
	err = fill_claim(&claim, &key, page);
	if (!err)
		err = tmem_index_insert(&tmem_ssd_index, file, index, claim.slot);
	end_claim(device, &claim, !err);
	return err;
}

int tmem_ssd_stage_move(struct tmem_ssd_device *device, const struct tmem_ssd_key *key,
			u32 from, struct page *page)
{
	struct claim claim;
	int err;

	if (!begin_claim(device, &claim))
		return -ENOSPC;
	err = fill_claim(&claim, key, page);
	if (!err)
		err = tmem_index_move(&tmem_ssd_index, &key->file, key->page, from, claim.slot);
	end_claim(device, &claim, !err);
	return err;
}

/*
 * The count of readers before the look at the segment, on this side; the segment before the count,
 * in tmem_ssd_stage_recycle(): one of the two sees the other.
 */
struct tmem_ssd_stage *tmem_ssd_stage_of(struct tmem_ssd_device *device, u32 segment)
{
	unsigned int i;

	for (i = 0; i < TMEM_SSD_STAGES; i++) {
		struct tmem_ssd_stage *stage = device->stages.all[i];

		if (READ_ONCE(stage->segment) != segment)
			continue;
		atomic_inc(&stage->readers);
		/* Pairs with tmem_ssd_stage_recycle(). */
		smp_mb__after_atomic();
		if (READ_ONCE(stage->segment) == segment)
			return stage;
		tmem_ssd_stage_release(stage);
	}
	return NULL;
}

void tmem_ssd_stage_release(struct tmem_ssd_stage *stage)
{
	/*
	 * What was read before the count; pairs with the wait in tmem_ssd_stage_recycle(): then pages are put there
	 * anew.
	 */
	smp_mb__before_atomic();
	atomic_dec(&stage->readers);
}

bool tmem_ssd_stage_holds(const struct tmem_ssd_stage *stage, u32 number, const void *contents)
{
	return !memcmp(page_address(tmem_ssd_stage_page(stage, number)), contents, PAGE_SIZE);
}

struct tmem_ssd_stage *tmem_ssd_stage_next_full(struct tmem_ssd_stages *stages)
{
	struct tmem_ssd_stage *stage;

	spin_lock_irq(&stages->lock);
	stage = list_first_entry_or_null(&stages->full, struct tmem_ssd_stage, list);
	if (stage)
		list_del_init(&stage->list);
	spin_unlock_irq(&stages->lock);
	return stage;
}

void tmem_ssd_stage_recycle(struct tmem_ssd_stages *stages, struct tmem_ssd_stage *stage)
{
	WRITE_ONCE(stage->segment, TMEM_SSD_NO_SEGMENT);
	/* Pairs with tmem_ssd_stage_of(). */
	smp_mb();
	while (atomic_read(&stage->readers))
		usleep_range(50, 200);
	spin_lock_irq(&stages->lock);
	list_add_tail(&stage->list, &stages->idle);
	spin_unlock_irq(&stages->lock);
}
