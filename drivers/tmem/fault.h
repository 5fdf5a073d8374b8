/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fault points: in a build with TMEM_FAULTS=y, take one defence away or delay at one named point.
 *
 * Each has a file under debugfs, in tmem/: 0 is off, any other value on (a delay is in
 * milliseconds). In a normal build all of this is nothing.
 */
#ifndef _TMEM_FAULT_H
#define _TMEM_FAULT_H

#include <linux/types.h>

#define TMEM_FAULTS(X)								\
	X(NO_MOVE_WAIT)		/* a store does not wait for a bio to its slot */	\
	X(KEEP_OLD_COPY)	/* a refused store leaves the older copy */	\
	X(NO_ZERO_CHECK)	/* a large folio is brought in where a zero page was swapped out */	\
	X(NO_LOAD_RECHECK)	/* a load does not look whether its place moved */	\
	X(NO_RANGE_FREE)	/* slots of large folios freed whole are not seen */	\
	X(NO_ZSWAP_FORGET)	/* an older copy in zswap stays */		\
	X(REFUSE_ONE_IN)	/* one store in this many is refused */		\
	X(LOSE_ONE_IN)		/* one load in this many meets a media error */	\
	X(NO_DIO_FORGET)	/* what direct writes wrote is not forgotten */	\
	X(NO_DIO_COUNT)		/* direct I/O in flight does not hinder puts and gets */	\
	X(NO_TRUNCATE_FORGET)	/* truncation forgets nothing */		\
	X(NO_INVALIDATE_FORGET)	/* invalidation forgets nothing */		\
	X(NO_DIRTY_FORGET)	/* dirtying forgets nothing */			\
	X(NO_EXIT_FORGET)	/* a folio that goes without a put is not forgotten */	\
	X(NO_ERROR_CHECK)	/* pages are put after a write error */		\
	X(NO_DOUBT)		/* no file is doubtful */			\
	X(NO_READ_CHECK)	/* a page read from an SSD is not compared with its checksum */	\
	X(NO_REINSERT_CHECK)	/* nor one that is written there once more */	\
	X(NO_EXCHANGE_FORGET)	/* files that exchange blocks are not forgotten */	\
	X(NO_GROW_DOUBT)	/* a file that grows from inside a page is not doubtful */	\
	X(NO_EXPOSED)		/* nor one whose blocks are known to somebody */		\
	X(NO_EXT4_WATCH)	/* failures of ext4 count for nothing */	\
	X(NO_SLEEP_DROP)	/* what was cached before hibernation is served after it */	\
	X(NO_KEY_FORGET)	/* keys are not wiped before hibernation */	\
	X(NO_KEY_WIPE)		/* then a key stays in memory, but is not used */	\
	X(NO_KEY_RENEW)		/* what took its place for the time is the key after it */	\
	X(NO_EOF_SPLIT)		/* folios behind the end of a file are read with others */	\
	X(NO_LET_GO)		/* what the page cache has from before is kept */	\
	X(NO_POOL)		/* there is no memory for a pool */	\
	X(TRUST_MOUNTS)		/* what is mounted once more counts as mounted now */	\
	X(NO_SWAP_FORGET)	/* former swap files are not forgotten */	\
	X(NO_DEMOTE_CANCEL)	/* forgetting does not cancel a demotion under way */	\
	X(NO_DEMOTE_HIDE)	/* what is being demoted is looked for in the main tier */	\
	X(NO_DEMOTE_WINDOW)	/* nor is looked whether the rest of a window is being demoted */	\
	X(UNREADABLE)		/* the memory of evicted pages is bad */	\
	X(SMALL_ROUNDS)		/* pages a time when a device makes room */	\
	X(DELAY_INVALIDATED)	/* after pages of a file were invalidated */	\
	X(DELAY_GET)		/* between looking at direct I/O and the get */	\
	X(DELAY_DEMOTE_PUT)	/* between reading a page and putting it to the main tier */	\
	X(DELAY_DEMOTE_END)	/* after that, before looking whether it was cancelled */	\
	X(DELAY_LOAD)		/* between reading an entry and copying */	\
	X(DELAY_MOVE_READ)	/* before a worker copies from the place */	\
	X(DELAY_MOVE_BIO)	/* before a worker sends the bio */

#define TMEM_ENUM(_name)	TMEM_FAULT_##_name,
enum tmem_fault { TMEM_FAULTS(TMEM_ENUM) TMEM_FAULT_COUNT };
#undef TMEM_ENUM

#ifdef TMEM_WITH_FAULTS

extern u32 tmem_fault_values[TMEM_FAULT_COUNT];

static inline u32 tmem_fault(enum tmem_fault point)
{
	return READ_ONCE(tmem_fault_values[point]);
}

void tmem_fault_delay(enum tmem_fault point);
bool tmem_fault_one_in(enum tmem_fault point);
void tmem_faults_init(void);
void tmem_faults_exit(void);

#else

static inline u32 tmem_fault(enum tmem_fault point)
{
	return 0;
}

static inline void tmem_fault_delay(enum tmem_fault point)
{
}

static inline bool tmem_fault_one_in(enum tmem_fault point)
{
	return false;
}

static inline void tmem_faults_init(void)
{
}

static inline void tmem_faults_exit(void)
{
}

#endif

#endif /* _TMEM_FAULT_H */
