// SPDX-License-Identifier: GPL-2.0
/* What a place holds: the bytes of a page, in a backend or in a repeated word. */
#include <linux/highmem.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "core.h"
#include "fill.h"

/*
 * Slots whose copy was lost and whose owner has not been told. What the swap device has for them is
 * not theirs, so somebody must be there to say so.
 */
atomic_long_t tmem_lost_pages = ATOMIC_LONG_INIT(0);

/* Fill @page from a place that is no handle. Return: 0, or -EIO if the contents are lost. */
int tmem_fill_read(u32 place, struct page *page)
{
	void *data;

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
		tmem_area_emptied(tmem_area(key.type), key.offset, place, next);
	}
	rcu_read_unlock();
	return left;
}
