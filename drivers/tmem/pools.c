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
/* What was mounted before the hooks were armed has its pool; what has none is mounted now. */
static bool all_seen;

/*
 * One pool at a time begins or ends, but for those that need not wait. Outside pools_lock, and waits for
 * filesystems.
 */
static DEFINE_MUTEX(begin_lock);

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

struct tmem_pool *tmem_pool_seen(struct super_block *sb)
{
	return find(sb);
}

struct tmem_pool *tmem_pool(struct super_block *sb)
{
	struct tmem_pool *pool = find(sb);

	/* Pairs with go_live(). */
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
	WRITE_ONCE(pool->distrusted, true);
	WRITE_ONCE(pool->state, state);
	/* Pairs with go_live(). */
	smp_mb();
	WRITE_ONCE(pool->live, false);
	schedule_work(&pool->renew);
}

/* No file is known any more. Doubts stay, they are about the page cache. */
static void forget_files(struct tmem_pool *pool)
{
	unsigned long ino, flags;
	void *entry;

	xa_for_each(&pool->files, ino, entry) {
		xa_lock_irqsave(&pool->files, flags);
		entry = xa_load(&pool->files, ino);
		if (entry && !tmem_file_is_doubtful(entry))
			__xa_erase(&pool->files, ino);
		xa_unlock_irqrestore(&pool->files, flags);
		cond_resched();
	}
}

/* The backends forget all of the pool, and nobody is in the middle of something with it. */
static void empty(struct tmem_pool *pool)
{
	enum tmem_tier tier;

	lockdep_assert_held(&pools_lock);
	WRITE_ONCE(pool->live, false);
	if (!pool->took)
		return;
	tmem_demotions_forbid(pool->id);
	synchronize_srcu(&tmem_clean_srcu);
	for (tier = 0; tier < TMEM_TIERS; tier++)
		if (pool->took & BIT(tier))
			tmem_tiers[tier]->pool_exit(pool->id);
	WRITE_ONCE(pool->tiers, 0);
	pool->took = 0;
	forget_files(pool);
}

/* Ask a tier that has not taken the pool. */
static void offer(struct tmem_pool *pool, enum tmem_tier tier)
{
	lockdep_assert_held(&pools_lock);
	if (!tmem_tiers[tier] || !tmem_tier_takes(tier, pool))
		return;
	pool->took |= BIT(tier);
	/* Pairs with tiers.c. */
	smp_store_release(&pool->tiers, pool->tiers | BIT(tier));
	/* Without memory for that, what would be demoted is dropped. */
	if (pool->tiers == BIT(TMEM_TIERS) - 1)
		tmem_demotions_allow(pool->id);
}

/* Has every backend there is taken the pool? */
static bool all_took(const struct tmem_pool *pool)
{
	enum tmem_tier tier;

	for (tier = 0; tier < TMEM_TIERS; tier++)
		if (tmem_tiers[tier] && !(pool->took & BIT(tier)))
			return false;
	return true;
}

static void note_refusal(struct tmem_pool *pool)
{
	WRITE_ONCE(pool->state, pool->secret ? TMEM_FS_crypt : TMEM_FS_backend);
}

/* Return: false if no backend wants it. */
static bool announce(struct tmem_pool *pool)
{
	enum tmem_tier tier;

	lockdep_assert_held(&pools_lock);
	pool->id = ++last_id;
	pool->read_only = sb_rdonly(pool->sb);
	for (tier = 0; tier < TMEM_TIERS; tier++)
		offer(pool, tier);
	if (!pool->took)
		note_refusal(pool);
	return pool->took;
}

static void go_live(struct tmem_pool *pool)
{
	lockdep_assert_held(&pools_lock);
	/* Pairs with tmem_pool(). */
	smp_store_release(&pool->live, true);
	/* Pairs with tmem_pool_drop(), which may have come meanwhile; then it begins again. */
	smp_mb();
	if (READ_ONCE(pool->distrusted) || READ_ONCE(pool->state) != TMEM_FS_cached)
		WRITE_ONCE(pool->live, false);
}

/* May sleep long. Until it is live again, doubts are remembered as if it were. */
static void begin(struct tmem_pool *pool)
{
	unsigned int nofs = lock_pools();
	bool may = false;

	lockdep_assert_held(&begin_lock);
	if (!pool->live) {
		empty(pool);
		may = pool->state == TMEM_FS_cached && tmem_clean_serving &&
		      !pool->unmounting && announce(pool);
	}
	unlock_pools(nofs);
	if (!may)
		return;
	if (xchg(&pool->distrusted, false))
		tmem_let_go(pool->sb);
	nofs = lock_pools();
	go_live(pool);
	unlock_pools(nofs);
}

static void renew(struct work_struct *work)
{
	mutex_lock(&begin_lock);
	begin(container_of(work, struct tmem_pool, renew));
	mutex_unlock(&begin_lock);
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
	pool->distrusted = true;
	xa_init_flags(&pool->files, XA_FLAGS_LOCK_IRQ);
	INIT_WORK(&pool->renew, renew);
	hash_add_rcu(pools, &pool->node, (unsigned long)sb);
	return pool;
}

/* A pool that was judged and is empty is live from now on, or soon. */
static void start(struct tmem_pool *pool)
{
	if (pool->state != TMEM_FS_cached || pool->live)
		return;
	if (pool->distrusted)
		schedule_work(&pool->renew);
	else if (announce(pool))
		go_live(pool);
}

/* A filesystem is seen for the first time. @mounted: and was not there before. */
static void see(struct super_block *sb, bool mounted)
{
	struct tmem_pool *pool = create(sb);

	if (!pool)
		return;
	if (mounted && all_seen)
		pool->distrusted = false;
	WRITE_ONCE(pool->state, tmem_fs_judge(pool));
	start(pool);
}

static void ensure(struct super_block *sb, bool mounted)
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
	if (tmem_clean_serving && !find(sb))
		see(sb, mounted);
	unlock_pools(nofs);
}

void tmem_pool_ensure(struct super_block *sb)
{
	ensure(sb, false);
}

/* Nothing of it is in the page cache yet, and what happens to it from now on is noted in its pool. */
void tmem_pool_mounted(struct super_block *sb)
{
	if (tmem_fs_known_type(sb))
		ensure(sb, true);
}

static void see_mounted(struct super_block *sb, void *unused)
{
	if (tmem_fs_known_type(sb))
		tmem_pool_ensure(sb);
}

/**
 * tmem_pools_init() - see what is mounted
 *
 * The hooks are armed, and gets are allowed.
 */
int tmem_pools_init(void)
{
	int err = tmem_for_each_mounted(see_mounted);
	unsigned int nofs;

	if (err)
		return err;
	nofs = lock_pools();
	all_seen = true;
	unlock_pools(nofs);
	return 0;
}

/* Remounted: what was read-only for a time may have been repaired meanwhile. */
void tmem_pool_reconfigured(struct super_block *sb)
{
	int srcu = srcu_read_lock(&tmem_clean_srcu);
	struct tmem_pool *pool = find(sb);

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
	unsigned int nofs = lock_pools();
	struct tmem_pool *pool = find(sb);
	bool announced = pool && pool->took;

	if (pool) {
		pool->unmounting = true;
		WRITE_ONCE(pool->state, TMEM_FS_unmounting);
	}
	unlock_pools(nofs);
	/* Others need not wait for one that begins just now, which waits for its disk. */
	if (!announced)
		return;
	mutex_lock(&begin_lock);
	nofs = lock_pools();
	pool = find(sb);
	if (pool)
		empty(pool);
	unlock_pools(nofs);
	mutex_unlock(&begin_lock);
}

/* Caller has taken it out of the table. */
static void destroy(struct tmem_pool *pool)
{
	synchronize_srcu(&tmem_clean_srcu);
	cancel_work_sync(&pool->renew);
	xa_destroy(&pool->files);
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

	mutex_lock(&begin_lock);
	nofs = lock_pools();
	all_seen = false;
	hash_for_each_safe(pools, bucket, next, pool, node) {
		empty(pool);
		hash_del_rcu(&pool->node);
		synchronize_srcu(&tmem_clean_srcu);
		hlist_add_head(&pool->node, &dead);
	}
	unlock_pools(nofs);
	mutex_unlock(&begin_lock);
	hlist_for_each_entry_safe(pool, next, &dead, node)
		destroy(pool);
}

/* Another backend is there: it is offered what is cached, and what the other one refused. */
static void comes(struct tmem_pool *pool, enum tmem_tier tier)
{
	if (pool->took) {
		offer(pool, tier);
	} else if (pool->state == TMEM_FS_crypt || pool->state == TMEM_FS_backend) {
		WRITE_ONCE(pool->state, tmem_fs_judge(pool));
		start(pool);
	}
}

/**
 * tmem_pools_tier_comes() - a backend is there beside the one there was
 * @tier: which
 *
 * What the other one has stays.
 */
void tmem_pools_tier_comes(enum tmem_tier tier)
{
	struct tmem_pool *pool;
	unsigned int bucket, nofs;

	mutex_lock(&begin_lock);
	nofs = lock_pools();
	hash_for_each(pools, bucket, pool, node)
		if (!pool->unmounting)
			comes(pool, tier);
	unlock_pools(nofs);
	mutex_unlock(&begin_lock);
}

/* Nobody uses the tier any more. */
static void gone(struct tmem_pool *pool, enum tmem_tier tier)
{
	if (!(pool->took & BIT(tier)))
		return;
	tmem_tiers[tier]->pool_exit(pool->id);
	pool->took &= ~BIT(tier);
	if (pool->took)
		return;
	forget_files(pool);
	if (pool->state == TMEM_FS_cached)
		note_refusal(pool);
}

/* From now on nobody begins to use the tier for this pool. */
static void goes(struct tmem_pool *pool, enum tmem_tier tier)
{
	WRITE_ONCE(pool->tiers, pool->tiers & ~BIT(tier));
	if (!pool->tiers)
		WRITE_ONCE(pool->live, false);
}

/**
 * tmem_pools_tier_goes() - a backend is taken away, and the other one stays
 * @tier: which
 *
 * When this returns no operation of it is running or will run. What the other one has stays.
 */
void tmem_pools_tier_goes(enum tmem_tier tier)
{
	struct tmem_pool *pool;
	unsigned int bucket, nofs;

	mutex_lock(&begin_lock);
	nofs = lock_pools();
	/* Where there is one tier nobody looks for demotions, so none may be under way then. */
	hash_for_each(pools, bucket, pool, node)
		tmem_demotions_forbid(pool->id);
	synchronize_srcu(&tmem_clean_srcu);
	hash_for_each(pools, bucket, pool, node)
		goes(pool, tier);
	synchronize_srcu(&tmem_clean_srcu);
	hash_for_each(pools, bucket, pool, node)
		gone(pool, tier);
	unlock_pools(nofs);
	mutex_unlock(&begin_lock);
}

/* Caller holds both locks. */
static void judge(struct tmem_pool *pool)
{
	empty(pool);
	WRITE_ONCE(pool->state, tmem_fs_judge(pool));
}

/* Caller holds both locks. */
static void take_choice(struct tmem_pool *pool, enum tmem_choice choice)
{
	pool->choice = choice;
	if (!pool->live || !all_took(pool) || choice != TMEM_CHOICE_ENABLE)
		judge(pool);
}

/* Return: the pool, made if there is none, to which the choice was told; NULL without a backend or memory. */
static struct tmem_pool *tell(struct super_block *sb, enum tmem_choice choice)
{
	unsigned int nofs = lock_pools();
	struct tmem_pool *pool = NULL;

	lockdep_assert_held(&begin_lock);
	if (tmem_clean_serving) {
		pool = find(sb);
		if (!pool)
			pool = create(sb);
		if (pool)
			take_choice(pool, choice);
	}
	unlock_pools(nofs);
	return pool;
}

static int remember(const uuid_t *uuid, enum tmem_choice choice)
{
	unsigned int nofs = lock_pools();
	int err = tmem_choice_remember(uuid, choice);

	unlock_pools(nofs);
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
	begin(pool);
	if (choice != TMEM_CHOICE_ENABLE || pool->state == TMEM_FS_cached)
		return remember(&sb->s_uuid, choice);
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

	mutex_lock(&begin_lock);
	err = choose(sb, choice);
	mutex_unlock(&begin_lock);
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
	struct tmem_pool *pool;
	unsigned int bucket, nofs;
	int err;

	mutex_lock(&begin_lock);
	nofs = lock_pools();
	err = tmem_choice_remember(uuid, choice);
	if (!err && tmem_clean_serving) {
		hash_for_each(pools, bucket, pool, node) {
			if (pool->unmounting || !uuid_equal(&pool->sb->s_uuid, uuid))
				continue;
			take_choice(pool, choice);
			start(pool);
		}
	}
	unlock_pools(nofs);
	mutex_unlock(&begin_lock);
	return err;
}

/* A filesystem that sees itself to what other machines write wants to be cached. */
void tmem_pool_choose_shared(struct super_block *sb)
{
	struct tmem_pool *pool;
	unsigned int nofs;

	mutex_lock(&begin_lock);
	nofs = lock_pools();
	pool = find(sb);
	if (tmem_clean_serving && !pool)
		pool = create(sb);
	if (tmem_clean_serving && pool && !pool->live) {
		pool->shared = pool->distrusted = true;
		judge(pool);
	}
	unlock_pools(nofs);
	if (pool)
		begin(pool);
	mutex_unlock(&begin_lock);
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

/* @fn does not sleep. Context: any but NMI. */
void tmem_pools_for_each(void (*fn)(struct super_block *sb))
{
	struct tmem_pool *pool;
	unsigned int bucket;
	int srcu;

	srcu = srcu_read_lock(&tmem_clean_srcu);
	hash_for_each_rcu(pools, bucket, pool, node)
		fn(pool->sb);
	srcu_read_unlock(&tmem_clean_srcu, srcu);
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
