// SPDX-License-Identifier: GPL-2.0
/*
 * An xarray that knows how much RAM its nodes take.
 *
 * The xarray does not say how many nodes it has, but tells whoever asks each time the number of
 * entries in a node changes. While an entry is stored these numbers only grow, so a node that says
 * 1 is new; while one is erased they only shrink, so a node that says 0 is about to go.
 */
#include <linux/container_of.h>
#include <linux/lockdep.h>
#include <tmem/tree.h>

static void node_changed(struct xa_node *node)
{
	struct tmem_tree *tree = container_of(node->array, struct tmem_tree, xa);

	if (tree->erasing)
		tree->nodes -= !node->count;
	else
		tree->nodes += node->count == 1;
}

static void *change(struct tmem_tree *tree, unsigned long index, void *entry,
		    atomic_long_t *bytes, int *err)
{
	u32 before = tree->nodes;
	XA_STATE(xas, &tree->xa, index);
	void *old;

	lockdep_assert_held(&tree->xa.xa_lock);
	tree->erasing = !entry;
	xas_set_update(&xas, node_changed);
	old = xas_store(&xas, entry);
	*err = xas_error(&xas);
	atomic_long_add(((long)tree->nodes - (long)before) * (long)sizeof(struct xa_node), bytes);
	return *err ? NULL : old;
}

void tmem_tree_init(struct tmem_tree *tree)
{
	xa_init_flags(&tree->xa, XA_FLAGS_LOCK_IRQ);
	tree->nodes = 0;
}

void tmem_tree_exit(struct tmem_tree *tree, atomic_long_t *bytes)
{
	xa_destroy(&tree->xa);
	atomic_long_sub((long)tree->nodes * (long)sizeof(struct xa_node), bytes);
	tree->nodes = 0;
}

int tmem_tree_store(struct tmem_tree *tree, unsigned long index, void *entry,
		    atomic_long_t *bytes)
{
	int err;

	change(tree, index, entry, bytes, &err);
	return err;
}

void *tmem_tree_erase(struct tmem_tree *tree, unsigned long index, atomic_long_t *bytes)
{
	int err;

	return change(tree, index, NULL, bytes, &err);
}
