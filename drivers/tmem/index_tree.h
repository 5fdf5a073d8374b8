/* SPDX-License-Identifier: GPL-2.0 */
/* What the two halves of the index share: its objects, and how files leave it. */
#ifndef _TMEM_INDEX_TREE_H
#define _TMEM_INDEX_TREE_H

#include <tmem/index.h>

/**
 * struct tmem_index_pool - one filesystem
 * @files: of struct tmem_index_file, by inode number
 *
 * Freed a grace period after it was taken out of the index.
 */
struct tmem_index_pool {
	struct tmem_tree files;
};

/**
 * struct tmem_index_file - one file of which pages are cached
 * @chunks: of struct tmem_chunk, by page number divided by TMEM_CHUNK_PAGES; its lock
 *	guards them, what is in them, and @pages
 * @generation: of the inode number
 * @pages: entries in all chunks
 * @dead: in the index's list of dead files
 *
 * A file that cannot be found any more is buried: who found it earlier may still add entries to it,
 * which nobody will ever see, until a grace period has passed. Then it is reaped.
 */
struct tmem_index_file {
	struct tmem_tree chunks;
	u32 generation;
	u32 pages;
	struct llist_node dead;
};

static inline void tmem_index_count_ram(struct tmem_index *index, long before_bytes,
					long after_bytes)
{
	atomic_long_add(after_bytes - before_bytes, &index->bytes);
}

/* Context: RCU read side. Return: the file, NULL if there is none of this generation. */
struct tmem_index_file *tmem_index_find_file(struct tmem_index *index,
					     const struct tmem_file_id *id);

/* @file was taken out of its pool. */
void tmem_index_bury_file(struct tmem_index *index, struct tmem_index_file *file);

/*
 * Take a file out of its pool and bury it; if it is empty, if that is asked for.
 * Context: RCU read side.
 */
void tmem_index_unlink_file(struct tmem_index *index, const struct tmem_file_id *id,
			    bool if_empty);

/*
 * Take @pages (a bitmap) out of chunk @number of @file, and the chunk too if nothing is left in it.
 * @file's lock is held. Return: how many there were, their slots are in @slots.
 */
unsigned int tmem_index_take_pages(struct tmem_index *index, struct tmem_index_file *file,
				   unsigned long number, struct tmem_chunk *chunk, u64 pages,
				   u32 *slots);

#endif /* _TMEM_INDEX_TREE_H */
