// SPDX-License-Identifier: GPL-2.0
/*
 * Gives up copies whose page is in memory too, when room is short.
 *
 * A load leaves its copy stored, so that the page can be dropped from memory again without a
 * store. When a backend is full, such copies are the cheapest room there is: the page in memory
 * is marked dirty, and then its copy is not needed.
 */
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>

#include "core.h"
#include "swap_device.h"

/* Entries looked at in one call (256 cache lines), so that a store never waits long. */
#define KEPT_SCAN_MAX	4096

/* Guards the hand: where the next call goes on. */
static DEFINE_MUTEX(hand_lock);
static struct tmem_key hand;

/**
 * tmem_kept_redirty() - replace a copy by its page in memory
 * @key: of the page, in an area that is held
 * @entry: of the slot
 * @place: that @entry named
 *
 * Return: 0 if the page was in memory and is dirty now, and the copy is gone; -ENOENT if it was not,
 * -EAGAIN if somebody else has it locked.
 */
int tmem_kept_redirty(struct tmem_key key, u32 *entry, u32 place)
{
	struct folio *folio = tmem_swap_cached_folio(key);
	bool replaced;

	if (IS_ERR(folio))
		return PTR_ERR(folio);
	/* Dirty first: from then on the page in memory cannot be dropped. */
	folio_mark_dirty(folio);
	replaced = tmem_place_leave(key, entry, place, TMEM_PLACE_NONE);
	folio_unlock(folio);
	folio_put(folio);
	return replaced ? 0 : -ENOENT;
}

static bool drop_one(struct tmem_key key, u32 *entry, unsigned int backend)
{
	u32 value = READ_ONCE(*entry);
	u32 place = tmem_entry_place(value);

	if (!(value & TMEM_ENTRY_KEPT) || (value & (TMEM_ENTRY_BUSY | TMEM_ENTRY_INFLIGHT)))
		return false;
	if (!tmem_place_is_handle(place) || tmem_place_backend(place) != backend)
		return false;
	if (!tmem_kept_redirty(key, entry, place)) {
		tmem_count(TMEM_EVENT_kept_copies_dropped);
		return true;
	}
	/* It has left memory since it was loaded (or is busy): not worth looking at again. */
	tmem_entry_clear_kept(entry, value);
	return false;
}

/* Advances the hand through one area. Return: copies dropped. */
static unsigned int drop_in_area(unsigned int backend, unsigned int want, unsigned int *budget)
{
	struct swap_info_struct *device;
	struct tmem_area *area;
	unsigned int dropped = 0;

	lockdep_assert_held(&hand_lock);
	device = tmem_swap_device_get(hand.type);
	area = device ? tmem_area(hand.type) : NULL;
	while (area && hand.offset < area->slots && *budget && dropped < want) {
		dropped += drop_one(hand, &area->entries[hand.offset], backend);
		hand.offset++;
		--*budget;
	}
	if (!area || hand.offset >= area->slots) {
		hand.offset = 0;
		hand.type = (hand.type + 1) % MAX_SWAPFILES;
	}
	if (device)
		tmem_swap_device_put(device);
	return dropped;
}

/**
 * tmem_kept_drop() - make room in a full backend
 * @backend: its number
 * @want: copies to give up
 *
 * Context: reclaim, with a folio locked and inside tmem_srcu: only tries locks, allocates nothing.
 * Return: copies given up, 0 if none was found or somebody else is looking.
 */
unsigned int tmem_kept_drop(unsigned int backend, unsigned int want)
{
	unsigned int budget = KEPT_SCAN_MAX;
	unsigned int dropped = 0;
	unsigned int areas = MAX_SWAPFILES;

	if (!mutex_trylock(&hand_lock))
		return 0;
	while (areas-- && budget && dropped < want)
		dropped += drop_in_area(backend, want - dropped, &budget);
	mutex_unlock(&hand_lock);
	return dropped;
}
