/* SPDX-License-Identifier: GPL-2.0 */
/* The 4 KiB slots of one device: which are in use, and which are never to be used again. */
#ifndef _TMEM_PMEM_SLOTS_H
#define _TMEM_PMEM_SLOTS_H

#include <linux/sbitmap.h>
#include <linux/types.h>

/**
 * struct tmem_pmem_slots - slot allocation
 * @count: slots in all
 * @usable: only the first so many are handed out
 * @all: bit set for each slot in use, of all: where they are counted and given back
 * @used: the same bits, of those that are usable: where slots are taken; one of @views
 * @views: the second one becomes @used when @usable changes
 * @bad: bit set for each quarantined slot
 * @bad_count: bits set in @bad
 * @run_hint: word of @used where the last run was found
 * @full: the last search found nothing and nothing was freed since
 */
struct tmem_pmem_slots {
	u32 count;
	u32 usable;
	struct sbitmap all;
	struct sbitmap *used;
	struct sbitmap views[2];
	unsigned long *bad;
	atomic_t bad_count;
	u32 run_hint;
	bool full;
};

/* Return: 0 or -ENOMEM. */
int tmem_pmem_slots_init(struct tmem_pmem_slots *slots, u32 count, int node);
void tmem_pmem_slots_exit(struct tmem_pmem_slots *slots);

/* Context: any but NMI. Return: a slot, -1 if there is none. */
int tmem_pmem_slots_alloc(struct tmem_pmem_slots *slots);

/**
 * tmem_pmem_slots_alloc_run() - take slots that follow one another
 * @slots: of a device
 * @want: as many as there are use for
 * @got: how many they are: a power of 2 not above @want, nor above 64; or, where no such run is at hand, a half
 *	of that, a quarter, ...
 *
 * Looks at a bounded part of the map only: where that has no run, single slots may still be had. Runs that
 * are taken one after the other follow one another, too, while there is room for that.
 *
 * Context: any but NMI.
 * Return: the first slot, -1 if not even two were found side by side.
 */
int tmem_pmem_slots_alloc_run(struct tmem_pmem_slots *slots, u32 want, u32 *got);

/* Context: any but NMI. A quarantined slot stays in use for ever. */
void tmem_pmem_slots_free(struct tmem_pmem_slots *slots, u32 slot);

/**
 * tmem_pmem_slots_resize() - change how many slots are usable
 * @slots: nobody who takes slots has begun before the last change
 * @usable: at most @slots->count
 *
 * Slots taken meanwhile may still lie beyond it. What is in use there stays so until it is freed.
 */
void tmem_pmem_slots_resize(struct tmem_pmem_slots *slots, u32 usable);

/* May it be used? What lies beyond may still hold a page, but not another one. */
static inline bool tmem_pmem_slots_is_usable(const struct tmem_pmem_slots *slots, u32 slot)
{
	return slot < READ_ONCE(slots->usable);
}

/* Usable slots that are not bad. */
u32 tmem_pmem_slots_good(const struct tmem_pmem_slots *slots);

/* From now on @slot is not handed out any more. Context: any. Return: false if it was so before. */
bool tmem_pmem_slots_quarantine(struct tmem_pmem_slots *slots, u32 slot);

static inline bool tmem_pmem_slots_is_bad(const struct tmem_pmem_slots *slots, u32 slot)
{
	return unlikely(atomic_read(&slots->bad_count)) && test_bit(slot, slots->bad);
}

/* Slots that hold a page now. Takes a look at all of them. Context: may sleep. */
u32 tmem_pmem_slots_used(const struct tmem_pmem_slots *slots);

#endif /* _TMEM_PMEM_SLOTS_H */
