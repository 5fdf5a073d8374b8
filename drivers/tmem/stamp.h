/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stamps: in a build with TMEM_STAMPS=y, every stored page is remembered by a checksum over its key,
 * its generation and its contents, and a load that brings back anything else is a kernel warning.
 */
#ifndef _TMEM_STAMP_H
#define _TMEM_STAMP_H

#include <tmem/tmem.h>

struct page;

/**
 * struct tmem_stamp - what was stored last in a slot
 * @generation: differs with every store
 * @checksum: over key, generation and contents
 */
struct tmem_stamp {
	u32 generation;
	u32 checksum;
};

#ifdef TMEM_WITH_STAMPS

/* Before the entry of the slot is published. */
void tmem_stamp_set(struct tmem_stamp *stamp, struct tmem_key key, struct page *page);

/* After a load that found the entry unchanged. Return: the page is what was stored. */
bool tmem_stamp_check(const struct tmem_stamp *stamp, struct tmem_key key, struct page *page);

#else

static inline void tmem_stamp_set(struct tmem_stamp *stamp, struct tmem_key key, struct page *page)
{
}

static inline bool tmem_stamp_check(const struct tmem_stamp *stamp, struct tmem_key key,
				    struct page *page)
{
	return true;
}

#endif

#endif /* _TMEM_STAMP_H */
