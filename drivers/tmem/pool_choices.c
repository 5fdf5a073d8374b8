// SPDX-License-Identifier: GPL-2.0
/*
 * What the administrator said about filesystems, by UUID: it outlasts unmounting.
 *
 * A choice permits caching and nothing else. Which file a page belongs to never depends on a UUID, so
 * a snapshot that has the UUID of its origin may share the choice.
 */
#include <linux/list.h>
#include <linux/slab.h>

#include "file.h"

struct chosen {
	struct list_head list;
	uuid_t uuid;
	enum tmem_choice choice;
};

static LIST_HEAD(choices);

static struct chosen *find(const uuid_t *uuid)
{
	struct chosen *chosen;

	list_for_each_entry(chosen, &choices, list)
		if (uuid_equal(&chosen->uuid, uuid))
			return chosen;
	return NULL;
}

enum tmem_choice tmem_choice_of(const uuid_t *uuid)
{
	struct chosen *chosen = find(uuid);

	return chosen ? chosen->choice : TMEM_CHOICE_NONE;
}

int tmem_choice_remember(const uuid_t *uuid, enum tmem_choice choice)
{
	struct chosen *chosen = find(uuid);

	if (uuid_is_null(uuid))
		return 0;
	if (!chosen) {
		chosen = kmalloc(sizeof(*chosen), GFP_NOFS);
		if (!chosen)
			return -ENOMEM;
		uuid_copy(&chosen->uuid, uuid);
		list_add(&chosen->list, &choices);
	}
	chosen->choice = choice;
	return 0;
}

void tmem_choices_exit(void)
{
	struct chosen *chosen, *next;

	list_for_each_entry_safe(chosen, next, &choices, list) {
		list_del(&chosen->list);
		kfree(chosen);
	}
}
