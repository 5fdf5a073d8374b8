// SPDX-License-Identifier: GPL-2.0
/* The backend of clean pages: registering one, taking it away, and the end of a get. */
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>

#include "file.h"

DEFINE_SRCU(tmem_clean_srcu);
const struct tmem_clean_ops *tmem_clean_ops;
bool tmem_clean_serving;

/* Guards which backend there is. */
static DEFINE_MUTEX(clean_lock);
static struct tmem_clean_backend *backend;

/* Caller holds clean_lock. */
static void take_away(void)
{
	/* Gets first: as long as there are any, everything that forgets must be in place. */
	WRITE_ONCE(tmem_clean_serving, false);
	synchronize_srcu(&tmem_clean_srcu);
	tmem_pools_exit();
	tmem_file_hooks_disarm();
	tmem_clean_ops = NULL;
	backend = NULL;
}

int tmem_register_clean_backend(struct tmem_clean_backend *new)
{
	const struct tmem_clean_ops *ops = new->ops;
	int err;

	if (!ops || !ops->pool_exit || !ops->put || !ops->get || !ops->forget || !ops->forget_file)
		return -EINVAL;
	mutex_lock(&clean_lock);
	if (backend) {
		pr_err("backend %s: %s keeps clean pages already\n", new->name, backend->name);
		err = -EBUSY;
		goto out;
	}
	backend = new;
	tmem_clean_ops = ops;
	err = tmem_file_hooks_arm();
	if (err) {
		tmem_clean_ops = NULL;
		backend = NULL;
		goto out;
	}
	/* Everything that forgets is in place. */
	WRITE_ONCE(tmem_clean_serving, true);
	err = tmem_pools_init();
	if (err)
		take_away();
out:
	mutex_unlock(&clean_lock);
	return err;
}
EXPORT_SYMBOL_GPL(tmem_register_clean_backend);

void tmem_unregister_clean_backend(struct tmem_clean_backend *old)
{
	mutex_lock(&clean_lock);
	if (backend == old)
		take_away();
	mutex_unlock(&clean_lock);
}
EXPORT_SYMBOL_GPL(tmem_unregister_clean_backend);

/* What lies beyond the end of the file reads as zeros, whatever it was when it was put. */
static void zero_beyond_end(struct folio *folio)
{
	loff_t in_file = i_size_read(folio->mapping->host) - folio_pos(folio);

	if (in_file < (loff_t)folio_size(folio))
		folio_zero_segment(folio, max_t(loff_t, in_file, 0), folio_size(folio));
}

void tmem_clean_end_get(struct folio *folio, struct tmem_clean_wait *wait, int err)
{
	if (err) {
		tmem_count_clean(TMEM_CLEAN_failed, folio_nr_pages(folio));
	} else {
		tmem_count_clean(TMEM_CLEAN_gets, folio_nr_pages(folio));
		zero_beyond_end(folio);
	}
	if (wait) {
		wait->err = err;
		complete(&wait->done);
		return;
	}
	if (!err)
		folio_mark_uptodate(folio);
	folio_unlock(folio);
}
EXPORT_SYMBOL_GPL(tmem_clean_end_get);
