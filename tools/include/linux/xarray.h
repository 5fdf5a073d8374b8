/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's xarray for user space: a radix tree with the same nodes at the same times.
 */
#ifndef _TOOLS_LINUX_XARRAY_H
#define _TOOLS_LINUX_XARRAY_H

#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#define XA_CHUNK_SHIFT		6
#define XA_CHUNK_SIZE		(1 << XA_CHUNK_SHIFT)
#define XA_FLAGS_LOCK_IRQ	1U
#define XA_PRESENT		8U

struct xarray {
	spinlock_t xa_lock;
	gfp_t xa_flags;
	void *xa_head;
};

/* As large as the kernel's. */
struct xa_node {
	unsigned char shift;
	unsigned char offset;
	unsigned char count;
	struct xa_node *parent;
	struct xarray *array;
	void *private[2];
	void *slots[XA_CHUNK_SIZE];
	unsigned long marks[3];
};

struct xa_state {
	struct xarray *xa;
	unsigned long xa_index;
	void (*xa_update)(struct xa_node *node);
	int error;
};

#define XA_STATE(name, array, index)	struct xa_state name = { .xa = array, .xa_index = index }
#define xas_set_update(xas, update)	((xas)->xa_update = (update))
#define xas_error(xas)			((xas)->error)

/* The lock is held. */
void *xas_store(struct xa_state *xas, void *entry);

static inline void xa_init_flags(struct xarray *xa, gfp_t flags)
{
	spin_lock_init(&xa->xa_lock);
	xa->xa_flags = flags;
	xa->xa_head = NULL;
}

void *xa_load(struct xarray *xa, unsigned long index);

/* Return: the entry at *@index or the next one up to @max; *@index is set to its place. */
void *xa_find(struct xarray *xa, unsigned long *index, unsigned long max, unsigned int filter);
void xa_destroy(struct xarray *xa);

#define xa_lock_irqsave(xa, flags)	spin_lock_irqsave(&(xa)->xa_lock, flags)
#define xa_unlock_irqrestore(xa, flags)	spin_unlock_irqrestore(&(xa)->xa_lock, flags)

#define xa_for_each(xa, index, entry)							\
	for (index = 0, entry = xa_find(xa, &index, ~0UL, XA_PRESENT); entry;		\
	     entry = index++ == ~0UL ? NULL : xa_find(xa, &index, ~0UL, XA_PRESENT))

#endif /* _TOOLS_LINUX_XARRAY_H */
