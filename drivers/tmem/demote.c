// SPDX-License-Identifier: GPL-2.0
/*
 * Demotions: pages on their way from the fast tier of clean pages to the main one.
 *
 * tiers.h has the argument why none arrives after it was forgotten. There are few at a time, one for each
 * worker of the fast tier, so they are a list.
 */
#include <linux/atomic.h>
#include <linux/export.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/xarray.h>

#include "file.h"

/* A page that is noted: about to be read from the fast tier, or put to the main one. */
struct demotion {
	struct list_head node;
	struct tmem_file_id file;
	pgoff_t index;
	bool cancelled;
};

/* Guards the list and @cancelled. */
static DEFINE_SPINLOCK(demotions_lock);
static LIST_HEAD(demotions);
/* Entries of the list: who finds none needs no lock. */
static atomic_t noted = ATOMIC_INIT(0);

/* By number, the pools that both tiers have taken. */
static DEFINE_XARRAY(allowed);

int tmem_demotions_allow(u32 pool)
{
	return xa_err(xa_store(&allowed, pool, xa_mk_value(1), GFP_KERNEL));
}

void tmem_demotions_forbid(u32 pool)
{
	xa_erase(&allowed, pool);
}

static bool is_of(const struct demotion *demotion, const struct tmem_file_id *file, pgoff_t first,
		  pgoff_t last)
{
	return demotion->file.pool == file->pool && demotion->file.ino == file->ino &&
	       demotion->file.generation == file->generation &&
	       demotion->index >= first && demotion->index <= last;
}

/* Return: true if one of these pages is on its way. @cancel: it is not to arrive. */
static bool search(const struct tmem_file_id *file, pgoff_t first, pgoff_t last, bool cancel)
{
	struct demotion *demotion;
	unsigned long flags;
	bool found = false;

	/* What the caller did in the fast tier, or saw there, before what it sees here; pairs with note(). */
	smp_mb();
	if (likely(!atomic_read(&noted)))
		return false;
	spin_lock_irqsave(&demotions_lock, flags);
	list_for_each_entry(demotion, &demotions, node) {
		if (!is_of(demotion, file, first, last))
			continue;
		found = true;
		demotion->cancelled |= cancel;
	}
	spin_unlock_irqrestore(&demotions_lock, flags);
	return found;
}

bool tmem_demotions_cancel(const struct tmem_file_id *file, pgoff_t first, pgoff_t last)
{
	return search(file, first, last, !tmem_fault(TMEM_FAULT_NO_DEMOTE_CANCEL));
}

bool tmem_demotions_any(const struct tmem_file_id *file, pgoff_t first, pgoff_t last)
{
	return search(file, first, last, false) && !tmem_fault(TMEM_FAULT_NO_DEMOTE_HIDE);
}

static void note(struct demotion *demotion)
{
	spin_lock_irq(&demotions_lock);
	list_add(&demotion->node, &demotions);
	atomic_inc(&noted);
	spin_unlock_irq(&demotions_lock);
	/* Before the look into the fast tier; pairs with search(). */
	smp_mb();
}

static void strike_off(struct demotion *demotion)
{
	lockdep_assert_held(&demotions_lock);
	list_del(&demotion->node);
	/* What the main tier has been told, before who finds none asks it. */
	smp_mb__before_atomic();
	atomic_dec(&noted);
}

/* Return: true if it was cancelled. Then the main tier has forgotten the page. */
static bool end(struct demotion *demotion, const struct tmem_clean_ops *main)
{
	bool cancelled;

	spin_lock_irq(&demotions_lock);
	cancelled = demotion->cancelled;
	if (!cancelled)
		strike_off(demotion);
	spin_unlock_irq(&demotions_lock);
	if (!cancelled)
		return false;
	main->forget(&demotion->file, demotion->index, demotion->index);
	spin_lock_irq(&demotions_lock);
	strike_off(demotion);
	spin_unlock_irq(&demotions_lock);
	return true;
}

static int demote(const struct tmem_file_id *file, pgoff_t index, unsigned int flags,
		  struct page *page, tmem_demote_read_t *read, void *data)
{
	const struct tmem_clean_ops *main = tmem_tiers[TMEM_TIER_MAIN];
	struct demotion demotion = { .file = *file, .index = index };
	int err;

	note(&demotion);
	err = read(data, page);
	tmem_fault_delay(TMEM_FAULT_DELAY_DEMOTE_PUT);
	if (!err)
		err = main->put(file, index, page, flags | TMEM_PUT_DEMOTED);
	tmem_fault_delay(TMEM_FAULT_DELAY_DEMOTE_END);
	return end(&demotion, main) ? -ECANCELED : err;
}

int tmem_clean_demote(const struct tmem_file_id *file, pgoff_t index, unsigned int flags,
		      struct page *page, tmem_demote_read_t *read, void *data)
{
	int srcu = srcu_read_lock(&tmem_clean_srcu);
	int err = -ENODEV;

	/* Who forbids it waits for us before the tier or the pool goes. */
	if (xa_load(&allowed, file->pool))
		err = demote(file, index, flags, page, read, data);
	srcu_read_unlock(&tmem_clean_srcu, srcu);
	if (err == -ECANCELED)
		tmem_count_clean(TMEM_CLEAN_demotions_cancelled, 1);
	else if (!err)
		tmem_count_clean(TMEM_CLEAN_demoted, 1);
	return err;
}
EXPORT_SYMBOL_GPL(tmem_clean_demote);
