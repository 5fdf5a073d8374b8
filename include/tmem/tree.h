/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An xarray that knows how much RAM its nodes take.
 *
 * Readers use the functions of the xarray on @xa. Writers hold its lock, taken with interrupts off,
 * and come here. Nothing sleeps, any context.
 */
#ifndef _TMEM_TREE_H
#define _TMEM_TREE_H

#include <linux/atomic.h>
#include <linux/types.h>
#include <linux/xarray.h>

/**
 * struct tmem_tree - an xarray with its nodes counted
 * @xa: the xarray; its lock guards what follows
 * @nodes: nodes it has
 * @erasing: whether the change under way takes an entry away
 */
struct tmem_tree {
	struct xarray xa;
	u32 nodes;
	bool erasing;
};

/**
 * tmem_tree_init() - begin with an empty tree
 * @tree: what was in it is not looked at
 *
 * Context: any.
 */
void tmem_tree_init(struct tmem_tree *tree);

/**
 * tmem_tree_exit() - free the nodes of a tree
 * @tree: nobody uses it any more; entries that it still has are forgotten, not freed
 * @bytes: the RAM of its nodes is taken off this
 *
 * Context: any but NMI.
 */
void tmem_tree_exit(struct tmem_tree *tree, atomic_long_t *bytes);

/**
 * tmem_tree_store() - set the entry at an index
 * @tree: its lock is held, interrupts are off
 * @index: where
 * @entry: a pointer, aligned to 4 bytes; not NULL
 * @bytes: the RAM of new nodes is added to this
 *
 * Return: 0 or -ENOMEM. Does not fail where there is an entry already.
 */
int tmem_tree_store(struct tmem_tree *tree, unsigned long index, void *entry,
		    atomic_long_t *bytes);

/**
 * tmem_tree_erase() - take the entry at an index away
 * @tree: its lock is held, interrupts are off
 * @index: where
 * @bytes: the RAM of nodes that go is taken off this
 *
 * Return: the entry, NULL if there was none.
 */
void *tmem_tree_erase(struct tmem_tree *tree, unsigned long index, atomic_long_t *bytes);

#endif /* _TMEM_TREE_H */
