// SPDX-License-Identifier: GPL-2.0
/*
 * Which pages are cached, and in which slot each of them is: everything that happens to one page.
 * index_walk.c has what happens to many.
 */
#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <tmem/gfp.h>
#include <tmem/index.h>

#include "index_tree.h"

/* An inode number is the index of an xarray. */
static_assert(sizeof(unsigned long) == sizeof(u64));

void tmem_index_init(struct tmem_index *index, const struct tmem_index_ops *ops)
{
	memset(index, 0, sizeof(*index));
	index->ops = ops;
	tmem_tree_init(&index->pools);
	init_llist_head(&index->dead);
	mutex_init(&index->reap_lock);
	spin_lock_init(&index->hand_lock);
}
EXPORT_SYMBOL_GPL(tmem_index_init);

static struct tmem_index_pool *find_pool(struct tmem_index *index, u32 pool)
{
	return xa_load(&index->pools.xa, pool);
}

struct tmem_index_file *tmem_index_find_file(struct tmem_index *index,
					     const struct tmem_file_id *id)
{
	struct tmem_index_pool *pool = find_pool(index, id->pool);
	struct tmem_index_file *file = pool ? xa_load(&pool->files.xa, id->ino) : NULL;

	return file && file->generation == id->generation ? file : NULL;
}

/* Return: the pool, made if there was none; NULL if there is no memory. */
static struct tmem_index_pool *get_pool(struct tmem_index *index, u32 number)
{
	struct tmem_index_pool *pool = find_pool(index, number), *made;
	unsigned long flags;

	if (pool)
		return pool;
	made = kzalloc(sizeof(*made), TMEM_GFP_NOWAIT);
	if (!made)
		return NULL;
	tmem_tree_init(&made->files);

	xa_lock_irqsave(&index->pools.xa, flags);
	pool = xa_load(&index->pools.xa, number);
	if (!pool && !tmem_tree_store(&index->pools, number, made, &index->bytes))
		pool = made;
	xa_unlock_irqrestore(&index->pools.xa, flags);

	if (pool == made)
		tmem_index_count_ram(index, 0, kmalloc_size_roundup(sizeof(*made)));
	else
		kfree(made);
	return pool;
}

void tmem_index_bury_file(struct tmem_index *index, struct tmem_index_file *file)
{
	if (llist_add(&file->dead, &index->dead) && index->ops->on_dead)
		index->ops->on_dead(index);
}

static struct tmem_index_file *make_file(struct tmem_index *index, struct tmem_index_pool *pool,
					 const struct tmem_file_id *id)
{
	struct tmem_index_file *made = kzalloc(sizeof(*made), TMEM_GFP_NOWAIT), *file, *older = NULL;
	unsigned long flags;

	if (!made)
		return NULL;
	tmem_tree_init(&made->chunks);
	made->generation = id->generation;

	xa_lock_irqsave(&pool->files.xa, flags);
	file = xa_load(&pool->files.xa, id->ino);
	if (!file || file->generation != id->generation) {
		older = file;
		file = NULL;
		if (!tmem_tree_store(&pool->files, id->ino, made, &index->bytes))
			file = made;
	}
	xa_unlock_irqrestore(&pool->files.xa, flags);

	if (older && file)
		tmem_index_bury_file(index, older);
	if (file == made)
		tmem_index_count_ram(index, 0, kmalloc_size_roundup(sizeof(*made)));
	else
		kfree(made);
	return file;
}

void tmem_index_unlink_file(struct tmem_index *index, const struct tmem_file_id *id,
			    bool if_empty)
{
	struct tmem_index_pool *pool = find_pool(index, id->pool);
	struct tmem_index_file *file;
	unsigned long flags;

	if (!pool)
		return;
	xa_lock_irqsave(&pool->files.xa, flags);
	file = xa_load(&pool->files.xa, id->ino);
	if (file && (file->generation != id->generation || (if_empty && READ_ONCE(file->pages))))
		file = NULL;
	if (file)
		tmem_tree_erase(&pool->files, id->ino, &index->bytes);
	xa_unlock_irqrestore(&pool->files.xa, flags);
	if (file)
		tmem_index_bury_file(index, file);
}

/* The lock of @file is held. Return: the chunk, made if there was none. */
static struct tmem_chunk *get_chunk(struct tmem_index *index, struct tmem_index_file *file,
				    unsigned long number)
{
	struct tmem_chunk *chunk = xa_load(&file->chunks.xa, number);

	if (chunk)
		return chunk;
	chunk = tmem_chunk_alloc();
	if (!chunk)
		return NULL;
	if (tmem_tree_store(&file->chunks, number, chunk, &index->bytes)) {
		tmem_chunk_free(chunk);
		return NULL;
	}
	tmem_index_count_ram(index, 0, tmem_chunk_bytes(chunk));
	return chunk;
}

/* The lock of @file is held. Return: 1 if *@old_slot was replaced, 0 if there was none, -ENOMEM. */
static int set_slot(struct tmem_index *index, struct tmem_index_file *file, pgoff_t page,
		    u32 slot, u32 *old_slot)
{
	unsigned int bit = page % TMEM_CHUNK_PAGES;
	struct tmem_chunk *chunk = get_chunk(index, file, page / TMEM_CHUNK_PAGES);
	struct tmem_index_entry *entry;
	long before_bytes;
	int err;

	if (!chunk)
		return -ENOMEM;
	entry = tmem_chunk_find(chunk, bit);
	if (entry) {
		*old_slot = entry->slot;
		*entry = (struct tmem_index_entry){ .slot = slot };
		return 1;
	}
	/* A new chunk has room for its first page, so none is left behind empty. */
	before_bytes = tmem_chunk_bytes(chunk);
	err = tmem_chunk_add(chunk, bit, slot);
	if (err)
		return err;
	tmem_index_count_ram(index, before_bytes, tmem_chunk_bytes(chunk));
	WRITE_ONCE(file->pages, file->pages + 1);
	atomic_long_inc(&index->entries);
	return 0;
}

int tmem_index_insert(struct tmem_index *index, const struct tmem_file_id *id,
		      pgoff_t page, u32 slot)
{
	struct tmem_index_pool *pool;
	struct tmem_index_file *file;
	unsigned long flags;
	int err = -ENOMEM;
	u32 old_slot = 0;

	rcu_read_lock();
	file = tmem_index_find_file(index, id);
	if (!file) {
		pool = get_pool(index, id->pool);
		file = pool ? make_file(index, pool, id) : NULL;
	}
	if (file) {
		xa_lock_irqsave(&file->chunks.xa, flags);
		err = set_slot(index, file, page, slot, &old_slot);
		xa_unlock_irqrestore(&file->chunks.xa, flags);
		if (err > 0)
			index->ops->on_drop(index, old_slot);
		else if (err && !READ_ONCE(file->pages))
			tmem_index_unlink_file(index, id, true);
	}
	rcu_read_unlock();
	return err < 0 ? err : 0;
}
EXPORT_SYMBOL_GPL(tmem_index_insert);

/* The lock of @file is held. */
static struct tmem_index_entry *find_entry(struct tmem_index_file *file, pgoff_t page,
					   struct tmem_chunk **chunk)
{
	*chunk = xa_load(&file->chunks.xa, page / TMEM_CHUNK_PAGES);
	return *chunk ? tmem_chunk_find(*chunk, page % TMEM_CHUNK_PAGES) : NULL;
}

bool tmem_index_lookup(struct tmem_index *index, const struct tmem_file_id *id,
		       pgoff_t page, struct tmem_index_entry *entry)
{
	struct tmem_index_entry *found = NULL;
	struct tmem_chunk *chunk;
	struct tmem_index_file *file;
	unsigned long flags;

	rcu_read_lock();
	file = tmem_index_find_file(index, id);
	if (file) {
		xa_lock_irqsave(&file->chunks.xa, flags);
		found = find_entry(file, page, &chunk);
		if (found)
			*entry = *found;
		xa_unlock_irqrestore(&file->chunks.xa, flags);
	}
	rcu_read_unlock();
	return found;
}
EXPORT_SYMBOL_GPL(tmem_index_lookup);

/* The lock of @file is held. As tmem_index_lookup_run(). */
static unsigned int find_run(struct tmem_index_file *file, pgoff_t page, u32 slot, unsigned int max,
			     u32 *checksums)
{
	struct tmem_chunk *chunk = NULL;
	struct tmem_index_entry *entry;
	unsigned int n;

	for (n = 0; n < max; n++, page++) {
		if (!n || page % TMEM_CHUNK_PAGES == 0)
			chunk = xa_load(&file->chunks.xa, page / TMEM_CHUNK_PAGES);
		entry = chunk ? tmem_chunk_find(chunk, page % TMEM_CHUNK_PAGES) : NULL;
		if (!entry || entry->slot != slot + n ||
		    entry->checksum == TMEM_INDEX_NO_CHECKSUM)
			break;
		checksums[n] = entry->checksum;
	}
	return n;
}

unsigned int tmem_index_lookup_run(struct tmem_index *index, const struct tmem_file_id *id,
				   pgoff_t page, u32 slot, unsigned int max, u32 *checksums)
{
	struct tmem_index_file *file;
	unsigned int found = 0;
	unsigned long flags;

	rcu_read_lock();
	file = tmem_index_find_file(index, id);
	if (file) {
		xa_lock_irqsave(&file->chunks.xa, flags);
		found = find_run(file, page, slot, max, checksums);
		xa_unlock_irqrestore(&file->chunks.xa, flags);
	}
	rcu_read_unlock();
	return found;
}
EXPORT_SYMBOL_GPL(tmem_index_lookup_run);

/* What change_entry() does to an entry it has found. */
enum change {
	CHANGE_CHECKSUM,
	CHANGE_SLOT,
	CHANGE_REMOVE,
};

static void trim(struct tmem_index *index, struct tmem_chunk *chunk)
{
	long before_bytes = tmem_chunk_bytes(chunk);

	tmem_chunk_trim(chunk);
	tmem_index_count_ram(index, before_bytes, tmem_chunk_bytes(chunk));
}

/* The lock of @file is held. */
static void change_found(struct tmem_index *index, struct tmem_index_file *file,
			 struct tmem_chunk *chunk, struct tmem_index_entry *entry, pgoff_t page,
			 enum change change, u32 value)
{
	u64 bit = BIT_ULL(page % TMEM_CHUNK_PAGES);
	bool last;
	u32 slot;

	switch (change) {
	case CHANGE_SLOT:
		entry->slot = value;
		break;
	case CHANGE_CHECKSUM:
		entry->checksum = value;
		break;
	case CHANGE_REMOVE:
		last = chunk->present == bit;
		tmem_index_take_pages(index, file, page / TMEM_CHUNK_PAGES, chunk, bit, &slot);
		if (!last)
			trim(index, chunk);
		break;
	}
}

/* Return: 0; -ENOENT if no entry of the page names @slot. */
static int change_entry(struct tmem_index *index, const struct tmem_file_id *id, pgoff_t page,
			u32 slot, enum change change, u32 value)
{
	struct tmem_index_entry *entry;
	struct tmem_chunk *chunk;
	struct tmem_index_file *file;
	unsigned long flags;
	int err = -ENOENT;

	rcu_read_lock();
	file = tmem_index_find_file(index, id);
	if (file) {
		xa_lock_irqsave(&file->chunks.xa, flags);
		entry = find_entry(file, page, &chunk);
		if (entry && entry->slot == slot) {
			change_found(index, file, chunk, entry, page, change, value);
			err = 0;
		}
		xa_unlock_irqrestore(&file->chunks.xa, flags);
		if (!err && (change == CHANGE_SLOT || change == CHANGE_REMOVE))
			index->ops->on_drop(index, slot);
		if (change == CHANGE_REMOVE && !READ_ONCE(file->pages))
			tmem_index_unlink_file(index, id, true);
	}
	rcu_read_unlock();
	return err;
}

int tmem_index_seal(struct tmem_index *index, const struct tmem_file_id *id, pgoff_t page,
		    u32 slot, u32 checksum)
{
	return change_entry(index, id, page, slot, CHANGE_CHECKSUM, checksum);
}
EXPORT_SYMBOL_GPL(tmem_index_seal);

int tmem_index_remove(struct tmem_index *index, const struct tmem_file_id *id,
		      pgoff_t page, u32 slot)
{
	return change_entry(index, id, page, slot, CHANGE_REMOVE, 0);
}
EXPORT_SYMBOL_GPL(tmem_index_remove);

int tmem_index_move(struct tmem_index *index, const struct tmem_file_id *id, pgoff_t page,
		    u32 from, u32 to)
{
	return change_entry(index, id, page, from, CHANGE_SLOT, to);
}
EXPORT_SYMBOL_GPL(tmem_index_move);
