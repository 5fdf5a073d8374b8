// SPDX-License-Identifier: GPL-2.0
/* Per-CPU counters: what happened to pages, and why pages were refused. */
#include <linux/cpumask.h>
#include <linux/minmax.h>

#include "counters.h"

DEFINE_PER_CPU(struct tmem_counters, tmem_counters);

/* Sum of one member of the counters over all processors. */
#define TOTAL(_member) ({						\
	unsigned long _total = 0;					\
	int _cpu;							\
									\
	for_each_possible_cpu(_cpu)					\
		_total += READ_ONCE(per_cpu(tmem_counters, _cpu)._member);	\
	_total;								\
})

unsigned long tmem_event_total(enum tmem_event event)
{
	return TOTAL(events[event]);
}

unsigned long tmem_refused_total(enum tmem_refusal why)
{
	return TOTAL(refused[why]);
}

unsigned long tmem_clean_event_total(enum tmem_clean_event event)
{
	return TOTAL(clean_events[event]);
}

unsigned long tmem_clean_refused_total(enum tmem_clean_refusal why)
{
	return TOTAL(clean_refused[why]);
}

unsigned long tmem_held_pages(void)
{
	unsigned long came = 0, went = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		went += READ_ONCE(per_cpu(tmem_counters, cpu).went);
	/* Of every page that was seen going, the coming is seen too. */
	smp_rmb();
	for_each_possible_cpu(cpu)
		came += READ_ONCE(per_cpu(tmem_counters, cpu).came);
	return came - went;
}

const char *tmem_refusal_name(enum tmem_refusal why)
{
#define TMEM_NAME(_name)	[TMEM_REFUSED_##_name] = #_name,
	static const char * const names[] = { [TMEM_REFUSED_NONE] = "ok", TMEM_REFUSALS(TMEM_NAME) };
#undef TMEM_NAME

	return names[why];
}
