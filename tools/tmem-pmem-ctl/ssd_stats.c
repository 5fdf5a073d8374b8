// SPDX-License-Identifier: GPL-2.0
/*
 * The verb "ssd stats": what the cache is good for, and what it costs in flash and RAM.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "kernel.h"
#include "paths.h"
#include "say.h"
#include "ssd.h"
#include "sysfs_json.h"
#include "units.h"

#define SEGMENT_BYTES	(1ULL << 20)

static bool as_json, human;

const struct ctl_option ssd_stats_options[] = {
	{ "json", 'j', CTL_FLAG, &as_json, NULL, "print JSON" },
	{ "human", 'u', CTL_FLAG, &human, NULL, "print sizes with units" },
	{ 0 }
};

static unsigned long long number(const char *file)
{
	unsigned long long value = 0;

	kernel_read_u64(file, &value);
	return value;
}

/* A number of an object of numbers, 0 if it is not there. */
static unsigned long long member(struct json_object *object, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(object, name, &value) ? json_object_get_int64(value) : 0;
}

/* The sum of a number over all devices; of their counters if @stats. */
static unsigned long long sum(struct json_object *devices, const char *name, bool stats)
{
	unsigned long long total = 0;
	size_t i;

	for (i = 0; i < json_object_array_length(devices); i++) {
		struct json_object *object = json_object_array_get_idx(devices, i);

		if (!stats || json_object_object_get_ex(object, "stats", &object))
			total += member(object, name);
	}
	return total;
}

/* "0.373"; "-" while there is nothing to divide by. */
static struct json_object *ratio(unsigned long long part, unsigned long long whole)
{
	char text[32];

	if (!whole)
		return as_json ? NULL : json_text("-");
	snprintf(text, sizeof(text), "%.3f", (double)part / whole);
	return json_object_new_double_s((double)part / whole, text);
}

static void add_reads(struct json_object *object)
{
	unsigned long long gets = number("tmem/clean_stats/gets");
	unsigned long long misses = number("tmem/clean_stats/misses");
	unsigned long long failed = number("tmem/clean_stats/failed");

	json_object_object_add(object, "hit_ratio", ratio(gets, gets + misses + failed));
	json_object_object_add(object, "pages_served", json_u64(gets));
	json_object_object_add(object, "pages_missed", json_u64(misses + failed));
	json_object_object_add(object, "pages_kept", json_u64(number("tmem/clean_stats/puts")));
}

/* As the kernel calls a limit that there is not. */
static struct json_object *budget(unsigned long long bytes)
{
	unsigned long long percent;

	if (!kernel_read_u64("tmem_ssd/dwpd_percent", &percent) && !percent)
		return json_text("max");
	return json_size(bytes, human);
}

static void add_flash(struct json_object *object, struct json_object *devices)
{
	unsigned long long written = sum(devices, "bytes_written", true);
	unsigned long long capacity = sum(devices, "segments", false) * SEGMENT_BYTES;
	unsigned long long served = number("tmem/clean_stats/gets") * PAGE_BYTES;

	json_object_object_add(object, "flash_size", json_size(capacity, human));
	json_object_object_add(object, "flash_written", json_size(written, human));
	json_object_object_add(object, "flash_written_per_byte_served", ratio(written, served));
	json_object_object_add(object, "flash_budget_a_day",
			       budget(capacity / 100 * number("tmem_ssd/dwpd_percent")));
	json_object_object_add(object, "flash_budget_now", budget(number("tmem_ssd/budget_bytes")));
	json_object_object_add(object, "checksum_errors",
			       json_u64(sum(devices, "checksum_errors", true)));
	json_object_object_add(object, "io_errors", json_u64(sum(devices, "io_errors", true)));
}

static void add_ram(struct json_object *object)
{
	unsigned long long index = number("tmem_ssd/index_bytes");
	unsigned long long counters = number("tmem_ssd/counters_bytes");
	unsigned long long staging = number("tmem_ssd/staging_bytes");
	unsigned long long pages = number("tmem_ssd/index_pages");

	json_object_object_add(object, "pages_cached", json_u64(pages));
	json_object_object_add(object, "ram_index", json_size(index, human));
	json_object_object_add(object, "ram_index_limit",
			       json_size(number("tmem_ssd/index_limit_bytes"), human));
	json_object_object_add(object, "ram_counters", json_size(counters, human));
	json_object_object_add(object, "ram_staging", json_size(staging, human));
	json_object_object_add(object, "ram_index_bytes_a_page", ratio(index, pages));
}

int run_ssd_stats(char **arguments)
{
	struct json_object *object, *devices;

	(void)arguments;
	if (kernel_ssd_check())
		return EXIT_FAILURE;
	devices = ssd_devices();
	object = json_object_new_object();
	add_reads(object);
	add_flash(object, devices);
	add_ram(object);
	json_object_object_add(object, "refused_by_the_kernel_side",
			       sysfs_directory("tmem/clean_refused"));
	json_object_object_add(object, "refused_by_the_cache", sysfs_directory("tmem_ssd/refused"));
	json_object_put(devices);
	print_object(object, as_json);
	return 0;
}
