/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's lists without a lock for user space.
 */
#ifndef _TOOLS_LINUX_LLIST_H
#define _TOOLS_LINUX_LLIST_H

#include <linux/container_of.h>
#include <linux/types.h>

struct llist_node {
	struct llist_node *next;
};

struct llist_head {
	struct llist_node *first;
};

static inline void init_llist_head(struct llist_head *head)
{
	head->first = NULL;
}

/* Return: whether the list was empty. */
static inline bool llist_add(struct llist_node *node, struct llist_head *head)
{
	struct llist_node *first = __atomic_load_n(&head->first, __ATOMIC_RELAXED);

	do {
		node->next = first;
	} while (!__atomic_compare_exchange_n(&head->first, &first, node, false, __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));
	return !first;
}

static inline struct llist_node *llist_del_all(struct llist_head *head)
{
	return __atomic_exchange_n(&head->first, NULL, __ATOMIC_SEQ_CST);
}

#define llist_for_each_entry_safe(entry, next_entry, node, member)			\
	for (struct llist_node *_node = (node), *_next;					\
	     _node && (entry = container_of(_node, typeof(*entry), member),		\
		       _next = _node->next, (void)next_entry, true);			\
	     _node = _next)

#endif /* _TOOLS_LINUX_LLIST_H */
