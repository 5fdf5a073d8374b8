// SPDX-License-Identifier: GPL-2.0
/*
 * The verb "latency": how long stores and loads take, as the kernel's histograms have it.
 */
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "kernel.h"
#include "latency.h"
#include "paths.h"
#include "say.h"

#define ENABLED		"tmem/latency/enabled"
#define BAR_WIDTH	40

static bool as_json;

const struct ctl_option latency_options[] = {
	{ "json", 'j', CTL_FLAG, &as_json, NULL, "print JSON" },
	{ 0 }
};

static const char *const doors[] = { "store", "load" };

#define DOORS	(sizeof(doors) / sizeof(doors[0]))

/* A line of the kernel's: "1024 7" or "inf 0" for a bucket, "sum 123" for the sum. */
static bool read_line(const char *line, struct latency *latency)
{
	unsigned long long value;
	char bound[32];

	if (sscanf(line, "%31s %llu", bound, &value) != 2)
		return false;
	if (!strcmp(bound, "sum")) {
		latency->sum_ns = value;
		return true;
	}
	if (latency->buckets == LATENCY_BUCKETS)
		return false;
	latency->bound_ns[latency->buckets] = strcmp(bound, "inf") ? strtod(bound, NULL) : HUGE_VAL;
	latency->count[latency->buckets++] = value;
	latency->total += value;
	return true;
}

bool latency_read(const char *what, struct latency *latency)
{
	char path[PATH_MAX], text[ATTR_TEXT_BYTES], *line, *state;

	*latency = (struct latency){ 0 };
	path_sys(path, "kernel/mm/tmem/latency/%s", what);
	if (attr_read(path, text) <= 0)
		return false;
	for (line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state))
		if (!read_line(line, latency))
			return false;
	return latency->buckets && isinf(latency->bound_ns[latency->buckets - 1]);
}

double latency_below_ns(const struct latency *latency, double share)
{
	unsigned long long below = 0;
	unsigned int i;

	for (i = 0; latency->total && i < latency->buckets; i++) {
		below += latency->count[i];
		if ((double)below >= share * (double)latency->total)
			return latency->bound_ns[i];
	}
	return 0;
}

char *latency_format(double ns, char text[LATENCY_TEXT_BYTES])
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	unsigned int unit;

	if (isinf(ns)) {
		snprintf(text, LATENCY_TEXT_BYTES, "any time");
		return text;
	}
	for (unit = 0; unit < 3 && ns >= 999.5; unit++)
		ns /= 1000;
	snprintf(text, LATENCY_TEXT_BYTES, "%.3g %s", ns, units[unit]);
	return text;
}

static double average_ns(const struct latency *latency)
{
	return latency->total ? (double)latency->sum_ns / (double)latency->total : 0;
}

static void print_buckets(const struct latency *latency)
{
	unsigned int first = 0, last = latency->buckets, i;
	unsigned long long most = 1;
	char bound[LATENCY_TEXT_BYTES];

	while (first < last && !latency->count[first])
		first++;
	while (last > first && !latency->count[last - 1])
		last--;
	for (i = first; i < last; i++)
		most = latency->count[i] > most ? latency->count[i] : most;
	for (i = first; i < last; i++) {
		int width = (int)((double)latency->count[i] / (double)most * BAR_WIDTH + 0.5);

		printf("  < %8s %10llu %.*s\n", latency_format(latency->bound_ns[i], bound),
		       latency->count[i], width, "########################################");
	}
}

static void print_text(const char *what, const struct latency *latency)
{
	char average[LATENCY_TEXT_BYTES], half[LATENCY_TEXT_BYTES], most[LATENCY_TEXT_BYTES];

	if (!latency->total) {
		printf("%s: none yet\n", what);
		return;
	}
	printf("%s: %llu, %s on average, half below %s, 99 %% below %s\n", what, latency->total,
	       latency_format(average_ns(latency), average),
	       latency_format(latency_below_ns(latency, 0.5), half),
	       latency_format(latency_below_ns(latency, 0.99), most));
	print_buckets(latency);
}

static struct json_object *to_json(const struct latency *latency)
{
	struct json_object *object = json_object_new_object();
	struct json_object *buckets = json_object_new_array();
	unsigned int i;

	for (i = 0; i < latency->buckets; i++) {
		struct json_object *bucket = json_object_new_object();

		json_object_object_add(bucket, "below_ns", isinf(latency->bound_ns[i]) ? NULL :
				       json_u64((unsigned long long)latency->bound_ns[i]));
		json_object_object_add(bucket, "count", json_u64(latency->count[i]));
		json_object_array_add(buckets, bucket);
	}
	json_object_object_add(object, "count", json_u64(latency->total));
	json_object_object_add(object, "sum_ns", json_u64(latency->sum_ns));
	json_object_object_add(object, "buckets", buckets);
	return object;
}

static int show(void)
{
	struct latency latencies[DOORS];
	struct json_object *object;
	unsigned long long enabled;
	size_t i;

	if (kernel_read_u64(ENABLED, &enabled))
		return fail("the module tmem is older than this tool and has no histograms: install both of "
			    "one version, and load it again");
	for (i = 0; i < DOORS; i++)
		if (!latency_read(doors[i], &latencies[i]))
			return fail("cannot read the histogram of %ss: install tool and modules of one version",
				    doors[i]);
	for (i = 0; i < DOORS && !as_json; i++)
		print_text(doors[i], &latencies[i]);
	if (as_json) {
		object = json_object_new_object();
		json_object_object_add(object, "enabled", json_u64(enabled));
		for (i = 0; i < DOORS; i++)
			json_object_object_add(object, doors[i], to_json(&latencies[i]));
		print_object(object, true);
	}
	if (!enabled)
		hint("nothing is measured now, run \"tmem-pmem-ctl latency on\"");
	return 0;
}

int run_latency(char **arguments)
{
	const char *wish = arguments[0];
	int error;

	if (kernel_core_check())
		return EXIT_FAILURE;
	if (!wish)
		return show();
	if (strcmp(wish, "on") && strcmp(wish, "off")) {
		fail("latency: \"%s\" is neither on nor off", wish);
		return EXIT_USAGE;
	}
	error = kernel_write(ENABLED, strcmp(wish, "on") ? "0" : "1");
	if (error)
		return fail("cannot turn the histograms %s: %s", wish, kernel_why(error));
	return 0;
}
