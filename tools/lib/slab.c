// SPDX-License-Identifier: GPL-2.0
/* The kernel's allocator for user space. */
#include <linux/slab.h>

long tools_allocations_left = -1;
long tools_allocations;

void *kmalloc(size_t bytes, gfp_t flags)
{
	void *object;

	if (tools_allocations_left >= 0 &&
	    (!tools_allocations_left || !--tools_allocations_left))
		return NULL;
	object = flags & __GFP_ZERO ? calloc(1, bytes) : malloc(bytes);
	if (object)
		__atomic_add_fetch(&tools_allocations, 1, __ATOMIC_RELAXED);
	return object;
}

void kfree(void *object)
{
	if (object)
		__atomic_sub_fetch(&tools_allocations, 1, __ATOMIC_RELAXED);
	free(object);
}
