// SPDX-License-Identifier: GPL-2.0
/* The segments of one device: which of them are free, filled, written, full, evicted. */
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "log.h"

int tmem_ssd_log_init(struct tmem_ssd_log *log, u32 first_slot, u32 count)
{
	u64 end = first_slot + (u64)count * TMEM_SSD_SEGMENT_BLOCKS;
	u32 i;

	if (!count || first_slot % TMEM_SSD_SEGMENT_BLOCKS || end > U32_MAX)
		return -EINVAL;
	memset(log, 0, sizeof(*log));
	log->first_slot = first_slot;
	log->count = count;
	spin_lock_init(&log->lock);
	INIT_LIST_HEAD(&log->free);
	INIT_LIST_HEAD(&log->littered);
	INIT_LIST_HEAD(&log->sealed);
	log->segments = kvcalloc(count, sizeof(*log->segments), GFP_KERNEL);
	if (!log->segments)
		return -ENOMEM;
	for (i = 0; i < count; i++)
		list_add_tail(&log->segments[i].list, &log->free);
	log->in_state[TMEM_SSD_SEGMENT_FREE] = count;
	return 0;
}

void tmem_ssd_log_exit(struct tmem_ssd_log *log)
{
	kvfree(log->segments);
	log->segments = NULL;
}

size_t tmem_ssd_log_bytes(const struct tmem_ssd_log *log)
{
	return log->count * sizeof(*log->segments);
}

u32 tmem_ssd_log_keep_free(const struct tmem_ssd_log *log)
{
	return min(clamp(log->count / 8, 2U, 8U), log->count / 2);
}

/* @segment is free: its last contents are still on the device, which does not know that nobody wants them. */
static bool is_littered(const struct tmem_ssd_segment *segment)
{
	return segment->sequence && !segment->discarded;
}

/* The segment goes into the list of its new state, if that has one. */
static void change_state(struct tmem_ssd_log *log, struct tmem_ssd_segment *segment,
			 enum tmem_ssd_segment_state from, enum tmem_ssd_segment_state state)
{
	lockdep_assert_held(&log->lock);
	if (from == TMEM_SSD_SEGMENT_FREE || from == TMEM_SSD_SEGMENT_SEALED)
		list_del_init(&segment->list);
	log->in_state[from]--;
	WRITE_ONCE(segment->state, state);
	WRITE_ONCE(log->in_state[state], log->in_state[state] + 1);
	if (state == TMEM_SSD_SEGMENT_FREE)
		list_add_tail(&segment->list, is_littered(segment) ? &log->littered : &log->free);
	else if (state == TMEM_SSD_SEGMENT_SEALED)
		list_add_tail(&segment->list, &log->sealed);
}

static void set_state(struct tmem_ssd_log *log, struct tmem_ssd_segment *segment,
		      enum tmem_ssd_segment_state state)
{
	change_state(log, segment, segment->state, state);
}

static bool is_unused(const struct tmem_ssd_segment *segment)
{
	return !atomic_read(&segment->live) && !atomic_read(&segment->pins);
}

/* No page of it is left: no need to wait until it is the oldest. */
static void free_if_dead(struct tmem_ssd_log *log, struct tmem_ssd_segment *segment)
{
	lockdep_assert_held(&log->lock);
	if (segment->state == TMEM_SSD_SEGMENT_SEALED && is_unused(segment))
		set_state(log, segment, TMEM_SSD_SEGMENT_FREE);
}

static void lock_and_free_if_dead(struct tmem_ssd_log *log, struct tmem_ssd_segment *segment)
{
	unsigned long flags;

	spin_lock_irqsave(&log->lock, flags);
	free_if_dead(log, segment);
	spin_unlock_irqrestore(&log->lock, flags);
}

int tmem_ssd_log_open(struct tmem_ssd_log *log)
{
	struct tmem_ssd_segment *segment;
	int number = -ENOSPC;
	unsigned long flags;

	spin_lock_irqsave(&log->lock, flags);
	segment = list_first_entry_or_null(&log->free, struct tmem_ssd_segment, list) ?:
		  list_first_entry_or_null(&log->littered, struct tmem_ssd_segment, list);
	if (segment) {
		set_state(log, segment, TMEM_SSD_SEGMENT_OPEN);
		segment->pages = 0;
		segment->sequence = ++log->sequence;
		segment->discarded = false;
		number = segment - log->segments;
	}
	spin_unlock_irqrestore(&log->lock, flags);
	return number;
}

int tmem_ssd_log_alloc(struct tmem_ssd_log *log, u32 number, u32 *slot)
{
	struct tmem_ssd_segment *segment = &log->segments[number];
	unsigned long flags;
	int err = -ENOSPC;

	spin_lock_irqsave(&log->lock, flags);
	if (segment->state == TMEM_SSD_SEGMENT_OPEN && segment->pages < TMEM_SSD_SEGMENT_PAGES) {
		*slot = tmem_ssd_log_slot(log, number, segment->pages++);
		atomic_inc(&segment->live);
		atomic_long_inc(&log->live);
		err = 0;
	}
	spin_unlock_irqrestore(&log->lock, flags);
	return err;
}

/* Return: slots given out. Does nothing if the segment is in another state than @from. */
static unsigned int advance(struct tmem_ssd_log *log, u32 number, enum tmem_ssd_segment_state from,
			    enum tmem_ssd_segment_state to)
{
	struct tmem_ssd_segment *segment = &log->segments[number];
	unsigned int pages = 0;
	unsigned long flags;

	spin_lock_irqsave(&log->lock, flags);
	if (segment->state == from) {
		set_state(log, segment, to);
		pages = segment->pages;
		free_if_dead(log, segment);
	}
	spin_unlock_irqrestore(&log->lock, flags);
	return pages;
}

unsigned int tmem_ssd_log_close(struct tmem_ssd_log *log, u32 segment)
{
	return advance(log, segment, TMEM_SSD_SEGMENT_OPEN, TMEM_SSD_SEGMENT_WRITING);
}

void tmem_ssd_log_written(struct tmem_ssd_log *log, u32 segment)
{
	advance(log, segment, TMEM_SSD_SEGMENT_WRITING, TMEM_SSD_SEGMENT_SEALED);
}

void tmem_ssd_log_write_failed(struct tmem_ssd_log *log, u32 segment)
{
	advance(log, segment, TMEM_SSD_SEGMENT_WRITING, TMEM_SSD_SEGMENT_EVICTING);
}

void tmem_ssd_log_drop(struct tmem_ssd_log *log, u32 slot)
{
	struct tmem_ssd_segment *segment = &log->segments[tmem_ssd_log_segment(log, slot)];

	atomic_long_dec(&log->live);
	/* A full barrier, see tmem_ssd_log_pin(). */
	if (atomic_dec_and_test(&segment->live))
		lock_and_free_if_dead(log, segment);
}

enum tmem_ssd_segment_state tmem_ssd_log_pin(struct tmem_ssd_log *log, u32 slot)
{
	struct tmem_ssd_segment *segment = &log->segments[tmem_ssd_log_segment(log, slot)];

	atomic_inc(&segment->pins);
	/* Pairs with those in tmem_ssd_log_drop(), claim_unread() and tmem_ssd_log_is_empty(). */
	smp_mb__after_atomic();
	return READ_ONCE(segment->state);
}

void tmem_ssd_log_unpin(struct tmem_ssd_log *log, u32 slot)
{
	struct tmem_ssd_segment *segment = &log->segments[tmem_ssd_log_segment(log, slot)];

	/* Of two that make the last pin and the last live slot go, one sees both gone. */
	if (atomic_dec_and_test(&segment->pins) && !atomic_read(&segment->live))
		lock_and_free_if_dead(log, segment);
}

/* Nobody reads from it, or will: who pins it now sees that it is evicted. */
static bool claim_unread(struct tmem_ssd_segment *segment)
{
	enum tmem_ssd_segment_state before = segment->state;

	if (atomic_read(&segment->pins))
		return false;
	WRITE_ONCE(segment->state, TMEM_SSD_SEGMENT_EVICTING);
	/* Pairs with the one in tmem_ssd_log_pin(): one of the two sees the other. */
	smp_mb();
	if (!atomic_read(&segment->pins))
		return true;
	WRITE_ONCE(segment->state, before);
	return false;
}

/*
 * Evict the first of a list, out of the state they are in. What is read from may be so for long: a limit of the
 * reader's cgroup holds requests up. If all are, the first.
 * Return: its number; -ENOENT if there is none.
 */
static int evict_unread(struct tmem_ssd_log *log, struct list_head *segments, enum tmem_ssd_segment_state from)
{
	struct tmem_ssd_segment *segment, *found;
	unsigned long flags;

	spin_lock_irqsave(&log->lock, flags);
	found = list_first_entry_or_null(segments, struct tmem_ssd_segment, list);
	list_for_each_entry(segment, segments, list) {
		if (claim_unread(segment)) {
			found = segment;
			break;
		}
	}
	if (found)
		change_state(log, found, from, TMEM_SSD_SEGMENT_EVICTING);
	spin_unlock_irqrestore(&log->lock, flags);
	return found ? found - log->segments : -ENOENT;
}

int tmem_ssd_log_evict_begin(struct tmem_ssd_log *log)
{
	return evict_unread(log, &log->sealed, TMEM_SSD_SEGMENT_SEALED);
}

bool tmem_ssd_log_is_empty(struct tmem_ssd_log *log, u32 segment)
{
	/* Pairs with the one in tmem_ssd_log_pin(). */
	smp_mb();
	return is_unused(&log->segments[segment]);
}

int tmem_ssd_log_evict_end(struct tmem_ssd_log *log, u32 number, bool discarded)
{
	struct tmem_ssd_segment *segment = &log->segments[number];
	unsigned long flags;
	int err = -EAGAIN;

	spin_lock_irqsave(&log->lock, flags);
	if (segment->state == TMEM_SSD_SEGMENT_EVICTING && tmem_ssd_log_is_empty(log, number)) {
		segment->discarded = discarded;
		set_state(log, segment, TMEM_SSD_SEGMENT_FREE);
		err = 0;
	}
	spin_unlock_irqrestore(&log->lock, flags);
	return err;
}

int tmem_ssd_log_discard_begin(struct tmem_ssd_log *log)
{
	return evict_unread(log, &log->littered, TMEM_SSD_SEGMENT_FREE);
}
