// SPDX-License-Identifier: GPL-2.0
/* Runs a trace under the policies side by side, or makes one up; README.md says how. */
#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/math64.h>

#include "../../drivers/tmem_ssd/admit.h"
#include "../../drivers/tmem_ssd/log.h"
#include "sim.h"

static const char usage[] =
	"usage: sim [OPTION]... TRACE\n"
	"       sim --synthetic [--pages N] [--requests N] [--zipf X] [--scans PERCENT]\n"
	"  --format text|u32   of TRACE (text)\n"
	"  --ram PERCENT       page cache, of the trace's different pages (2)\n"
	"  --ssd PERCENT       victim cache, likewise (20)\n"
	"  --counted PERCENT   pages whose evictions are counted, of the victim cache (as in the module)\n"
	"  --sequential PAGES  runs longer than this are not cached, 0: all are (likewise)\n"
	"  --dwpd PERCENT      budget of writes a day, of the victim cache, 0: none (likewise)\n"
	"  --fill PERCENT      of the victim cache, filled by first evictions (likewise)\n"
	"  --warmup PAGES      asked for before anything is counted (0)\n"
	"  --days DAYS         that the trace takes (7)\n"
	"  --no-workingset     the page cache does not tell what came back soon\n"
	"  --seed N            of the fingerprints, or of the synthetic trace (1)\n";

enum option_name {
	FORMAT, RAM, SSD, COUNTED, SEQUENTIAL, DWPD, FILL, WARMUP, DAYS, NO_WORKINGSET,
	SYNTHETIC, SEED, PAGES, REQUESTS, ZIPF, SCANS, HELP,
};

static const struct option long_options[] = {
	[FORMAT]	= { "format", required_argument, NULL, 0 },
	[RAM]		= { "ram", required_argument, NULL, 0 },
	[SSD]		= { "ssd", required_argument, NULL, 0 },
	[COUNTED]	= { "counted", required_argument, NULL, 0 },
	[SEQUENTIAL]	= { "sequential", required_argument, NULL, 0 },
	[DWPD]		= { "dwpd", required_argument, NULL, 0 },
	[FILL]		= { "fill", required_argument, NULL, 0 },
	[WARMUP]	= { "warmup", required_argument, NULL, 0 },
	[DAYS]		= { "days", required_argument, NULL, 0 },
	[NO_WORKINGSET]	= { "no-workingset", no_argument, NULL, 0 },
	[SYNTHETIC]	= { "synthetic", no_argument, NULL, 0 },
	[SEED]		= { "seed", required_argument, NULL, 0 },
	[PAGES]		= { "pages", required_argument, NULL, 0 },
	[REQUESTS]	= { "requests", required_argument, NULL, 0 },
	[ZIPF]		= { "zipf", required_argument, NULL, 0 },
	[SCANS]		= { "scans", required_argument, NULL, 0 },
	[HELP]		= { "help", no_argument, NULL, 0 },
	{ NULL, 0, NULL, 0 },
};

/* By enum option_name; what has no number here is not one. */
static double numbers[] = {
	[RAM] = 2, [SSD] = 20, [COUNTED] = TMEM_SSD_COUNTED_PERCENT,
	[SEQUENTIAL] = TMEM_SSD_SEQUENTIAL_PAGES, [DWPD] = TMEM_SSD_DWPD_PERCENT,
	[FILL] = TMEM_SSD_FILL_PERCENT, [DAYS] = 7, [NO_WORKINGSET] = 0,
	[SYNTHETIC] = 0, [SEED] = 1, [PAGES] = 100000, [REQUESTS] = 2000000, [ZIPF] = 0.9,
	[SCANS] = 30,
};

static void read_options(int argc, char **argv, const char **format)
{
	char *end;
	int name, code;

	while ((code = getopt_long(argc, argv, "", long_options, &name)) == 0) {
		if (name == HELP) {
			fputs(usage, stdout);
			exit(0);
		} else if (name == FORMAT) {
			*format = optarg;
		} else if (!optarg) {
			numbers[name] = 1;
		} else {
			numbers[name] = strtod(optarg, &end);
			if (*end || end == optarg || !(numbers[name] >= 0 && numbers[name] < 1e15))
				errx(2, "%s: not a number", optarg);
		}
	}
	if (code != -1)
		errx(2, "%s", usage);
}

static double ratio(double part, double whole)
{
	return whole ? part / whole : 0;
}

static void print_column(const char *name, const struct result *r)
{
	double served_bytes = (double)r->ssd_hits * TMEM_SSD_BLOCK_BYTES;
	double ram_bytes = r->index_bytes + r->counters_bytes + r->log_bytes;

	printf("%-8s %7.2f %7.2f %7.2f %9.2f %10.3f %8.2f %8.2f  %llu/%llu/%llu/%llu/%llu/%llu\n",
	       name, ratio(100.0 * r->ram_hits, r->requests), ratio(100.0 * r->ssd_hits, r->requests),
	       ratio(100.0 * r->ssd_hits, r->ssd_hits + r->misses),
	       ratio(1000.0 * r->flash_bytes / TMEM_SSD_BLOCK_BYTES, r->requests),
	       ratio(r->flash_bytes, served_bytes), ratio(r->index_bytes, r->cached_pages),
	       ratio(ram_bytes, r->cached_pages), (unsigned long long)r->present,
	       (unsigned long long)r->admitted, (unsigned long long)r->rare,
	       (unsigned long long)r->sequential, (unsigned long long)r->budget,
	       (unsigned long long)r->kept);
}

static u64 share(const struct trace *trace, enum option_name name)
{
	return trace->unique_pages * numbers[name] / 100;
}

static void run(const struct trace *trace)
{
	struct options options = {
		.ram_pages = share(trace, RAM) ?: 1,
		.segments = DIV_ROUND_UP_ULL(share(trace, SSD), TMEM_SSD_SEGMENT_PAGES),
		.seed = numbers[SEED],
		.sequential_pages = numbers[SEQUENTIAL],
		.dwpd_percent = numbers[DWPD],
		.fill_percent = numbers[FILL],
		.warmup = numbers[WARMUP],
		.days = numbers[DAYS],
		.workingset = !numbers[NO_WORKINGSET],
		.all = true,
	};
	struct result all, chosen;

	/* Two are filled while others are evicted. */
	if (options.segments < 4)
		options.segments = 4;
	options.counted_pages = options.segments * TMEM_SSD_SEGMENT_PAGES * numbers[COUNTED] / 100;
	simulate(trace, &options, &all);
	options.all = false;
	simulate(trace, &options, &chosen);

	printf("%zu requests, %llu pages, %llu different; RAM %llu pages, SSD %u segments of %u\n",
	       trace->count, (unsigned long long)trace->pages,
	       (unsigned long long)trace->unique_pages, (unsigned long long)options.ram_pages,
	       options.segments, TMEM_SSD_SEGMENT_PAGES);
	printf("%-8s %7s %7s %7s %9s %10s %8s %8s  %s\n", "policy", "RAM", "SSD", "of RAM",
	       "written", "written", "index", "all RAM", "puts: present/admitted/");
	printf("%-8s %7s %7s %7s %9s %10s %8s %8s  %s\n", "", "hit %", "hit %", "miss %",
	       "/1000 req", "/B served", "B/page", "B/page", "rare/sequential/budget/kept");
	print_column("all", &all);
	print_column("default", &chosen);
	printf("hits %.3f of admit-all's, writes %.3f\n", ratio(chosen.ssd_hits, all.ssd_hits),
	       ratio(chosen.flash_bytes, all.flash_bytes));
}

int main(int argc, char **argv)
{
	const char *format = "text";
	struct trace trace;

	read_options(argc, argv, &format);
	if (numbers[SYNTHETIC]) {
		synthetic_write(numbers[SEED], numbers[PAGES], numbers[REQUESTS], numbers[ZIPF],
				numbers[SCANS]);
		return 0;
	}
	if (optind + 1 != argc || (strcmp(format, "text") && strcmp(format, "u32")))
		errx(2, "%s", usage);
	trace_read(&trace, argv[optind], format);
	run(&trace);
	trace_free(&trace);
	return 0;
}
