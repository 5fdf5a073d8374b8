/* SPDX-License-Identifier: GPL-2.0 */
/* Per-CPU counters: what happened to pages, and why pages were refused. */
#ifndef _TMEM_COUNTERS_H
#define _TMEM_COUNTERS_H

#include <linux/percpu.h>

/* Names as in /sys/kernel/mm/tmem/stats/; docs/abi.md says what each means. */
#define TMEM_EVENTS(X)			\
	X(stores)			\
	X(store_runs)			\
	X(same_filled_stores)		\
	X(loads)			\
	X(load_runs)			\
	X(large_loads)			\
	X(large_loads_given_up)		\
	X(invalidates)			\
	X(kept_copies_dropped)		\
	X(written_out)			\
	X(written_back)			\
	X(write_out_requests)		\
	X(write_out_errors)		\
	X(relocated)			\
	X(lost)				\
	X(left_at_swapoff)

/* Names as in /sys/kernel/mm/tmem/refused/. */
#define TMEM_REFUSALS(X)		\
	X(no_backend)			\
	X(no_table)			\
	X(full)				\
	X(cgroup_limit)			\
	X(paused)			\
	X(hibernation)			\
	X(crypt)			\
	X(fs_swapfile)			\
	X(device_gone)			\
	X(no_memory)			\
	X(backend)

/* Names as in /sys/kernel/mm/tmem/clean_stats/. */
#define TMEM_CLEAN_EVENTS(X)		\
	X(puts)				\
	X(gets)				\
	X(misses)			\
	X(failed)			\
	X(ranges_forgotten)		\
	X(files_forgotten)		\
	X(files_doubted)		\
	X(demoted)			\
	X(demotions_cancelled)

/* Names as in /sys/kernel/mm/tmem/clean_refused/. */
#define TMEM_CLEAN_REFUSALS(X)		\
	X(not_regular)			\
	X(swap_file)			\
	X(dax)				\
	X(encrypted)			\
	X(verity)			\
	X(quota_file)			\
	X(behind_end)			\
	X(paused)			\
	X(unfinished)			\
	X(poisoned)			\
	X(write_error)			\
	X(direct_io)			\
	X(large)			\
	X(doubtful)			\
	X(no_memory)			\
	X(admission)			\
	X(full)				\
	X(backend)

#define TMEM_ENUM(_name)	TMEM_EVENT_##_name,
enum tmem_event { TMEM_EVENTS(TMEM_ENUM) TMEM_EVENT_COUNT };
#undef TMEM_ENUM

#define TMEM_ENUM(_name)	TMEM_REFUSED_##_name,
enum tmem_refusal { TMEM_REFUSED_NONE, TMEM_REFUSALS(TMEM_ENUM) TMEM_REFUSED_COUNT };
#undef TMEM_ENUM

#define TMEM_ENUM(_name)	TMEM_CLEAN_##_name,
enum tmem_clean_event { TMEM_CLEAN_EVENTS(TMEM_ENUM) TMEM_CLEAN_EVENT_COUNT };
#undef TMEM_ENUM

#define TMEM_ENUM(_name)	TMEM_CLEAN_REFUSED_##_name,
enum tmem_clean_refusal {
	TMEM_CLEAN_REFUSED_NONE, TMEM_CLEAN_REFUSALS(TMEM_ENUM) TMEM_CLEAN_REFUSED_COUNT
};
#undef TMEM_ENUM

struct tmem_counters {
	unsigned long events[TMEM_EVENT_COUNT];
	unsigned long refused[TMEM_REFUSED_COUNT];
	unsigned long came;
	unsigned long went;
	unsigned long clean_events[TMEM_CLEAN_EVENT_COUNT];
	unsigned long clean_refused[TMEM_CLEAN_REFUSED_COUNT];
};

DECLARE_PER_CPU(struct tmem_counters, tmem_counters);

static inline void tmem_count(enum tmem_event event)
{
	this_cpu_inc(tmem_counters.events[event]);
}

static inline void tmem_count_many(enum tmem_event event, unsigned long count)
{
	this_cpu_add(tmem_counters.events[event], count);
}

static inline void tmem_count_refused(enum tmem_refusal why, unsigned long pages)
{
	this_cpu_add(tmem_counters.refused[why], pages);
}

static inline void tmem_count_clean(enum tmem_clean_event event, unsigned long count)
{
	this_cpu_add(tmem_counters.clean_events[event], count);
}

static inline void tmem_count_clean_refused(enum tmem_clean_refusal why, unsigned long pages)
{
	this_cpu_add(tmem_counters.clean_refused[why], pages);
}

/* A page came in; a page went. In this order where one follows the other. */
static inline void tmem_count_came(void)
{
	this_cpu_inc(tmem_counters.came);
}

static inline void tmem_count_went(void)
{
	this_cpu_inc(tmem_counters.went);
}

unsigned long tmem_event_total(enum tmem_event event);
unsigned long tmem_refused_total(enum tmem_refusal why);
unsigned long tmem_clean_event_total(enum tmem_clean_event event);
unsigned long tmem_clean_refused_total(enum tmem_clean_refusal why);
const char *tmem_refusal_name(enum tmem_refusal why);

/**
 * tmem_held_pages() - pages stored now, in all areas
 *
 * Exact when no store or invalidation is running. Else it may count pages that went meanwhile, but
 * never misses one that is there all the time.
 *
 * Return: pages.
 */
unsigned long tmem_held_pages(void);

#endif /* _TMEM_COUNTERS_H */
