// SPDX-License-Identifier: GPL-2.0
/*
 * A backend as one would have written it for Linux 5.15: clean page-cache pages in plain RAM.
 *
 * It uses nothing of tmem but the classic API. What was put first goes first when there is no room.
 * Lowering max_pages gives memory back. (Of no practical use.)
 */
#include <linux/hashtable.h>
#include <linux/highmem.h>
#include <linux/jhash.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include <tmem/cleancache.h>

#define POOLS		64
#define GFP_COPY	(GFP_NOWAIT | __GFP_NOWARN | __GFP_NOMEMALLOC)

struct ram_file {
	struct hlist_node node;
	struct cleancache_filekey key;
	int pool;
	struct xarray copies;
};

struct ram_copy {
	struct list_head order;
	struct ram_file *file;
	pgoff_t index;
	struct page *page;
};

/* Guards everything below. */
static DEFINE_SPINLOCK(lock);
static DEFINE_HASHTABLE(files, 10);
/* All copies, oldest first. */
static LIST_HEAD(order);
static unsigned int pages;
static unsigned int max_pages = 4096;
static unsigned int shared_pools;
static DECLARE_BITMAP(pools, POOLS);

static u32 hash_of(int pool, const struct cleancache_filekey *key)
{
	return jhash2(key->u.key, CLEANCACHE_KEY_MAX, pool);
}

static struct ram_file *find(int pool, const struct cleancache_filekey *key)
{
	struct ram_file *file;

	hash_for_each_possible(files, file, node, hash_of(pool, key))
		if (file->pool == pool && !memcmp(&file->key, key, sizeof(*key)))
			return file;
	return NULL;
}

static struct ram_file *find_or_make(int pool, const struct cleancache_filekey *key)
{
	struct ram_file *file = find(pool, key);

	if (file)
		return file;
	file = kzalloc(sizeof(*file), GFP_COPY);
	if (!file)
		return NULL;
	file->pool = pool;
	file->key = *key;
	xa_init(&file->copies);
	hash_add(files, &file->node, hash_of(pool, key));
	return file;
}

static void drop(struct ram_copy *copy)
{
	struct ram_file *file = copy->file;

	xa_erase(&file->copies, copy->index);
	list_del(&copy->order);
	__free_page(copy->page);
	kfree(copy);
	pages--;
	if (xa_empty(&file->copies)) {
		hash_del(&file->node);
		kfree(file);
	}
}

static void drop_file(struct ram_file *file)
{
	struct ram_copy *copy;
	unsigned long index;
	unsigned long left = 0;

	/* The last one takes the file with it. */
	xa_for_each(&file->copies, index, copy)
		left++;
	while (left--) {
		index = 0;
		copy = xa_find(&file->copies, &index, ULONG_MAX, XA_PRESENT);
		drop(copy);
	}
}

static void drop_oldest(unsigned int target)
{
	while (pages > target)
		drop(list_first_entry(&order, struct ram_copy, order));
}

static int ram_init_fs(size_t pagesize)
{
	unsigned long flags;
	int pool;

	spin_lock_irqsave(&lock, flags);
	pool = find_first_zero_bit(pools, POOLS);
	if (pool < POOLS)
		__set_bit(pool, pools);
	spin_unlock_irqrestore(&lock, flags);
	return pool < POOLS ? pool : -1;
}

static int ram_init_shared_fs(uuid_t *uuid, size_t pagesize)
{
	/* Copies of our own memory are of use to nobody else, so it is a pool like any other. */
	shared_pools++;
	return ram_init_fs(pagesize);
}

static int ram_get_page(int pool, struct cleancache_filekey key, pgoff_t index, struct page *page)
{
	struct ram_copy *copy = NULL;
	struct ram_file *file;
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	file = find(pool, &key);
	if (file)
		copy = xa_load(&file->copies, index);
	if (copy)
		copy_highpage(page, copy->page);
	spin_unlock_irqrestore(&lock, flags);
	return copy ? 0 : -1;
}

static struct ram_copy *make_copy(struct page *page)
{
	struct ram_copy *copy = kmalloc(sizeof(*copy), GFP_COPY);

	if (!copy)
		return NULL;
	copy->page = alloc_page(GFP_COPY);
	if (!copy->page) {
		kfree(copy);
		return NULL;
	}
	copy_highpage(copy->page, page);
	return copy;
}

/* Return: false if the copy has found no place. */
static bool keep(int pool, const struct cleancache_filekey *key, pgoff_t index,
		 struct ram_copy *copy)
{
	struct ram_file *file = find_or_make(pool, key);

	if (!file)
		return false;
	if (xa_is_err(xa_store(&file->copies, index, copy, GFP_COPY))) {
		if (xa_empty(&file->copies)) {
			hash_del(&file->node);
			kfree(file);
		}
		return false;
	}
	copy->file = file;
	copy->index = index;
	list_add_tail(&copy->order, &order);
	pages++;
	return true;
}

static void forget_page(int pool, const struct cleancache_filekey *key, pgoff_t index)
{
	struct ram_file *file = find(pool, key);
	struct ram_copy *copy = file ? xa_load(&file->copies, index) : NULL;

	if (copy)
		drop(copy);
}

static void ram_put_page(int pool, struct cleancache_filekey key, pgoff_t index, struct page *page)
{
	struct ram_copy *copy = make_copy(page);
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	forget_page(pool, &key, index);
	if (copy && !keep(pool, &key, index, copy)) {
		__free_page(copy->page);
		kfree(copy);
	}
	drop_oldest(max_pages);
	spin_unlock_irqrestore(&lock, flags);
}

static void ram_invalidate_page(int pool, struct cleancache_filekey key, pgoff_t index)
{
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	forget_page(pool, &key, index);
	spin_unlock_irqrestore(&lock, flags);
}

static void ram_invalidate_inode(int pool, struct cleancache_filekey key)
{
	struct ram_file *file;
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	file = find(pool, &key);
	if (file)
		drop_file(file);
	spin_unlock_irqrestore(&lock, flags);
}

static void ram_invalidate_fs(int pool)
{
	struct ram_copy *copy, *next;
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	list_for_each_entry_safe(copy, next, &order, order)
		if (copy->file->pool == pool)
			drop(copy);
	__clear_bit(pool, pools);
	spin_unlock_irqrestore(&lock, flags);
}

static const struct cleancache_ops ram_ops = {
	.init_fs = ram_init_fs,
	.init_shared_fs = ram_init_shared_fs,
	.get_page = ram_get_page,
	.put_page = ram_put_page,
	.invalidate_page = ram_invalidate_page,
	.invalidate_inode = ram_invalidate_inode,
	.invalidate_fs = ram_invalidate_fs,
};

static int set_max_pages(const char *value, const struct kernel_param *param)
{
	unsigned int target;
	unsigned long flags;
	int err = kstrtouint(value, 0, &target);

	if (err)
		return err;
	spin_lock_irqsave(&lock, flags);
	max_pages = target;
	drop_oldest(max_pages);
	spin_unlock_irqrestore(&lock, flags);
	return 0;
}

static const struct kernel_param_ops max_pages_ops = {
	.set = set_max_pages, .get = param_get_uint,
};
module_param_cb(max_pages, &max_pages_ops, &max_pages, 0600);
MODULE_PARM_DESC(max_pages, "Pages to keep at most; those above are dropped when it is lowered");

module_param(shared_pools, uint, 0400);
MODULE_PARM_DESC(shared_pools, "Pools made so far for filesystems that share their disk");

module_param(pages, uint, 0400);
MODULE_PARM_DESC(pages, "Pages kept now");

static int __init ram_module_init(void)
{
	return cleancache_register_ops(&ram_ops);
}

static void __exit ram_module_exit(void)
{
	cleancache_unregister_ops(&ram_ops);
}

module_init(ram_module_init);
module_exit(ram_module_exit);
MODULE_DESCRIPTION("Sample cleancache backend in RAM");
MODULE_LICENSE("GPL");
