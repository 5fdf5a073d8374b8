/* SPDX-License-Identifier: GPL-2.0 */
/* Per-CPU counters of a device: what happened to pages, and what it cost. */
#ifndef _TMEM_SSD_COUNTERS_H
#define _TMEM_SSD_COUNTERS_H

#include <linux/percpu.h>

#include "admit.h"

/* Names as in /sys/kernel/mm/tmem_ssd/devices/NAME/stats/; docs/abi.md says what each means. */
#define TMEM_SSD_EVENTS(X)		\
	X(puts)				\
	X(gets_staged)			\
	X(gets_read)			\
	X(get_requests)			\
	X(segments_written)		\
	X(segments_evicted)		\
	X(segments_discarded)		\
	X(pages_reinserted)		\
	X(bytes_written)		\
	X(bytes_read)			\
	X(checksum_errors)		\
	X(io_errors)

#define TMEM_SSD_ENUM(_name)	TMEM_SSD_EVENT_##_name,
enum tmem_ssd_event { TMEM_SSD_EVENTS(TMEM_SSD_ENUM) TMEM_SSD_EVENT_COUNT };
#undef TMEM_SSD_ENUM

/* Why a page was not kept: admission's reasons (admit.h), then these. */
enum tmem_ssd_refusal {
	TMEM_SSD_REFUSE_NO_DEVICE = TMEM_SSD_VERDICTS,
	TMEM_SSD_REFUSE_NOT_ENCRYPTED,
	TMEM_SSD_REFUSE_INDEX_FULL,
	TMEM_SSD_REFUSE_STAGING_FULL,
	TMEM_SSD_REFUSE_NO_MEMORY,
	TMEM_SSD_REFUSALS
};

DECLARE_PER_CPU(unsigned long [TMEM_SSD_REFUSALS], tmem_ssd_refused);

#define tmem_ssd_count_refused(_why)	this_cpu_inc(tmem_ssd_refused[_why])

struct tmem_ssd_counters {
	unsigned long events[TMEM_SSD_EVENT_COUNT];
};

#define tmem_ssd_count(_device, _event, _by)	\
	this_cpu_add((_device)->counters->events[TMEM_SSD_EVENT_##_event], _by)

#endif /* _TMEM_SSD_COUNTERS_H */
