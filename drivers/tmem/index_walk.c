// SPDX-License-Identifier: GPL-2.0
/*
 * Which pages are cached, and in which slot each of them is: everything that happens to many pages
 * at once. A lock is held for one chunk at a time.
 */
#include <linux/bitops.h>
#include <linux/export.h>
#include <linux/limits.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <tmem/index.h>

#include "index_tree.h"

/* Which entries are meant: both must hold. All bounds are inclusive. */
struct selection {
	pgoff_t first_page, last_page;
	u32 first_slot, last_slot;
};

static const struct selection everything = {
	.last_page = ULONG_MAX,
	.last_slot = U32_MAX,
};

static void drop(struct tmem_index *index, const u32 *slots, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		index->ops->on_drop(index, slots[i]);
}

/* Which pages of chunk @number are meant. */
static u64 selected(const struct tmem_chunk *chunk, unsigned long number,
		    const struct selection *selection)
{
	const struct tmem_index_entry *entry = chunk->entries;
	u64 pages = chunk->present, rest;

	if (number == selection->first_page / TMEM_CHUNK_PAGES)
		pages &= ~0ULL << selection->first_page % TMEM_CHUNK_PAGES;
	if (number == selection->last_page / TMEM_CHUNK_PAGES)
		pages &= ~0ULL >> (63 - selection->last_page % TMEM_CHUNK_PAGES);
	if (selection->first_slot == 0 && selection->last_slot == U32_MAX)
		return pages;
	for (rest = chunk->present; rest; rest &= rest - 1, entry++)
		if (entry->slot < selection->first_slot || entry->slot > selection->last_slot)
			pages &= ~(rest & -rest);
	return pages;
}

unsigned int tmem_index_take_pages(struct tmem_index *index, struct tmem_index_file *file,
				   unsigned long number, struct tmem_chunk *chunk, u64 pages,
				   u32 *slots)
{
	unsigned int taken = tmem_chunk_take(chunk, pages, slots);

	WRITE_ONCE(file->pages, file->pages - taken);
	atomic_long_sub(taken, &index->entries);
	if (!chunk->present) {
		tmem_index_count_ram(index, tmem_chunk_bytes(chunk), 0);
		tmem_tree_erase(&file->chunks, number, &index->bytes);
		tmem_chunk_free(chunk);
	}
	return taken;
}

/*
 * Drop what is selected of the next chunk that has anything, from *@number on, and set *@number to
 * it. Return: false if there is no such chunk.
 */
static bool drop_next(struct tmem_index *index, struct tmem_index_file *file,
		      unsigned long *number, const struct selection *selection,
		      unsigned long *dropped)
{
	u32 slots[TMEM_CHUNK_PAGES];
	struct tmem_chunk *chunk;
	unsigned int taken = 0;
	unsigned long flags;

	xa_lock_irqsave(&file->chunks.xa, flags);
	chunk = xa_find(&file->chunks.xa, number, selection->last_page / TMEM_CHUNK_PAGES,
			XA_PRESENT);
	if (chunk)
		taken = tmem_index_take_pages(index, file, *number, chunk,
					      selected(chunk, *number, selection), slots);
	xa_unlock_irqrestore(&file->chunks.xa, flags);
	drop(index, slots, taken);
	*dropped += taken;
	return chunk;
}

pgoff_t tmem_index_forget_part(struct tmem_index *index, const struct tmem_file_id *id,
			       pgoff_t first, pgoff_t last, unsigned long *dropped)
{
	struct selection selection = everything;
	unsigned long number = first / TMEM_CHUNK_PAGES;
	struct tmem_index_file *file;
	unsigned int chunks = 0;
	bool more = false;

	selection.first_page = first;
	selection.last_page = last;
	rcu_read_lock();
	file = tmem_index_find_file(index, id);
	if (file && first <= last) {
		/* The last possible chunk is far below ULONG_MAX: no overflow. */
		do {
			more = drop_next(index, file, &number, &selection, dropped);
			number++;
		} while (more && ++chunks < TMEM_INDEX_PART_CHUNKS);
		if (!READ_ONCE(file->pages))
			tmem_index_unlink_file(index, id, true);
	}
	rcu_read_unlock();
	return more && number <= last / TMEM_CHUNK_PAGES ? number * TMEM_CHUNK_PAGES : 0;
}
EXPORT_SYMBOL_GPL(tmem_index_forget_part);

unsigned long tmem_index_forget(struct tmem_index *index, const struct tmem_file_id *id,
				pgoff_t first, pgoff_t last)
{
	unsigned long dropped = 0;

	do
		first = tmem_index_forget_part(index, id, first, last, &dropped);
	while (first);
	return dropped;
}
EXPORT_SYMBOL_GPL(tmem_index_forget);

void tmem_index_forget_file(struct tmem_index *index, const struct tmem_file_id *id)
{
	rcu_read_lock();
	tmem_index_unlink_file(index, id, false);
	rcu_read_unlock();
}
EXPORT_SYMBOL_GPL(tmem_index_forget_file);

/* Nobody else can find @file any more. */
static unsigned long free_file(struct tmem_index *index, struct tmem_index_file *file)
{
	unsigned long dropped = 0, number = 0;

	for (; drop_next(index, file, &number, &everything, &dropped); number++)
		cond_resched();
	tmem_tree_exit(&file->chunks, &index->bytes);
	tmem_index_count_ram(index, kmalloc_size_roundup(sizeof(*file)), 0);
	kfree(file);
	return dropped;
}

unsigned long tmem_index_reap(struct tmem_index *index)
{
	struct tmem_index_file *file, *next;
	unsigned long dropped = 0;
	struct llist_node *dead;

	mutex_lock(&index->reap_lock);
	dead = llist_del_all(&index->dead);
	if (dead) {
		synchronize_rcu();
		llist_for_each_entry_safe(file, next, dead, dead)
			dropped += free_file(index, file);
	}
	mutex_unlock(&index->reap_lock);
	return dropped;
}
EXPORT_SYMBOL_GPL(tmem_index_reap);

static void free_pool(struct tmem_index *index, struct tmem_index_pool *pool)
{
	struct tmem_index_file *file;
	unsigned long ino, flags;

	xa_for_each(&pool->files.xa, ino, file) {
		xa_lock_irqsave(&pool->files.xa, flags);
		tmem_tree_erase(&pool->files, ino, &index->bytes);
		xa_unlock_irqrestore(&pool->files.xa, flags);
		free_file(index, file);
		cond_resched();
	}
	tmem_tree_exit(&pool->files, &index->bytes);
	tmem_index_count_ram(index, kmalloc_size_roundup(sizeof(*pool)), 0);
	kfree(pool);
}

void tmem_index_forget_pool(struct tmem_index *index, u32 number)
{
	struct tmem_index_pool *pool;
	unsigned long flags;

	mutex_lock(&index->reap_lock);
	xa_lock_irqsave(&index->pools.xa, flags);
	pool = tmem_tree_erase(&index->pools, number, &index->bytes);
	xa_unlock_irqrestore(&index->pools.xa, flags);
	if (pool) {
		synchronize_rcu();
		free_pool(index, pool);
	}
	mutex_unlock(&index->reap_lock);
}
EXPORT_SYMBOL_GPL(tmem_index_forget_pool);

/* Return: the file at the cursor or the next one after it, NULL at the end of everything. */
static struct tmem_index_file *next_file(struct tmem_index *index,
					 struct tmem_index_cursor *cursor)
{
	struct tmem_index_cursor start = *cursor;
	struct tmem_index_file *file = NULL;
	struct tmem_index_pool *pool;

	for (;;) {
		pool = xa_find(&index->pools.xa, &cursor->pool, ULONG_MAX, XA_PRESENT);
		if (!pool)
			return NULL;
		if (cursor->pool != start.pool)
			cursor->ino = 0;
		file = xa_find(&pool->files.xa, &cursor->ino, ULONG_MAX, XA_PRESENT);
		if (file)
			break;
		cursor->pool++;
	}
	if (cursor->pool != start.pool || cursor->ino != start.ino)
		cursor->chunk = 0;
	return file;
}

/* The file at the cursor has nothing more: on to the next one, and forget it if it is empty. */
static void leave_file(struct tmem_index *index, struct tmem_index_cursor *cursor,
		       const struct tmem_index_file *file)
{
	struct tmem_file_id id = {
		.pool = cursor->pool,
		.generation = file->generation,
		.ino = cursor->ino,
	};

	if (!READ_ONCE(file->pages))
		tmem_index_unlink_file(index, &id, true);
	cursor->chunk = 0;
	if (++cursor->ino == 0)
		cursor->pool++;
}

/* Drop what is selected of the next chunk. Return: false at the end of everything. */
static bool drop_step(struct tmem_index *index, struct tmem_index_cursor *cursor,
		      const struct selection *selection, unsigned long *dropped)
{
	struct tmem_index_file *file;

	rcu_read_lock();
	file = next_file(index, cursor);
	if (file) {
		bool more = drop_next(index, file, &cursor->chunk, selection, dropped);

		/* At once when it is empty: the caller may stop here. */
		if (more && READ_ONCE(file->pages))
			cursor->chunk++;
		else
			leave_file(index, cursor, file);
	}
	rcu_read_unlock();
	return file;
}

unsigned long tmem_index_forget_slots(struct tmem_index *index, u32 first, u32 count)
{
	struct selection selection = everything;
	struct tmem_index_cursor cursor = {};
	unsigned long dropped = 0;

	selection.first_slot = first;
	selection.last_slot = first + (count - 1);
	while (drop_step(index, &cursor, &selection, &dropped))
		cond_resched();
	/* Who has taken entries out elsewhere reports them before its RCU section ends. */
	synchronize_rcu();
	tmem_index_reap(index);
	return dropped;
}
EXPORT_SYMBOL_GPL(tmem_index_forget_slots);

unsigned long tmem_index_shrink(struct tmem_index *index, unsigned long nr)
{
	struct tmem_index_cursor cursor;
	unsigned long dropped = 0, flags;
	int rounds = 0;

	spin_lock_irqsave(&index->hand_lock, flags);
	cursor = index->hand;
	spin_unlock_irqrestore(&index->hand_lock, flags);

	/* Twice over the end means that all of it was seen once. */
	while (dropped < nr && rounds < 2)
		if (!drop_step(index, &cursor, &everything, &dropped)) {
			cursor = (struct tmem_index_cursor){};
			rounds++;
		}

	spin_lock_irqsave(&index->hand_lock, flags);
	index->hand = cursor;
	spin_unlock_irqrestore(&index->hand_lock, flags);
	return dropped;
}
EXPORT_SYMBOL_GPL(tmem_index_shrink);

void tmem_index_exit(struct tmem_index *index)
{
	struct tmem_index_pool *pool;
	unsigned long number;

	xa_for_each(&index->pools.xa, number, pool)
		tmem_index_forget_pool(index, number);
	tmem_index_reap(index);
	tmem_tree_exit(&index->pools, &index->bytes);
}
EXPORT_SYMBOL_GPL(tmem_index_exit);
