// SPDX-License-Identifier: GPL-2.0
/* The backends of clean pages: registering one, taking it away, and the end of a get. */
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>
#include <tmem/gfp.h>

#include "file.h"

DEFINE_SRCU(tmem_clean_srcu);
DEFINE_SRCU(tmem_submit_srcu);
bool tmem_clean_serving;

/* Guards which backends there are. */
static DEFINE_MUTEX(clean_lock);
static struct tmem_clean_backend *backends[TMEM_TIERS];

static enum tmem_tier tier_of(const struct tmem_clean_backend *backend)
{
	return backend->fast ? TMEM_TIER_FAST : TMEM_TIER_MAIN;
}

static bool is_alone(enum tmem_tier tier)
{
	lockdep_assert_held(&clean_lock);
	return !backends[tier == TMEM_TIER_FAST ? TMEM_TIER_MAIN : TMEM_TIER_FAST];
}

/* The last backend goes. */
static void stop(void)
{
	lockdep_assert_held(&clean_lock);
	/* Gets first: as long as there are any, everything that forgets must be in place. */
	WRITE_ONCE(tmem_clean_serving, false);
	synchronize_srcu(&tmem_clean_srcu);
	tmem_pools_exit();
	tmem_file_hooks_disarm();
}

/* The first backend is there. */
static int start(void)
{
	int err;

	lockdep_assert_held(&clean_lock);
	err = tmem_file_hooks_arm();
	if (err)
		return err;
	/* Everything that forgets is in place. */
	WRITE_ONCE(tmem_clean_serving, true);
	err = tmem_pools_init();
	if (err)
		stop();
	return err;
}

static int add(struct tmem_clean_backend *backend)
{
	enum tmem_tier tier = tier_of(backend);
	int err = 0;

	lockdep_assert_held(&clean_lock);
	if (backends[tier]) {
		pr_err("backend %s: %s keeps clean pages already\n", backend->name,
		       backends[tier]->name);
		return -EBUSY;
	}
	tmem_tiers[tier] = backend->ops;
	if (is_alone(tier))
		err = start();
	else
		tmem_pools_tier_comes(tier);
	if (err)
		tmem_tiers[tier] = NULL;
	else
		backends[tier] = backend;
	return err;
}

/* Whoever gathered something has begun to submit it: to the SSD it is for, which may not answer. */
static void wait_for_submits(const struct tmem_clean_backend *backend)
{
	if (backend->ops->submit)
		synchronize_srcu(&tmem_submit_srcu);
}

int tmem_register_clean_backend(struct tmem_clean_backend *backend)
{
	const struct tmem_clean_ops *ops = backend->ops;
	int err;

	if (!ops || !ops->pool_exit || !ops->put || !ops->get || !ops->forget || !ops->forget_file)
		return -EINVAL;
	mutex_lock(&clean_lock);
	err = add(backend);
	mutex_unlock(&clean_lock);
	if (err)
		wait_for_submits(backend);
	return err;
}
EXPORT_SYMBOL_GPL(tmem_register_clean_backend);

void tmem_unregister_clean_backend(struct tmem_clean_backend *backend)
{
	enum tmem_tier tier = tier_of(backend);

	mutex_lock(&clean_lock);
	if (backends[tier] == backend) {
		if (is_alone(tier)) {
			stop();
			tmem_tiers[tier] = NULL;
		} else {
			tmem_pools_tier_goes(tier);
		}
		backends[tier] = NULL;
	}
	mutex_unlock(&clean_lock);
	wait_for_submits(backend);
}
EXPORT_SYMBOL_GPL(tmem_unregister_clean_backend);

void tmem_clean_synchronize(void)
{
	synchronize_srcu(&tmem_clean_srcu);
}
EXPORT_SYMBOL_GPL(tmem_clean_synchronize);

/* Beyond the end of the file there are zeros, whatever was there when the page was put. */
static void zero_beyond_end(struct folio *folio)
{
	loff_t in_file = i_size_read(folio->mapping->host) - folio_pos(folio);

	if (in_file < (loff_t)folio_size(folio))
		folio_zero_segment(folio, max_t(loff_t, in_file, 0), folio_size(folio));
}

/*
 * A reader that waits for a folio, and whoever fills it. One of them lets go of it first (LET_GO): if that is the
 * reader, who was killed, the other one frees this, else the reader does.
 */
struct tmem_clean_wait {
	unsigned long state;
	int err;
};

enum { BUSY, LET_GO };

struct tmem_clean_wait *tmem_clean_wait_new(void)
{
	struct tmem_clean_wait *wait = kmalloc(sizeof(*wait), TMEM_GFP_NOWAIT);

	if (wait)
		wait->state = BIT(BUSY);
	return wait;
}

void tmem_clean_wait_free(struct tmem_clean_wait *wait)
{
	kfree(wait);
}

int tmem_clean_wait_for(struct tmem_clean_wait *wait)
{
	int err;

	if (wait_on_bit_io(&wait->state, BUSY, TASK_KILLABLE)) {
		if (!test_and_set_bit(LET_GO, &wait->state))
			return -EINTR;
		/* It is being ended. */
		wait_on_bit_io(&wait->state, BUSY, TASK_UNINTERRUPTIBLE);
	}
	err = wait->err;
	kfree(wait);
	return err;
}

/* Return: true if the reader has the folio now; false if it was killed meanwhile, and nobody waits. */
static bool end_wait(struct tmem_clean_wait *wait, int err)
{
	wait->err = err;
	if (test_and_set_bit(LET_GO, &wait->state)) {
		kfree(wait);
		return false;
	}
	/* The reader may free it from here on: waking looks at the address only. */
	clear_and_wake_up_bit(BUSY, &wait->state);
	return true;
}

void tmem_clean_end_get(struct folio *folio, struct tmem_clean_wait *wait, int err)
{
	if (err) {
		tmem_count_clean(TMEM_CLEAN_failed, folio_nr_pages(folio));
	} else {
		tmem_count_clean(TMEM_CLEAN_gets, folio_nr_pages(folio));
		zero_beyond_end(folio);
	}
	if (wait && end_wait(wait, err))
		return;
	if (!err)
		folio_mark_uptodate(folio);
	folio_unlock(folio);
}
EXPORT_SYMBOL_GPL(tmem_clean_end_get);
