// SPDX-License-Identifier: GPL-2.0
/* The page cache: a list of pages, the youngest first, and a hash table to find them. */
#include <stdlib.h>

#include <linux/hash.h>
#include <linux/list.h>

#include "sim.h"

struct node {
	struct list_head list;
	struct node *next;		/* in its bucket */
	u64 file;
	u64 page;
};

struct lru {
	struct list_head list;
	struct node *nodes;
	struct node **buckets;
	u64 capacity, used;
	u64 mask;
};

static struct node **bucket(struct lru *lru, u64 file, u64 page)
{
	u64 hash = (file * GOLDEN_RATIO_64 ^ page) * GOLDEN_RATIO_64;

	return &lru->buckets[(hash >> 20) & lru->mask];
}

struct lru *lru_alloc(u64 capacity)
{
	struct lru *lru = calloc(1, sizeof(*lru));

	if (!lru)
		abort();
	for (lru->mask = 1; lru->mask < capacity; lru->mask = lru->mask << 1 | 1)
		;
	lru->capacity = capacity;
	lru->nodes = calloc(capacity, sizeof(*lru->nodes));
	lru->buckets = calloc(lru->mask + 1, sizeof(*lru->buckets));
	if (!lru->nodes || !lru->buckets)
		abort();
	INIT_LIST_HEAD(&lru->list);
	return lru;
}

void lru_free(struct lru *lru)
{
	free(lru->nodes);
	free(lru->buckets);
	free(lru);
}

/* The list is walked from its end, so what is added at the tail of it is the youngest. */
bool lru_touch(struct lru *lru, u64 file, u64 page)
{
	struct node *node = *bucket(lru, file, page);

	while (node && (node->file != file || node->page != page))
		node = node->next;
	if (!node)
		return false;
	list_del_init(&node->list);
	list_add_tail(&node->list, &lru->list);
	return true;
}

static void unhash(struct lru *lru, struct node *node)
{
	struct node **link = bucket(lru, node->file, node->page);

	while (*link != node)
		link = &(*link)->next;
	*link = node->next;
}

bool lru_add(struct lru *lru, u64 file, u64 page, struct lru_page *victim)
{
	struct node **head = bucket(lru, file, page), *node;
	bool full = lru->used == lru->capacity;

	if (full) {
		node = list_first_entry_or_null(&lru->list, struct node, list);
		victim->file = node->file;
		victim->page = node->page;
		unhash(lru, node);
		list_del_init(&node->list);
	} else {
		node = &lru->nodes[lru->used++];
	}
	node->file = file;
	node->page = page;
	node->next = *head;
	*head = node;
	list_add_tail(&node->list, &lru->list);
	return full;
}
