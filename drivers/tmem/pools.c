// SPDX-License-Identifier: GPL-2.0
/*
 * Pools: which mounted filesystems were seen, and which of them are cached.
 *
 * A filesystem gets a pool, or the reason why it gets none, when it is mounted (one of a type that is never
 * cached when a file of it is first read), and loses it when it is unmounted. Its number, by which the
 * backend knows it, is never used again.
 *
 * What the page cache has of a filesystem is trusted if everything since its mount was seen by the hooks.
 * Else it is let go of before the filesystem is cached (file_before.c): one that was mounted before
 * the hooks were armed, one that was read-only for a time.
 */
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/wait_bit.h>

#include "pool.h"

/* By superblock; read under tmem_clean_srcu, changed under tmem_pools_mutex. */
DEFINE_HASHTABLE(tmem_pools, TMEM_POOLS_BITS);

/*
 * Guards everything in pools but what readers look at. Taken in the middle of a read, so nothing in it
 * may wait for a filesystem: allocations are GFP_NOFS (tmem_pools_lock()).
 */
DEFINE_MUTEX(tmem_pools_mutex);

/*
 * What was mounted before the hooks were armed has its pool; what has none is mounted now. Not so once memory for a
 * pool was lacking. Under tmem_pools_mutex.
 */
static bool all_seen, missed;

/*
 * One pool at a time begins or ends, but for those that need not wait. Outside tmem_pools_mutex, and waits
 * for filesystems.
 */
DEFINE_MUTEX(tmem_pool_begin_lock);

unsigned int tmem_pools_lock(void)
{
	mutex_lock(&tmem_pools_mutex);
	return memalloc_nofs_save();
}

void tmem_pools_unlock(unsigned int nofs)
{
	memalloc_nofs_restore(nofs);
	mutex_unlock(&tmem_pools_mutex);
}

/* Inside tmem_clean_srcu. */
#define for_each_pool_seen(_bucket, _pool)						\
	for (_bucket = 0; _bucket < HASH_SIZE(tmem_pools); _bucket++)			\
		hlist_for_each_entry_srcu(_pool, &tmem_pools[_bucket], node,		\
					  srcu_read_lock_held(&tmem_clean_srcu))

struct tmem_pool *tmem_pool_seen(struct super_block *sb)
{
	struct tmem_pool *pool;

	hash_for_each_possible_rcu(tmem_pools, pool, node, (unsigned long)sb,
				   srcu_read_lock_held(&tmem_clean_srcu) ||
				   lockdep_is_held(&tmem_pools_mutex))
		if (pool->sb == sb)
			return pool;
	return NULL;
}

struct tmem_pool *tmem_pool(struct super_block *sb)
{
	struct tmem_pool *pool = tmem_pool_seen(sb);

	/* Pairs with go_live(), which is followed by another look at what was dropped just before. */
	if (!pool || !smp_load_acquire(&pool->live) || READ_ONCE(pool->distrusted) || READ_ONCE(pool->failed))
		return NULL;
	/* While it was read-only, somebody else may have written to its disk. */
	if (unlikely(sb_rdonly(sb) != pool->read_only)) {
		tmem_pool_drop(pool, READ_ONCE(pool->state));
		return NULL;
	}
	return pool;
}

struct tmem_pool *tmem_pool_create(struct super_block *sb)
{
	struct tmem_pool *pool = tmem_fault(TMEM_FAULT_NO_POOL) ? NULL : kzalloc(sizeof(*pool), GFP_NOFS);

	lockdep_assert_held(&tmem_pools_mutex);
	if (!pool)
		return NULL;
	pool->sb = sb;
	pool->state = TMEM_FS_disabled;
	pool->choice = tmem_choice_of(&sb->s_uuid);
	pool->distrusted = true;
	/* There may have been no memory to note that others write to files of it, for which nothing makes up. */
	pool->failed = missed;
	xa_init_flags(&pool->files, XA_FLAGS_LOCK_IRQ);
	INIT_DELAYED_WORK(&pool->renew, tmem_pool_renew);
	hash_add_rcu(tmem_pools, &pool->node, (unsigned long)sb);
	return pool;
}

/* A filesystem is seen for the first time. @mounted: and was not there before. */
static void see(struct super_block *sb, bool mounted)
{
	struct tmem_pool *pool = tmem_pool_create(sb);

	if (!pool) {
		missed = true;
		return;
	}
	if (mounted && all_seen && (!missed || tmem_fault(TMEM_FAULT_TRUST_MOUNTS))) {
		pool->since_mount = true;
		pool->distrusted = false;
	}
	if (mounted)
		pool->failed = false;
	WRITE_ONCE(pool->state, tmem_fs_judge(pool));
	tmem_pool_start(pool);
}

static void ensure(struct super_block *sb, bool mounted)
{
	struct tmem_pool *pool;
	unsigned int nofs;
	int srcu;

	srcu = srcu_read_lock(&tmem_clean_srcu);
	pool = tmem_pool_seen(sb);
	srcu_read_unlock(&tmem_clean_srcu, srcu);
	if (likely(pool) || !READ_ONCE(tmem_clean_serving))
		return;
	nofs = tmem_pools_lock();
	if (tmem_clean_serving && !tmem_pool_seen(sb))
		see(sb, mounted);
	tmem_pools_unlock(nofs);
}

void tmem_pool_ensure(struct super_block *sb)
{
	ensure(sb, false);
}

/*
 * Nothing of it is in the page cache yet, and what happens to it from now on is noted in its pool. Not so where it is
 * mounted already, and this is one mount more: then nobody knows what it went through.
 */
void tmem_pool_mounted(struct super_block *sb)
{
	if (!tmem_fs_known_type(sb))
		return;
	ensure(sb, atomic_read(&sb->s_active) == 1 || tmem_fault(TMEM_FAULT_TRUST_MOUNTS));
	/* While it was being mounted there was no pool to be told. */
	if (tmem_fs_is_ext4(sb->s_type) && READ_ONCE(tmem_clean_serving) && tmem_ext4_failed_before(sb, true))
		tmem_pool_failed(sb);
}

static void see_mounted(struct super_block *sb, void *unused)
{
	if (!tmem_fs_known_type(sb))
		return;
	/* It may have been on its way to be mounted when the hooks were armed. */
	tmem_ext4_watch(sb->s_type);
	tmem_pool_ensure(sb);
}

/**
 * tmem_pools_init() - see what is mounted
 *
 * Context: process, may sleep; the hooks are armed, and gets are allowed.
 * Return: 0, -EOPNOTSUPP or -ENOMEM.
 */
int tmem_pools_init(void)
{
	int err = tmem_for_each_mounted(see_mounted);
	unsigned int nofs;

	if (err)
		return err;
	nofs = tmem_pools_lock();
	all_seen = true;
	tmem_pools_unlock(nofs);
	return 0;
}

static void fail(struct tmem_pool *pool)
{
	if (READ_ONCE(pool->failed))
		return;
	/* Pairs with tmem_pool_begin() and go_live(), by tmem_pool_drop(). */
	WRITE_ONCE(pool->failed, true);
	tmem_pool_drop(pool, TMEM_FS_errors);
}

void tmem_pool_failed(const void *sb)
{
	int srcu = srcu_read_lock(&tmem_clean_srcu);
	struct tmem_pool *pool = tmem_pool_seen((struct super_block *)sb);

	if (pool)
		fail(pool);
	srcu_read_unlock(&tmem_clean_srcu, srcu);
}

void tmem_pools_device_failed(dev_t device)
{
	struct tmem_pool *pool;
	unsigned int bucket;
	int srcu;

	srcu = srcu_read_lock(&tmem_clean_srcu);
	for_each_pool_seen(bucket, pool)
		if (pool->sb->s_dev == device)
			fail(pool);
	srcu_read_unlock(&tmem_clean_srcu, srcu);
}

/* Remounted: what was read-only for a time may have been repaired meanwhile. */
void tmem_pool_reconfigured(struct super_block *sb)
{
	int srcu = srcu_read_lock(&tmem_clean_srcu);
	struct tmem_pool *pool = tmem_pool_seen(sb);

	if (pool && !(pool->live && sb_rdonly(sb) == pool->read_only))
		tmem_pool_drop(pool, READ_ONCE(pool->state));
	srcu_read_unlock(&tmem_clean_srcu, srcu);
}

/**
 * tmem_pool_unmount() - a filesystem is about to be unmounted
 * @sb: its superblock
 *
 * When this returns nothing of it is cached, nor will be.
 */
void tmem_pool_unmount(struct super_block *sb)
{
	unsigned int nofs = tmem_pools_lock();
	struct tmem_pool *pool = tmem_pool_seen(sb);
	bool begins = pool && tmem_pool_begins == pool;

	if (pool) {
		pool->unmounting = true;
		WRITE_ONCE(pool->state, TMEM_FS_unmounting);
		if (!begins)
			tmem_pool_empty(pool);
	}
	tmem_pools_unlock(nofs);
	/* Who changes other pools need not wait for one that begins just now, which waits for its disk. */
	if (!begins)
		return;
	wait_var_event(&tmem_pool_begins, READ_ONCE(tmem_pool_begins) != pool);
	nofs = tmem_pools_lock();
	pool = tmem_pool_seen(sb);
	if (pool)
		tmem_pool_empty(pool);
	tmem_pools_unlock(nofs);
}

/* Caller has taken it out of the table. */
static void destroy(struct tmem_pool *pool)
{
	synchronize_srcu(&tmem_clean_srcu);
	cancel_delayed_work_sync(&pool->renew);
	xa_destroy(&pool->files);
	kfree(pool);
}

/* The superblock is about to go. */
void tmem_pool_unmounted(struct super_block *sb)
{
	unsigned int nofs = tmem_pools_lock();
	struct tmem_pool *pool = tmem_pool_seen(sb);

	if (pool)
		hash_del_rcu(&pool->node);
	tmem_pools_unlock(nofs);
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

	mutex_lock(&tmem_pool_begin_lock);
	nofs = tmem_pools_lock();
	all_seen = missed = false;
	hash_for_each_safe(tmem_pools, bucket, next, pool, node) {
		tmem_pool_empty(pool);
		hash_del_rcu(&pool->node);
		synchronize_srcu(&tmem_clean_srcu);
		hlist_add_head(&pool->node, &dead);
	}
	tmem_pools_unlock(nofs);
	mutex_unlock(&tmem_pool_begin_lock);
	hlist_for_each_entry_safe(pool, next, &dead, node)
		destroy(pool);
}

bool tmem_pool_shared(u32 id, uuid_t *uuid)
{
	struct tmem_pool *pool;
	unsigned int bucket;

	lockdep_assert_held(&tmem_pools_mutex);
	hash_for_each(tmem_pools, bucket, pool, node) {
		if (pool->id != id)
			continue;
		uuid_copy(uuid, &pool->sb->s_uuid);
		return pool->shared;
	}
	return false;
}

/* @fn does not sleep. Context: any but NMI. */
void tmem_pools_for_each(void (*fn)(struct super_block *sb))
{
	struct tmem_pool *pool;
	unsigned int bucket;
	int srcu;

	srcu = srcu_read_lock(&tmem_clean_srcu);
	for_each_pool_seen(bucket, pool)
		fn(pool->sb);
	srcu_read_unlock(&tmem_clean_srcu, srcu);
}

static int list_pools(char *buf, int len, bool of_type)
{
	struct tmem_pool *pool;
	unsigned int bucket;

	lockdep_assert_held(&tmem_pools_mutex);
	hash_for_each(tmem_pools, bucket, pool, node)
		if ((pool->state != TMEM_FS_type) == of_type)
			len += sysfs_emit_at(buf, len, "%s %s %s %pU\n", pool->sb->s_id,
					     pool->sb->s_type->name,
					     tmem_fs_state_name(pool->state), &pool->sb->s_uuid);
	return len;
}

/*
 * A line for each filesystem that was seen: device, type, state, UUID. Those of a type that is never cached are
 * last: a file of sysfs has a page at most, and they may be many.
 */
int tmem_pools_list(char *buf)
{
	unsigned int nofs = tmem_pools_lock();
	int len = list_pools(buf, 0, true);

	len = list_pools(buf, len, false);
	tmem_pools_unlock(nofs);
	return len;
}
