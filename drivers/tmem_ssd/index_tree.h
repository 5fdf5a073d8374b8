/* SPDX-License-Identifier: GPL-2.0 */
/* What the two halves of the index share: its objects, and how files leave it. */
#ifndef _TMEM_SSD_INDEX_TREE_H
#define _TMEM_SSD_INDEX_TREE_H

#include "index.h"

/**
 * struct tmem_ssd_pool - one filesystem
 * @files: of struct tmem_ssd_file, by inode number
 *
 * Freed a grace period after it was taken out of the index.
 */
struct tmem_ssd_pool {
	struct tmem_ssd_tree files;
};

/**
 * struct tmem_ssd_file - one file of which pages are cached
 * @chunks: of struct tmem_ssd_chunk, by page number divided by TMEM_SSD_CHUNK_PAGES; its lock
 *	guards them, what is in them, and @pages
 * @generation: of the inode number
 * @pages: entries in all chunks
 * @dead: in the index's list of dead files
 *
 * A file that cannot be found any more is buried: who found it earlier may still add entries to it,
 * which nobody will ever see, until a grace period has passed. Then it is reaped.
 */
struct tmem_ssd_file {
	struct tmem_ssd_tree chunks;
	u32 generation;
	u32 pages;
	struct llist_node dead;
};

static inline void tmem_ssd_count_ram(struct tmem_ssd_index *index, long before_bytes,
				      long after_bytes)
{
	atomic_long_add(after_bytes - before_bytes, &index->bytes);
}

/* Context: RCU read side. Return: the file, NULL if there is none of this generation. */
struct tmem_ssd_file *tmem_ssd_find_file(struct tmem_ssd_index *index,
					 const struct tmem_file_id *id);

/* @file was taken out of its pool. */
void tmem_ssd_bury_file(struct tmem_ssd_index *index, struct tmem_ssd_file *file);

/*
 * Take a file out of its pool and bury it; if it is empty, if that is asked for.
 * Context: RCU read side.
 */
void tmem_ssd_unlink_file(struct tmem_ssd_index *index, const struct tmem_file_id *id,
			  bool if_empty);

/*
 * Take @pages (a bitmap) out of chunk @number of @file, and the chunk too if nothing is left in it.
 * @file's lock is held. Return: how many there were, their slots are in @slots.
 */
unsigned int tmem_ssd_take_pages(struct tmem_ssd_index *index, struct tmem_ssd_file *file,
				 unsigned long number, struct tmem_ssd_chunk *chunk, u64 pages,
				 u32 *slots);

#endif /* _TMEM_SSD_INDEX_TREE_H */
