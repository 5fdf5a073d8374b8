// SPDX-License-Identifier: GPL-2.0
/*
 * A backend as one would have written it for Linux 5.15: swapped-out pages in plain RAM.
 *
 * It uses nothing of tmem but the classic API, so it shows what a port takes: one include line, and
 * frontswap_unregister_ops() so that it can be unloaded. (Of no practical use.)
 */
#include <linux/highmem.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include <tmem/frontswap.h>

#define AREAS	32

static unsigned int max_pages = 4096;
module_param(max_pages, uint, 0400);
MODULE_PARM_DESC(max_pages, "Pages to keep at most");

static bool exclusive;
module_param(exclusive, bool, 0400);
MODULE_PARM_DESC(exclusive, "A load removes the copy");

static struct xarray areas[AREAS];
static atomic_t pages = ATOMIC_INIT(0);

static void drop(struct page *copy)
{
	if (!copy)
		return;
	__free_page(copy);
	atomic_dec(&pages);
}

static void ram_init(unsigned int type)
{
}

static int ram_store(unsigned int type, pgoff_t offset, struct page *page)
{
	struct page *copy;
	void *old;

	if (type >= AREAS)
		return -1;
	if (atomic_inc_return(&pages) > max_pages)
		goto refuse;
	copy = alloc_page(GFP_NOIO | __GFP_NOWARN | __GFP_NORETRY);
	if (!copy)
		goto refuse;
	copy_highpage(copy, page);
	old = xa_store_irq(&areas[type], offset, copy, GFP_NOIO | __GFP_NOWARN);
	if (xa_is_err(old)) {
		drop(copy);
		return -1;
	}
	drop(old);
	return 0;
refuse:
	atomic_dec(&pages);
	return -1;
}

static int ram_load(unsigned int type, pgoff_t offset, struct page *page)
{
	struct page *copy;
	unsigned long flags;

	xa_lock_irqsave(&areas[type], flags);
	copy = xa_load(&areas[type], offset);
	if (copy)
		copy_highpage(page, copy);
	xa_unlock_irqrestore(&areas[type], flags);
	return copy ? 0 : -1;
}

static void ram_invalidate_page(unsigned int type, pgoff_t offset)
{
	unsigned long flags;
	struct page *copy;

	xa_lock_irqsave(&areas[type], flags);
	copy = __xa_erase(&areas[type], offset);
	xa_unlock_irqrestore(&areas[type], flags);
	drop(copy);
}

static void ram_invalidate_area(unsigned int type)
{
	unsigned long offset;
	struct page *copy;

	if (type >= AREAS)
		return;
	xa_for_each(&areas[type], offset, copy)
		ram_invalidate_page(type, offset);
}

static struct frontswap_ops ram_ops = {
	.init = ram_init,
	.store = ram_store,
	.load = ram_load,
	.invalidate_page = ram_invalidate_page,
	.invalidate_area = ram_invalidate_area,
};

static int __init ram_module_init(void)
{
	unsigned int i;

	for (i = 0; i < AREAS; i++)
		xa_init_flags(&areas[i], XA_FLAGS_LOCK_IRQ);
	frontswap_tmem_exclusive_gets(exclusive);
	return frontswap_register_ops(&ram_ops);
}

static void __exit ram_module_exit(void)
{
	frontswap_unregister_ops(&ram_ops);
}

module_init(ram_module_init);
module_exit(ram_module_exit);
MODULE_DESCRIPTION("Sample frontswap backend in RAM");
MODULE_LICENSE("GPL");
