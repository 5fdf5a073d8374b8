// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel counts, as rates, a line each so many seconds.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "kernel.h"
#include "paths.h"
#include "say.h"
#include "watch.h"

/* A heading again after so many lines. */
#define LINES_A_PAGE	20

/**
 * struct column - one number of a line
 * @heading: above it
 * @file: below /sys/kernel/mm; all files of a directory are added up
 * @is_level: shown as it is, not as a rate
 * @last: what it was at the line before
 */
struct column {
	const char *heading;
	const char *file;
	bool is_level;
	unsigned long long last;
};

static struct column columns[] = {
	{ "held", "frontswap/curr_pages", true, 0 },
	{ "stores", "tmem/stats/stores", false, 0 },
	{ "loads", "tmem/stats/loads", false, 0 },
	{ "refused", "tmem/refused", false, 0 },
	{ "back", "tmem/stats/written_back", false, 0 },
	{ "puts", "tmem/clean_stats/puts", false, 0 },
	{ "gets", "tmem/clean_stats/gets", false, 0 },
	{ "misses", "tmem/clean_stats/misses", false, 0 },
};

#define COLUMNS	(sizeof(columns) / sizeof(columns[0]))

/* The sum over a directory's files, or one file's number; 0 for what cannot be read. */
static unsigned long long value_of(const char *file)
{
	unsigned long long sum = 0, value;
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *directory;

	if (!kernel_read_u64(file, &value))
		return value;
	path_sys(path, "kernel/mm/%s", file);
	directory = opendir(path);
	while (directory && (entry = readdir(directory))) {
		if (entry->d_name[0] == '.' ||
		    snprintf(path, sizeof(path), "%s/%s", file, entry->d_name) >= (int)sizeof(path))
			continue;
		if (!kernel_read_u64(path, &value))
			sum += value;
	}
	if (directory)
		closedir(directory);
	return sum;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void wait_until(double when)
{
	double left = when - now();
	struct timespec ts;

	if (left <= 0)
		return;
	ts.tv_sec = (time_t)left;
	ts.tv_nsec = (long)((left - (double)ts.tv_sec) * 1e9);
	nanosleep(&ts, NULL);
}

static void print_heading(void)
{
	size_t i;

	for (i = 0; i < COLUMNS; i++)
		printf("%10s%s", columns[i].heading, columns[i].is_level ? "" : "/s");
	putchar('\n');
}

/* @seconds: since the line before; 0 to remember only. */
static void print_line(double seconds)
{
	size_t i;

	for (i = 0; i < COLUMNS; i++) {
		struct column *column = &columns[i];
		unsigned long long value = value_of(column->file);

		if (seconds > 0 && column->is_level)
			printf("%10llu", value);
		else if (seconds > 0)
			printf("%12.0f", (double)(value - column->last) / seconds);
		column->last = value;
	}
	if (seconds > 0)
		putchar('\n');
}

int watch_run(double seconds, unsigned long lines)
{
	double last = now(), next = last + seconds;
	unsigned long line;

	print_line(0);
	for (line = 0; !lines || line < lines; line++, next += seconds) {
		double before = last;

		wait_until(next);
		if (!kernel_has_module(MODULE_CORE))
			return fail("the module tmem has gone");
		last = now();
		if (line % LINES_A_PAGE == 0)
			print_heading();
		print_line(last - before);
		fflush(stdout);
	}
	return 0;
}
