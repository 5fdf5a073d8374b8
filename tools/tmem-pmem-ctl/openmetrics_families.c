// SPDX-License-Identifier: GPL-2.0
/*
 * Which file below /sys/kernel/mm is what in the OpenMetrics text. tests/host/test_openmetrics.sh knows those that
 * are not.
 *
 * Settings and states are gauges too: node exporter takes no file that has an info or a stateset in it.
 */
#include <stddef.h>

#include "openmetrics_families.h"

#define PMEM	"tmem_pmem/devices"
#define SSD	"tmem_ssd/devices"
#define WORDS(...)	.words = (const char *const []){ __VA_ARGS__, NULL }

/* What is in a file, or in which files it is: see enum form. */
#define NUMBER(_file)			.file = _file, .form = FORM_NUMBER
#define NUMBERS(_label)			.label = _label, .form = FORM_NUMBER
#define PERCENT(_file, _field)		.file = _file, .form = FORM_PERCENT, .field = _field
#define WORD(_file, _label, ...)	.file = _file, .label = _label, .form = FORM_WORD, WORDS(__VA_ARGS__)
#define FILES(...)			.form = FORM_FILES, WORDS(__VA_ARGS__)
#define LINES(_file, ...)		.file = _file, .form = FORM_LINES, WORDS(__VA_ARGS__)

const struct family families[] = {
	{ "tmem_state", GAUGE, "Whether pages are stored.",
	  NULL, "tmem", WORD("state", "state", "active", "paused") },
	{ "tmem_hook_info", GAUGE, "Kernel functions that are redirected.",
	  NULL, "tmem", LINES("hooks", "function", "state") },
	{ "tmem_swap_pages", GAUGE, "Swapped-out pages held by all backends.",
	  NULL, "frontswap", NUMBER("curr_pages") },
	{ "tmem_swap_lost_pages", GAUGE, "Pages lost to media errors whose owners have not been told.",
	  NULL, "tmem", NUMBER("lost_pages") },
	{ "tmem_swap_events", COUNTER, "What happened to swapped-out pages.",
	  NULL, "tmem/stats", NUMBERS("event") },
	{ "tmem_swap_refused_pages", COUNTER, "Swapped-out pages that were not stored.",
	  NULL, "tmem/refused", NUMBERS("reason") },
	{ "tmem_swap_latency_enabled", GAUGE, "1 while it is measured how long stores and loads take.",
	  NULL, "tmem/latency", NUMBER("enabled") },
	{ "tmem_cgroup_info", GAUGE, "Where a memory cgroup is.",
	  CGROUPS, "", FILES("path") },
	{ "tmem_cgroup_online", GAUGE, "0 once it has been removed.",
	  CGROUPS, "", NUMBER("online") },
	{ "tmem_cgroup_pages", GAUGE, "Pages held of a memory cgroup and those below it.",
	  CGROUPS, "", NUMBER("pages") },
	{ "tmem_cgroup_limit_pages", GAUGE, "How many that may be; left out without a limit.",
	  CGROUPS, "", NUMBER("limit_pages") },
	{ "tmem_cgroup_stored_pages", COUNTER, "Pages that a memory cgroup stored.",
	  CGROUPS, "", NUMBER("stores") },
	{ "tmem_cgroup_loaded_pages", COUNTER, "Pages of it that were loaded.",
	  CGROUPS, "", NUMBER("loads") },
	{ "tmem_cgroup_refused_pages", COUNTER, "Pages of it that were not stored.",
	  CGROUPS, "", NUMBER("refused") },
	{ "tmem_cgroup_written_back_pages", COUNTER, "Pages of it that were written back to the swap device.",
	  CGROUPS, "", NUMBER("written_back") },
	{ "tmem_pmem_device_info", GAUGE, "A persistent memory device that is attached.",
	  PMEM, "", FILES("uuid", "label") },
	{ "tmem_pmem_device_state", GAUGE, "What becomes of it.",
	  PMEM, "", WORD("state", "state", "active", "detaching", "gone") },
	{ "tmem_pmem_numa_node", GAUGE, "NUMA node of the medium, -1 if it is not known.",
	  PMEM, "", NUMBER("numa_node") },
	{ "tmem_pmem_encrypted", GAUGE, "1 if what is stored there is encrypted.",
	  PMEM, "", NUMBER("encrypted") },
	{ "tmem_pmem_slots", GAUGE, "Slots of 4096 bytes of a persistent memory device.",
	  PMEM, "", NUMBER("slots") },
	{ "tmem_pmem_usable_slots", GAUGE, "How many of them may be used.",
	  PMEM, "", NUMBER("slots_usable") },
	{ "tmem_pmem_used_slots", GAUGE, "Slots that hold a page.",
	  PMEM, "", NUMBER("slots_used") },
	{ "tmem_pmem_quarantined_slots", GAUGE, "Slots that are never used again.",
	  PMEM, "", NUMBER("slots_quarantined") },
	{ "tmem_pmem_high_mark_ratio", GAUGE, "When more of the slots are in use, pages are written back.",
	  PMEM, "", PERCENT("marks", 0) },
	{ "tmem_pmem_low_mark_ratio", GAUGE, "Until no more than that are in use.",
	  PMEM, "", PERCENT("marks", 1) },
	{ "tmem_pmem_poisoned_pages", COUNTER, "Pages lost to a media error.",
	  PMEM, "", NUMBER("poisoned_pages") },
	{ "tmem_pmem_clean_policy", GAUGE, "Which evicted pages of files are kept on persistent memory.",
	  NULL, "tmem_pmem", WORD("clean_policy", "policy", "frequency", "all") },
	{ "tmem_pmem_clean_share_ratio", GAUGE, "How much of a device they may have.",
	  PMEM, "", PERCENT("clean_percent", 0) },
	{ "tmem_pmem_clean_pages", GAUGE, "Slots that hold a clean page of a file.",
	  PMEM, "", NUMBER("clean_pages") },
	{ "tmem_pmem_clean_events", COUNTER, "What happened to clean pages of files on a device.",
	  PMEM, "clean_stats", NUMBERS("event") },
	{ "tmem_clean_events", COUNTER, "What happened to clean page-cache pages.",
	  NULL, "tmem/clean_stats", NUMBERS("event") },
	{ "tmem_clean_refused_pages", COUNTER, "Evicted pages that were not offered to the cache, or not taken.",
	  NULL, "tmem/clean_refused", NUMBERS("reason") },
	{ "tmem_filesystem_info", GAUGE, "Filesystems that are mounted: cached, or why not.",
	  NULL, "tmem", LINES("filesystems", "device", "type", "state", "uuid") },
	{ "tmem_ssd_policy", GAUGE, "Which evicted pages are kept on an SSD.",
	  NULL, "tmem_ssd", WORD("policy", "policy", "frequency", "all") },
	{ "tmem_ssd_daily_writes_ratio", GAUGE, "How much of all devices' size may be written a day; 0 without a limit.",
	  NULL, "tmem_ssd", PERCENT("dwpd_percent", 0) },
	{ "tmem_ssd_sequential_limit_pages", GAUGE,
	  "Behind so many consecutive ones the pages of a file are not kept; 0 if they are.",
	  NULL, "tmem_ssd", NUMBER("sequential_pages") },
	{ "tmem_ssd_refused_pages", COUNTER, "Evicted pages that the cache did not keep.",
	  NULL, "tmem_ssd/refused", NUMBERS("reason") },
	{ "tmem_ssd_cached_pages", GAUGE, "Pages cached on all devices.",
	  NULL, "tmem_ssd", NUMBER("index_pages") },
	{ "tmem_ssd_index_bytes", GAUGE, "RAM that knowing them takes.",
	  NULL, "tmem_ssd", NUMBER("index_bytes") },
	{ "tmem_ssd_index_limit_bytes", GAUGE, "RAM that it may take.",
	  NULL, "tmem_ssd", NUMBER("index_limit_bytes") },
	{ "tmem_ssd_index_share_ratio", GAUGE, "How much of the available memory that is.",
	  NULL, "tmem_ssd", PERCENT("index_percent", 0) },
	{ "tmem_ssd_index_shrunk_pages", COUNTER, "Cached pages that reclaim took back, for the RAM of knowing them.",
	  NULL, "tmem_ssd", NUMBER("index_pages_shrunk") },
	{ "tmem_ssd_counters_bytes", GAUGE, "RAM that counts evictions.",
	  NULL, "tmem_ssd", NUMBER("counters_bytes") },
	{ "tmem_ssd_staging_bytes", GAUGE, "RAM for pages on their way to the devices.",
	  NULL, "tmem_ssd", NUMBER("staging_bytes") },
	{ "tmem_ssd_budget_bytes", GAUGE, "What may be written to flash now.",
	  NULL, "tmem_ssd", NUMBER("budget_bytes") },
	{ "tmem_ssd_device_info", GAUGE, "An SSD that is attached.",
	  SSD, "", FILES("uuid", "label") },
	{ "tmem_ssd_device_state", GAUGE, "What becomes of it.",
	  SSD, "", WORD("state", "state", "active", "failed", "detaching", "asleep") },
	{ "tmem_ssd_encrypted", GAUGE, "1 if what is cached there is encrypted, or all of it is above dm-crypt.",
	  SSD, "", NUMBER("encrypted") },
	{ "tmem_ssd_device_pages", GAUGE, "Pages cached on a device.",
	  SSD, "", NUMBER("pages") },
	{ "tmem_ssd_segments", GAUGE, "Segments of 1 MiB of a device.",
	  SSD, "", NUMBER("segments") },
	{ "tmem_ssd_free_segments", GAUGE, "Segments that may be written.",
	  SSD, "", NUMBER("segments_free") },
	{ "tmem_ssd_device_events", COUNTER, "What a device did, in pages, requests, segments or bytes as the name says.",
	  SSD, "stats", NUMBERS("event") },
	{ .name = NULL }
};
