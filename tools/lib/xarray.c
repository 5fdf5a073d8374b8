// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's xarray for user space: a radix tree that has the nodes the kernel's has, and says so
 * on the same occasions.
 *
 * An inner slot holds a node if bit 1 is set, as there; entries are aligned to 4 bytes.
 */
#include <errno.h>
#include <linux/rcupdate.h>
#include <linux/xarray.h>

static void *read_slot(void **slot)
{
	return __atomic_load_n(slot, __ATOMIC_ACQUIRE);
}

static void write_slot(void **slot, void *entry)
{
	__atomic_store_n(slot, entry, __ATOMIC_RELEASE);
}

static int is_node(const void *entry)
{
	return (unsigned long)entry & 2;
}

static struct xa_node *to_node(void *entry)
{
	return (struct xa_node *)((char *)entry - 2);
}

static void *to_entry(struct xa_node *node)
{
	return (char *)node + 2;
}

static unsigned int slot_of(const struct xa_node *node, unsigned long index)
{
	return index >> node->shift & (XA_CHUNK_SIZE - 1);
}

/* The largest index for which @head is high enough. */
static unsigned long reach(void *head)
{
	unsigned int bits = is_node(head) ? to_node(head)->shift + XA_CHUNK_SHIFT : 0;

	return bits >= 64 ? ~0UL : (1UL << bits) - 1;
}

void *xa_load(struct xarray *xa, unsigned long index)
{
	void *entry = read_slot(&xa->xa_head);

	if (index > reach(entry))
		return NULL;
	while (is_node(entry))
		entry = read_slot(&to_node(entry)->slots[slot_of(to_node(entry), index)]);
	return entry;
}

static void *find_below(void *entry, unsigned long base, unsigned long *index, unsigned long max)
{
	struct xa_node *node;
	unsigned long start;
	void *found = NULL;
	unsigned int i;

	if (!entry || base > max)
		return NULL;
	if (!is_node(entry)) {
		if (base < *index)
			return NULL;
		*index = base;
		return entry;
	}
	node = to_node(entry);
	start = base > *index ? 0 : slot_of(node, *index);
	for (i = start; i < XA_CHUNK_SIZE && !found; i++)
		found = find_below(read_slot(&node->slots[i]),
				   base + ((unsigned long)i << node->shift), index, max);
	return found;
}

void *xa_find(struct xarray *xa, unsigned long *index, unsigned long max, unsigned int filter)
{
	void *head = read_slot(&xa->xa_head);

	(void)filter;
	return *index > reach(head) ? NULL : find_below(head, 0, index, max);
}

static void changed(struct xa_state *xas, struct xa_node *node, int difference)
{
	node->count += difference;
	if (xas->xa_update)
		xas->xa_update(node);
}

static struct xa_node *new_node(struct xa_state *xas, struct xa_node *parent, unsigned int shift)
{
	struct xa_node *node = kzalloc(sizeof(*node), GFP_NOWAIT);

	if (!node) {
		xas->error = -ENOMEM;
		return NULL;
	}
	node->shift = shift;
	node->parent = parent;
	node->array = xas->xa;
	if (parent) {
		node->offset = slot_of(parent, xas->xa_index);
		changed(xas, parent, 1);
	}
	return node;
}

/* Put nodes above the head until it is high enough. Return: the shift above that of the head. */
static int expand(struct xa_state *xas)
{
	void *head = xas->xa->xa_head;
	int shift = is_node(head) ? to_node(head)->shift + XA_CHUNK_SHIFT : 0;
	struct xa_node *node;

	if (!head) {
		while (shift < 64 && xas->xa_index >> shift)
			shift += XA_CHUNK_SHIFT;
		return shift;
	}
	for (; xas->xa_index > reach(head); shift += XA_CHUNK_SHIFT) {
		node = new_node(xas, NULL, shift);
		if (!node)
			return -ENOMEM;
		node->slots[0] = head;
		if (is_node(head))
			to_node(head)->parent = node;
		head = to_entry(node);
		write_slot(&xas->xa->xa_head, head);
		changed(xas, node, 1);
	}
	return shift;
}

static void *store(struct xa_state *xas, void *entry)
{
	struct xa_node *node = NULL;
	void **slot = &xas->xa->xa_head, *old;
	int shift = expand(xas);

	for (; shift > 0; shift -= XA_CHUNK_SHIFT) {
		if (!*slot) {
			struct xa_node *child = new_node(xas, node, shift - XA_CHUNK_SHIFT);

			if (!child)
				return NULL;
			write_slot(slot, to_entry(child));
		}
		node = to_node(*slot);
		slot = &node->slots[slot_of(node, xas->xa_index)];
	}
	if (shift < 0)
		return NULL;
	old = *slot;
	write_slot(slot, entry);
	if (node && !old)
		changed(xas, node, 1);
	return old;
}

/* A root with nothing but a first slot is one too many. */
static void shrink(struct xa_state *xas, struct xa_node *root)
{
	void *entry = root->slots[0];

	while (root->count == 1 && entry && (is_node(entry) || !root->shift)) {
		write_slot(&xas->xa->xa_head, entry);
		changed(xas, root, -1);
		tools_free_rcu(root);
		if (!is_node(entry))
			return;
		root = to_node(entry);
		root->parent = NULL;
		entry = root->slots[0];
	}
}

static void *erase(struct xa_state *xas)
{
	struct xa_node *node = NULL, *parent;
	void **slot = &xas->xa->xa_head, *old;

	if (xas->xa_index > reach(*slot))
		return NULL;
	while (is_node(*slot)) {
		node = to_node(*slot);
		slot = &node->slots[slot_of(node, xas->xa_index)];
	}
	old = *slot;
	write_slot(slot, NULL);
	if (!old || !node)
		return old;
	changed(xas, node, -1);
	for (; !node->count; node = parent) {
		parent = node->parent;
		write_slot(parent ? &parent->slots[node->offset] : &xas->xa->xa_head, NULL);
		tools_free_rcu(node);
		if (!parent)
			return old;
		changed(xas, parent, -1);
	}
	if (!node->parent)
		shrink(xas, node);
	return old;
}

void *xas_store(struct xa_state *xas, void *entry)
{
	return entry ? store(xas, entry) : erase(xas);
}

static void free_nodes(void *entry)
{
	unsigned int i;

	if (!is_node(entry))
		return;
	for (i = 0; i < XA_CHUNK_SIZE; i++)
		free_nodes(to_node(entry)->slots[i]);
	tools_free_rcu(to_node(entry));
}

void xa_destroy(struct xarray *xa)
{
	void *head = xa->xa_head;

	write_slot(&xa->xa_head, NULL);
	free_nodes(head);
}
