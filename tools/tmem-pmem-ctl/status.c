// SPDX-License-Identifier: GPL-2.0
/*
 * The verbs "status" and "stats": what the kernel holds and what it has counted.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "kernel.h"
#include "openmetrics.h"
#include "paths.h"
#include "rates.h"
#include "say.h"
#include "sysfs_json.h"
#include "units.h"
#include "watch.h"

static bool as_json, as_openmetrics, human;
static const char *watch_seconds, *watch_lines;

const struct ctl_option status_options[] = {
	{ "json", 'j', CTL_FLAG, &as_json, NULL, "print JSON" },
	{ "human", 'u', CTL_FLAG, &human, NULL, "print sizes with units" },
	{ 0 }
};

const struct ctl_option stats_options[] = {
	{ "json", 'j', CTL_FLAG, &as_json, NULL, "print JSON" },
	{ "openmetrics", 'o', CTL_FLAG, &as_openmetrics, NULL,
	  "print OpenMetrics text, of the page cache too" },
	{ "watch", 'w', CTL_STRING, &watch_seconds, "SECONDS", "print rates, a line each so many seconds" },
	{ "lines", 'n', CTL_STRING, &watch_lines, "N", "with --watch: end after N lines" },
	{ 0 }
};

static int device_visit(const char *name, void *data)
{
	static const char *const attrs[] = { "label", "uuid", "state", "numa_node", "slots_usable",
					     "slots_used", "slots_quarantined", "poisoned_pages", "marks", "encrypted",
					     "clean_percent", "clean_pages" };
	struct json_object *device = json_object_new_object();
	unsigned long long slots;
	char file[PATH_MAX];
	size_t i;

	json_object_object_add(device, "device", json_text(name));
	for (i = 0; i < sizeof(attrs) / sizeof(attrs[0]); i++) {
		snprintf(file, sizeof(file), "tmem_pmem/devices/%s/%s", name, attrs[i]);
		sysfs_add(device, attrs[i], file);
	}
	snprintf(file, sizeof(file), "tmem_pmem/devices/%s/slots", name);
	sysfs_add(device, "slots", file);
	if (!kernel_read_u64(file, &slots))
		json_object_object_add(device, "size", json_size(slots * PAGE_BYTES, human));
	json_object_array_add(data, device);
	return 0;
}

static struct json_object *modules(void)
{
	static const char *const names[] = { MODULE_CORE, MODULE_PMEM, MODULE_SSD };
	struct json_object *object = json_object_new_object();
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		json_object_object_add(object, names[i],
				       json_text(kernel_has_module(names[i]) ? "loaded" : "not loaded"));
	return object;
}

int run_status(char **arguments)
{
	struct json_object *object = json_object_new_object();
	struct json_object *devices = json_object_new_array();
	unsigned long long pages = 0, lost = 0;
	bool attached;

	(void)arguments;
	json_object_object_add(object, "modules", modules());
	if (kernel_has_module(MODULE_CORE)) {
		sysfs_add(object, "state", "tmem/state");
		json_object_object_add(object, "hooks", sysfs_lines("tmem/hooks"));
		json_object_object_add(object, "areas", sysfs_lines("tmem/areas"));
		kernel_read_u64("frontswap/curr_pages", &pages);
		json_object_object_add(object, "pages", json_u64(pages));
		json_object_object_add(object, "pages_size", json_size(pages * PAGE_BYTES, human));
		kernel_read_u64("tmem/lost_pages", &lost);
		json_object_object_add(object, "lost_pages", json_u64(lost));
		kernel_each_device(device_visit, devices);
	}
	attached = json_object_array_length(devices);
	json_object_object_add(object, "devices", devices);
	print_object(object, as_json);
	if (pages)
		hint("pages are stored: run \"tmem-pmem-ctl drain\" before unloading the modules");
	if (kernel_has_module(MODULE_PMEM) && !attached)
		hint("no device is attached, so no page is stored: \"tmem-pmem-ctl doctor\" says what to do");
	if (lost)
		hint("pages were lost and their owners have not been told: tmem stays loaded until they end, then run \"tmem-pmem-ctl drain\"");
	return 0;
}

/* The options --watch and --lines. Return: exit status. */
static int watch(void)
{
	unsigned long lines;
	double seconds;
	int status = rates_parse(watch_seconds, watch_lines, &seconds, &lines);

	return status ? status : watch_run(seconds, lines);
}

/* What became of clean pages of files there. */
static int clean_stats_visit(const char *name, void *data)
{
	char directory[PATH_MAX];

	snprintf(directory, sizeof(directory), "tmem_pmem/devices/%s/clean_stats", name);
	json_object_object_add(data, name, sysfs_directory(directory));
	return 0;
}

int run_stats(char **arguments)
{
	struct json_object *object, *clean;

	(void)arguments;
	if (kernel_core_check())
		return EXIT_FAILURE;
	if (as_openmetrics + as_json + !!watch_seconds > 1) {
		fail("stats: give one of --json, --openmetrics and --watch");
		return EXIT_USAGE;
	}
	if (watch_lines && !watch_seconds) {
		fail("stats: --lines is for --watch");
		return EXIT_USAGE;
	}
	if (watch_seconds)
		return watch();
	if (as_openmetrics) {
		openmetrics_print();
		return 0;
	}
	object = json_object_new_object();
	json_object_object_add(object, "frontswap", sysfs_directory("frontswap"));
	json_object_object_add(object, "stats", sysfs_directory("tmem/stats"));
	json_object_object_add(object, "refused", sysfs_directory("tmem/refused"));
	clean = json_object_new_object();
	kernel_each_device(clean_stats_visit, clean);
	json_object_object_add(object, "clean_stats", clean);
	print_object(object, as_json);
	return 0;
}
