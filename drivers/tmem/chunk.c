// SPDX-License-Identifier: GPL-2.0
/* 64 neighbouring pages of a file: which of them are cached, and where. */
#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <tmem/chunk.h>
#include <tmem/gfp.h>

static size_t entries_bytes(unsigned int order)
{
	return sizeof(struct tmem_index_entry) << order;
}

/* Where the entry of @page is, or would be. */
static unsigned int rank(const struct tmem_chunk *chunk, unsigned int page)
{
	return hweight64(chunk->present & (BIT_ULL(page) - 1));
}

struct tmem_chunk *tmem_chunk_alloc(void)
{
	struct tmem_chunk *chunk = kzalloc(sizeof(*chunk), TMEM_GFP_NOWAIT);

	if (!chunk)
		return NULL;
	chunk->entries = kmalloc(entries_bytes(0), TMEM_GFP_NOWAIT);
	if (chunk->entries)
		return chunk;
	kfree(chunk);
	return NULL;
}

void tmem_chunk_free(struct tmem_chunk *chunk)
{
	kfree(chunk->entries);
	kfree(chunk);
}

size_t tmem_chunk_bytes(const struct tmem_chunk *chunk)
{
	return kmalloc_size_roundup(sizeof(*chunk)) +
	       kmalloc_size_roundup(entries_bytes(chunk->order));
}

struct tmem_index_entry *tmem_chunk_find(const struct tmem_chunk *chunk, unsigned int page)
{
	if (!(chunk->present & BIT_ULL(page)))
		return NULL;
	return &chunk->entries[rank(chunk, page)];
}

/* Give the entries room for 1 << @order of them, which is enough for those there are. */
static int resize(struct tmem_chunk *chunk, unsigned int order)
{
	struct tmem_index_entry *entries = kmalloc(entries_bytes(order), TMEM_GFP_NOWAIT);

	if (!entries)
		return -ENOMEM;
	memcpy(entries, chunk->entries, hweight64(chunk->present) * sizeof(*entries));
	kfree(chunk->entries);
	chunk->entries = entries;
	chunk->order = order;
	return 0;
}

int tmem_chunk_add(struct tmem_chunk *chunk, unsigned int page, u32 slot)
{
	unsigned int count = hweight64(chunk->present);
	unsigned int place = rank(chunk, page);
	int err;

	if (count == 1U << chunk->order) {
		err = resize(chunk, chunk->order + 1);
		if (err)
			return err;
	}
	memmove(&chunk->entries[place + 1], &chunk->entries[place],
		(count - place) * sizeof(*chunk->entries));
	chunk->entries[place].slot = slot;
	chunk->entries[place].checksum = TMEM_INDEX_NO_CHECKSUM;
	chunk->present |= BIT_ULL(page);
	return 0;
}

unsigned int tmem_chunk_take(struct tmem_chunk *chunk, u64 pages, u32 *slots)
{
	unsigned int taken = 0, kept = 0, place = 0;
	u64 rest;

	static_assert(TMEM_CHUNK_PAGES == 64);
	for (rest = chunk->present; rest; rest &= rest - 1, place++) {
		if (pages & rest & -rest)
			slots[taken++] = chunk->entries[place].slot;
		else
			chunk->entries[kept++] = chunk->entries[place];
	}
	chunk->present &= ~pages;
	return taken;
}

void tmem_chunk_trim(struct tmem_chunk *chunk)
{
	unsigned int count = hweight64(chunk->present);

	while (chunk->order && count <= (3U << chunk->order) / 8)
		if (resize(chunk, chunk->order - 1))
			return;
}
