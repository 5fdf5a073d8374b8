/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's doubly linked lists for user space: what is used of them.
 */
#ifndef _TOOLS_LINUX_LIST_H
#define _TOOLS_LINUX_LIST_H

#include <linux/container_of.h>
#include <linux/types.h>

struct list_head {
	struct list_head *next, *prev;
};

static inline void INIT_LIST_HEAD(struct list_head *list)
{
	list->next = list;
	list->prev = list;
}

static inline void list_add_tail(struct list_head *entry, struct list_head *head)
{
	entry->prev = head->prev;
	entry->next = head;
	head->prev->next = entry;
	head->prev = entry;
}

static inline void list_del_init(struct list_head *entry)
{
	entry->prev->next = entry->next;
	entry->next->prev = entry->prev;
	INIT_LIST_HEAD(entry);
}

#define list_first_entry_or_null(head, type, member)					\
	((head)->next == (head) ? NULL : container_of((head)->next, type, member))
#define list_for_each_entry(entry, head, member)					\
	for (entry = container_of((head)->next, typeof(*entry), member);		\
	     &entry->member != (head);							\
	     entry = container_of(entry->member.next, typeof(*entry), member))
#define list_for_each_entry_reverse(entry, head, member)				\
	for (entry = container_of((head)->prev, typeof(*entry), member);		\
	     &entry->member != (head);							\
	     entry = container_of(entry->member.prev, typeof(*entry), member))

#endif /* _TOOLS_LINUX_LIST_H */
