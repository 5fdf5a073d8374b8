/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is worth a write to flash.
 *
 * Most pages that reclaim evicts are never read again, so a page is admitted when it is evicted for
 * the second time: a ghost remembers a fingerprint of each page that was refused. The kernel's own
 * knowledge that a page came back soon after it was evicted counts as a first time, and so does much of
 * the cache being empty. Long sequential runs are left to the disk, which is good at them, and do not
 * push others out of the ghost. A budget bounds what is written a day, however much would be worth it.
 *
 * The caller asks for pages that are not cached now; one that is needs no decision.
 *
 * Pure: knows neither devices nor folios; compiles for user space too.
 *
 * Context: any but NMI, with interrupts off, any number of CPUs at once; nothing sleeps and nothing
 * is allocated but in init. There is no lock: ghost and streams are tables
 * of 64-bit words, each read and written whole. Two CPUs that change the same word at once lose one
 * of the two changes, which is a page forgotten or a run taken for two, and never an error. The
 * budget is one atomic word.
 */
#ifndef _TMEM_SSD_ADMIT_H
#define _TMEM_SSD_ADMIT_H

#include <linux/atomic.h>
#include <linux/types.h>
#include <tmem/clean.h>

enum tmem_ssd_policy {
	TMEM_SSD_POLICY_SECOND,		/* the default: what the first comment says */
	TMEM_SSD_POLICY_ALL,		/* every page; the budget is counted, and refuses nothing */
};

/* A further flag beside enum tmem_put_flags: the cache is so empty that any page is welcome. */
#define TMEM_SSD_PUT_ROOM	(1U << 16)

/* The answer: worth it, or why not. */
enum tmem_ssd_verdict {
	TMEM_SSD_ADMIT,
	TMEM_SSD_REFUSE_FIRST,		/* evicted for the first time, as far as is known */
	TMEM_SSD_REFUSE_SEQUENTIAL,	/* in a long sequential run */
	TMEM_SSD_REFUSE_BUDGET,		/* today's budget is used up */
	TMEM_SSD_VERDICTS
};

/*
 * Defaults; bench/sim says where they come from. The ghost remembers as many pages as the cache can
 * hold: with less, pages that would have been read again are forgotten; with more, pages come in
 * that push out better ones. A disk that has read 8 MiB in a row has made up for its seek.
 */
#define TMEM_SSD_GHOST_PERCENT		100
#define TMEM_SSD_SEQUENTIAL_PAGES	2048
#define TMEM_SSD_DWPD_PERCENT		100
/*
 * Until so much of the cache is in use a first eviction is enough, so that a cache that starts cold is
 * of use soon; but not for more of a run than a readahead window.
 */
#define TMEM_SSD_FILL_PERCENT		60
#define TMEM_SSD_FILL_RUN_PAGES		32
/* At most so much of a segment is written again when it is evicted, if it was referenced. */
#define TMEM_SSD_KEEP_PERCENT		50

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

/**
 * struct tmem_ssd_admit - the state of admission
 * @config: what was chosen
 * @ghost: buckets of four 16-bit fingerprints, the youngest in the lowest bits; 0 is none
 * @ghost_buckets: how many there are
 * @streams: for the next page of each run: fingerprint in the upper half, length in the lower half
 * @budget_ns: the time at which all that was written would have been paid for by the daily rate
 * @seed: makes fingerprints differ from one machine to another
 */
struct tmem_ssd_admit {
	struct tmem_ssd_admit_config config;
	u64 *ghost;
	u32 ghost_buckets;
	u64 *streams;
	atomic64_t budget_ns;
	u64 seed;
};

/**
 * tmem_ssd_admit_init() - begin
 * @admit: to be set up
 * @config: copied
 * @ghost_pages: how many refused pages to remember, at 2 bytes each
 * @seed: any number
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int tmem_ssd_admit_init(struct tmem_ssd_admit *admit, const struct tmem_ssd_admit_config *config,
			u64 ghost_pages, u64 seed);

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
 * Remembers that it was asked. If it is admitted, 4096 bytes are taken from the budget.
 *
 * Return: TMEM_SSD_ADMIT or a reason.
 */
enum tmem_ssd_verdict tmem_ssd_admit_page(struct tmem_ssd_admit *admit,
					  const struct tmem_file_id *file, pgoff_t page,
					  unsigned int flags, u64 now_ns);

/*
 * Writes that nobody asked tmem_ssd_admit_page() about (pages written again, summaries) count too.
 * Never refuses; what comes later pays for it.
 */
void tmem_ssd_admit_spend(struct tmem_ssd_admit *admit, u64 bytes, u64 now_ns);

/* What may still be written now, in bytes; U64_MAX without a budget. At most a day's. */
u64 tmem_ssd_admit_budget(const struct tmem_ssd_admit *admit, u64 now_ns);

#endif /* _TMEM_SSD_ADMIT_H */
