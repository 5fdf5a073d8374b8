// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel counts, as OpenMetrics text (https://prometheus.io/docs/specs/om/open_metrics_spec/).
 *
 * A directory of counters becomes either one family a file, or one family with a label that says which file, for
 * what belongs together and can be summed up. A file that a kernel module does not have is left out.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"
#include "latency.h"
#include "openmetrics.h"
#include "paths.h"

#define BYTES_SUFFIX	"_bytes"
#define LATENCY		"tmem_swap_latency_seconds"

enum kind { GAUGE, COUNTER };

/**
 * struct family - files that have the same name in the output
 * @name: of the family, without "_total"
 * @kind: a counter never goes down while the module is loaded
 * @help: one line
 * @devices: directory below /sys/kernel/mm with one directory a device, or a cgroup; NULL if it is of neither
 * @directory: where the files are, below /sys/kernel/mm or the directory of a device
 * @file: the one file, NULL if all of the directory belong to the family
 * @label: which tells those apart
 */
struct family {
	const char *name;
	enum kind kind;
	const char *help;
	const char *devices;
	const char *directory;
	const char *file;
	const char *label;
};

#define PMEM	"tmem_pmem/devices"
#define CGROUPS	"tmem/cgroups"
#define SSD	"tmem_ssd/devices"

static const struct family families[] = {
	{ "tmem_swap_pages", GAUGE, "Swapped-out pages held by all backends.",
	  NULL, "frontswap", "curr_pages", NULL },
	{ "tmem_swap_lost_pages", GAUGE, "Pages lost to media errors whose owners have not been told.",
	  NULL, "tmem", "lost_pages", NULL },
	{ "tmem_swap_events", COUNTER, "What happened to swapped-out pages.",
	  NULL, "tmem/stats", NULL, "event" },
	{ "tmem_swap_refused_pages", COUNTER, "Swapped-out pages that were not stored.",
	  NULL, "tmem/refused", NULL, "reason" },
	{ "tmem_cgroup_pages", GAUGE, "Pages held of a memory cgroup and those below it.",
	  CGROUPS, "", "pages", NULL },
	{ "tmem_cgroup_limit_pages", GAUGE, "How many it may have stored.",
	  CGROUPS, "", "limit_pages", NULL },
	{ "tmem_cgroup_stored_pages", COUNTER, "Pages that a memory cgroup stored.",
	  CGROUPS, "", "stores", NULL },
	{ "tmem_cgroup_loaded_pages", COUNTER, "Pages of it that were loaded.",
	  CGROUPS, "", "loads", NULL },
	{ "tmem_cgroup_refused_pages", COUNTER, "Pages of it that were not stored.",
	  CGROUPS, "", "refused", NULL },
	{ "tmem_cgroup_written_back_pages", COUNTER, "Pages of it that were written back to the swap device.",
	  CGROUPS, "", "written_back", NULL },
	{ "tmem_pmem_slots", GAUGE, "Slots of 4096 bytes of a persistent memory device.",
	  PMEM, "", "slots", NULL },
	{ "tmem_pmem_used_slots", GAUGE, "Slots that hold a page.",
	  PMEM, "", "slots_used", NULL },
	{ "tmem_pmem_quarantined_slots", GAUGE, "Slots that are never used again.",
	  PMEM, "", "slots_quarantined", NULL },
	{ "tmem_pmem_poisoned_pages", COUNTER, "Pages lost to a media error.",
	  PMEM, "", "poisoned_pages", NULL },
	{ "tmem_pmem_clean_pages", GAUGE, "Slots that hold a clean page of a file.",
	  PMEM, "", "clean_pages", NULL },
	{ "tmem_pmem_clean_events", COUNTER, "What happened to clean pages of files on a device.",
	  PMEM, "clean_stats", NULL, "event" },
	{ "tmem_clean_events", COUNTER, "What happened to clean page-cache pages.",
	  NULL, "tmem/clean_stats", NULL, "event" },
	{ "tmem_clean_refused_pages", COUNTER, "Evicted pages that were not offered to the cache, or not taken.",
	  NULL, "tmem/clean_refused", NULL, "reason" },
	{ "tmem_ssd_refused_pages", COUNTER, "Evicted pages that the cache did not keep.",
	  NULL, "tmem_ssd/refused", NULL, "reason" },
	{ "tmem_ssd_cached_pages", GAUGE, "Pages cached on all devices.",
	  NULL, "tmem_ssd", "index_pages", NULL },
	{ "tmem_ssd_index_bytes", GAUGE, "RAM that knowing them takes.",
	  NULL, "tmem_ssd", "index_bytes", NULL },
	{ "tmem_ssd_index_limit_bytes", GAUGE, "RAM that it may take.",
	  NULL, "tmem_ssd", "index_limit_bytes", NULL },
	{ "tmem_ssd_counters_bytes", GAUGE, "RAM that counts evictions.",
	  NULL, "tmem_ssd", "counters_bytes", NULL },
	{ "tmem_ssd_staging_bytes", GAUGE, "RAM for pages on their way to the devices.",
	  NULL, "tmem_ssd", "staging_bytes", NULL },
	{ "tmem_ssd_budget_bytes", GAUGE, "What may be written to flash now.",
	  NULL, "tmem_ssd", "budget_bytes", NULL },
	{ "tmem_ssd_device_pages", GAUGE, "Pages cached on a device.",
	  SSD, "", "pages", NULL },
	{ "tmem_ssd_segments", GAUGE, "Segments of 1 MiB of a device.",
	  SSD, "", "segments", NULL },
	{ "tmem_ssd_free_segments", GAUGE, "Segments that may be written.",
	  SSD, "", "segments_free", NULL },
	{ "tmem_ssd_device_events", COUNTER, "What a device did, in pages, requests, segments or bytes as the name says.",
	  SSD, "stats", NULL, "event" },
};

static const char *suffix(const struct family *family)
{
	return family->kind == COUNTER ? "_total" : "";
}

/* Names of files and devices, and ids of cgroups, need no escaping: the kernel knows them. */
static void print_labels(const struct family *family, const char *device, const char *file)
{
	const char *what = family->devices && !strcmp(family->devices, CGROUPS) ? "cgroup" : "device";

	if (device && family->label)
		printf("{%s=\"%s\",%s=\"%s\"}", what, device, family->label, file);
	else if (device)
		printf("{%s=\"%s\"}", what, device);
	else if (family->label)
		printf("{%s=\"%s\"}", family->label, file);
}

static void print_head(const struct family *family)
{
	printf("# TYPE %s %s\n", family->name, family->kind == COUNTER ? "counter" : "gauge");
	if (strlen(family->name) > strlen(BYTES_SUFFIX) &&
	    !strcmp(family->name + strlen(family->name) - strlen(BYTES_SUFFIX), BYTES_SUFFIX))
		printf("# UNIT %s bytes\n", family->name);
	printf("# HELP %s %s\n", family->name, family->help);
}

static void print_sample(const struct family *family, const char *device, const char *directory,
			 const char *file, bool *begun)
{
	unsigned long long value;
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s%s%s", directory, *directory ? "/" : "", file) >=
	    (int)sizeof(path) || kernel_read_u64(path, &value))
		return;
	if (!*begun)
		print_head(family);
	*begun = true;
	printf("%s%s", family->name, suffix(family));
	print_labels(family, device, file);
	printf(" %llu\n", value);
}

/* In a directory below /sys/kernel/mm. */
static void each_name(const char *directory, int (*visit)(const char *name, void *data), void *data)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "kernel/mm/%s", directory) < (int)sizeof(path))
		path_each_sys(path, visit, data);
}

/* One family while it is printed: of one device, in one directory. */
struct printing {
	const struct family *family;
	const char *device;
	char directory[PATH_MAX];
	bool begun;
};

static int visit_file(const char *name, void *data)
{
	struct printing *printing = data;

	print_sample(printing->family, printing->device, printing->directory, name,
		     &printing->begun);
	return 0;
}

static void print_directory(struct printing *printing)
{
	if (printing->family->label)
		each_name(printing->directory, visit_file, printing);
	else
		visit_file(printing->family->file, printing);
}

static int visit_device(const char *name, void *data)
{
	struct printing *printing = data;
	const struct family *family = printing->family;

	printing->device = name;
	snprintf(printing->directory, sizeof(printing->directory), "%s/%s%s%s", family->devices,
		 name, *family->directory ? "/" : "", family->directory);
	print_directory(printing);
	return 0;
}

/* The kernel's bounds are in nanoseconds; buckets here count all that is below. */
static void print_histogram(const char *door, bool *begun)
{
	unsigned long long below = 0;
	struct latency latency;
	unsigned int i;

	if (!latency_read(door, &latency) || !latency.total)
		return;
	if (!*begun)
		printf("# TYPE " LATENCY " histogram\n# UNIT " LATENCY " seconds\n"
		       "# HELP " LATENCY " How long stores and loads took while that was measured.\n");
	*begun = true;
	for (i = 0; i < latency.buckets; i++) {
		below += latency.count[i];
		if (isinf(latency.bound_ns[i]))
			printf(LATENCY "_bucket{door=\"%s\",le=\"+Inf\"} %llu\n", door, below);
		else
			printf(LATENCY "_bucket{door=\"%s\",le=\"%.9g\"} %llu\n", door,
			       latency.bound_ns[i] / 1e9, below);
	}
	printf(LATENCY "_count{door=\"%s\"} %llu\n" LATENCY "_sum{door=\"%s\"} %.9f\n", door,
	       latency.total, door, (double)latency.sum_ns / 1e9);
}

void openmetrics_print(void)
{
	bool begun = false;
	size_t i;

	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		const struct family *family = &families[i];
		struct printing printing = { .family = family };

		if (family->devices) {
			each_name(family->devices, visit_device, &printing);
			continue;
		}
		snprintf(printing.directory, sizeof(printing.directory), "%s", family->directory);
		print_directory(&printing);
	}
	print_histogram("store", &begun);
	print_histogram("load", &begun);
	puts("# EOF");
}
