/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which pages are cached, and in which slot each of them is, for backends of clean pages.
 *
 *	index -> pool (a filesystem) -> file (inode number) -> chunk (64 pages) -> entry (slot)
 *
 * Keys are exact: what is found is the page that was asked for. An entry names a slot and has the
 * checksum of what is in it. It may go at any time (memory pressure, another generation of the
 * inode number); each entry that goes, whatever for, is told once to the owner of the slots, by
 * ops->on_drop().
 *
 * Pure: knows neither devices nor folios; compiles for user space too.
 *
 * Context: unless said otherwise a function may be called from any context but NMI, with interrupts
 * off, by any number of CPUs at once, never sleeps, and allocates with GFP_NOWAIT at most.
 *
 * Locking: pools and files are found under RCU. The lock of a file's xarray guards its chunks and
 * entries; the locks of the other two xarrays guard what is in them. No two of them are ever held
 * at once and each is held for at most one chunk's work. Callbacks run with none of them held.
 */
#ifndef _TMEM_INDEX_H
#define _TMEM_INDEX_H

#include <linux/atomic.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <tmem/chunk.h>
#include <tmem/clean.h>
#include <tmem/tree.h>

struct tmem_index;

/**
 * struct tmem_index_ops - what the index tells its owner
 * @on_drop: no entry names @slot any more. Called exactly once for each successful insert and move.
 *	Context: as the function that drops; inside an RCU read-side section or in process context.
 * @on_dead: there is something to do for tmem_index_reap() (optional). Context: likewise.
 */
struct tmem_index_ops {
	void (*on_drop)(struct tmem_index *index, u32 slot);
	void (*on_dead)(struct tmem_index *index);
};

/**
 * struct tmem_index_cursor - where a walk over everything goes on; any value is a valid one
 * @pool: number of the filesystem
 * @ino: inode number in it
 * @chunk: number of the chunk in the file
 */
struct tmem_index_cursor {
	unsigned long pool;
	unsigned long ino;
	unsigned long chunk;
};

/**
 * struct tmem_index - an index
 * @ops: see there
 * @pools: of struct tmem_index_pool, by number
 * @dead: files that cannot be found any more, but still have their entries
 * @reap_lock: held while entries of dead files and pools are dropped
 * @hand_lock: guards @hand
 * @hand: where tmem_index_shrink() goes on
 * @entries: entries there are, those of dead files included
 * @bytes: RAM of all of it, see tmem_index_bytes()
 */
struct tmem_index {
	const struct tmem_index_ops *ops;
	struct tmem_tree pools;
	struct llist_head dead;
	struct mutex reap_lock;
	spinlock_t hand_lock;
	struct tmem_index_cursor hand;
	atomic_long_t entries;
	atomic_long_t bytes;
};

/**
 * tmem_index_init() - begin with an empty index
 * @index: what was in it is not looked at
 * @ops: stays valid until tmem_index_exit() returns
 *
 * Context: process.
 */
void tmem_index_init(struct tmem_index *index, const struct tmem_index_ops *ops);

/**
 * tmem_index_exit() - drop everything
 * @index: nobody else uses it any more
 *
 * When this returns on_drop() has been called for all entries, and their memory is free.
 *
 * Context: process, may sleep.
 */
void tmem_index_exit(struct tmem_index *index);

/**
 * tmem_index_insert() - note that a page is in a slot
 * @index: the index
 * @file: the file; one with the same pool and inode number but another generation is forgotten
 * @page: number of the page in the file
 * @slot: where it is. Belongs to the index from now on, until on_drop().
 *
 * An older entry of the page is dropped. The new one has no checksum.
 *
 * Return: 0; -ENOMEM: @slot is still the caller's, and the page is not in the index.
 */
int tmem_index_insert(struct tmem_index *index, const struct tmem_file_id *file,
		      pgoff_t page, u32 slot);

/**
 * tmem_index_lookup() - find a page
 * @index: the index
 * @file: the file
 * @page: number of the page in the file
 * @entry: filled if it is found
 *
 * Return: whether it was found.
 */
bool tmem_index_lookup(struct tmem_index *index, const struct tmem_file_id *file,
		       pgoff_t page, struct tmem_index_entry *entry);

/**
 * tmem_index_lookup_run() - how far do the pages of a file lie side by side?
 * @index: the index
 * @file: the file
 * @page: number of the first page in the file
 * @slot: where it would have to be, the next page in the next slot and so on
 * @max: pages to look for
 * @checksums: gets the checksum of each page found
 *
 * A page without a checksum ends the run.
 *
 * Return: how many pages were found, 0 to @max.
 */
unsigned int tmem_index_lookup_run(struct tmem_index *index, const struct tmem_file_id *file,
				   pgoff_t page, u32 slot, unsigned int max, u32 *checksums);

/**
 * tmem_index_seal() - give an entry its checksum
 * @index: the index
 * @file: the file
 * @page: number of the page in the file
 * @slot: where the entry must still say the page is
 * @checksum: of its contents; not TMEM_INDEX_NO_CHECKSUM
 *
 * Return: 0; -ENOENT if there is no entry of this page that names @slot.
 */
int tmem_index_seal(struct tmem_index *index, const struct tmem_file_id *file,
		    pgoff_t page, u32 slot, u32 checksum);

/**
 * tmem_index_remove() - drop the entry of a page
 * @index: the index
 * @file: the file
 * @page: number of the page in the file
 * @slot: where the entry must still say the page is
 *
 * Return: 0; -ENOENT if there is no entry of this page that names @slot.
 */
int tmem_index_remove(struct tmem_index *index, const struct tmem_file_id *file,
		      pgoff_t page, u32 slot);

/**
 * tmem_index_move() - the same contents are in another slot now
 * @index: the index
 * @file: the file
 * @page: number of the page in the file
 * @from: where the entry must still say the page is; dropped
 * @to: where it is. Belongs to the index from now on, until on_drop().
 *
 * The entry keeps its checksum.
 *
 * Return: 0; -ENOENT if there is no entry of this page that names @from: @to is still the caller's.
 */
int tmem_index_move(struct tmem_index *index, const struct tmem_file_id *file,
		    pgoff_t page, u32 from, u32 to);

/**
 * tmem_index_forget() - drop the entries of a range of pages
 * @index: the index
 * @file: the file
 * @first: first page
 * @last: last page, inclusive
 *
 * Costs what is cached of the range. Frees memory, allocates none.
 *
 * Return: how many entries were dropped.
 */
unsigned long tmem_index_forget(struct tmem_index *index, const struct tmem_file_id *file,
				pgoff_t first, pgoff_t last);

/* Chunks that are looked at without a break: some milliseconds. */
#define TMEM_INDEX_PART_CHUNKS	1024

/**
 * tmem_index_forget_part() - as tmem_index_forget(), and leave off after TMEM_INDEX_PART_CHUNKS
 * @index: the index
 * @file: the file
 * @first: first page
 * @last: last page, inclusive
 * @dropped: how many entries were dropped is added to this
 *
 * For who may be long at it, and can let others run in between.
 *
 * Return: the page to go on from, or 0 if nothing is left.
 */
pgoff_t tmem_index_forget_part(struct tmem_index *index, const struct tmem_file_id *file,
			       pgoff_t first, pgoff_t last, unsigned long *dropped);

/**
 * tmem_index_forget_file() - drop all entries of a file
 * @index: the index
 * @file: the file
 *
 * Costs the same for any file: from now on they are not found, but on_drop() is called, and their memory
 * freed, by tmem_index_reap().
 */
void tmem_index_forget_file(struct tmem_index *index, const struct tmem_file_id *file);

/**
 * tmem_index_forget_pool() - drop all entries of a pool
 * @index: the index
 * @pool: its number
 *
 * When this returns on_drop() has been called for all of them but those of files forgotten before, see
 * tmem_index_reap(). What is inserted meanwhile may stay.
 *
 * Context: process, may sleep.
 */
void tmem_index_forget_pool(struct tmem_index *index, u32 pool);

/**
 * tmem_index_forget_slots() - drop all entries that name a slot of a range
 * @index: the index
 * @first: first slot
 * @count: slots in the range, at least 1
 *
 * When this returns on_drop() has been called for all of them. The caller has seen to it that no
 * such slot is inserted or moved to any more. Looks at everything there is.
 *
 * Context: may sleep.
 * Return: how many entries were dropped, not counting those of files forgotten before.
 */
unsigned long tmem_index_forget_slots(struct tmem_index *index, u32 first, u32 count);

/**
 * tmem_index_reap() - drop the entries of files that cannot be found any more
 * @index: the index
 *
 * Frees their memory, too. Waits for a grace period if there are such files.
 *
 * Context: process, may sleep.
 * Return: how many entries were dropped.
 */
unsigned long tmem_index_reap(struct tmem_index *index);

/**
 * tmem_index_shrink() - give memory back
 * @index: the index
 * @nr: entries to drop
 *
 * Drops whole chunks, one after another, and begins again where it last stopped. Memory comes back
 * when a grace period has passed, and for whole files in tmem_index_reap().
 *
 * Return: how many entries were dropped, more than @nr by at most 63; less if there are no more.
 */
unsigned long tmem_index_shrink(struct tmem_index *index, unsigned long nr);

/**
 * tmem_index_bytes() - how much RAM the index takes
 * @index: the index
 *
 * Pools, files, chunks, entries and nodes of xarrays, each as large as the slab object it is in. What only
 * waits for a grace period is not in it any more.
 *
 * Return: bytes.
 */
static inline unsigned long tmem_index_bytes(const struct tmem_index *index)
{
	return atomic_long_read(&index->bytes);
}

/**
 * tmem_index_pages() - how many entries there are
 * @index: the index
 *
 * Return: entries; those of forgotten files count until tmem_index_reap().
 */
static inline unsigned long tmem_index_pages(const struct tmem_index *index)
{
	return atomic_long_read(&index->entries);
}

#endif /* _TMEM_INDEX_H */
