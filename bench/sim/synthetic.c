// SPDX-License-Identifier: GPL-2.0
/*
 * A trace made up: random reads of one large file by a zipf distribution, as of a database, and now
 * and then another file that is read once from its beginning to its end, as by a backup.
 */
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim.h"

#define SCAN_READ_PAGES	32

static u64 state;

static double random_unit(void)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (state >> 11) / 9007199254740992.0;
}

/* Return: for each rank the share of all reads that goes to it and those before it. */
static double *zipf_table(u64 pages, double zipf)
{
	double *table = calloc(pages, sizeof(*table)), sum = 0;
	u64 i;

	if (!table)
		err(1, NULL);
	for (i = 0; i < pages; i++) {
		sum += 1 / pow(i + 1, zipf);
		table[i] = sum;
	}
	for (i = 0; i < pages; i++)
		table[i] /= sum;
	return table;
}

static u64 zipf_rank(const double *table, u64 pages)
{
	double wanted = random_unit();
	u64 low = 0, high = pages - 1;

	while (low < high) {
		u64 middle = (low + high) / 2;

		if (table[middle] < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void synthetic_write(u64 seed, u64 pages, u64 requests, double zipf, unsigned int scan_percent)
{
	double *table = zipf_table(pages, zipf);
	u64 i, scan_file = 2, scan_page = 0;

	state = seed;
	printf("# seed %llu, %llu pages, zipf %.2f, %u %% of the pages read by scans\n",
	       (unsigned long long)seed, (unsigned long long)pages, zipf, scan_percent);
	for (i = 0; i < requests;) {
		/* One read of a scan for so many single ones that the share is right. */
		if (random_unit() * (scan_percent + (100 - scan_percent) * SCAN_READ_PAGES) >=
		    scan_percent) {
			/* Ranks are spread over the file: 7919 divides few sizes. */
			printf("R,1,%llu\n",
			       (unsigned long long)(zipf_rank(table, pages) * 7919 % pages));
			i++;
			continue;
		}
		printf("R,%llu,%llu,%u\n", (unsigned long long)scan_file,
		       (unsigned long long)scan_page, SCAN_READ_PAGES);
		i += SCAN_READ_PAGES;
		scan_page += SCAN_READ_PAGES;
		if (scan_page >= pages / 4) {
			scan_file++;
			scan_page = 0;
		}
	}
	free(table);
}
