// SPDX-License-Identifier: GPL-2.0
/* What is worth a write to flash. */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "admit.h"

#define PAGE_COST_BYTES		4096
#define DAY_NS			(24ULL * 60 * 60 * 1000000000ULL)
/*
 * What is written beside what was admitted is at most eight times as much: of a segment that is emptied so
 * that one can be filled, all but TMEM_SSD_KEEP_MAX_PERCENT makes room.
 */
#define DEBT_NS			(9 * DAY_NS)

/* At least the second eviction; what nobody reaches is never asked. */
#define THRESHOLD_MIN		(2 * TMEM_SSD_THRESHOLD_ONE)
#define THRESHOLD_MAX		(14 * TMEM_SSD_THRESHOLD_ONE)
/* By so much it would change after a segment of which all was kept instead of nothing. */
#define THRESHOLD_STEP		(TMEM_SSD_THRESHOLD_ONE / 4)

/* One stream takes one word, wherever it is; one that is over is soon overwritten. */
#define STREAM_BITS		12
#define STREAM_RUN_BITS		28
#define STREAM_RUN_MAX		(BIT(STREAM_RUN_BITS) - 1)
/* So many other pages fall on the word of a longer run before it gives way. */
#define STREAM_PATIENCE		15

static u64 page_hash(const struct tmem_ssd_admit *admit, const struct tmem_file_id *id, u64 page)
{
	return tmem_page_hash(admit->seed, id, page);
}

int tmem_ssd_admit_init(struct tmem_ssd_admit *admit, const struct tmem_ssd_admit_config *config,
			u64 seed)
{
	memset(admit, 0, sizeof(*admit));
	admit->config = *config;
	admit->seed = seed;
	admit->threshold = THRESHOLD_MIN;
	admit->streams = kvcalloc(1UL << STREAM_BITS, sizeof(*admit->streams), GFP_KERNEL);
	return admit->streams ? 0 : -ENOMEM;
}

/* There is one caller at a time. */
static struct tmem_frequency *frequency_of(const struct tmem_ssd_admit *admit)
{
	return rcu_dereference_protected(admit->frequency, true);
}

static void set_frequency(struct tmem_ssd_admit *admit, struct tmem_frequency *frequency)
{
	struct tmem_frequency *old = frequency_of(admit);

	rcu_assign_pointer(admit->frequency, frequency);
	if (old)
		synchronize_rcu();
	tmem_frequency_free(old);
}

void tmem_ssd_admit_resize(struct tmem_ssd_admit *admit, u64 capacity_bytes, u64 counted_pages)
{
	WRITE_ONCE(admit->config.capacity_bytes, capacity_bytes);
	if (admit->counted_pages == counted_pages)
		return;
	set_frequency(admit, counted_pages ? tmem_frequency_alloc(counted_pages) : NULL);
	admit->counted_pages = frequency_of(admit) ? counted_pages : 0;
}

void tmem_ssd_admit_exit(struct tmem_ssd_admit *admit)
{
	set_frequency(admit, NULL);
	kvfree(admit->streams);
	admit->streams = NULL;
}

size_t tmem_ssd_admit_bytes(const struct tmem_ssd_admit *admit)
{
	size_t bytes = sizeof(*admit->streams) << STREAM_BITS;

	rcu_read_lock();
	bytes += tmem_frequency_bytes(rcu_dereference(admit->frequency));
	rcu_read_unlock();
	return bytes;
}

/* Count an eviction. Return: how many there were, as far as is known. */
static u32 count(struct tmem_ssd_admit *admit, u64 hash, unsigned int flags)
{
	struct tmem_frequency *frequency = rcu_dereference(admit->frequency);
	u32 weight = flags & TMEM_PUT_WORKINGSET ? 2 : 1;

	/* Its eviction was counted when another cache took it. */
	if (frequency && flags & TMEM_PUT_DEMOTED)
		return tmem_frequency_get(frequency, hash);
	return frequency ? tmem_frequency_add(frequency, hash, weight) : weight;
}

/* Are so many evictions enough? */
static bool is_enough(const struct tmem_ssd_admit *admit, u32 evictions, u64 hash, u64 now)
{
	u32 threshold = READ_ONCE(admit->threshold);
	u32 scaled = evictions * TMEM_SSD_THRESHOLD_ONE;

	/* Of those that are just below, the share that the threshold's fraction leaves. */
	return scaled >= threshold ||
	       scaled + tmem_mix(hash, now) % TMEM_SSD_THRESHOLD_ONE > threshold;
}

void tmem_ssd_admit_count(struct tmem_ssd_admit *admit, const struct tmem_file_id *id, pgoff_t page,
			  unsigned int flags)
{
	count(admit, page_hash(admit, id, page), flags);
}

bool tmem_ssd_admit_keeps(struct tmem_ssd_admit *admit, const struct tmem_file_id *id, pgoff_t page)
{
	struct tmem_frequency *frequency = rcu_dereference(admit->frequency);
	u64 hash = page_hash(admit, id, page);

	return frequency && is_enough(admit, tmem_frequency_get(frequency, hash), hash,
				      READ_ONCE(frequency->counted));
}

static void move_threshold(struct tmem_ssd_admit *admit, s32 step)
{
	s32 threshold = (s32)READ_ONCE(admit->threshold) + step;

	WRITE_ONCE(admit->threshold, clamp_t(s32, threshold, THRESHOLD_MIN, THRESHOLD_MAX));
	WRITE_ONCE(admit->refused, 0);
}

void tmem_ssd_admit_kept(struct tmem_ssd_admit *admit, u32 kept, u32 pages)
{
	move_threshold(admit, (s32)(THRESHOLD_STEP * kept / pages) -
			      (s32)(THRESHOLD_STEP * TMEM_SSD_KEEP_PERCENT / 100));
}

/*
 * Too rarely evicted. Only what is admitted makes a segment be emptied, which tells whether as much has
 * to be asked; so when nothing is for long, less is.
 */
static void refuse(struct tmem_ssd_admit *admit)
{
	u64 refused = READ_ONCE(admit->refused) + 1;

	WRITE_ONCE(admit->refused, refused);
	if (refused > READ_ONCE(admit->counted_pages))
		move_threshold(admit, -(s32)THRESHOLD_STEP);
}

/* The parts of a stream's word, from the top: fingerprint, patience, run. */
static u32 stream_fingerprint(u64 hash)
{
	return (u32)hash;
}

static u64 stream_word(u64 hash, u32 patience, u32 run)
{
	return (u64)stream_fingerprint(hash) << 32 | (u64)patience << STREAM_RUN_BITS | run;
}

/* A word is in one of two places. */
static u64 *stream_place(struct tmem_ssd_admit *admit, u64 hash, unsigned int choice)
{
	return &admit->streams[hash >> (choice ? 64 - STREAM_BITS : 64 - 2 * STREAM_BITS) &
			       (BIT(STREAM_BITS) - 1)];
}

static u32 word_run(u64 word)
{
	return word & STREAM_RUN_MAX;
}

/*
 * A page with @hash would continue a run of @run pages. Most words are of pages that no other will
 * follow, so the shorter run of the two gives way.
 */
static void stream_expect(struct tmem_ssd_admit *admit, u64 hash, u32 run)
{
	u64 *place = stream_place(admit, hash, 0), *other = stream_place(admit, hash, 1);
	u64 word;

	if (word_run(READ_ONCE(*other)) < word_run(READ_ONCE(*place)))
		place = other;
	word = READ_ONCE(*place);
	if (word_run(word) > run && (word >> STREAM_RUN_BITS & STREAM_PATIENCE))
		word -= 1ULL << STREAM_RUN_BITS;
	else
		word = stream_word(hash, STREAM_PATIENCE, run);
	WRITE_ONCE(*place, word);
}

/* Return: how many pages in a row came before the one with @hash; they are forgotten. */
static u32 stream_take(struct tmem_ssd_admit *admit, u64 hash)
{
	unsigned int choice;
	u64 *place, word;

	for (choice = 0; choice < 2; choice++) {
		place = stream_place(admit, hash, choice);
		word = READ_ONCE(*place);
		if (word && word >> 32 == stream_fingerprint(hash)) {
			WRITE_ONCE(*place, 0);
			return word_run(word);
		}
	}
	return 0;
}

/* Return: how many pages in a row came with this one as their last. */
static u32 stream_run(struct tmem_ssd_admit *admit, const struct tmem_file_id *id, pgoff_t page)
{
	u32 run = stream_take(admit, page_hash(admit, id, page)) + 1;

	stream_expect(admit, page_hash(admit, id, (u64)page + 1), min_t(u32, run, STREAM_RUN_MAX));
	return run;
}

/* What a page costs, in the time in which the budget grows by it; 0 without a budget. */
static u64 page_cost_ns(const struct tmem_ssd_admit *admit)
{
	u64 pages = READ_ONCE(admit->config.capacity_bytes) / PAGE_COST_BYTES;
	u32 dwpd_percent = READ_ONCE(admit->config.dwpd_percent);

	if (!pages || !dwpd_percent)
		return 0;
	return max(div64_u64(DAY_NS * 100, pages * dwpd_percent), 1ULL);
}

enum spending {
	SPEND_IF_THERE,		/* no more than a day's budget, which is the burst */
	SPEND_AND_FORGET,	/* beyond that nothing is owed */
	SPEND_AND_OWE,		/* what comes later pays */
};

/*
 * The token bucket as one word: the time at which everything would be paid for. Return: false if it would
 * be further away than it may be.
 */
static bool budget_take(struct tmem_ssd_admit *admit, u64 cost_ns, u64 now_ns, enum spending how)
{
	u64 latest_ns = now_ns + (how == SPEND_AND_OWE ? DEBT_NS : DAY_NS);
	s64 old = atomic64_read(&admit->budget_ns);
	u64 paid_ns;

	do {
		paid_ns = max_t(u64, old, now_ns) + cost_ns;
		if (paid_ns > latest_ns) {
			if (how == SPEND_IF_THERE)
				return false;
			paid_ns = latest_ns;
		}
	} while (!atomic64_try_cmpxchg(&admit->budget_ns, &old, paid_ns));
	return true;
}

void tmem_ssd_admit_spend(struct tmem_ssd_admit *admit, u64 bytes, u64 now_ns)
{
	u64 pages = bytes / PAGE_COST_BYTES + !!(bytes % PAGE_COST_BYTES);
	u64 cost_ns = page_cost_ns(admit);

	/* More than a day's budget at once is a day's budget. */
	if (cost_ns)
		budget_take(admit, min(pages, DAY_NS / cost_ns + 1) * cost_ns, now_ns,
			    SPEND_AND_OWE);
}

/*
 * The cost may be another one by now, or there was none: no more comes back than was paid, so that time does not
 * wrap.
 */
void tmem_ssd_admit_refund(struct tmem_ssd_admit *admit)
{
	s64 cost_ns = page_cost_ns(admit);
	s64 old = atomic64_read(&admit->budget_ns);

	while (!atomic64_try_cmpxchg(&admit->budget_ns, &old, max_t(s64, old - cost_ns, 0)))
		;
}

u64 tmem_ssd_admit_budget(const struct tmem_ssd_admit *admit, u64 now_ns)
{
	u64 cost_ns = page_cost_ns(admit), paid_ns;

	if (!cost_ns)
		return U64_MAX;
	paid_ns = max_t(u64, atomic64_read(&admit->budget_ns), now_ns);
	if (paid_ns - now_ns >= DAY_NS)
		return 0;
	return (DAY_NS - (paid_ns - now_ns)) / cost_ns * PAGE_COST_BYTES;
}

/* Everything but the budget. */
static enum tmem_ssd_verdict worth(struct tmem_ssd_admit *admit, const struct tmem_file_id *id,
				   pgoff_t page, unsigned int flags, u64 now_ns)
{
	u32 sequential_pages = READ_ONCE(admit->config.sequential_pages);
	u32 run = sequential_pages ? stream_run(admit, id, page) : 0;
	u32 evictions;
	u64 hash;

	if (run > sequential_pages)
		return TMEM_SSD_REFUSE_SEQUENTIAL;
	hash = page_hash(admit, id, page);
	evictions = count(admit, hash, flags);
	if (flags & TMEM_SSD_PUT_ROOM && run <= TMEM_SSD_FILL_RUN_PAGES)
		return TMEM_SSD_ADMIT;
	if (is_enough(admit, evictions, hash, now_ns))
		return TMEM_SSD_ADMIT;
	refuse(admit);
	return TMEM_SSD_REFUSE_RARE;
}

enum tmem_ssd_verdict tmem_ssd_admit_page(struct tmem_ssd_admit *admit,
					  const struct tmem_file_id *id, pgoff_t page,
					  unsigned int flags, u64 now_ns)
{
	bool all = READ_ONCE(admit->config.policy) == TMEM_SSD_POLICY_ALL;
	enum tmem_ssd_verdict verdict = all ? TMEM_SSD_ADMIT : worth(admit, id, page, flags,
								   now_ns);
	u64 cost_ns;

	if (verdict != TMEM_SSD_ADMIT)
		return verdict;
	cost_ns = page_cost_ns(admit);
	if (cost_ns && !budget_take(admit, cost_ns, now_ns, all ? SPEND_AND_FORGET : SPEND_IF_THERE))
		return TMEM_SSD_REFUSE_BUDGET;
	return TMEM_SSD_ADMIT;
}
