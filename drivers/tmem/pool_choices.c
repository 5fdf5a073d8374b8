// SPDX-License-Identifier: GPL-2.0
/*
 * What the administrator says about filesystems, and what was said, by UUID: it outlasts unmounting.
 *
 * A choice permits caching and nothing else. Which file a page belongs to never depends on a UUID, so
 * a snapshot that has the UUID of its origin may share the choice.
 */
#include <linux/list.h>
#include <linux/slab.h>
#include <tmem/tmem.h>

#include "pool.h"

struct chosen {
	struct list_head list;
	uuid_t uuid;
	enum tmem_choice choice;
};

static LIST_HEAD(choices);

static struct chosen *said_of(const uuid_t *uuid)
{
	struct chosen *chosen;

	list_for_each_entry(chosen, &choices, list)
		if (uuid_equal(&chosen->uuid, uuid))
			return chosen;
	return NULL;
}

enum tmem_choice tmem_choice_of(const uuid_t *uuid)
{
	struct chosen *chosen = said_of(uuid);

	return chosen ? chosen->choice : TMEM_CHOICE_NONE;
}

/* Return: 0, also if it cannot be remembered because there is no UUID; -ENOMEM. */
static int remember(const uuid_t *uuid, enum tmem_choice choice)
{
	struct chosen *chosen = said_of(uuid);

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

/* Caller holds both locks. */
static void judge(struct tmem_pool *pool)
{
	tmem_pool_empty(pool);
	WRITE_ONCE(pool->state, tmem_fs_judge(pool));
}

/* Caller holds both locks. */
static void take_choice(struct tmem_pool *pool, enum tmem_choice choice)
{
	pool->choice = choice;
	if (pool->live && tmem_pool_all_took(pool) && choice == TMEM_CHOICE_ENABLE)
		return;
	judge(pool);
	/* Who says so may have changed the disk below, or may do it now, of which pages in memory know nothing. */
	WRITE_ONCE(pool->distrusted, true);
}

/* Return: the pool, made if there is none, to which the choice was told; NULL without a backend or memory. */
static struct tmem_pool *tell(struct super_block *sb, enum tmem_choice choice)
{
	unsigned int nofs = tmem_pools_lock();
	struct tmem_pool *pool = NULL;

	lockdep_assert_held(&tmem_pool_begin_lock);
	if (tmem_clean_serving) {
		pool = tmem_pool_seen(sb);
		if (!pool)
			pool = tmem_pool_create(sb);
		if (pool)
			take_choice(pool, choice);
	}
	tmem_pools_unlock(nofs);
	return pool;
}

static int remember_chosen(const uuid_t *uuid, enum tmem_choice choice)
{
	unsigned int nofs = tmem_pools_lock();
	int err = remember(uuid, choice);

	tmem_pools_unlock(nofs);
	return err;
}

static int choose(struct super_block *sb, enum tmem_choice choice)
{
	struct tmem_pool *pool = tell(sb, choice);

	if (!pool && tmem_clean_serving)
		return -ENOMEM;
	if (!pool) {
		tmem_last_error("no backend of clean pages is there; attach one first");
		return -ENODEV;
	}
	tmem_pool_begin(pool);
	if (choice != TMEM_CHOICE_ENABLE || pool->state == TMEM_FS_cached)
		return remember_chosen(&sb->s_uuid, choice);
	tmem_last_error("%s (%s) cannot be cached: %s", sb->s_id, sb->s_type->name,
			tmem_fs_state_sentence(pool->state));
	return -EOPNOTSUPP;
}

/**
 * tmem_pool_choose() - the administrator wants a filesystem cached, or not
 * @sb: mounted, and held
 * @choice: which; remembered by the filesystem's UUID, if it has one
 *
 * Context: process, may sleep.
 * Return: 0; else it has said why not: -ENODEV without a backend, -EOPNOTSUPP for what must not be
 * cached, -ENOMEM.
 */
int tmem_pool_choose(struct super_block *sb, enum tmem_choice choice)
{
	int err;

	mutex_lock(&tmem_pool_begin_lock);
	err = choose(sb, choice);
	mutex_unlock(&tmem_pool_begin_lock);
	return err;
}

/**
 * tmem_pool_choose_uuid() - as tmem_pool_choose(), for filesystems that are mounted now or later
 * @uuid: of the filesystem
 * @choice: which
 *
 * A filesystem that must not be cached stays as it is.
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int tmem_pool_choose_uuid(const uuid_t *uuid, enum tmem_choice choice)
{
	struct tmem_pool *pool;
	unsigned int bucket, nofs;
	int err;

	mutex_lock(&tmem_pool_begin_lock);
	nofs = tmem_pools_lock();
	err = remember(uuid, choice);
	if (!err && tmem_clean_serving) {
		hash_for_each(tmem_pools, bucket, pool, node) {
			if (pool->unmounting || !uuid_equal(&pool->sb->s_uuid, uuid))
				continue;
			take_choice(pool, choice);
			tmem_pool_start(pool);
		}
	}
	tmem_pools_unlock(nofs);
	mutex_unlock(&tmem_pool_begin_lock);
	return err;
}

/* A filesystem that sees itself to what other machines write wants to be cached. */
void tmem_pool_choose_shared(struct super_block *sb)
{
	struct tmem_pool *pool;
	unsigned int nofs;

	mutex_lock(&tmem_pool_begin_lock);
	nofs = tmem_pools_lock();
	pool = tmem_pool_seen(sb);
	if (tmem_clean_serving && !pool)
		pool = tmem_pool_create(sb);
	if (tmem_clean_serving && pool && !pool->live) {
		pool->shared = pool->distrusted = true;
		judge(pool);
	}
	tmem_pools_unlock(nofs);
	if (pool)
		tmem_pool_begin(pool);
	mutex_unlock(&tmem_pool_begin_lock);
}

void tmem_choices_exit(void)
{
	struct chosen *chosen, *next;

	list_for_each_entry_safe(chosen, next, &choices, list) {
		list_del(&chosen->list);
		kfree(chosen);
	}
}
