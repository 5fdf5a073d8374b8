// SPDX-License-Identifier: GPL-2.0
/* What a place holds: the bytes of a page, in a backend or in a repeated word. */
#include <linux/highmem.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "core.h"
#include "fault.h"
#include "fill.h"

/**
 * tmem_place_read() - fill a page from a place
 * @key: of the page
 * @place: any but TMEM_PLACE_NONE; may be freed meanwhile, then @page may hold anything
 * @page: destination
 *
 * Context: may sleep; inside tmem_srcu.
 * Return: 0, or -EIO if the contents are lost.
 */
int tmem_place_read(struct tmem_key key, u32 place, struct page *page)
{
	struct tmem_backend *backend;
	void *data;

	if (likely(tmem_place_is_handle(place))) {
		backend = READ_ONCE(tmem_backends[tmem_place_backend(place)]);
		if (unlikely(!backend || tmem_fault_one_in(TMEM_FAULT_LOSE_ONE_IN)))
			return -EIO;
		return backend->ops->load(key, tmem_place_handle(place), page);
	}
	if (!tmem_place_is_fill(place))
		return -EIO;
	data = kmap_local_page(page);
	memset64(data, tmem_fill_word(place - TMEM_PLACE_FILLS), PAGE_SIZE / sizeof(u64));
	kunmap_local(data);
	return 0;
}

/* Give a handle back to its backend; see tmem_place_free(). */
void tmem_handle_free(struct tmem_key key, u32 place)
{
	struct tmem_backend *backend = READ_ONCE(tmem_backends[tmem_place_backend(place)]);

	if (likely(backend))
		backend->ops->free(key, tmem_place_handle(place));
}

/**
 * tmem_place_leave() - put another place where a copy was, and free that
 * @key: of the page
 * @entry: of its slot; see tmem_entry_replace() for who may call
 * @place: that @entry should still name
 * @next: instead, or TMEM_PLACE_NONE or TMEM_PLACE_LOST
 *
 * Context: any but NMI.
 * Return: false if the copy had been forgotten or replaced before.
 */
bool tmem_place_leave(struct tmem_key key, u32 *entry, u32 place, u32 next)
{
	bool left;

	rcu_read_lock();
	left = tmem_entry_replace(entry, place, next);
	if (left) {
		tmem_place_free(key, place);
		if (next <= TMEM_PLACE_LOST)
			tmem_count_held(-1);
	}
	rcu_read_unlock();
	return left;
}
