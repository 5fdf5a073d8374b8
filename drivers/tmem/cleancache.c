// SPDX-License-Identifier: GPL-2.0
/* The classic cleancache API of Linux 5.15, on top of the tmem core. */
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>
#include <linux/xarray.h>
#include <tmem/cleancache.h>

#include "file.h"

/* Longer ranges are not worth a call a page: the whole file is forgotten. */
#define RANGE_MAX_PAGES	512

/* Guards which backend there is. */
static DEFINE_MUTEX(classic_lock);
static const struct cleancache_ops *classic_ops;

/* The backend's numbers of the pools, by ours. */
static DEFINE_XARRAY(classic_pools);

static int classic_pool(u32 pool)
{
	return xa_to_value(xa_load(&classic_pools, pool));
}

static struct cleancache_filekey classic_key(const struct tmem_file_id *file)
{
	struct cleancache_filekey key = { };

	key.u.key[0] = lower_32_bits(file->ino);
	key.u.key[1] = upper_32_bits(file->ino);
	key.u.key[2] = file->generation;
	return key;
}

static int classic_pool_init(u32 pool, unsigned int flags)
{
	uuid_t uuid;
	int id;

	/* The API of old has no word for it. */
	if (flags & TMEM_POOL_SECRET)
		return -EPERM;
	if (!tmem_pool_shared(pool, &uuid))
		id = classic_ops->init_fs(PAGE_SIZE);
	else if (classic_ops->init_shared_fs)
		id = classic_ops->init_shared_fs(&uuid, PAGE_SIZE);
	else
		id = -1;
	if (id < 0)
		return -ENOSPC;
	if (xa_is_err(xa_store(&classic_pools, pool, xa_mk_value(id), GFP_NOFS))) {
		classic_ops->invalidate_fs(id);
		return -ENOMEM;
	}
	return 0;
}

static void classic_pool_exit(u32 pool)
{
	classic_ops->invalidate_fs(classic_pool(pool));
	xa_erase(&classic_pools, pool);
}

static int classic_put(const struct tmem_file_id *file, pgoff_t index, struct page *page,
		       unsigned int flags)
{
	classic_ops->put_page(classic_pool(file->pool), classic_key(file), index, page);
	return 0;
}

static int classic_get(const struct tmem_file_id *file, pgoff_t index, struct folio *folio,
		       struct tmem_clean_batch *batch)
{
	int pool = classic_pool(file->pool);
	unsigned long i;

	for (i = 0; i < folio_nr_pages(folio); i++)
		if (classic_ops->get_page(pool, classic_key(file), index + i, folio_page(folio, i)))
			return -ENOENT;
	flush_dcache_folio(folio);
	tmem_clean_end_get(folio, batch->wait, 0);
	return 0;
}

static void classic_forget_file(const struct tmem_file_id *file)
{
	classic_ops->invalidate_inode(classic_pool(file->pool), classic_key(file));
}

static pgoff_t classic_forget(const struct tmem_file_id *file, pgoff_t first, pgoff_t last)
{
	int pool = classic_pool(file->pool);
	pgoff_t index;

	if (last - first >= RANGE_MAX_PAGES) {
		classic_forget_file(file);
		return 0;
	}
	for (index = first; index <= last; index++)
		classic_ops->invalidate_page(pool, classic_key(file), index);
	return 0;
}

static const struct tmem_clean_ops classic_clean_ops = {
	.pool_init = classic_pool_init,
	.pool_exit = classic_pool_exit,
	.put = classic_put,
	.get = classic_get,
	.forget = classic_forget,
	.forget_file = classic_forget_file,
};

static struct tmem_clean_backend classic = { .name = "cleancache", .ops = &classic_clean_ops };

int cleancache_register_ops(const struct cleancache_ops *ops)
{
	int err = -EBUSY;

	if (!ops->init_fs || !ops->get_page || !ops->put_page || !ops->invalidate_page ||
	    !ops->invalidate_inode || !ops->invalidate_fs)
		return -EINVAL;
	mutex_lock(&classic_lock);
	if (!classic_ops) {
		classic_ops = ops;
		err = tmem_register_clean_backend(&classic);
		if (err)
			classic_ops = NULL;
	}
	mutex_unlock(&classic_lock);
	return err;
}
EXPORT_SYMBOL_GPL(cleancache_register_ops);

void cleancache_unregister_ops(const struct cleancache_ops *ops)
{
	mutex_lock(&classic_lock);
	if (classic_ops == ops) {
		tmem_unregister_clean_backend(&classic);
		classic_ops = NULL;
	}
	mutex_unlock(&classic_lock);
}
EXPORT_SYMBOL_GPL(cleancache_unregister_ops);

void cleancache_init_shared_fs(struct super_block *sb)
{
	tmem_pool_choose_shared(sb);
}
EXPORT_SYMBOL_GPL(cleancache_init_shared_fs);
