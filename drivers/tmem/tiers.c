// SPDX-License-Identifier: GPL-2.0
/* The tiers of clean pages: which of them is asked, told, and in what order. */
#include <linux/fs.h>
#include <linux/sched.h>

#include "file.h"

const struct tmem_clean_ops *tmem_tiers[TMEM_TIERS];

/* The operations of a tier that has taken the pool, else NULL. */
static const struct tmem_clean_ops *ops_of(const struct tmem_pool *pool, enum tmem_tier tier)
{
	/* Pairs with pool_tiers.c: a tier that has taken a pool is there. */
	return smp_load_acquire(&pool->tiers) & BIT(tier) ? tmem_tiers[tier] : NULL;
}

/* Most machines have no other. */
static __always_inline bool only_main(const struct tmem_pool *pool)
{
	return likely(smp_load_acquire(&pool->tiers) == BIT(TMEM_TIER_MAIN));
}

/*
 * The fast tier has answered @err. The main tier is looked for only after that, and after demotions are
 * cancelled: if it came just now, nothing older can get there any more.
 */
static int put_main(const struct tmem_pool *pool, const struct tmem_file_id *file, pgoff_t index,
		    struct page *page, unsigned int flags, int err)
{
	bool cancelled = tmem_demotions_cancel(file, index, index);
	const struct tmem_clean_ops *main = ops_of(pool, TMEM_TIER_MAIN);

	if (!main)
		return err;
	/*
	 * What is on its way may arrive behind what would be put now, and is forgotten then: either is lost. A page
	 * whose memory is bad is not read again.
	 */
	if (err && (cancelled || err == -EIO))
		main->forget(file, index, index);
	else if (err)
		err = main->put(file, index, page, flags);
	else
		main->put(file, index, page, flags | TMEM_PUT_ELSEWHERE);
	return err;
}

int tmem_tiers_put(const struct tmem_pool *pool, const struct tmem_file_id *file, pgoff_t index,
		   struct page *page, unsigned int flags)
{
	const struct tmem_clean_ops *fast, *main;

	if (only_main(pool))
		return tmem_tiers[TMEM_TIER_MAIN]->put(file, index, page, flags);
	fast = ops_of(pool, TMEM_TIER_FAST);
	if (fast)
		return put_main(pool, file, index, page, flags,
				fast->put(file, index, page, flags));
	main = ops_of(pool, TMEM_TIER_MAIN);
	return main ? main->put(file, index, page, flags) : -ENODEV;
}

/* The main tier may look at all of the window that is left, so that is what must not be on its way. */
static pgoff_t last_looked_at(pgoff_t last, const struct tmem_clean_batch *batch)
{
	return tmem_fault(TMEM_FAULT_NO_DEMOTE_WINDOW) ? last : batch->end - 1;
}

int tmem_tiers_get(const struct tmem_pool *pool, const struct tmem_file_id *file, pgoff_t index,
		   struct folio *folio, struct tmem_clean_batch *batch)
{
	const struct tmem_clean_ops *fast, *main;
	pgoff_t last = folio_next_index(folio) - 1;

	if (only_main(pool))
		return tmem_tiers[TMEM_TIER_MAIN]->get(file, index, folio, batch);
	fast = ops_of(pool, TMEM_TIER_FAST);
	if (fast) {
		/* When it has it, the folio may be gone already. */
		if (!fast->get(file, index, folio, batch))
			return 0;
		if (tmem_demotions_any(file, index, last_looked_at(last, batch)))
			return -ENOENT;
	}
	main = ops_of(pool, TMEM_TIER_MAIN);
	return main ? main->get(file, index, folio, batch) : -ENOENT;
}

/* Only the main tier gathers. */
void tmem_tiers_submit(struct tmem_clean_batch *batch, int srcu) __releases(&tmem_clean_srcu)
{
	const struct tmem_clean_ops *main = READ_ONCE(tmem_tiers[TMEM_TIER_MAIN]);
	int submitting;

	if (likely(!batch->private)) {
		srcu_read_unlock(&tmem_clean_srcu, srcu);
		return;
	}
	submitting = srcu_read_lock(&tmem_submit_srcu);
	srcu_read_unlock(&tmem_clean_srcu, srcu);
	main->submit(batch);
	srcu_read_unlock(&tmem_submit_srcu, submitting);
}

static void forget(const struct tmem_clean_ops *ops, const struct tmem_file_id *file, pgoff_t first,
		   pgoff_t last, bool may_sleep)
{
	do {
		first = ops->forget(file, first, last);
		if (first && may_sleep)
			cond_resched();
	} while (first);
}

/* The main tier is looked for last, see put_main(). */
void tmem_tiers_forget(const struct tmem_pool *pool, const struct tmem_file_id *file, pgoff_t first,
		       pgoff_t last, bool may_sleep)
{
	const struct tmem_clean_ops *fast = ops_of(pool, TMEM_TIER_FAST), *main;

	if (fast) {
		forget(fast, file, first, last, may_sleep);
		tmem_demotions_cancel(file, first, last);
	}
	main = ops_of(pool, TMEM_TIER_MAIN);
	if (main)
		forget(main, file, first, last, may_sleep);
}

void tmem_tiers_forget_file(const struct tmem_pool *pool, const struct tmem_file_id *file)
{
	const struct tmem_clean_ops *fast = ops_of(pool, TMEM_TIER_FAST), *main;

	if (fast) {
		fast->forget_file(file);
		tmem_demotions_cancel(file, 0, ULONG_MAX);
	}
	main = ops_of(pool, TMEM_TIER_MAIN);
	if (main)
		main->forget_file(file);
}

bool tmem_tier_takes(enum tmem_tier tier, const struct tmem_pool *pool)
{
	unsigned int flags = pool->secret ? TMEM_POOL_SECRET : 0;

	if (!tmem_tiers[tier]->pool_init)
		return !flags;
	return !tmem_tiers[tier]->pool_init(pool->id, flags);
}
