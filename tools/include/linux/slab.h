/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's allocator for user space; tests can make it fail.
 */
#ifndef _TOOLS_LINUX_SLAB_H
#define _TOOLS_LINUX_SLAB_H

#include <stdlib.h>
#include <linux/types.h>

typedef unsigned int gfp_t;

#define GFP_KERNEL	1U
#define GFP_NOWAIT	2U
#define __GFP_NOWARN	4U
#define __GFP_NOMEMALLOC	16U
#define __GFP_ZERO	8U

/* The allocation that makes it 0 fails, and so do all that follow until it is set again. */
extern long tools_allocations_left;

/* Objects that kmalloc() gave out, and kfree() did not get back. */
extern long tools_allocations;

void *kmalloc(size_t bytes, gfp_t flags);
void kfree(void *object);

static inline void *kzalloc(size_t bytes, gfp_t flags)
{
	return kmalloc(bytes, flags | __GFP_ZERO);
}

static inline void *kvcalloc(size_t count, size_t bytes, gfp_t flags)
{
	return kzalloc(count * bytes, flags);
}

static inline void *kvzalloc(size_t bytes, gfp_t flags)
{
	return kzalloc(bytes, flags);
}

#define kvfree(object)	kfree(object)

/* The sizes there are on x86-64. */
static inline size_t kmalloc_size_roundup(size_t bytes)
{
	size_t size = 8;

	while (size < bytes)
		size *= 2;
	if (size == 128 && bytes <= 96)
		return 96;
	if (size == 256 && bytes <= 192)
		return 192;
	return size;
}

#endif /* _TOOLS_LINUX_SLAB_H */
