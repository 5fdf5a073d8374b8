/* SPDX-License-Identifier: GPL-2.0 */
/* How long stores and loads take, as histograms. Off by default: two NOPs (static branches) a page. */
#ifndef _TMEM_LATENCY_H
#define _TMEM_LATENCY_H

#include <linux/jump_label.h>
#include <linux/ktime.h>
#include <linux/timekeeping.h>

/* Names as in /sys/kernel/mm/tmem/latency/. */
enum tmem_latency { TMEM_LATENCY_STORE, TMEM_LATENCY_LOAD, TMEM_LATENCY_COUNT };

/* Bucket n has what took less than 2^n ns, and not less than 2^(n - 1); the last one all that took longer. */
#define TMEM_LATENCY_BUCKETS	32

DECLARE_STATIC_KEY_FALSE(tmem_latency_on);

void tmem_latency_add(enum tmem_latency what, u64 begun);

/* Return: what to give to tmem_latency_end(). Context: any. */
static __always_inline u64 tmem_latency_begin(void)
{
	return static_branch_unlikely(&tmem_latency_on) ? ktime_get_mono_fast_ns() : 0;
}

/* @begun: 0 if histograms were off when it began. Context: any. */
static __always_inline void tmem_latency_end(enum tmem_latency what, u64 begun)
{
	if (static_branch_unlikely(&tmem_latency_on) && begun)
		tmem_latency_add(what, begun);
}

extern const struct attribute_group tmem_latency_group;

#endif /* _TMEM_LATENCY_H */
