// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel counts and is set to, as OpenMetrics text (https://prometheus.io/docs/specs/om/open_metrics_spec/).
 *
 * A directory of counters becomes either one family a file, or one family with a label that says which file, for
 * what belongs together and can be summed up. A file that a kernel module does not have is left out.
 * openmetrics_families.c says which file is what.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "latency.h"
#include "openmetrics.h"
#include "openmetrics_families.h"
#include "paths.h"
#include "say.h"
#include "uuid_file.h"

#define LATENCY	"tmem_swap_latency_seconds"

/* One family while it is printed: of one device, in one directory. */
struct printing {
	const struct family *family;
	const char *device;
	char directory[PATH_MAX];
	bool begun;
	unsigned int labels;
};

static void print_head(const struct family *family)
{
	const char *unit = strrchr(family->name, '_') + 1;

	printf("# TYPE %s %s\n", family->name, family->kind == COUNTER ? "counter" : "gauge");
	if (!strcmp(unit, "bytes") || !strcmp(unit, "ratio"))
		printf("# UNIT %s %s\n", family->name, unit);
	printf("# HELP %s %s\n", family->name, family->help);
}

static void add_label(struct printing *printing, const char *name, const char *value, size_t length)
{
	char *text = printable(value, length);
	const char *at;

	printf("%c%s=\"", printing->labels++ ? ',' : '{', name);
	for (at = text; *at; at++)
		printf(*at == '"' || *at == '\\' ? "\\%c" : "%c", *at);
	putchar('"');
	free(text);
}

static void begin_sample(struct printing *printing)
{
	const struct family *family = printing->family;

	if (!printing->begun)
		print_head(family);
	printing->begun = true;
	printing->labels = 0;
	printf("%s%s", family->name, family->kind == COUNTER ? "_total" : "");
	if (printing->device)
		add_label(printing, strcmp(family->devices, CGROUPS) ? "device" : "cgroup",
			  printing->device, strlen(printing->device));
}

static void end_sample(const struct printing *printing, const char *value)
{
	printf("%s %s\n", printing->labels ? "}" : "", value);
}

static bool read_file(const struct printing *printing, const char *file, char text[ATTR_TEXT_BYTES])
{
	char path[PATH_MAX];

	path_sys(path, "kernel/mm/%s%s%s", printing->directory, *printing->directory ? "/" : "", file);
	return attr_read(path, text) >= 0;
}

/* The word of that number, from 0 on, if it is a number; else NULL. */
static const char *number_in(char *text, unsigned int field)
{
	char *state, *word = strtok_r(text, " ", &state);
	const char *digits;

	while (word && field--)
		word = strtok_r(NULL, " ", &state);
	if (!word)
		return NULL;
	digits = word + (*word == '-');
	return *digits && !digits[strspn(digits, "0123456789")] ? word : NULL;
}

static void print_number(struct printing *printing, const char *file, char *text)
{
	const struct family *family = printing->family;
	const char *number = number_in(text, family->field);
	char ratio[32];

	if (!number)
		return;
	begin_sample(printing);
	if (!family->file)
		add_label(printing, family->label, file, strlen(file));
	snprintf(ratio, sizeof(ratio), "%.9g", strtod(number, NULL) / 100);
	end_sample(printing, family->form == FORM_PERCENT ? ratio : number);
}

static void print_words(struct printing *printing, const char *text)
{
	const char *const *word;

	for (word = printing->family->words; *word; word++) {
		begin_sample(printing);
		add_label(printing, printing->family->label, *word, strlen(*word));
		end_sample(printing, strcmp(text, *word) ? "0" : "1");
	}
}

static void print_line(struct printing *printing, const char *line)
{
	const char *const *label;
	size_t length;

	begin_sample(printing);
	for (label = printing->family->words; *label && *line; label++) {
		length = strcspn(line, " ");
		add_label(printing, *label, line, length);
		line += length + (line[length] == ' ');
	}
	end_sample(printing, "1");
}

/* The kernel's list may end in the middle of a line: whose UUID is not whole tells of another filesystem, or none. */
static bool is_whole(const struct family *family, const char *line)
{
	const char *const *label;

	for (label = family->words; *label && *line; label++) {
		if (!strcmp(*label, "uuid"))
			return uuid_is_whole(line);
		line += strcspn(line, " ");
		line += *line == ' ';
	}
	return !*label;
}

/* A line that was there before says nothing new, and a sample must not be there twice. */
static void print_lines(struct printing *printing, char *text)
{
	char *line, *state;
	const char *before;

	for (line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
		for (before = text; before < line && strcmp(before, line); )
			before += strlen(before) + 1;
		if (before >= line && is_whole(printing->family, line))
			print_line(printing, line);
	}
}

static void print_files(struct printing *printing)
{
	char text[ATTR_TEXT_BYTES];
	const char *const *file;
	bool begun = false;

	for (file = printing->family->words; *file; file++) {
		if (!read_file(printing, *file, text))
			continue;
		if (!begun)
			begin_sample(printing);
		begun = true;
		add_label(printing, *file, text, strlen(text));
	}
	if (begun)
		end_sample(printing, "1");
}

static int print_file(const char *file, void *data)
{
	struct printing *printing = data;
	char text[ATTR_TEXT_BYTES];

	if (!read_file(printing, file, text))
		return 0;
	switch (printing->family->form) {
	case FORM_WORD:
		print_words(printing, text);
		break;
	case FORM_LINES:
		print_lines(printing, text);
		break;
	default:
		print_number(printing, file, text);
	}
	return 0;
}

/* In a directory below /sys/kernel/mm. */
static void each_name(const char *directory, int (*visit)(const char *name, void *data), void *data)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "kernel/mm/%s", directory) < (int)sizeof(path))
		path_each_sys(path, visit, data);
}

static void print_directory(struct printing *printing)
{
	if (printing->family->form == FORM_FILES)
		print_files(printing);
	else if (printing->family->file)
		print_file(printing->family->file, printing);
	else
		each_name(printing->directory, print_file, printing);
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
	const struct family *family;
	bool begun = false;

	for (family = families; family->name; family++) {
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
