/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tiers of clean pages: a fast one (persistent memory), a main one (an SSD), or either alone.
 *
 * A page that is put goes to the fast tier, or if that does not want it to the main one. It is looked for in
 * the same order. What the fast tier has no room for any more it may hand on: that is a demotion.
 *
 * Why two tiers serve nothing stale, given that each alone does not (include/tmem/clean.h) and file.h:
 *
 * - They never have different contents of a page. A put that the fast tier takes is told to the main one,
 *   which keeps its copy only if that is the same; one that the fast tier refuses has made it forget.
 * - Whatever forgets, or puts, does so in the fast tier first, then cancels demotions of the page
 *   that are under way, then turns to the main tier. A demotion is noted before the page is read from the fast
 *   tier, and struck off after it was put to the main one; if it was cancelled in between, the main
 *   tier has been made to forget it again before it is struck off. So who forgets finds it noted, and
 *   cancels it; or not noted yet, then it finds nothing to read any more; or struck off, then its
 *   page is in the main tier, which is told last.
 * - While a demotion is noted, what a cancelled one may just have put cannot be got: who misses in the
 *   fast tier looks for demotions of anything in the rest of the window, since the main tier may look
 *   at all of that, and if there is one does not ask it. Who sees none is not overtaken by one that
 *   begins later: what that finds in the fast tier is right, and whoever forgets it from then on finds
 *   the window's folios locked in the page cache, and waits for them before it removes them.
 * - A backend that comes is empty, and one that goes is told to forget everything after the last use of
 *   it. One that comes is seen by whoever forgets before anything is demoted to it. Before one goes, demotions
 *   are forbidden and those under way have ended: nobody looks for them where there is one tier.
 * - Forgetting is not told to a filesystem's pool that is not live (pools.c). Demotions of it do no harm:
 *   all of it is thrown away, in both tiers, after those under way have ended and when none can begin.
 */
#ifndef _TMEM_TIERS_H
#define _TMEM_TIERS_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <tmem/clean.h>

struct tmem_pool;

enum tmem_tier { TMEM_TIER_FAST, TMEM_TIER_MAIN, TMEM_TIERS };

/* Of each tier, NULL while there is none. Changed under clean_lock, used inside tmem_clean_srcu. */
extern const struct tmem_clean_ops *tmem_tiers[TMEM_TIERS];

/*
 * tiers.c: as the operations of one backend, for those that have taken the pool (@pool->tiers).
 * Context: as in include/tmem/clean.h, inside tmem_clean_srcu.
 */
int tmem_tiers_put(const struct tmem_pool *pool, const struct tmem_file_id *file, pgoff_t index,
		   struct page *page, unsigned int flags);
int tmem_tiers_get(const struct tmem_pool *pool, const struct tmem_file_id *file, pgoff_t index,
		   struct folio *folio, struct tmem_clean_batch *batch);
void tmem_tiers_forget(const struct tmem_pool *pool, const struct tmem_file_id *file, pgoff_t first,
		       pgoff_t last, bool may_sleep);
void tmem_tiers_forget_file(const struct tmem_pool *pool, const struct tmem_file_id *file);

/**
 * tmem_tiers_submit() - start what the gets of a batch have gathered
 * @batch: of gets that were inside tmem_clean_srcu
 * @srcu: of that; it is left here
 *
 * A device may take any time to accept a request. Nobody waits for that but who takes the backend away.
 *
 * Context: process, may sleep.
 */
void tmem_tiers_submit(struct tmem_clean_batch *batch, int srcu) __releases(&tmem_clean_srcu);

/* Does a tier, which is there, take a pool? Context: process, may sleep. */
bool tmem_tier_takes(enum tmem_tier tier, const struct tmem_pool *pool);

/* demote.c */

/**
 * tmem_demotions_cancel() - pages are forgotten, or put anew: what is on its way of them is not to arrive
 * @file: of the pages
 * @first: page
 * @last: page, inclusive
 *
 * The fast tier has forgotten them, or has newer ones; the main tier is told after this.
 *
 * Context: any but NMI.
 * Return: true if there was one.
 */
bool tmem_demotions_cancel(const struct tmem_file_id *file, pgoff_t first, pgoff_t last);

/* Is a page of these on its way? The fast tier was asked before. Context: any but NMI. */
bool tmem_demotions_any(const struct tmem_file_id *file, pgoff_t first, pgoff_t last);

/* Pages of a pool may be demoted, or not any more. One under way is inside tmem_clean_srcu. */
int tmem_demotions_allow(u32 pool);
void tmem_demotions_forbid(u32 pool);

#endif /* _TMEM_TIERS_H */
