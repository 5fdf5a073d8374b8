/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The 32-bit entry of a swap slot: where the current copy of its page is, and who may change that.
 *
 * An entry has a place (28 bits and the backend's number) and three flags. The kernel runs at
 * most one store, load or invalidation for a slot at a time (the folio lock and the swap
 * cache see to that), but our own write-out and reclaim run beside them. Who may do what:
 *
 *	state            store           load      invalidate       our workers
 *	empty            publishes       miss      nothing to do    leave it alone
 *	place            locks (BUSY)    reads     empties          may set INFLIGHT
 *	place, BUSY      -               -         -                leave it alone
 *	place, INFLIGHT  waits           reads     empties, keeps   the one that set it
 *	                                           INFLIGHT
 *	empty, INFLIGHT  waits           miss      nothing to do    the one that set it
 *
 * INFLIGHT means that a bio to the page's own swap slot may be on its way. It outlives the
 * place: when the slot is freed and used again while the bio flies, a store to it waits, because
 * a refusal would let the kernel write the slot beside the bio.
 *
 * Pure: compiles for user space too.
 */
#ifndef _TMEM_ENTRY_H
#define _TMEM_ENTRY_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/types.h>

#define TMEM_ENTRY_BUSY		BIT(31)	/* a store is replacing the copy */
#define TMEM_ENTRY_INFLIGHT	BIT(30)	/* a worker moves the copy; see above */
#define TMEM_ENTRY_KEPT		BIT(29)	/* loaded since it was stored: probably in memory too */
#define TMEM_ENTRY_FLAGS	(TMEM_ENTRY_BUSY | TMEM_ENTRY_INFLIGHT | TMEM_ENTRY_KEPT)
#define TMEM_ENTRY_BACKEND	BIT(28)	/* number of the backend */

/* Places below TMEM_PLACE_HANDLES belong to the core and to no backend. */
#define TMEM_PLACE_NONE		0U	/* no copy */
#define TMEM_PLACE_LOST		1U	/* the copy was lost; a load fails */
#define TMEM_PLACE_FILLS	2U	/* same-filled page: number of its word, see fill.h */
#define TMEM_FILLS_MAX		4096U
#define TMEM_PLACE_HANDLES	8192U

/* The place without the flags. */
static inline u32 tmem_entry_place(u32 value)
{
	return value & ~(u32)TMEM_ENTRY_FLAGS;
}

/* Two values of an entry name the same place, whatever their flags. */
static inline bool tmem_entry_same_place(u32 value, u32 other)
{
	return !tmem_entry_place(value ^ other);
}

static inline bool tmem_place_is_fill(u32 place)
{
	return place >= TMEM_PLACE_FILLS && place < TMEM_PLACE_FILLS + TMEM_FILLS_MAX;
}

static inline bool tmem_place_is_handle(u32 place)
{
	return (place & ~(u32)TMEM_ENTRY_BACKEND) >= TMEM_PLACE_HANDLES;
}

static inline u32 tmem_place_make(unsigned int backend, u32 handle)
{
	return (handle + TMEM_PLACE_HANDLES) | (backend ? (u32)TMEM_ENTRY_BACKEND : 0);
}

static inline unsigned int tmem_place_backend(u32 place)
{
	return !!(place & TMEM_ENTRY_BACKEND);
}

static inline u32 tmem_place_handle(u32 place)
{
	return (place & ~(u32)TMEM_ENTRY_BACKEND) - TMEM_PLACE_HANDLES;
}

/**
 * tmem_entry_lock() - take an entry for a store
 * @entry: of the slot being stored
 * @old: out: place of the older copy, TMEM_PLACE_NONE if there is none
 *
 * Return: 0, then tmem_entry_publish() must follow; -EAGAIN while a bio is in flight: wait until
 * INFLIGHT is clear and call again.
 */
static inline int __must_check tmem_entry_lock(u32 *entry, u32 *old)
{
	u32 value = READ_ONCE(*entry);

	/* No worker touches an empty entry, so it needs no lock. */
	do {
		if (!value)
			break;
		if (value & (TMEM_ENTRY_INFLIGHT | TMEM_ENTRY_BUSY))
			return -EAGAIN;
	} while (!try_cmpxchg(entry, &value, value | TMEM_ENTRY_BUSY));
	*old = tmem_entry_place(value);
	return 0;
}

/* End a store: from here on loads see @place, and with it everything written before. */
static inline void tmem_entry_publish(u32 *entry, u32 place)
{
	/* Pairs with the smp_load_acquire() of loads, see load.c. */
	smp_store_release(entry, place);
}

/**
 * tmem_entry_clear() - forget the copy
 * @entry: of the slot that is invalidated
 *
 * Return: the place to free, TMEM_PLACE_NONE if there was none.
 */
static inline u32 tmem_entry_clear(u32 *entry)
{
	u32 value = READ_ONCE(*entry);

	do {
		if (!tmem_entry_place(value))
			return TMEM_PLACE_NONE;
	} while (!try_cmpxchg(entry, &value, value & (u32)TMEM_ENTRY_INFLIGHT));
	return tmem_entry_place(value);
}

/**
 * tmem_entry_replace() - put another place where @place was, if it is still there
 * @entry: any
 * @place: what must be there
 * @next: new place, TMEM_PLACE_NONE to empty it
 *
 * The caller is the one worker that set INFLIGHT, or holds the folio lock. INFLIGHT stays as it is.
 *
 * Return: true if @next took the place of @place (which the caller frees).
 */
static inline bool tmem_entry_replace(u32 *entry, u32 place, u32 next)
{
	u32 value = READ_ONCE(*entry);

	do {
		if (tmem_entry_place(value) != place || (value & TMEM_ENTRY_BUSY))
			return false;
	} while (!try_cmpxchg(entry, &value, next | (value & (u32)TMEM_ENTRY_INFLIGHT)));
	return true;
}

/**
 * tmem_entry_begin_move() - a worker starts moving a copy away
 * @entry: any
 *
 * Return: the place to move, with INFLIGHT set on the entry; TMEM_PLACE_NONE if there is nothing
 * to move or somebody else is at it.
 */
static inline u32 tmem_entry_begin_move(u32 *entry)
{
	u32 value = READ_ONCE(*entry);

	do {
		if (tmem_entry_place(value) <= TMEM_PLACE_LOST || (value & (TMEM_ENTRY_BUSY | TMEM_ENTRY_INFLIGHT)))
			return TMEM_PLACE_NONE;
	} while (!try_cmpxchg(entry, &value, value | TMEM_ENTRY_INFLIGHT));
	return tmem_entry_place(value);
}

/* The worker that set INFLIGHT is done, whatever became of the entry; the caller wakes waiters. */
static inline void tmem_entry_end_move(u32 *entry)
{
	u32 value = READ_ONCE(*entry);

	while (!try_cmpxchg(entry, &value, value & ~(u32)TMEM_ENTRY_INFLIGHT))
		;
}

/*
 * KEPT is a hint: setting or clearing it gives up when somebody else changed the entry since it was
 * read as @value. Set by a load, beside which no store runs.
 */
static inline void tmem_entry_set_kept(u32 *entry, u32 value)
{
	if (tmem_entry_place(value) && !(value & TMEM_ENTRY_KEPT))
		cmpxchg(entry, value, value | TMEM_ENTRY_KEPT);
}

static inline void tmem_entry_clear_kept(u32 *entry, u32 value)
{
	if ((value & TMEM_ENTRY_KEPT) && !(value & TMEM_ENTRY_BUSY))
		cmpxchg(entry, value, value & ~(u32)TMEM_ENTRY_KEPT);
}

#endif /* _TMEM_ENTRY_H */
