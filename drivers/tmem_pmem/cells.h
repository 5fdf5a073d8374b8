/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Cells: the clean pages that a device keeps, which page each is, where it lies, and which is the oldest.
 *
 * The index (include/tmem/index.h) names a cell; the cell names the page and a slot. A cell is held by the
 * index as long as that names it, and by whoever copies to or from its slot. When nobody holds it any
 * more it is free, and so is its slot. So what is read from a slot is what its cell says, however soon
 * the slot is wanted for something else.
 *
 * Pure: knows neither devices nor media.
 *
 * Context: any but NMI, unless said otherwise.
 */
#ifndef _TMEM_PMEM_CELLS_H
#define _TMEM_PMEM_CELLS_H

#include <linux/build_bug.h>
#include <linux/generic-radix-tree.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <tmem/clean.h>

/**
 * struct tmem_pmem_cell - a clean page
 * @list: in the order of age, or of those that are free
 * @file: which page
 * @index: likewise
 * @number: of the cell, always
 * @slot: where it lies
 * @flags: TMEM_PUT_WORKINGSET, TMEM_PUT_SECRET, as it was put
 * @indexed: the index holds it
 * @holders: the index, and who copies; 0: free
 * @stage: number of the stage that it is still in, plus one; 0: it is in its slot
 */
struct tmem_pmem_cell {
	struct list_head list;
	struct tmem_file_id file;
	pgoff_t index;
	u32 number;
	u32 slot : 28;
	u32 flags : 3;
	u32 indexed : 1;
	u16 holders;
	u16 stage;
};

/* What fits in @flags. */
static_assert((TMEM_PUT_WORKINGSET | TMEM_PUT_SECRET) < 1 << 3);

/**
 * struct tmem_pmem_cells - the cells of a device
 * @lock: guards everything
 * @all: by number
 * @made: allocated
 * @limit: may be in use
 * @used: in use
 * @taken: taken so far, in all; wraps
 * @free: those that are not, of @made
 * @order: those that can be found, oldest first
 */
struct tmem_pmem_cells {
	spinlock_t lock;
	GENRADIX(struct tmem_pmem_cell) all;
	u32 made;
	u32 limit;
	u32 used;
	u32 taken;
	struct list_head free;
	struct list_head order;
};

void tmem_pmem_cells_init(struct tmem_pmem_cells *cells);

/* None is in use. Context: process. */
void tmem_pmem_cells_exit(struct tmem_pmem_cells *cells);

/**
 * tmem_pmem_cells_set_limit() - so many may be in use
 * @cells: the cells
 * @limit: how many; if more are, they stay, but no other one is taken until less are
 *
 * Context: process, may sleep; one caller at a time.
 * Return: 0, or -ENOMEM, and nothing has changed.
 */
int tmem_pmem_cells_set_limit(struct tmem_pmem_cells *cells, u32 limit);

/**
 * tmem_pmem_cells_make() - have memory for so many
 * @cells: the cells
 * @count: how many
 *
 * Context: process, may sleep; one caller at a time.
 * Return: 0, or -ENOMEM: there are as many as could be had.
 */
int tmem_pmem_cells_make(struct tmem_pmem_cells *cells, u32 count);

/**
 * tmem_pmem_cells_take() - a free cell for a page
 * @cells: the cells
 * @file: which page
 * @index: likewise
 * @slot: where it will lie
 * @flags: enum tmem_put_flags
 *
 * It is held twice: for the index, and by the caller until tmem_pmem_cells_settle().
 *
 * Return: its number; -ENOSPC.
 */
int tmem_pmem_cells_take(struct tmem_pmem_cells *cells, const struct tmem_file_id *file,
			 pgoff_t index, u32 slot, unsigned int flags);

/**
 * tmem_pmem_cells_settle() - the page of a cell is in its slot, and the cell in the index
 * @cells: the cells
 * @number: of the cell
 *
 * It is the youngest now, unless the index has let go of it already. The caller holds it still.
 */
void tmem_pmem_cells_settle(struct tmem_pmem_cells *cells, u32 number);

/**
 * tmem_pmem_cells_hold() - hold a cell that was found
 * @cells: the cells
 * @number: any
 * @cell: gets what it says
 *
 * Return: false if it is free.
 */
bool tmem_pmem_cells_hold(struct tmem_pmem_cells *cells, u32 number, struct tmem_pmem_cell *cell);

/**
 * tmem_pmem_cells_hold_oldest() - hold the oldest cell
 * @cells: the cells
 * @cell: gets what it says
 *
 * It counts as the youngest from now on, so that another call finds another one.
 *
 * Return: its number; -ENOENT if there is none.
 */
int tmem_pmem_cells_hold_oldest(struct tmem_pmem_cells *cells, struct tmem_pmem_cell *cell);

/**
 * tmem_pmem_cells_pass_over() - a cell cannot be found by the index any more, which holds it still
 * @cells: the cells
 * @number: of the cell; the caller holds it
 *
 * Of a file that was forgotten whole, say. It will not be the oldest again.
 */
void tmem_pmem_cells_pass_over(struct tmem_pmem_cells *cells, u32 number);

/**
 * tmem_pmem_cells_release() - hold a cell no more
 * @cells: the cells
 * @number: of the cell
 * @by_index: it was the index that held it: it cannot be found any more
 *
 * Return: its slot, to be freed by the caller, if nobody holds it now; else -1.
 */
int tmem_pmem_cells_release(struct tmem_pmem_cells *cells, u32 number, bool by_index);

#endif /* _TMEM_PMEM_CELLS_H */
