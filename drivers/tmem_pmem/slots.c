// SPDX-License-Identifier: GPL-2.0
/* The 4 KiB slots of one device: which are in use, and which are never to be used again. */
#include <linux/bitmap.h>
#include <linux/mm.h>

#include "slots.h"

int tmem_pmem_slots_init(struct tmem_pmem_slots *slots, u32 count, int node)
{
	int err;

	slots->count = count;
	slots->share = count;
	slots->full = false;
	atomic_set(&slots->bad_count, 0);
	slots->bad = kvcalloc(BITS_TO_LONGS(count), sizeof(long), GFP_KERNEL);
	if (!slots->bad)
		return -ENOMEM;
	/*
	 * Round robin: each CPU goes on where it found its last slot. Otherwise a freed slot
	 * becomes the place to look first, and as slots are freed in bursts as well, every
	 * allocation but one of a burst then searches a region without holes.
	 */
	err = sbitmap_init_node(&slots->all, count, ilog2(BITS_PER_LONG), GFP_KERNEL, node, true,
				true);
	if (err)
		kvfree(slots->bad);
	slots->views[0] = slots->all;
	slots->used = &slots->views[0];
	return err;
}

void tmem_pmem_slots_exit(struct tmem_pmem_slots *slots)
{
	sbitmap_free(&slots->all);
	kvfree(slots->bad);
}

int tmem_pmem_slots_alloc(struct tmem_pmem_slots *slots)
{
	int slot;

	/* A search of a full map looks at all of it, so it is not repeated in vain. */
	if (unlikely(READ_ONCE(slots->full)))
		return -1;
	do {
		slot = sbitmap_get(smp_load_acquire(&slots->used));
		if (unlikely(slot < 0)) {
			WRITE_ONCE(slots->full, true);
			return -1;
		}
	} while (unlikely(tmem_pmem_slots_is_bad(slots, slot)));
	return slot;
}

void tmem_pmem_slots_free(struct tmem_pmem_slots *slots, u32 slot)
{
	if (tmem_pmem_slots_is_bad(slots, slot))
		return;
	sbitmap_put(&slots->all, slot);
	/* One beyond the share is of no use. */
	if (unlikely(READ_ONCE(slots->full)) && tmem_pmem_slots_in_share(slots, slot))
		WRITE_ONCE(slots->full, false);
}

void tmem_pmem_slots_resize(struct tmem_pmem_slots *slots, u32 share)
{
	struct sbitmap *view = &slots->views[slots->used == &slots->views[0]];

	/* A map of its own size, of the same words. */
	*view = slots->all;
	sbitmap_resize(view, share);
	WRITE_ONCE(slots->share, share);
	smp_store_release(&slots->used, view);
	WRITE_ONCE(slots->full, false);
}

u32 tmem_pmem_slots_good(const struct tmem_pmem_slots *slots)
{
	u32 share = READ_ONCE(slots->share);

	if (likely(!atomic_read(&slots->bad_count)))
		return share;
	return share - bitmap_weight(slots->bad, share);
}

bool tmem_pmem_slots_quarantine(struct tmem_pmem_slots *slots, u32 slot)
{
	if (test_and_set_bit(slot, slots->bad))
		return false;
	atomic_inc(&slots->bad_count);
	return true;
}

u32 tmem_pmem_slots_used(const struct tmem_pmem_slots *slots)
{
	/* Quarantined slots that were met by a search count as used in the map. */
	u32 used = sbitmap_weight(&slots->all);
	u32 slot;

	for_each_set_bit(slot, slots->bad, slots->count)
		if (sbitmap_test_bit((struct sbitmap *)&slots->all, slot))
			used--;
	return used;
}
