/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The segments of one device: which of them are free, being filled, being written, full, being
 * evicted.
 *
 * A segment is 1 MiB, 256 blocks of 4 KiB: two for its summary, then 254 pages. It is filled in
 * RAM, written at once, and evicted as a whole, the one that was written first before the others:
 *
 *	FREE -> OPEN -> WRITING -> SEALED -> EVICTING -> FREE
 *	                                \--------------> FREE	(no page of it is left)
 *
 * A slot is a block of the device, counted from where its data begins, plus @first_slot, so that
 * the slots of several devices differ. Every slot that tmem_ssd_log_alloc() gave out is *live*
 * until tmem_ssd_log_drop(); a segment becomes free only when none of its slots is live, so that
 * nothing that still names a slot ever sees other contents there.
 *
 * A reader looks a page up, pins the segment, looks again, reads if the entry still names the slot,
 * and unpins. A segment that is pinned does not become free. See tmem_ssd_log_pin().
 *
 * Pure: no I/O, knows neither devices nor folios; compiles for user space too.
 *
 * Context: unless said otherwise any but NMI, with interrupts off, any number of CPUs; never
 * sleeps.
 */
#ifndef _TMEM_SSD_LOG_H
#define _TMEM_SSD_LOG_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <uapi/tmem/ssd_format.h>

enum tmem_ssd_segment_state {
	TMEM_SSD_SEGMENT_FREE,
	TMEM_SSD_SEGMENT_OPEN,		/* is filled */
	TMEM_SSD_SEGMENT_WRITING,	/* takes no more pages; they are in RAM still */
	TMEM_SSD_SEGMENT_SEALED,	/* its pages can be read from the device */
	TMEM_SSD_SEGMENT_EVICTING,	/* belongs to whoever evicts it */
	TMEM_SSD_SEGMENT_STATES
};

/**
 * struct tmem_ssd_segment - one segment
 * @list: in one of the log's lists of free or of sealed segments
 * @live: slots of it that something names
 * @pins: readers
 * @sequence: of its last opening, unique in the log and growing; 0 if it never was open
 * @state: enum tmem_ssd_segment_state
 * @pages: slots given out since it was opened
 * @discarded: when it became free the device was told; means nothing in other states
 */
struct tmem_ssd_segment {
	struct list_head list;
	atomic_t live;
	atomic_t pins;
	u64 sequence;
	u8 state;
	u8 pages;
	bool discarded;
};

/**
 * struct tmem_ssd_log - the segments of one device
 * @first_slot: slot of block 0 of segment 0
 * @count: segments
 * @segments: @count of them
 * @lock: guards the lists, the counts below, and @state, @pages, @sequence and @list of segments
 * @free: the one that is opened next comes first
 * @littered: free, too, but the device does not know it; opened when no other is free
 * @sealed: the one that was sealed first comes first
 * @in_state: how many segments are in each state
 * @sequence: of the segment that was opened last
 * @live: live slots in all segments
 */
struct tmem_ssd_log {
	u32 first_slot;
	u32 count;
	struct tmem_ssd_segment *segments;
	spinlock_t lock;
	struct list_head free;
	struct list_head littered;
	struct list_head sealed;
	u32 in_state[TMEM_SSD_SEGMENT_STATES];
	u64 sequence;
	atomic_long_t live;
};

/**
 * tmem_ssd_log_init() - begin with all segments free
 * @log: to be set up
 * @first_slot: a multiple of TMEM_SSD_SEGMENT_BLOCKS
 * @count: segments, at least 1; the last slot must fit into 32 bits
 *
 * Context: may sleep.
 * Return: 0, -EINVAL, -ENOMEM.
 */
int tmem_ssd_log_init(struct tmem_ssd_log *log, u32 first_slot, u32 count);

/* Nobody uses @log any more. Context: may sleep. */
void tmem_ssd_log_exit(struct tmem_ssd_log *log);

/* RAM it takes, in bytes. */
size_t tmem_ssd_log_bytes(const struct tmem_ssd_log *log);

/* May this be a page's slot of this log? Anything read from a medium is asked this first. */
static inline bool tmem_ssd_log_slot_ok(const struct tmem_ssd_log *log, u32 slot)
{
	u32 block = slot - log->first_slot;

	return slot >= log->first_slot && block / TMEM_SSD_SEGMENT_BLOCKS < log->count &&
	       block % TMEM_SSD_SEGMENT_BLOCKS >= TMEM_SSD_SUMMARY_BLOCKS;
}

/* The segment that @slot, which is of this log, is in. */
static inline u32 tmem_ssd_log_segment(const struct tmem_ssd_log *log, u32 slot)
{
	return (slot - log->first_slot) / TMEM_SSD_SEGMENT_BLOCKS;
}

/* Which page of its segment @slot is: 0 to 253. */
static inline u32 tmem_ssd_log_page(const struct tmem_ssd_log *log, u32 slot)
{
	return (slot - log->first_slot) % TMEM_SSD_SEGMENT_BLOCKS - TMEM_SSD_SUMMARY_BLOCKS;
}

/* The slot of page 0 to 253 of a segment. */
static inline u32 tmem_ssd_log_slot(const struct tmem_ssd_log *log, u32 segment, u32 page)
{
	return log->first_slot + segment * TMEM_SSD_SEGMENT_BLOCKS + TMEM_SSD_SUMMARY_BLOCKS + page;
}

/* Where @slot is, in bytes from where the data of the device begins. */
static inline u64 tmem_ssd_log_offset_bytes(const struct tmem_ssd_log *log, u32 slot)
{
	return (u64)(slot - log->first_slot) * TMEM_SSD_BLOCK_BYTES;
}

/* Where a segment, and its summary, begins, likewise. */
static inline u64 tmem_ssd_log_segment_bytes(u32 segment)
{
	return (u64)segment * TMEM_SSD_SEGMENT_BYTES;
}

/**
 * tmem_ssd_log_open() - take a free segment to be filled
 * @log: the log
 *
 * Several may be open at once.
 *
 * Return: its number; -ENOSPC if none is free: evict first.
 */
int tmem_ssd_log_open(struct tmem_ssd_log *log);

/**
 * tmem_ssd_log_alloc() - give out the next slot of an open segment
 * @log: the log
 * @segment: open
 * @slot: set, and live until tmem_ssd_log_drop()
 *
 * Slots are given out in order: the n-th one is that of page n of the segment.
 *
 * Return: 0; -ENOSPC if it is full or not open any more.
 */
int tmem_ssd_log_alloc(struct tmem_ssd_log *log, u32 segment, u32 *slot);

/* OPEN to WRITING: no more slots. Return: how many were given out. */
unsigned int tmem_ssd_log_close(struct tmem_ssd_log *log, u32 segment);

/*
 * WRITING to SEALED, or FREE if nothing in it is live. If the write failed the caller takes it to
 * EVICTING by tmem_ssd_log_write_failed() instead, sees to it that its entries go (forget_slots of
 * the index), and ends with tmem_ssd_log_evict_end().
 */
void tmem_ssd_log_written(struct tmem_ssd_log *log, u32 segment);
void tmem_ssd_log_write_failed(struct tmem_ssd_log *log, u32 segment);

/*
 * Nothing names @slot any more. To be called once for each slot that tmem_ssd_log_alloc() gave out:
 * by whoever could not make use of it, else from on_drop() of the index.
 */
void tmem_ssd_log_drop(struct tmem_ssd_log *log, u32 slot);

/**
 * tmem_ssd_log_pin() - keep a segment as it is while a slot of it is read
 * @log: the log
 * @slot: from an entry of the index
 *
 * What the entry said may be old when this returns: look it up again, and read only if it still
 * names @slot. A full barrier here and another in tmem_ssd_log_drop() order these four:
 *
 *	reader				who drops the entry
 *	pins++				the entry goes
 *	is the entry there still?	pins == 0?
 *
 * so that either the reader sees that the entry went, or the pin is seen, and the segment stays.
 *
 * Return: the state of the segment. Its pages are still in RAM if that is OPEN or WRITING, and whoever has
 * that RAM knows its readers.
 * FREE: what was there is gone, and what the entry may name by now is in RAM: a miss.
 */
enum tmem_ssd_segment_state tmem_ssd_log_pin(struct tmem_ssd_log *log, u32 slot);

/* Undo tmem_ssd_log_pin(). */
void tmem_ssd_log_unpin(struct tmem_ssd_log *log, u32 slot);

/**
 * tmem_ssd_log_evict_begin() - take the segment that was sealed first of those that nobody reads, to empty it
 * @log: the log
 *
 * The caller removes the entries of its pages from the index, or moves those that are worth it to
 * an open segment.
 *
 * Return: its number, of the first of all if each is being read; -ENOENT if none is sealed.
 */
int tmem_ssd_log_evict_begin(struct tmem_ssd_log *log);

/**
 * tmem_ssd_log_evict_end() - EVICTING to FREE, if nothing names it or reads it any more
 * @log: the log
 * @segment: from tmem_ssd_log_evict_begin(), tmem_ssd_log_discard_begin(), or whose write failed
 * @discarded: the device was told that it is free
 *
 * Return: 0; -EAGAIN: a reader is not through, or a file that was forgotten still has entries: call
 * tmem_index_reap(), wait, and try again.
 */
int tmem_ssd_log_evict_end(struct tmem_ssd_log *log, u32 segment, bool discarded);

/* Is a slot of it pinned? */
static inline bool tmem_ssd_log_is_read(const struct tmem_ssd_log *log, u32 segment)
{
	return atomic_read(&log->segments[segment].pins);
}

/* May tmem_ssd_log_evict_end() succeed now? For whoever discards before. */
bool tmem_ssd_log_is_empty(struct tmem_ssd_log *log, u32 segment);

/**
 * tmem_ssd_log_discard_begin() - take a free segment that the device does not know to be free
 * @log: the log
 *
 * It is to be discarded, and given back by tmem_ssd_log_evict_end(); who found a page of it before it became free may
 * pin it meanwhile.
 *
 * Return: its number; -ENOENT if there is none.
 */
int tmem_ssd_log_discard_begin(struct tmem_ssd_log *log);

/*
 * How many segments to keep free, so that there is always one to open while others are being
 * evicted: an eighth, between 2 and 8; none of a log too small for that.
 */
u32 tmem_ssd_log_keep_free(const struct tmem_ssd_log *log);

/* Is less than @percent of it in use? */
static inline bool tmem_ssd_log_has_room(const struct tmem_ssd_log *log, u32 percent)
{
	u32 used = log->count - READ_ONCE(log->in_state[TMEM_SSD_SEGMENT_FREE]);

	return (u64)used * 100 < (u64)log->count * percent;
}

/* Is it time to evict? */
static inline bool tmem_ssd_log_wants_evict(const struct tmem_ssd_log *log)
{
	return READ_ONCE(log->in_state[TMEM_SSD_SEGMENT_FREE]) < tmem_ssd_log_keep_free(log);
}

#endif /* _TMEM_SSD_LOG_H */
