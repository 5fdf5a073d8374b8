// SPDX-License-Identifier: GPL-2.0
/*
 * Which files may be cached, and what is known of those that are.
 *
 * A file becomes known when its first page is put, and unknown when it is wholly forgotten. What is
 * known is one value: the generation under which it has copies, and whether it is doubtful. It outlives
 * the inode in memory. All forgetting goes by it: a file that is not known has no copies, and one whose
 * generation was changed since is forgotten under the old one.
 */
#include <linux/fs.h>
#include <linux/xarray.h>
#include <tmem/gfp.h>

#include "../compat/filelock.h"
#include "file.h"
#include "trace.h"

#define KNOWN_DOUBTFUL		BIT(0)
/* Somebody knows its blocks, and may write there past the page cache. */
#define KNOWN_EXPOSED		BIT(1)
#define KNOWN_GENERATION_SHIFT	2

enum tmem_clean_refusal tmem_file_refusal(const struct address_space *mapping)
{
	const struct inode *inode = mapping->host;

	if (!tmem_is_file(mapping) || mapping != &inode->i_data)
		return TMEM_CLEAN_REFUSED_not_regular;
	if (IS_SWAPFILE(inode))
		return TMEM_CLEAN_REFUSED_swap_file;
	if (IS_DAX(inode))
		return TMEM_CLEAN_REFUSED_dax;
	if (IS_ENCRYPTED(inode))
		return TMEM_CLEAN_REFUSED_encrypted;
	if (IS_VERITY(inode))
		return TMEM_CLEAN_REFUSED_verity;
	/* The kernel writes it behind the back of the page cache. */
	if (IS_NOQUOTA(inode))
		return TMEM_CLEAN_REFUSED_quota_file;
	return TMEM_CLEAN_REFUSED_NONE;
}

static unsigned long doubts_of(const void *entry)
{
	return xa_to_value(entry) & (KNOWN_DOUBTFUL | KNOWN_EXPOSED);
}

bool tmem_file_is_doubtful(const void *entry)
{
	return doubts_of(entry);
}

static struct tmem_file_id id_of(const struct tmem_pool *pool, const struct inode *inode,
				 unsigned long known)
{
	return (struct tmem_file_id) {
		.pool = pool->id,
		.generation = known >> KNOWN_GENERATION_SHIFT,
		.ino = inode->i_ino,
	};
}

static unsigned long known_of(const struct inode *inode, unsigned long flags)
{
	return (unsigned long)inode->i_generation << KNOWN_GENERATION_SHIFT | flags;
}

/* Return: false if there was no memory for it. Changing what is known already needs none. */
static bool set_known(struct tmem_pool *pool, const struct inode *inode, unsigned long known)
{
	unsigned long flags;
	void *old;

	xa_lock_irqsave(&pool->files, flags);
	old = __xa_store(&pool->files, inode->i_ino, xa_mk_value(known), TMEM_GFP_NOWAIT);
	xa_unlock_irqrestore(&pool->files, flags);
	return !xa_is_err(old);
}

static void set_unknown(struct tmem_pool *pool, const struct inode *inode)
{
	unsigned long flags;

	xa_lock_irqsave(&pool->files, flags);
	__xa_erase(&pool->files, inode->i_ino);
	xa_unlock_irqrestore(&pool->files, flags);
}

bool tmem_file_known(struct tmem_pool *pool, const struct inode *inode, struct tmem_file_id *id)
{
	void *entry = xa_load(&pool->files, inode->i_ino);

	if (!entry)
		return false;
	*id = id_of(pool, inode, xa_to_value(entry));
	return true;
}

/* Caller holds the page cache's lock of the file, so nothing of it is put meanwhile. */
static void forget_known(struct tmem_pool *pool, struct address_space *mapping)
{
	const struct inode *inode = mapping->host;
	void *entry = xa_load(&pool->files, inode->i_ino);
	struct tmem_file_id id;

	if (!entry)
		return;
	id = id_of(pool, inode, xa_to_value(entry));
	/* In this order: if the file is found unknown, there is nothing to forget. */
	tmem_tiers_forget_file(pool, &id);
	if (tmem_file_is_doubtful(entry))
		set_known(pool, inode, known_of(inode, doubts_of(entry)));
	else
		set_unknown(pool, inode);
	tmem_count_clean(TMEM_CLEAN_files_forgotten, 1);
	trace_tmem_forget(&id, 0, ULONG_MAX);
}

enum tmem_clean_refusal tmem_file_learn(struct tmem_pool *pool, const struct inode *inode,
					struct tmem_file_id *id)
{
	unsigned long known = known_of(inode, 0);
	void *entry;

	lockdep_assert_held(&inode->i_data.i_pages.xa_lock);
	entry = xa_load(&pool->files, inode->i_ino);
	if (entry && tmem_file_is_doubtful(entry))
		return TMEM_CLEAN_REFUSED_doubtful;
	if (entry && xa_to_value(entry) != known) {
		forget_known(pool, inode->i_mapping);
		entry = NULL;
	}
	if (!entry && !set_known(pool, inode, known))
		return TMEM_CLEAN_REFUSED_no_memory;
	*id = id_of(pool, inode, known);
	return TMEM_CLEAN_REFUSED_NONE;
}

void tmem_file_forget(struct tmem_pool *pool, struct address_space *mapping)
{
	unsigned long flags;

	xa_lock_irqsave(&mapping->i_pages, flags);
	forget_known(pool, mapping);
	xa_unlock_irqrestore(&mapping->i_pages, flags);
}

/* Also while the pool is not live: the page cache does not get right meanwhile. */
static void doubt(struct address_space *mapping, unsigned long why)
{
	const struct inode *inode = mapping->host;
	struct tmem_pool *pool;
	void *entry;
	unsigned long flags;
	int srcu;

	srcu = srcu_read_lock(&tmem_clean_srcu);
	pool = tmem_pool_seen(inode->i_sb);
	if (pool && S_ISREG(inode->i_mode)) {
		xa_lock_irqsave(&mapping->i_pages, flags);
		if (tmem_pool(inode->i_sb))
			forget_known(pool, mapping);
		entry = xa_load(&pool->files, inode->i_ino);
		if (entry)
			why |= doubts_of(entry);
		if ((mapping->nrpages || why & KNOWN_EXPOSED) &&
		    !set_known(pool, inode, known_of(inode, why))) {
			/* Letting go of the page cache makes up for a doubt; nothing makes up for being exposed. */
			if (why & KNOWN_EXPOSED)
				WRITE_ONCE(pool->failed, true);
			tmem_pool_drop(pool, TMEM_FS_no_memory);
		}
		xa_unlock_irqrestore(&mapping->i_pages, flags);
		tmem_count_clean(TMEM_CLEAN_files_doubted, 1);
	}
	srcu_read_unlock(&tmem_clean_srcu, srcu);
}

void tmem_file_doubt(struct address_space *mapping)
{
	doubt(mapping, KNOWN_DOUBTFUL);
}

static void *known_in(struct tmem_pool *pool, const struct inode *inode)
{
	return pool ? xa_load(&pool->files, inode->i_ino) : NULL;
}

void tmem_file_exposed(struct address_space *mapping)
{
	const struct inode *inode = mapping->host;
	void *entry;
	int srcu;

	if (!S_ISREG(inode->i_mode) || tmem_fault(TMEM_FAULT_NO_EXPOSED))
		return;
	srcu = srcu_read_lock(&tmem_clean_srcu);
	entry = known_in(tmem_pool_seen(inode->i_sb), inode);
	if (!entry || !(doubts_of(entry) & KNOWN_EXPOSED))
		doubt(mapping, KNOWN_EXPOSED);
	srcu_read_unlock(&tmem_clean_srcu, srcu);
}

/* Does another machine write to the file's blocks, or may it? */
bool tmem_file_has_layout(const struct inode *inode)
{
	struct file_lock_context *context = READ_ONCE(inode->i_flctx);
	bool found = false;
	tmem_lease_t *lease;

	if (!context)
		return false;
	spin_lock(&context->flc_lock);
	list_for_each_entry(lease, &context->flc_lease, tmem_lease_list)
		found |= lease->tmem_lease_flags & FL_LAYOUT;
	spin_unlock(&context->flc_lock);
	return found;
}

void tmem_file_emptied(const struct inode *inode)
{
	struct tmem_pool *pool = tmem_pool_seen(inode->i_sb);
	void *entry = known_in(pool, inode);

	if (!entry || !tmem_file_is_doubtful(entry))
		return;
	if (doubts_of(entry) & KNOWN_EXPOSED)
		set_known(pool, inode, known_of(inode, KNOWN_EXPOSED));
	else
		set_unknown(pool, inode);
}

/* The lock is for reclaim, which may just now have taken the last page. */
void tmem_file_left(struct inode *inode)
{
	struct tmem_pool *pool = tmem_pool_seen(inode->i_sb);
	unsigned long flags;
	void *entry;

	xa_lock_irqsave(&inode->i_data.i_pages, flags);
	entry = known_in(pool, inode);
	if (entry && tmem_file_is_doubtful(entry))
		set_unknown(pool, inode);
	xa_unlock_irqrestore(&inode->i_data.i_pages, flags);
}
