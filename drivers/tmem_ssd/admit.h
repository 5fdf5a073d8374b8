/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is worth a write to flash.
 *
 * Most pages that reclaim evicts are never read again, so a page is admitted when it has been evicted
 * as often as is worth it (include/tmem/frequency.h counts): at least for the second time, and more often the more
 * of what is cached was evicted so often too. A page that was written long ago is judged by the
 * same measure when its segment is emptied. The kernel's own knowledge that a page came back soon
 * after it was evicted counts as another time, and much of the cache being empty is reason enough. Long
 * sequential runs are left to the disk, which is good at them, and are not counted. A budget
 * bounds what is written a day, however much would be worth it.
 *
 * Pure: knows neither devices nor folios; compiles for user space too.
 *
 * Context: any but NMI, with interrupts off, any number of CPUs at once; nothing sleeps and nothing
 * is allocated but in init and resize. There is no lock: counters and streams
 * are tables of 64-bit words, each read and written whole. Two CPUs that change the same word at once
 * lose one of the two changes, which is an eviction not counted or a run taken for two, and never an
 * error. The budget is one atomic word.
 */
#ifndef _TMEM_SSD_ADMIT_H
#define _TMEM_SSD_ADMIT_H

#include <linux/atomic.h>
#include <linux/types.h>
#include <tmem/clean.h>
#include <tmem/frequency.h>

enum tmem_ssd_policy {
	TMEM_SSD_POLICY_FREQUENCY,	/* the default: what the first comment says */
	TMEM_SSD_POLICY_ALL,		/* every page; the budget is counted, and refuses nothing */
};

/* A further flag beside enum tmem_put_flags: the cache is so empty that any page is welcome. */
#define TMEM_SSD_PUT_ROOM	(1U << 16)

/* The answer: worth it, or why not. */
enum tmem_ssd_verdict {
	TMEM_SSD_ADMIT,
	TMEM_SSD_REFUSE_RARE,		/* not evicted often enough, as far as is known */
	TMEM_SSD_REFUSE_SEQUENTIAL,	/* in a long sequential run */
	TMEM_SSD_REFUSE_BUDGET,		/* today's budget is used up */
	TMEM_SSD_VERDICTS
};

/*
 * Defaults; bench/sim says where they come from. Evictions are counted of as many pages as the cache
 * can hold. A disk that has read 8 MiB in a row has made up for its seek.
 */
#define TMEM_SSD_COUNTED_PERCENT	100
#define TMEM_SSD_SEQUENTIAL_PAGES	2048
#define TMEM_SSD_DWPD_PERCENT		100
/*
 * Until so much of the cache is in use a first eviction is enough, so that a cache that starts cold is
 * of use soon; but not for more of a run than a readahead window.
 */
#define TMEM_SSD_FILL_PERCENT		60
#define TMEM_SSD_FILL_RUN_PAGES		32
/*
 * Of a segment that is emptied about so much is to be written again: if more of it is worth it, more is
 * asked of every page from then on, and if less, less. At most so much is, or the log would go in circles.
 */
#define TMEM_SSD_KEEP_PERCENT		50
#define TMEM_SSD_KEEP_MAX_PERCENT	88

/**
 * struct tmem_ssd_admit_config - what an administrator can choose; may be changed at any time
 * @policy: enum tmem_ssd_policy
 * @sequential_pages: refuse what comes after so many consecutive pages of a file; 0: never
 * @dwpd_percent: device writes per day, in percent of @capacity_bytes; 0: no budget
 * @capacity_bytes: of all devices together
 */
struct tmem_ssd_admit_config {
	u32 policy;
	u32 sequential_pages;
	u32 dwpd_percent;
	u64 capacity_bytes;
};

#define TMEM_SSD_THRESHOLD_ONE	4096U

/**
 * struct tmem_ssd_admit - the state of admission
 * @config: what was chosen
 * @frequency: evictions, counted; NULL before tmem_ssd_admit_resize(). Under RCU.
 * @counted_pages: as tmem_ssd_admit_resize() was told
 * @threshold: evictions that are enough, in units of 1 / TMEM_SSD_THRESHOLD_ONE; of those that have as
 *	many as its integral part that share is admitted which the fraction leaves
 * @refused: pages that were not evicted often enough, since @threshold last changed
 * @streams: for the next page of each run: fingerprint in the upper half, length in the lower half
 * @budget_ns: the time at which all that was written would have been paid for by the daily rate
 * @seed: makes fingerprints differ from one machine to another
 */
struct tmem_ssd_admit {
	struct tmem_ssd_admit_config config;
	struct tmem_frequency __rcu *frequency;
	u64 counted_pages;
	u32 threshold;
	u64 refused;
	u64 *streams;
	atomic64_t budget_ns;
	u64 seed;
};

/**
 * tmem_ssd_admit_init() - begin
 * @admit: to be set up
 * @config: copied
 * @seed: any number
 *
 * Counts no evictions before tmem_ssd_admit_resize() was called.
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int tmem_ssd_admit_init(struct tmem_ssd_admit *admit, const struct tmem_ssd_admit_config *config,
			u64 seed);

/**
 * tmem_ssd_admit_resize() - the size of the cache is another one
 * @admit: the state
 * @capacity_bytes: of all devices together
 * @counted_pages: pages whose evictions are to be counted; 0: none are
 *
 * If it is another number than before, or there is no memory, what was counted is forgotten.
 *
 * Context: may sleep; one caller at a time.
 */
void tmem_ssd_admit_resize(struct tmem_ssd_admit *admit, u64 capacity_bytes, u64 counted_pages);

/* Context: may sleep. */
void tmem_ssd_admit_exit(struct tmem_ssd_admit *admit);

/* RAM it takes, in bytes. */
size_t tmem_ssd_admit_bytes(const struct tmem_ssd_admit *admit);

/**
 * tmem_ssd_admit_page() - is this page worth a write?
 * @admit: the state
 * @file: the file
 * @page: number of the page in the file; reclaim evicts it now, and it is not cached
 * @flags: enum tmem_put_flags, TMEM_SSD_PUT_ROOM
 * @now_ns: monotonic time
 *
 * Counts the eviction, unless it is a demotion. If the page is admitted, 4096 bytes are taken from the budget.
 *
 * Context: inside RCU, as the following two.
 * Return: TMEM_SSD_ADMIT or a reason.
 */
enum tmem_ssd_verdict tmem_ssd_admit_page(struct tmem_ssd_admit *admit,
					  const struct tmem_file_id *file, pgoff_t page,
					  unsigned int flags, u64 now_ns);

/* A page is evicted that is cached already: there is nothing to decide, but to count. */
void tmem_ssd_admit_count(struct tmem_ssd_admit *admit, const struct tmem_file_id *file,
			  pgoff_t page, unsigned int flags);

/* The segment of a page is emptied: is the page worth another write? */
bool tmem_ssd_admit_keeps(struct tmem_ssd_admit *admit, const struct tmem_file_id *file,
			  pgoff_t page);

/* How many of the @pages of a segment were: by that the demands on a page are set. */
void tmem_ssd_admit_kept(struct tmem_ssd_admit *admit, u32 kept, u32 pages);

/*
 * Writes that nobody asked tmem_ssd_admit_page() about (pages written again, summaries) count too.
 * Never refuses; what comes later pays for it.
 */
void tmem_ssd_admit_spend(struct tmem_ssd_admit *admit, u64 bytes, u64 now_ns);

/* A page that was admitted is not written after all. */
void tmem_ssd_admit_refund(struct tmem_ssd_admit *admit);

/* What may still be written now, in bytes; U64_MAX without a budget. At most a day's. */
u64 tmem_ssd_admit_budget(const struct tmem_ssd_admit *admit, u64 now_ns);

#endif /* _TMEM_SSD_ADMIT_H */
