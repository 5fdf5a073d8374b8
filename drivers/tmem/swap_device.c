// SPDX-License-Identifier: GPL-2.0
/* What the core asks the kernel about a swap device: hold it, where a slot lies, what is cached. */
#include <linux/blkdev.h>
#include <linux/pagemap.h>
#include <linux/static_call.h>
#include <linux/swapops.h>

#include "signatures.h"
#include "swap_device.h"
#include "symbols.h"

static struct swap_info_struct **areas;

DEFINE_TMEM_SIGNATURE(swap_cache_get_folio, struct folio *, TMEM_SWAP_CACHE_TYPES);
DEFINE_STATIC_CALL_NULL(tmem_swap_cache_get_folio, tmem_type_swap_cache_get_folio);

struct tmem_signature *tmem_swap_device_signature(unsigned int i)
{
	return i ? NULL : &tmem_signature_swap_cache_get_folio;
}

int tmem_swap_devices_init(void)
{
	unsigned long get_folio = tmem_symbol("swap_cache_get_folio");

	areas = (struct swap_info_struct **)tmem_symbol("swap_info");
	if (!areas || !get_folio) {
		pr_err("this kernel hides its swap areas (CONFIG_KALLSYMS_ALL), so it is not supported\n");
		return -EOPNOTSUPP;
	}
	if (!tmem_signature_holds(&tmem_signature_swap_cache_get_folio))
		return -EOPNOTSUPP;
	static_call_update(tmem_swap_cache_get_folio, (tmem_type_swap_cache_get_folio *)get_folio);
	return 0;
}

struct swap_info_struct *tmem_swap_device(unsigned int type)
{
	return READ_ONCE(areas[type]);
}

struct swap_info_struct *tmem_swap_device_get(unsigned int type)
{
	struct swap_info_struct *device = tmem_swap_device(type);

	/* The same steps as the kernel's get_swap_device(), without its complaint in the log. */
	if (!device || !percpu_ref_tryget_live(&device->users))
		return NULL;
	/* The reference before what it guards; pairs with the kernel's enable_swap_info(). */
	smp_rmb();
	return device;
}

void tmem_swap_device_put(struct swap_info_struct *device)
{
	percpu_ref_put(&device->users);
}

sector_t tmem_swap_device_sector(struct swap_info_struct *device, pgoff_t offset)
{
	struct rb_node *node = device->swap_extent_root.rb_node;

	while (node) {
		struct swap_extent *extent = rb_entry(node, struct swap_extent, rb_node);

		if (offset < extent->start_page)
			node = node->rb_left;
		else if (offset >= extent->start_page + extent->nr_pages)
			node = node->rb_right;
		else
			return (extent->start_block + (offset - extent->start_page)) <<
			       (PAGE_SHIFT - SECTOR_SHIFT);
	}
	return 0;
}

/*
 * Caller holds the folio's lock. Of memory that has just gone bad the kernel throws away a clean page, to read it
 * from swap again: that is no copy to rely on.
 */
static bool folio_caches(struct folio *folio, struct tmem_key key)
{
	swp_entry_t first;

	if (!folio_test_swapcache(folio) || !folio_test_uptodate(folio) || folio_test_hwpoison(folio) ||
	    (folio_test_large(folio) && folio_test_has_hwpoisoned(folio)))
		return false;
	first = tmem_folio_swap(folio);
	return swp_type(first) == key.type && key.offset >= swp_offset(first) &&
	       key.offset < swp_offset(first) + folio_nr_pages(folio);
}

struct folio *tmem_swap_cached_folio(struct tmem_key key)
{
	swp_entry_t entry = swp_entry(key.type, key.offset);
	struct folio *folio;

	folio = static_call(tmem_swap_cache_get_folio)(tmem_swap_cache_args(entry));
	if (IS_ERR_OR_NULL(folio))
		return ERR_PTR(-ENOENT);
	if (!folio_trylock(folio)) {
		folio_put(folio);
		return ERR_PTR(-EAGAIN);
	}
	if (folio_caches(folio, key))
		return folio;
	folio_unlock(folio);
	folio_put(folio);
	return ERR_PTR(-ENOENT);
}
