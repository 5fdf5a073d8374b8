/* SPDX-License-Identifier: GPL-2.0 */
/*
 * 64 neighbouring pages of a file: which of them are cached, and where, in as little memory as that
 * takes.
 *
 * A bitmap and an array with one entry for each page that is present, in the order of the pages.
 * The array has room for a power of two, so that it fills a slab object.
 *
 * Pure. The caller holds whatever guards the chunk; nothing sleeps, any context.
 */
#ifndef _TMEM_CHUNK_H
#define _TMEM_CHUNK_H

#include <linux/types.h>

#define TMEM_CHUNK_PAGES	64

/* The checksum of an entry that has none (yet). */
#define TMEM_INDEX_NO_CHECKSUM	0

/**
 * struct tmem_index_entry - where a page is cached
 * @slot: the place, as its owner counts them
 * @checksum: of its contents, or TMEM_INDEX_NO_CHECKSUM while nobody has computed it
 */
struct tmem_index_entry {
	u32 slot;
	u32 checksum;
};

/**
 * struct tmem_chunk - 64 neighbouring pages of a file
 * @present: bit set for each page that is cached
 * @entries: one for each bit in @present, in the same order
 * @order: @entries has room for 1 << @order
 */
struct tmem_chunk {
	u64 present;
	struct tmem_index_entry *entries;
	u8 order;
};

/**
 * tmem_chunk_alloc() - make a chunk
 *
 * Context: any but NMI; allocates with GFP_NOWAIT.
 * Return: a chunk with nothing in it and room for one page; NULL if there is no memory.
 */
struct tmem_chunk *tmem_chunk_alloc(void);

/**
 * tmem_chunk_free() - free a chunk
 * @chunk: nobody else looks at it any more; may have pages still
 *
 * Context: any but NMI.
 */
void tmem_chunk_free(struct tmem_chunk *chunk);

/**
 * tmem_chunk_bytes() - how much RAM a chunk takes
 * @chunk: the chunk
 *
 * Context: any.
 * Return: bytes, as slab objects are sized.
 */
size_t tmem_chunk_bytes(const struct tmem_chunk *chunk);

/**
 * tmem_chunk_find() - the entry of a page
 * @chunk: where to look
 * @page: 0 to 63
 *
 * Return: the entry, valid until the chunk changes; NULL if the page is not present.
 */
struct tmem_index_entry *tmem_chunk_find(const struct tmem_chunk *chunk, unsigned int page);

/**
 * tmem_chunk_add() - note that a page is cached
 * @chunk: where to add it
 * @page: 0 to 63, not present
 * @slot: where it is
 *
 * Return: 0; -ENOMEM, and nothing has changed.
 */
int tmem_chunk_add(struct tmem_chunk *chunk, unsigned int page, u32 slot);

/**
 * tmem_chunk_take() - take pages out
 * @chunk: where from
 * @pages: bit set for each page to take; those not present are ignored
 * @slots: gets the slot of each page taken, room for 64
 *
 * Allocates nothing and keeps the room, see tmem_chunk_trim().
 *
 * Return: how many there were.
 */
unsigned int tmem_chunk_take(struct tmem_chunk *chunk, u64 pages, u32 *slots);

/**
 * tmem_chunk_trim() - give back room that few pages are left in
 * @chunk: the chunk
 *
 * Only if there is memory to move them to. Leaves some room, so that a page that goes and comes does not
 * move the others each time.
 *
 * Context: any but NMI; allocates with GFP_NOWAIT.
 */
void tmem_chunk_trim(struct tmem_chunk *chunk);

#endif /* _TMEM_CHUNK_H */
