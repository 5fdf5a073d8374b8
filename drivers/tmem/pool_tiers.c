// SPDX-License-Identifier: GPL-2.0
/* Backends come and go while filesystems are cached: which tiers have taken a pool. */
#include "pool.h"

/* Ask a tier, unless it has taken the pool. */
void tmem_pool_offer(struct tmem_pool *pool, enum tmem_tier tier)
{
	lockdep_assert_held(&tmem_pools_mutex);
	/* One that just came may have been offered a pool that was mounted meanwhile. */
	if (!tmem_tiers[tier] || pool->took & BIT(tier) || !tmem_tier_takes(tier, pool))
		return;
	pool->took |= BIT(tier);
	/* Pairs with tiers.c. */
	smp_store_release(&pool->tiers, pool->tiers | BIT(tier));
	/* Without memory for that, what would be demoted is dropped. */
	if (pool->tiers == BIT(TMEM_TIERS) - 1)
		tmem_demotions_allow(pool->id);
}

/* Has every backend there is taken the pool? */
bool tmem_pool_all_took(const struct tmem_pool *pool)
{
	enum tmem_tier tier;

	for (tier = 0; tier < TMEM_TIERS; tier++)
		if (tmem_tiers[tier] && !(pool->took & BIT(tier)))
			return false;
	return true;
}

/* Another backend is there: it is offered what is cached, and what the other one refused. */
static void comes(struct tmem_pool *pool, enum tmem_tier tier)
{
	if (pool->took) {
		tmem_pool_offer(pool, tier);
	} else if (pool->state == TMEM_FS_crypt || pool->state == TMEM_FS_backend) {
		WRITE_ONCE(pool->state, tmem_fs_judge(pool));
		tmem_pool_start(pool);
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

	mutex_lock(&tmem_pool_begin_lock);
	nofs = tmem_pools_lock();
	hash_for_each(tmem_pools, bucket, pool, node)
		if (!pool->unmounting)
			comes(pool, tier);
	tmem_pools_unlock(nofs);
	mutex_unlock(&tmem_pool_begin_lock);
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
	tmem_pool_forget_files(pool);
	/* Not cached any more, so what is in memory is let go of before it is again. */
	WRITE_ONCE(pool->distrusted, true);
	if (pool->state == TMEM_FS_cached)
		tmem_pool_note_refusal(pool);
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

	mutex_lock(&tmem_pool_begin_lock);
	nofs = tmem_pools_lock();
	/* Where there is one tier nobody looks for demotions, so none may be under way then. */
	hash_for_each(tmem_pools, bucket, pool, node)
		tmem_demotions_forbid(pool->id);
	synchronize_srcu(&tmem_clean_srcu);
	hash_for_each(tmem_pools, bucket, pool, node)
		goes(pool, tier);
	synchronize_srcu(&tmem_clean_srcu);
	hash_for_each(tmem_pools, bucket, pool, node)
		gone(pool, tier);
	/* No pool is offered to it any more, and nobody submits to it. */
	WRITE_ONCE(tmem_tiers[tier], NULL);
	synchronize_srcu(&tmem_clean_srcu);
	tmem_pools_unlock(nofs);
	mutex_unlock(&tmem_pool_begin_lock);
}
