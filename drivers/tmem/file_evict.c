// SPDX-License-Identifier: GPL-2.0
/* A folio leaves the page cache: its pages are put if reclaim evicts it, else forgotten. */
#include <linux/fs.h>
#include <linux/pagemap.h>

#include "core.h"
#include "file.h"
#include "trace.h"

/*
 * Interrupts are off while a folio is copied: at some 0.8 us a page (bench/copy) for 0.1 ms, and for twice that where
 * it is compared with what is cached already. Larger folios come from large writes, and from far down a sequential
 * run, where the disk has made up for its seek.
 */
#define PUT_PAGES_MAX	128

static enum tmem_clean_refusal folio_refusal(struct address_space *mapping, struct folio *folio)
{
	struct inode *inode = mapping->host;
	enum tmem_clean_refusal why = tmem_file_refusal(mapping);

	if (why)
		return why;
	/* tmem_let_go() skips inodes that are being freed, so nothing is put from them. */
	if (inode_state_read_once(inode) & (I_FREEING | I_WILL_FREE))
		return TMEM_CLEAN_REFUSED_unfinished;
	if (unlikely(READ_ONCE(tmem_paused)))
		return TMEM_CLEAN_REFUSED_paused;
	if (!folio_test_uptodate(folio) || folio_test_private(folio) ||
	    folio_test_private_2(folio) || folio_test_dirty(folio) || folio_test_writeback(folio))
		return TMEM_CLEAN_REFUSED_unfinished;
	if (folio_test_hwpoison(folio) ||
	    (folio_test_large(folio) && folio_test_has_hwpoisoned(folio)))
		return TMEM_CLEAN_REFUSED_poisoned;
	/* Once a write failed, what is in memory may never have reached the disk. */
	if (filemap_check_wb_err(mapping, 0) && !tmem_fault(TMEM_FAULT_NO_ERROR_CHECK))
		return TMEM_CLEAN_REFUSED_write_error;
	if (tmem_direct_io(inode))
		return TMEM_CLEAN_REFUSED_direct_io;
	if (folio_nr_pages(folio) > PUT_PAGES_MAX)
		return TMEM_CLEAN_REFUSED_large;
	return TMEM_CLEAN_REFUSED_NONE;
}

static enum tmem_clean_refusal refusal_by_backend(int err)
{
	switch (err) {
	case 0:
		return TMEM_CLEAN_REFUSED_NONE;
	case -EPERM:
		return TMEM_CLEAN_REFUSED_admission;
	case -ENOSPC:
		return TMEM_CLEAN_REFUSED_full;
	case -ENOMEM:
		return TMEM_CLEAN_REFUSED_no_memory;
	default:
		return TMEM_CLEAN_REFUSED_backend;
	}
}

static void put_folio(const struct tmem_pool *pool, const struct tmem_file_id *id, struct folio *folio)
{
	unsigned int flags = (folio_test_workingset(folio) ? TMEM_PUT_WORKINGSET : 0) |
			     (pool->secret ? TMEM_PUT_SECRET : 0);
	pgoff_t end = DIV_ROUND_UP(i_size_read(folio->mapping->host), PAGE_SIZE);
	unsigned long i;

	for (i = 0; i < folio_nr_pages(folio); i++) {
		int err;

		/* Whoever shortens a file forgets what was behind its new end: nothing may be there when it grows. */
		if (folio->index + i >= end) {
			tmem_tiers_forget(pool, id, folio->index + i, folio->index + i, false);
			tmem_count_clean_refused(TMEM_CLEAN_REFUSED_behind_end, 1);
			continue;
		}
		err = tmem_tiers_put(pool, id, folio->index + i, folio_page(folio, i), flags);
		trace_tmem_put(id, folio->index + i, err);
		if (err)
			tmem_count_clean_refused(refusal_by_backend(err), 1);
		else
			tmem_count_clean(TMEM_CLEAN_puts, 1);
	}
}

static void forget_folio(struct tmem_pool *pool, struct address_space *mapping, struct folio *folio)
{
	pgoff_t last = folio->index + folio_nr_pages(folio) - 1;
	struct tmem_file_id id;

	if (!tmem_file_known(pool, mapping->host, &id) || tmem_fault(TMEM_FAULT_NO_EXIT_FORGET))
		return;
	tmem_tiers_forget(pool, &id, folio->index, last, false);
	tmem_count_clean(TMEM_CLEAN_ranges_forgotten, 1);
	trace_tmem_forget(&id, folio->index, last);
}

static void folio_leaves(struct tmem_pool *pool, struct address_space *mapping,
			 struct folio *folio, bool reclaimed)
{
	enum tmem_clean_refusal why = TMEM_CLEAN_REFUSED_NONE;
	struct tmem_file_id id;

	if (reclaimed) {
		why = folio_refusal(mapping, folio);
		if (!why)
			why = tmem_file_learn(pool, mapping->host, &id);
		if (why)
			tmem_count_clean_refused(why, folio_nr_pages(folio));
	}
	if (reclaimed && !why)
		put_folio(pool, &id, folio);
	else
		forget_folio(pool, mapping, folio);
}

/**
 * tmem_folio_leaves() - a folio is about to be removed from the page cache
 * @mapping: of any file
 * @folio: locked, still in the page cache
 * @reclaimed: because its memory is wanted, and for no other reason
 *
 * Context: the page cache's lock, interrupts off.
 */
void tmem_folio_leaves(struct address_space *mapping, struct folio *folio, bool reclaimed)
{
	struct tmem_pool *pool;
	int srcu;

	if (!S_ISREG(mapping->host->i_mode))
		return;
	srcu = srcu_read_lock(&tmem_clean_srcu);
	pool = tmem_pool(mapping->host->i_sb);
	if (pool)
		folio_leaves(pool, mapping, folio, reclaimed);
	if (mapping->nrpages == folio_nr_pages(folio))
		tmem_file_emptied(mapping->host);
	srcu_read_unlock(&tmem_clean_srcu, srcu);
}
