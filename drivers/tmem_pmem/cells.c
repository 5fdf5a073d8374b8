// SPDX-License-Identifier: GPL-2.0
/* Cells: the clean pages that a device keeps, which page each is, where it lies, and which is the oldest. */
#include <linux/errno.h>
#include <linux/slab.h>

#include "cells.h"

/* Nobody is to be killed for a share that is too large. */
#define CELL_GFP	(GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

void tmem_pmem_cells_init(struct tmem_pmem_cells *cells)
{
	spin_lock_init(&cells->lock);
	genradix_init(&cells->all);
	cells->made = 0;
	cells->limit = 0;
	cells->used = 0;
	cells->taken = 0;
	INIT_LIST_HEAD(&cells->free);
	INIT_LIST_HEAD(&cells->order);
}

void tmem_pmem_cells_exit(struct tmem_pmem_cells *cells)
{
	spin_lock_irq(&cells->lock);
	cells->made = 0;
	INIT_LIST_HEAD(&cells->free);
	spin_unlock_irq(&cells->lock);
	genradix_free(&cells->all);
}

/* A number comes from the index, or from a caller who holds it. */
static struct tmem_pmem_cell *cell_of(struct tmem_pmem_cells *cells, u32 number)
{
	lockdep_assert_held(&cells->lock);
	return number < cells->made ? genradix_ptr(&cells->all, number) : NULL;
}

int tmem_pmem_cells_make(struct tmem_pmem_cells *cells, u32 count)
{
	u32 i;

	for (i = cells->made; i < count; i++) {
		struct tmem_pmem_cell *cell = genradix_ptr_alloc(&cells->all, i, CELL_GFP);

		if (!cell)
			return -ENOMEM;
		cell->number = i;
		spin_lock_irq(&cells->lock);
		list_add_tail(&cell->list, &cells->free);
		cells->made = i + 1;
		spin_unlock_irq(&cells->lock);
		cond_resched();
	}
	return 0;
}

int tmem_pmem_cells_set_limit(struct tmem_pmem_cells *cells, u32 limit)
{
	int err = tmem_pmem_cells_make(cells, limit);

	if (!err)
		WRITE_ONCE(cells->limit, limit);
	return err;
}

/* Return: NULL if there is none, or enough are in use. */
static struct tmem_pmem_cell *take_free(struct tmem_pmem_cells *cells)
{
	struct tmem_pmem_cell *cell = NULL;

	lockdep_assert_held(&cells->lock);
	if (cells->used < cells->limit)
		cell = list_first_entry_or_null(&cells->free, struct tmem_pmem_cell, list);
	if (cell) {
		list_del_init(&cell->list);
		cells->used++;
		cells->taken++;
	}
	return cell;
}

int tmem_pmem_cells_take(struct tmem_pmem_cells *cells, const struct tmem_file_id *file,
			 pgoff_t index, u32 slot, unsigned int flags)
{
	struct tmem_pmem_cell *cell;
	unsigned long irq;
	int number = -ENOSPC;

	spin_lock_irqsave(&cells->lock, irq);
	cell = take_free(cells);
	if (cell) {
		cell->file = *file;
		cell->index = index;
		cell->slot = slot;
		/* The others are for the main tier only. */
		cell->flags = flags & (TMEM_PUT_WORKINGSET | TMEM_PUT_SECRET);
		cell->indexed = true;
		cell->holders = 2;
		cell->stage = 0;
		number = cell->number;
	}
	spin_unlock_irqrestore(&cells->lock, irq);
	return number;
}

void tmem_pmem_cells_settle(struct tmem_pmem_cells *cells, u32 number)
{
	struct tmem_pmem_cell *cell;
	unsigned long irq;

	spin_lock_irqsave(&cells->lock, irq);
	cell = cell_of(cells, number);
	if (cell->indexed)
		list_add_tail(&cell->list, &cells->order);
	spin_unlock_irqrestore(&cells->lock, irq);
}

bool tmem_pmem_cells_hold(struct tmem_pmem_cells *cells, u32 number, struct tmem_pmem_cell *copy)
{
	struct tmem_pmem_cell *cell;
	unsigned long irq;
	bool held;

	spin_lock_irqsave(&cells->lock, irq);
	cell = cell_of(cells, number);
	held = cell && cell->holders;
	if (held) {
		cell->holders++;
		*copy = *cell;
	}
	spin_unlock_irqrestore(&cells->lock, irq);
	return held;
}

int tmem_pmem_cells_hold_oldest(struct tmem_pmem_cells *cells, struct tmem_pmem_cell *copy)
{
	struct tmem_pmem_cell *cell;
	unsigned long irq;
	int number = -ENOENT;

	spin_lock_irqsave(&cells->lock, irq);
	cell = list_first_entry_or_null(&cells->order, struct tmem_pmem_cell, list);
	if (cell) {
		list_move_tail(&cell->list, &cells->order);
		cell->holders++;
		*copy = *cell;
		number = cell->number;
	}
	spin_unlock_irqrestore(&cells->lock, irq);
	return number;
}

void tmem_pmem_cells_pass_over(struct tmem_pmem_cells *cells, u32 number)
{
	unsigned long irq;

	spin_lock_irqsave(&cells->lock, irq);
	/* One that the index has let go of meanwhile is in no list. */
	list_del_init(&cell_of(cells, number)->list);
	spin_unlock_irqrestore(&cells->lock, irq);
}

int tmem_pmem_cells_release(struct tmem_pmem_cells *cells, u32 number, bool by_index)
{
	struct tmem_pmem_cell *cell;
	unsigned long irq;
	int slot = -1;

	spin_lock_irqsave(&cells->lock, irq);
	cell = cell_of(cells, number);
	if (by_index) {
		cell->indexed = false;
		list_del_init(&cell->list);
	}
	if (!--cell->holders) {
		slot = cell->slot;
		list_add(&cell->list, &cells->free);
		cells->used--;
	}
	spin_unlock_irqrestore(&cells->lock, irq);
	return slot;
}
