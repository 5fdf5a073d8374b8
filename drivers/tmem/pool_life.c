// SPDX-License-Identifier: GPL-2.0
/*
 * How a pool begins and ends: what the page cache has is let go of where it is not trusted, the backends are
 * told, and only then pages are put and got.
 */
#include <linux/wait_bit.h>

#include "pool.h"

#define RENEW_AGAIN	(HZ / 10)

/* Numbers are never used again. Under tmem_pools_mutex. */
static u32 last_id;

/* The machine hibernates. */
static bool asleep;

struct tmem_pool *tmem_pool_begins;

void tmem_pool_drop(struct tmem_pool *pool, enum tmem_fs_state state)
{
	WRITE_ONCE(pool->distrusted, true);
	WRITE_ONCE(pool->state, state);
	/* Pairs with go_live(). */
	smp_mb();
	WRITE_ONCE(pool->live, false);
	schedule_delayed_work(&pool->renew, 0);
}

/* No file is known any more. Doubts stay, they are about the page cache. */
void tmem_pool_forget_files(struct tmem_pool *pool)
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
void tmem_pool_empty(struct tmem_pool *pool)
{
	enum tmem_tier tier;

	lockdep_assert_held(&tmem_pools_mutex);
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
	tmem_pool_forget_files(pool);
}

void tmem_pool_note_refusal(struct tmem_pool *pool)
{
	WRITE_ONCE(pool->state, pool->secret ? TMEM_FS_crypt : TMEM_FS_backend);
}

/* Return: false if no backend wants it. */
static bool announce(struct tmem_pool *pool)
{
	enum tmem_tier tier;

	lockdep_assert_held(&tmem_pools_mutex);
	pool->id = ++last_id;
	pool->read_only = sb_rdonly(pool->sb);
	for (tier = 0; tier < TMEM_TIERS; tier++)
		tmem_pool_offer(pool, tier);
	if (!pool->took)
		tmem_pool_note_refusal(pool);
	return pool->took;
}

static void go_live(struct tmem_pool *pool)
{
	lockdep_assert_held(&tmem_pools_mutex);
	/* Pairs with tmem_pool(). */
	smp_store_release(&pool->live, true);
	/* Pairs with tmem_pool_drop(), which may have come meanwhile; then it begins again. */
	smp_mb();
	if (READ_ONCE(pool->distrusted) || READ_ONCE(pool->failed) || READ_ONCE(asleep) ||
	    READ_ONCE(pool->state) != TMEM_FS_cached)
		WRITE_ONCE(pool->live, false);
}

/* May sleep long. Until it is live again, doubts are remembered as if it were. */
void tmem_pool_begin(struct tmem_pool *pool)
{
	unsigned int nofs = tmem_pools_lock();
	bool may = false, failed = false;

	lockdep_assert_held(&tmem_pool_begin_lock);
	if (!pool->live) {
		tmem_pool_empty(pool);
		if (READ_ONCE(pool->failed) && pool->state != TMEM_FS_no_memory)
			WRITE_ONCE(pool->state, TMEM_FS_errors);
		may = pool->state == TMEM_FS_cached && tmem_clean_serving && !READ_ONCE(asleep) &&
		      !pool->unmounting && announce(pool);
	}
	if (may)
		WRITE_ONCE(tmem_pool_begins, pool);
	tmem_pools_unlock(nofs);
	if (!may)
		return;
	if (xchg(&pool->distrusted, false)) {
		tmem_let_go(pool->sb);
		failed = tmem_fs_is_ext4(pool->sb->s_type) && tmem_ext4_failed_before(pool->sb, pool->since_mount);
	}
	nofs = tmem_pools_lock();
	WRITE_ONCE(tmem_pool_begins, NULL);
	if (failed) {
		WRITE_ONCE(pool->failed, true);
		if (!pool->unmounting)
			WRITE_ONCE(pool->state, TMEM_FS_errors);
		tmem_pool_empty(pool);
	} else {
		go_live(pool);
	}
	tmem_pools_unlock(nofs);
	/* Pairs with the wait in tmem_pool_unmount(). */
	smp_mb();
	wake_up_var(&tmem_pool_begins);
}

void tmem_pool_renew(struct work_struct *work)
{
	struct tmem_pool *pool = container_of(to_delayed_work(work), struct tmem_pool, renew);

	/*
	 * Another one may begin for long. Who unmounts this one meanwhile waits for this work, and is not to wait for
	 * that.
	 */
	if (!mutex_trylock(&tmem_pool_begin_lock)) {
		schedule_delayed_work(&pool->renew, RENEW_AGAIN);
		return;
	}
	tmem_pool_begin(pool);
	mutex_unlock(&tmem_pool_begin_lock);
}

/* A pool that was judged and is empty is live from now on, or soon. */
void tmem_pool_start(struct tmem_pool *pool)
{
	if (pool->state != TMEM_FS_cached || pool->live)
		return;
	if (pool->distrusted)
		schedule_delayed_work(&pool->renew, 0);
	else if (announce(pool))
		go_live(pool);
}

static void drop_each(void)
{
	unsigned int nofs = tmem_pools_lock(), bucket;
	struct tmem_pool *pool;

	hash_for_each(tmem_pools, bucket, pool, node)
		tmem_pool_drop(pool, pool->state);
	tmem_pools_unlock(nofs);
}

void tmem_pools_wake(void)
{
	if (!READ_ONCE(asleep))
		return;
	WRITE_ONCE(asleep, false);
	drop_each();
}

/* Until the image is resumed others may write to the disks, the boot loader say. */
int tmem_pools_sleep(void)
{
	int err;

	if (tmem_fault(TMEM_FAULT_NO_SLEEP_DROP))
		return 0;
	WRITE_ONCE(asleep, true);
	/* What goes live from now on sees it, and what is live is seen here; pairs with go_live(). */
	smp_mb();
	drop_each();
	synchronize_srcu(&tmem_clean_srcu);
	/* What is let go of is written; that ends here, and none begins. */
	err = mutex_lock_killable(&tmem_pool_begin_lock);
	if (err)
		tmem_pools_wake();
	else
		mutex_unlock(&tmem_pool_begin_lock);
	return err;
}
