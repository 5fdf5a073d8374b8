// SPDX-License-Identifier: GPL-2.0
/*
 * A file is read: folios that the backend has are filled by it, the others by the filesystem.
 *
 * The folios are locked, in the page cache, and empty. A readahead window is asked for page by page; what
 * is missed goes on to the filesystem in runs, after the backend was told to start what it has. Folios behind the end
 * of the file go there one by one.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/psi.h>

#include "file.h"
#include "trace.h"

/* Runs of misses remembered at a time; a window with more is read in parts. */
#define RUNS_MAX	16

/* Folios of a window found at a time. */
#define FOLIOS_MAX	16U

struct run {
	pgoff_t first;
	unsigned long pages;
};

/* Return: the file's pool, with its name, if something of it may be got now; else NULL. */
static struct tmem_pool *may_get(struct address_space *mapping, struct tmem_file_id *id)
{
	struct tmem_pool *pool;

	/*
	 * First: a direct write that is not seen here has forgotten what it wrote, unless the pool was not live or
	 * the file not known. Then that is seen below.
	 */
	if (tmem_direct_io(mapping->host))
		return NULL;
	smp_rmb();	/* pairs with tmem_direct_release() */
	pool = tmem_pool(mapping->host->i_sb);
	if (!pool || !READ_ONCE(tmem_clean_serving) || tmem_file_refusal(mapping))
		return NULL;
	return tmem_file_known(pool, mapping->host, id) &&
	       id->generation == mapping->host->i_generation ? pool : NULL;
}

static bool is_empty(struct folio *folio)
{
	return !folio_test_uptodate(folio) && !folio_test_private(folio) &&
	       !folio_test_private_2(folio) && !folio_test_dirty(folio) &&
	       !folio_test_writeback(folio) &&
	       folio_pos(folio) < i_size_read(folio->mapping->host);
}

/* Return: true if the backend has taken the folio, which may be filled and gone already. */
static bool get(const struct tmem_pool *pool, const struct tmem_file_id *id, struct folio *folio,
		struct tmem_clean_batch *batch)
{
	unsigned long pages = folio_nr_pages(folio);
	pgoff_t index = folio->index;
	int err;

	if (!is_empty(folio))
		return false;
	tmem_fault_delay(TMEM_FAULT_DELAY_GET);
	err = tmem_tiers_get(pool, id, index, folio, batch);
	trace_tmem_get(id, index, err);
	if (err)
		tmem_count_clean(TMEM_CLEAN_misses, pages);
	return !err;
}

/* A window's folios from @index on: locked, so they stay. Return: how many, at least one. */
static unsigned int find_folios(struct address_space *mapping, pgoff_t index, pgoff_t end,
				struct folio **folios)
{
	XA_STATE(xas, &mapping->i_pages, index);
	struct folio *folio;
	unsigned int n = 0;

	rcu_read_lock();
	xas_for_each(&xas, folio, end - 1) {
		if (xas_retry(&xas, folio))
			continue;
		folios[n++] = folio;
		if (n == FOLIOS_MAX || folio_next_index(folio) >= end)
			break;
	}
	rcu_read_unlock();
	return n;
}

/* Return: false if there are more runs than can be remembered. */
static bool add_miss(struct run *runs, unsigned int *count, pgoff_t index, unsigned long pages)
{
	struct run *last = *count ? &runs[*count - 1] : NULL;

	if (last && last->first + last->pages == index) {
		last->pages += pages;
		return true;
	}
	if (*count == RUNS_MAX)
		return false;
	runs[(*count)++] = (struct run){ index, pages };
	return true;
}

/*
 * Get what there is from @first on, up to the end of the batch or as many runs of misses as there is room for.
 * Return: the first page that was not asked for.
 */
static pgoff_t get_some(const struct tmem_pool *pool, struct address_space *mapping,
			const struct tmem_file_id *id, pgoff_t first, struct run *runs, unsigned int *count,
			struct tmem_clean_batch *batch)
{
	pgoff_t end = batch->end;
	struct folio *folios[FOLIOS_MAX];
	unsigned int found = 0, n = 0;
	pgoff_t index;

	*count = 0;
	for (index = first; index < end;) {
		struct folio *folio;
		unsigned long pages;

		if (n == found) {
			found = find_folios(mapping, index, end, folios);
			n = 0;
		}
		folio = folios[n++];
		pages = folio_nr_pages(folio);
		if (get(pool, id, folio, batch))
			folio_put(folio);
		else if (!add_miss(runs, count, index, pages))
			break;
		index += pages;
	}
	return index;
}

static void read_run(struct readahead_control *rac, const struct run *run,
		     tmem_read_pages_t *original)
{
	struct readahead_control part = *rac;

	part._index = run->first;
	part._nr_pages = run->pages;
	part._batch_count = 0;
	original(&part);
}

/*
 * One part of a window, from @first on. Return: the first page that was not read.
 */
static pgoff_t read_part(struct readahead_control *rac, pgoff_t first, pgoff_t end,
			 tmem_read_pages_t *original)
{
	struct run runs[RUNS_MAX] = { { first, end - first } };
	struct tmem_clean_batch batch = { .end = end };
	struct tmem_pool *pool;
	struct tmem_file_id id;
	unsigned int n = 1, i;
	pgoff_t next = end;
	int srcu;

	srcu = srcu_read_lock(&tmem_clean_srcu);
	pool = may_get(rac->mapping, &id);
	if (pool)
		next = get_some(pool, rac->mapping, &id, first, runs, &n, &batch);
	tmem_tiers_submit(&batch, srcu);
	for (i = 0; i < n; i++)
		read_run(rac, &runs[i], original);
	return next;
}

/*
 * Readahead that waited while its file was shortened goes beyond the new end. There ext4 may read into a folio what the
 * one before it has, if both are read by one call: ext4_mpage_readpages() looks up no block behind the end, and may
 * find its last answer instead. The page cache is wrong then when the file grows, until the folio is reclaimed; a
 * copy would stay. By a call of its own a folio behind the end is read as zeros.
 *
 * Return: where the part of a window ends that may be read at once. The folios from @first to @end are locked.
 */
static pgoff_t end_of_part(struct address_space *mapping, pgoff_t first, pgoff_t end)
{
	pgoff_t eof = DIV_ROUND_UP(i_size_read(mapping->host), PAGE_SIZE);

	/* What is read behind the end of a file with verity is there. */
	if (likely(end <= eof) || IS_VERITY(mapping->host) || tmem_fault(TMEM_FAULT_NO_EOF_SPLIT))
		return end;
	return folio_next_index(xa_load(&mapping->i_pages, first < eof ? eof - 1 : first));
}

/* Swapped-out pages may change the disk under what is read now. */
static void note_swap_file(struct address_space *mapping)
{
	if (IS_SWAPFILE(mapping->host))
		tmem_file_doubt(mapping);
}

/**
 * tmem_read_pages() - read a readahead window
 * @rac: the window; used up on return, as by the original
 * @original: sends folios to the filesystem
 *
 * Context: process, may sleep.
 */
void tmem_read_pages(struct readahead_control *rac, tmem_read_pages_t *original)
{
	pgoff_t next = readahead_index(rac);
	pgoff_t end = next + readahead_count(rac);

	if (next == end || !S_ISREG(rac->mapping->host->i_mode)) {
		original(rac);
		return;
	}
	tmem_pool_ensure(rac->mapping->host->i_sb);
	note_swap_file(rac->mapping);
	while (next < end)
		next = read_part(rac, next, end_of_part(rac->mapping, next, end), original);
	rac->_index = end;
	rac->_nr_pages = 0;
	rac->_batch_count = 0;
	rac->_workingset = false;
}

/* Return: as tmem_clean_wait_for(). */
static int wait_for(struct tmem_clean_wait *wait, bool workingset)
{
	unsigned long pflags;
	int err;

	if (workingset)
		psi_memstall_enter(&pflags);
	err = tmem_clean_wait_for(wait);
	if (workingset)
		psi_memstall_leave(&pflags);
	return err;
}

/* Return: what is waited for; NULL for a miss. */
static struct tmem_clean_wait *begin_get(struct folio *folio)
{
	struct tmem_clean_batch batch = { .end = folio_next_index(folio) };
	struct tmem_clean_wait *wait = NULL;
	struct tmem_pool *pool;
	struct tmem_file_id id;
	int srcu;

	srcu = srcu_read_lock(&tmem_clean_srcu);
	pool = may_get(folio->mapping, &id);
	if (pool)
		wait = tmem_clean_wait_new();
	if (wait) {
		batch.wait = wait;
		if (!get(pool, &id, folio, &batch)) {
			tmem_clean_wait_free(wait);
			wait = NULL;
		}
	}
	tmem_tiers_submit(&batch, srcu);
	return wait;
}

/**
 * tmem_read_folio() - read a single folio
 * @folio: locked, in the page cache, not up to date
 *
 * Context: process, may sleep.
 * Return: 0 if it is up to date and unlocked; -EINTR if the caller was killed: then it will be unlocked; any other
 * if it is as before, for the filesystem to read.
 */
int tmem_read_folio(struct folio *folio)
{
	struct address_space *mapping = folio->mapping;
	bool workingset = folio_test_workingset(folio);
	struct tmem_clean_wait *wait;
	int err;

	if (!S_ISREG(mapping->host->i_mode))
		return -ENOENT;
	tmem_pool_ensure(mapping->host->i_sb);
	note_swap_file(mapping);
	wait = begin_get(folio);
	if (!wait)
		return -ENOENT;
	err = wait_for(wait, workingset);
	if (err)
		return err;
	folio_mark_uptodate(folio);
	folio_unlock(folio);
	return 0;
}
