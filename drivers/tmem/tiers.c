// SPDX-License-Identifier: GPL-2.0
/* The tiers of clean pages: which of them is asked, told, and in what order. */
#include <linux/fs.h>

#include "file.h"

const struct tmem_clean_ops *tmem_tiers[TMEM_TIERS];

/* The operations of a tier that has taken the pool, else NULL. */
static const struct tmem_clean_ops *ops_of(const struct tmem_pool *pool, enum tmem_tier tier)
{
	/* Pairs with pools.c: a tier that has taken a pool is there. */
	return smp_load_acquire(&pool->tiers) & BIT(tier) ? tmem_tiers[tier] : NULL;
}

/* The fast tier has answered @err. */
static int put_main(const struct tmem_clean_ops *main, const struct tmem_file_id *file, pgoff_t index,
		    struct page *page, unsigned int flags, int err)
{
	/* A demotion of it may come later than what is put now; either is lost then. */
	if (tmem_demotions_cancel(file, index, index) && err) {
		main->forget(file, index, index);
		return err;
	}
	if (err)
		return main->put(file, index, page, flags);
	main->put(file, index, page, flags | TMEM_PUT_ELSEWHERE);
	return 0;
}

int tmem_tiers_put(const struct tmem_pool *pool, const struct tmem_file_id *file, pgoff_t index,
		   struct page *page, unsigned int flags)
{
	const struct tmem_clean_ops *fast = ops_of(pool, TMEM_TIER_FAST);
	const struct tmem_clean_ops *main = ops_of(pool, TMEM_TIER_MAIN);
	int err;

	if (likely(!fast))
		return main ? main->put(file, index, page, flags) : -ENODEV;
	err = fast->put(file, index, page, flags);
	return main ? put_main(main, file, index, page, flags, err) : err;
}

int tmem_tiers_get(const struct tmem_pool *pool, const struct tmem_file_id *file, pgoff_t index,
		   struct folio *folio, struct tmem_clean_batch *batch)
{
	const struct tmem_clean_ops *fast = ops_of(pool, TMEM_TIER_FAST);
	const struct tmem_clean_ops *main = ops_of(pool, TMEM_TIER_MAIN);
	pgoff_t last = index + folio_nr_pages(folio) - 1;

	if (fast) {
		if (!fast->get(file, index, folio, batch))
			return 0;
		if (tmem_demotions_any(file, index, last))
			return -ENOENT;
	}
	return main ? main->get(file, index, folio, batch) : -ENOENT;
}

/* Only the main tier gathers. */
void tmem_tiers_submit(struct tmem_clean_batch *batch)
{
	const struct tmem_clean_ops *main = tmem_tiers[TMEM_TIER_MAIN];

	if (main && main->submit)
		main->submit(batch);
}

void tmem_tiers_forget(const struct tmem_pool *pool, const struct tmem_file_id *file, pgoff_t first,
		       pgoff_t last)
{
	const struct tmem_clean_ops *fast = ops_of(pool, TMEM_TIER_FAST);
	const struct tmem_clean_ops *main = ops_of(pool, TMEM_TIER_MAIN);

	if (fast) {
		fast->forget(file, first, last);
		tmem_demotions_cancel(file, first, last);
	}
	if (main)
		main->forget(file, first, last);
}

void tmem_tiers_forget_file(const struct tmem_pool *pool, const struct tmem_file_id *file)
{
	const struct tmem_clean_ops *fast = ops_of(pool, TMEM_TIER_FAST);
	const struct tmem_clean_ops *main = ops_of(pool, TMEM_TIER_MAIN);

	if (fast) {
		fast->forget_file(file);
		tmem_demotions_cancel(file, 0, ULONG_MAX);
	}
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
