// SPDX-License-Identifier: GPL-2.0
/* Per-CPU counters: what happened to pages, and why pages were refused. */
#include <tmem/stat.h>

#include "counters.h"

DEFINE_PER_CPU(struct tmem_counters, tmem_counters);

unsigned long tmem_event_total(enum tmem_event event)
{
	return tmem_percpu_sum(tmem_counters.events[event]);
}

unsigned long tmem_refused_total(enum tmem_refusal why)
{
	return tmem_percpu_sum(tmem_counters.refused[why]);
}

unsigned long tmem_clean_event_total(enum tmem_clean_event event)
{
	return tmem_percpu_sum(tmem_counters.clean_events[event]);
}

unsigned long tmem_clean_refused_total(enum tmem_clean_refusal why)
{
	return tmem_percpu_sum(tmem_counters.clean_refused[why]);
}

unsigned long tmem_held_pages(void)
{
	unsigned long went = tmem_percpu_sum(tmem_counters.went);

	/* Of every page that was seen going, the coming is seen too: they are counted in this order, see counters.h. */
	smp_rmb();
	return tmem_percpu_sum(tmem_counters.came) - went;
}

const char *tmem_refusal_name(enum tmem_refusal why)
{
#define TMEM_NAME(_name)	[TMEM_REFUSED_##_name] = #_name,
	static const char * const names[] = { [TMEM_REFUSED_NONE] = "ok", TMEM_REFUSALS(TMEM_NAME) };
#undef TMEM_NAME

	return names[why];
}
