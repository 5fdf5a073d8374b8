// SPDX-License-Identifier: GPL-2.0
/* The 4 KiB slots of one device: which are in use, and which are never to be used again. */
#include <linux/bitmap.h>
#include <linux/bits.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "slots.h"

/* Words of the map that are looked at between two calls of cond_resched(). */
#define LOOK_WORDS	4096

int tmem_pmem_slots_init(struct tmem_pmem_slots *slots, u32 count, int node)
{
	int err;

	slots->count = count;
	slots->usable = count;
	slots->full = false;
	slots->run_hint = 0;
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

/* Return: a slot, bad or not; -1 if all are in use. */
static int take_slot(struct tmem_pmem_slots *slots)
{
	/* Both acquires pair with the release in tmem_pmem_slots_resize(). */
	int slot = sbitmap_get(smp_load_acquire(&slots->used));

	if (likely(slot >= 0))
		return slot;
	WRITE_ONCE(slots->full, true);
	/* Whoever freed a slot before that did not see @full, so look again. Pairs with tmem_pmem_slots_free(). */
	smp_mb();
	slot = sbitmap_get(smp_load_acquire(&slots->used));
	if (slot >= 0)
		WRITE_ONCE(slots->full, false);
	return slot;
}

int tmem_pmem_slots_alloc(struct tmem_pmem_slots *slots)
{
	int slot;

	/* A search of a full map looks at all of it, so it is not repeated in vain. */
	if (unlikely(READ_ONCE(slots->full)))
		return -1;
	do {
		slot = take_slot(slots);
		if (unlikely(slot < 0))
			return -1;
	} while (unlikely(tmem_pmem_slots_is_bad(slots, slot)));
	return slot;
}

/* Words of the map that are looked at for a run of one length. */
#define RUN_LOOK	16

/* As sbitmap_deferred_clear(). */
static void settle_freed(struct sbitmap_word *map)
{
	unsigned long flags;

	if (!READ_ONCE(map->cleared))
		return;
	raw_spin_lock_irqsave(&map->swap_lock, flags);
	atomic_long_andnot(xchg(&map->cleared, 0), (atomic_long_t *)&map->word);
	raw_spin_unlock_irqrestore(&map->swap_lock, flags);
}

/* Quarantined slots among those that were just taken: they stay taken, the others go back. */
static bool give_back_if_bad(struct tmem_pmem_slots *slots, u32 first, u32 count)
{
	u32 slot;

	if (likely(!atomic_read(&slots->bad_count)) ||
	    find_next_bit(slots->bad, first + count, first) >= first + count)
		return false;
	for (slot = first; slot < first + count; slot++)
		tmem_pmem_slots_free(slots, slot);
	return true;
}

/* Return: the first of @count slots, aligned by their number, in this word of the map; -1 if it has none. */
static int take_in_word(struct tmem_pmem_slots *slots, const struct sbitmap *view, u32 index, u32 count)
{
	struct sbitmap_word *map = &view->map[index];
	unsigned long bits = min_t(unsigned long, __map_depth(view, index), BITS_PER_LONG);
	unsigned long word, bit;

	settle_freed(map);
	word = READ_ONCE(map->word);
	do {
		bit = bitmap_find_next_zero_area(&word, bits, 0, count, count - 1);
		if (bit >= bits)
			return -1;
	} while (!try_cmpxchg(&map->word, &word, word | GENMASK(bit + count - 1, bit)));
	bit += index * BITS_PER_LONG;
	return give_back_if_bad(slots, bit, count) ? -1 : (int)bit;
}

static int take_near_hint(struct tmem_pmem_slots *slots, const struct sbitmap *view, u32 count)
{
	u32 words = view->map_nr;
	u32 index = READ_ONCE(slots->run_hint);
	u32 looks = min_t(u32, words, RUN_LOOK);

	while (looks--) {
		int slot;

		if (index >= words)
			index = 0;
		slot = take_in_word(slots, view, index, count);
		if (slot >= 0) {
			WRITE_ONCE(slots->run_hint, index);
			return slot;
		}
		index++;
	}
	/* For shorter runs this part is looked at once more, and then the next time another one. */
	if (count == 2)
		WRITE_ONCE(slots->run_hint, index);
	return -1;
}

int tmem_pmem_slots_alloc_run(struct tmem_pmem_slots *slots, u32 want, u32 *got)
{
	/* Pairs with tmem_pmem_slots_resize(). */
	const struct sbitmap *view = smp_load_acquire(&slots->used);
	u32 count;

	if (unlikely(want < 2 || READ_ONCE(slots->full)))
		return -1;
	for (count = min_t(u32, rounddown_pow_of_two(want), BITS_PER_LONG); count > 1; count /= 2) {
		int slot = take_near_hint(slots, view, count);

		if (likely(slot >= 0)) {
			*got = count;
			return slot;
		}
	}
	return -1;
}

void tmem_pmem_slots_free(struct tmem_pmem_slots *slots, u32 slot)
{
	if (tmem_pmem_slots_is_bad(slots, slot))
		return;
	sbitmap_put(&slots->all, slot);
	/* Pairs with take_slot(). One that is not usable any more wakes nobody. */
	smp_mb__after_atomic();
	if (unlikely(READ_ONCE(slots->full)) && tmem_pmem_slots_is_usable(slots, slot))
		WRITE_ONCE(slots->full, false);
}

void tmem_pmem_slots_resize(struct tmem_pmem_slots *slots, u32 usable)
{
	struct sbitmap *view = &slots->views[slots->used == &slots->views[0]];

	/* A map of its own size, of the same words. */
	*view = slots->all;
	sbitmap_resize(view, usable);
	WRITE_ONCE(slots->usable, usable);
	/* The map before who looks for it; pairs with take_slot() and tmem_pmem_slots_alloc_run(). */
	smp_store_release(&slots->used, view);
	WRITE_ONCE(slots->full, false);
}

u32 tmem_pmem_slots_good(const struct tmem_pmem_slots *slots)
{
	u32 usable = READ_ONCE(slots->usable);

	if (likely(!atomic_read(&slots->bad_count)))
		return usable;
	return usable - bitmap_weight(slots->bad, usable);
}

bool tmem_pmem_slots_quarantine(struct tmem_pmem_slots *slots, u32 slot)
{
	if (test_and_set_bit(slot, slots->bad))
		return false;
	atomic_inc(&slots->bad_count);
	return true;
}

/* A slot that was freed is in the map until a search finds no other. Quarantined ones may be in it, too. */
u32 tmem_pmem_slots_used(const struct tmem_pmem_slots *slots)
{
	u32 used = 0, i;

	for (i = 0; i < slots->all.map_nr; i++) {
		const struct sbitmap_word *map = &slots->all.map[i];

		used += hweight_long(READ_ONCE(map->word) & ~READ_ONCE(map->cleared) & ~READ_ONCE(slots->bad[i]));
		if (!(i % LOOK_WORDS))
			cond_resched();
	}
	return used;
}
