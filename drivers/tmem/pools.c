// SPDX-License-Identifier: GPL-2.0
/*
 * Pools: which mounted filesystems were seen, and which of them are cached.
 *
 * A filesystem gets a pool, or the reason why it gets none, when a file of it is first read, and
 * loses it when it is unmounted. Its number, by which the backend knows it, is never used again.
 */
#include <linux/fs.h>
#include <linux/hashtable.h>
#include <linux/mutex.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/uuid.h>
#include <tmem/tmem.h>

#include "file.h"

/* By superblock; read under tmem_clean_srcu, changed under pools_lock. */
static DEFINE_HASHTABLE(pools, 6);

/*
 * Guards everything in pools but what readers look at. Taken in the middle of a read, so nothing in it
 * may wait for a filesystem: allocations are GFP_NOFS (lock_pools()).
 */
static DEFINE_MUTEX(pools_lock);
static u32 last_id;

static unsigned int lock_pools(void)
{
	mutex_lock(&pools_lock);
	return memalloc_nofs_save();
}

static void unlock_pools(unsigned int nofs)
{
	memalloc_nofs_restore(nofs);
	mutex_unlock(&pools_lock);
}

static struct tmem_pool *find(struct super_block *sb)
{
	struct tmem_pool *pool;

	hash_for_each_possible_rcu(pools, pool, node, (unsigned long)sb,
				   srcu_read_lock_held(&tmem_clean_srcu) ||
				   lockdep_is_held(&pools_lock))
		if (pool->sb == sb)
			return pool;
	return NULL;
}

struct tmem_pool *tmem_pool(struct super_block *sb)
{
	struct tmem_pool *pool = find(sb);

	/* Pairs with begin(). */
	if (!pool || !smp_load_acquire(&pool->live))
		return NULL;
	/* While it was read-only, somebody else may have written to its disk. */
	if (unlikely(sb_rdonly(sb) != pool->read_only)) {
		tmem_pool_drop(pool, TMEM_FS_cached);
		return NULL;
	}
	return pool;
}

void tmem_pool_drop(struct tmem_pool *pool, enum tmem_fs_state state)
{
	WRITE_ONCE(pool->state, state);
	WRITE_ONCE(pool->live, false);
	schedule_work(&pool->renew);
}

/* The backend forgets all of the pool, and nobody is in the middle of something with it. */
static void empty(struct tmem_pool *pool)
{
	lockdep_assert_held(&pools_lock);
	WRITE_ONCE(pool->live, false);
	if (!pool->announced)
		return;
	synchronize_srcu(&tmem_clean_srcu);
	tmem_clean_ops->pool_exit(pool->id);
	xa_destroy(&pool->files);
	pool->announced = false;
}

static bool backend_takes(const struct tmem_pool *pool)
{
	unsigned int flags = pool->secret ? TMEM_POOL_SECRET : 0;

	if (!tmem_clean_ops->pool_init)
		return !flags;
	return !tmem_clean_ops->pool_init(pool->id, flags);
}

static void begin(struct tmem_pool *pool)
{
	lockdep_assert_held(&pools_lock);
	pool->id = ++last_id;
	pool->read_only = sb_rdonly(pool->sb);
	if (!backend_takes(pool)) {
		WRITE_ONCE(pool->state, pool->secret ? TMEM_FS_crypt : TMEM_FS_backend);
		return;
	}
	pool->announced = true;
	WRITE_ONCE(pool->state, TMEM_FS_cached);
	/* Pairs with tmem_pool(). */
	smp_store_release(&pool->live, true);
}

static void renew(struct work_struct *work)
{
	struct tmem_pool *pool = container_of(work, struct tmem_pool, renew);
	unsigned int nofs = lock_pools();

	if (!pool->live) {
		empty(pool);
		if (pool->state == TMEM_FS_cached && tmem_clean_serving && !pool->unmounting)
			begin(pool);
	}
	unlock_pools(nofs);
}

static struct tmem_pool *create(struct super_block *sb)
{
	struct tmem_pool *pool = kzalloc(sizeof(*pool), GFP_NOFS);

	lockdep_assert_held(&pools_lock);
	if (!pool)
		return NULL;
	pool->sb = sb;
	pool->state = TMEM_FS_disabled;
	pool->choice = tmem_choice_of(&sb->s_uuid);
	xa_init_flags(&pool->files, XA_FLAGS_LOCK_IRQ);
	INIT_WORK(&pool->renew, renew);
	hash_add_rcu(pools, &pool->node, (unsigned long)sb);
	return pool;
}

static void judge(struct tmem_pool *pool)
{
	WRITE_ONCE(pool->state, tmem_fs_judge(pool));
	if (pool->state == TMEM_FS_cached)
		begin(pool);
}

void tmem_pool_ensure(struct super_block *sb)
{
	struct tmem_pool *pool;
	unsigned int nofs;
	int srcu;

	srcu = srcu_read_lock(&tmem_clean_srcu);
	pool = find(sb);
	srcu_read_unlock(&tmem_clean_srcu, srcu);
	if (likely(pool) || !READ_ONCE(tmem_clean_serving))
		return;
	nofs = lock_pools();
	if (tmem_clean_serving && !find(sb)) {
		pool = create(sb);
		if (pool)
			judge(pool);
	}
	unlock_pools(nofs);
}

/**
 * tmem_pool_unmount() - a filesystem is about to be unmounted
 * @sb: its superblock
 *
 * When this returns nothing of it is cached, nor will be.
 */
void tmem_pool_unmount(struct super_block *sb)
{
	unsigned int nofs = lock_pools();
	struct tmem_pool *pool = find(sb);

	if (pool) {
		pool->unmounting = true;
		WRITE_ONCE(pool->state, TMEM_FS_unmounting);
		empty(pool);
	}
	unlock_pools(nofs);
}

/* Caller has taken it out of the table. */
static void destroy(struct tmem_pool *pool)
{
	synchronize_srcu(&tmem_clean_srcu);
	cancel_work_sync(&pool->renew);
	kfree(pool);
}

/* The superblock is about to go. */
void tmem_pool_unmounted(struct super_block *sb)
{
	unsigned int nofs = lock_pools();
	struct tmem_pool *pool = find(sb);

	if (pool)
		hash_del_rcu(&pool->node);
	unlock_pools(nofs);
	if (pool)
		destroy(pool);
}

/**
 * tmem_pools_exit() - forget all pools
 *
 * Gets and new pools are off already.
 */
void tmem_pools_exit(void)
{
	struct hlist_node *next;
	struct tmem_pool *pool;
	HLIST_HEAD(dead);
	unsigned int bucket, nofs;

	nofs = lock_pools();
	hash_for_each_safe(pools, bucket, next, pool, node) {
		empty(pool);
		hash_del_rcu(&pool->node);
		synchronize_srcu(&tmem_clean_srcu);
		hlist_add_head(&pool->node, &dead);
	}
	unlock_pools(nofs);
	hlist_for_each_entry_safe(pool, next, &dead, node)
		destroy(pool);
}

static int choose(struct tmem_pool *pool, enum tmem_choice choice)
{
	pool->choice = choice;
	if (!pool->live || choice != TMEM_CHOICE_ENABLE) {
		empty(pool);
		judge(pool);
	}
	if (choice != TMEM_CHOICE_ENABLE || pool->state == TMEM_FS_cached)
		return tmem_choice_remember(&pool->sb->s_uuid, choice);
	tmem_last_error("%s (%s) cannot be cached: %s", pool->sb->s_id, pool->sb->s_type->name,
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
	unsigned int nofs = lock_pools();
	struct tmem_pool *pool = find(sb);
	int err;

	if (!tmem_clean_serving) {
		tmem_last_error("no backend of clean pages is there; attach one first");
		err = -ENODEV;
	} else {
		if (!pool)
			pool = create(sb);
		err = pool ? choose(pool, choice) : -ENOMEM;
	}
	unlock_pools(nofs);
	return err;
}

/**
 * tmem_pool_choose_uuid() - as tmem_pool_choose(), for filesystems that are mounted now or later
 * @uuid: of the filesystem
 * @choice: which
 *
 * A filesystem that must not be cached stays as it is.
 *
 * Context: process, may sleep. Return: 0 or -ENOMEM.
 */
int tmem_pool_choose_uuid(const uuid_t *uuid, enum tmem_choice choice)
{
	unsigned int nofs = lock_pools();
	struct tmem_pool *pool;
	unsigned int bucket;
	int err;

	err = tmem_choice_remember(uuid, choice);
	if (!err && tmem_clean_serving)
		hash_for_each(pools, bucket, pool, node)
			if (!pool->unmounting && uuid_equal(&pool->sb->s_uuid, uuid))
				choose(pool, choice);
	unlock_pools(nofs);
	return err;
}

/* A filesystem that sees itself to what other machines write wants to be cached. */
void tmem_pool_choose_shared(struct super_block *sb)
{
	unsigned int nofs = lock_pools();
	struct tmem_pool *pool = find(sb);

	if (tmem_clean_serving && !pool)
		pool = create(sb);
	if (tmem_clean_serving && pool && !pool->live) {
		pool->shared = true;
		empty(pool);
		judge(pool);
	}
	unlock_pools(nofs);
}

bool tmem_pool_shared(u32 id, uuid_t *uuid)
{
	struct tmem_pool *pool;
	unsigned int bucket;

	lockdep_assert_held(&pools_lock);
	hash_for_each(pools, bucket, pool, node) {
		if (pool->id != id)
			continue;
		uuid_copy(uuid, &pool->sb->s_uuid);
		return pool->shared;
	}
	return false;
}

/* A line for each filesystem that was seen: device, type, state, UUID. */
int tmem_pools_list(char *buf)
{
	unsigned int bucket, nofs;
	struct tmem_pool *pool;
	int len = 0;

	nofs = lock_pools();
	hash_for_each(pools, bucket, pool, node)
		len += sysfs_emit_at(buf, len, "%s %s %s %pU\n", pool->sb->s_id,
				     pool->sb->s_type->name, tmem_fs_state_name(pool->state),
				     &pool->sb->s_uuid);
	unlock_pools(nofs);
	return len;
}
