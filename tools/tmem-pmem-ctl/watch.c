// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel counts, as rates, a line each so many seconds.
 */
#include <stdbool.h>
#include <stdio.h>

#include "rates.h"
#include "say.h"
#include "watch.h"

/* A heading again after so many lines. */
#define LINES_A_PAGE	20

/**
 * struct column - one number of a line
 * @heading: above it
 * @file: below /sys/kernel/mm; all files of a directory are added up
 * @is_level: shown as it is, not as a rate
 */
static const struct column {
	const char *heading;
	const char *file;
	bool is_level;
} columns[] = {
	{ "held", "frontswap/curr_pages", true },
	{ "stores", "tmem/stats/stores", false },
	{ "loads", "tmem/stats/loads", false },
	{ "refused", "tmem/refused", false },
	{ "back", "tmem/stats/written_back", false },
	{ "puts", "tmem/clean_stats/puts", false },
	{ "gets", "tmem/clean_stats/gets", false },
	{ "misses", "tmem/clean_stats/misses", false },
};

#define COLUMNS	(sizeof(columns) / sizeof(columns[0]))

static void print_heading(void)
{
	size_t i;

	for (i = 0; i < COLUMNS; i++)
		printf("%10s%s", columns[i].heading, columns[i].is_level ? "" : "/s");
	putchar('\n');
}

static void print_line(double seconds, unsigned long line)
{
	size_t i;

	if (seconds > 0 && line % LINES_A_PAGE == 0)
		print_heading();
	for (i = 0; i < COLUMNS; i++) {
		const struct column *column = &columns[i];
		double rate = column->is_level ? 0 : rates_per_second(column->file, seconds);

		if (seconds > 0 && column->is_level)
			printf("%10llu", rates_value(column->file));
		else if (seconds > 0)
			printf("%12.0f", rate);
	}
	if (seconds > 0)
		putchar('\n');
}

int watch_run(double seconds, unsigned long lines)
{
	return rates_run(seconds, lines, NULL, print_line) ? 0 : fail("the module tmem has gone");
}
