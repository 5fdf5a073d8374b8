// SPDX-License-Identifier: GPL-2.0
/* Stages: clean pages that were put, and wait to be encrypted on their way to their slots. */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <tmem/clean.h>

#include "media.h"
#include "pmem.h"

static struct tmem_pmem_device *device_of(struct tmem_pmem_clean *clean)
{
	return container_of(clean, struct tmem_pmem_device, clean);
}

int tmem_pmem_stages_init(struct tmem_pmem_device *device)
{
	struct tmem_pmem_clean *clean = &device->clean;
	unsigned int i;

	if (!device->cipher || clean->stages)
		return 0;
	clean->stages = kvcalloc(TMEM_PMEM_STAGES, sizeof(*clean->stages), GFP_KERNEL);
	if (!clean->stages)
		return -ENOMEM;
	for (i = 0; i < TMEM_PMEM_STAGES; i++) {
		clean->stages[i].page = alloc_page(GFP_KERNEL);
		if (!clean->stages[i].page) {
			tmem_pmem_stages_exit(clean);
			return -ENOMEM;
		}
	}
	spin_lock_irq(&clean->cells.lock);
	for (i = 0; i < TMEM_PMEM_STAGES; i++)
		list_add_tail(&clean->stages[i].list, &clean->idle);
	spin_unlock_irq(&clean->cells.lock);
	return 0;
}

/* None is full, and nobody puts. */
void tmem_pmem_stages_exit(struct tmem_pmem_clean *clean)
{
	unsigned int i;

	INIT_LIST_HEAD(&clean->idle);
	if (!clean->stages)
		return;
	for (i = 0; i < TMEM_PMEM_STAGES; i++)
		if (clean->stages[i].page)
			__free_page(clean->stages[i].page);
	kvfree(clean->stages);
	clean->stages = NULL;
}

static struct tmem_pmem_stage *take_stage(struct tmem_pmem_clean *clean, struct list_head *from)
{
	struct tmem_pmem_stage *stage;

	lockdep_assert_held(&clean->cells.lock);
	stage = list_first_entry_or_null(from, struct tmem_pmem_stage, list);
	if (stage)
		list_del_init(&stage->list);
	return stage;
}

int tmem_pmem_stage_put(struct tmem_pmem_device *device, u32 number, struct page *page)
{
	struct tmem_pmem_clean *clean = &device->clean;
	struct tmem_pmem_stage *stage;
	struct tmem_pmem_cell *cell;
	unsigned long irq;
	int err;

	spin_lock_irqsave(&clean->cells.lock, irq);
	stage = take_stage(clean, &clean->idle);
	spin_unlock_irqrestore(&clean->cells.lock, irq);
	if (!stage)
		return -ENOSPC;
	err = tmem_copy_evicted(page_address(stage->page), page);
	stage->cell = number;
	spin_lock_irqsave(&clean->cells.lock, irq);
	if (err) {
		list_add(&stage->list, &clean->idle);
		spin_unlock_irqrestore(&clean->cells.lock, irq);
		return err;
	}
	cell = genradix_ptr(&clean->cells.all, number);
	cell->stage = stage - clean->stages + 1;
	cell->holders++;
	list_add_tail(&stage->list, &clean->full);
	spin_unlock_irqrestore(&clean->cells.lock, irq);
	queue_work(tmem_pmem_clean_workers, &clean->encrypt_work);
	return 0;
}

/* Copied under the lock, so that the stage is not used again meanwhile. */
int tmem_pmem_stage_read(struct tmem_pmem_device *device, u32 number, struct page *page)
{
	struct tmem_pmem_clean *clean = &device->clean;
	struct tmem_pmem_cell *cell;
	unsigned long irq;
	int err = 0;

	if (!device->cipher)
		return -ENOENT;
	spin_lock_irqsave(&clean->cells.lock, irq);
	cell = genradix_ptr(&clean->cells.all, number);
	if (!cell->stage)
		err = -ENOENT;
	else if (cell->stage == TMEM_PMEM_STAGE_LOST)
		err = -EIO;
	else
		copy_highpage(page, clean->stages[cell->stage - 1].page);
	spin_unlock_irqrestore(&clean->cells.lock, irq);
	return err;
}

/*
 * @cell: as it was when its stage was taken off the list. Others still read the stage.
 * Return: false if what is in the slot is of no use. It may not be in the index yet.
 */
static bool encrypt(struct tmem_pmem_device *device, const struct tmem_pmem_cell *cell,
		    struct page *page)
{
	/* Nobody but us holds it: it was forgotten. */
	if (cell->holders == 1 || tmem_pmem_slots_is_bad(&device->slots, cell->slot))
		return false;
	return !tmem_pmem_media_store_encrypted(device->cipher, cell->slot,
						tmem_pmem_slot_address(device, cell->slot), page);
}

/* Return: false if no stage is full. */
static bool encrypt_one(struct tmem_pmem_device *device)
{
	struct tmem_pmem_clean *clean = &device->clean;
	struct tmem_pmem_cell cell, *of_stage;
	struct tmem_pmem_stage *stage;
	bool done;

	spin_lock_irq(&clean->cells.lock);
	stage = take_stage(clean, &clean->full);
	of_stage = stage ? genradix_ptr(&clean->cells.all, stage->cell) : NULL;
	if (of_stage)
		cell = *of_stage;
	spin_unlock_irq(&clean->cells.lock);
	if (!stage)
		return false;
	done = encrypt(device, &cell, stage->page);
	spin_lock_irq(&clean->cells.lock);
	of_stage->stage = done ? 0 : TMEM_PMEM_STAGE_LOST;
	list_add(&stage->list, &clean->idle);
	spin_unlock_irq(&clean->cells.lock);
	tmem_pmem_clean_release(device, cell.number);
	return true;
}

void tmem_pmem_encrypt_work(struct work_struct *work)
{
	struct tmem_pmem_clean *clean = container_of(work, struct tmem_pmem_clean, encrypt_work);
	unsigned int i;

	for (i = 0; i < TMEM_PMEM_STAGES && encrypt_one(device_of(clean)); i++)
		cond_resched();
	/* Queued anew, so that flushing this work does not wait for what comes next. */
	if (i == TMEM_PMEM_STAGES)
		queue_work(tmem_pmem_clean_workers, &clean->encrypt_work);
}
