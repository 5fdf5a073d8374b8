// SPDX-License-Identifier: GPL-2.0
/*
 * Touches pages of anonymous memory, at random or one after the other, checks each, and measures one window of that.
 *
 * Fill, warm-up and window are the same for every run with the same arguments; only the window is
 * timed. Kernel counters are read at both ends of the window by the process itself, so that they
 * count nothing else. One JSON line is printed; exit status 1 when a page held wrong data.
 *
 * A touch looks at one word of each cache line of its page; at the end every word is looked at.
 * The work on a page does not depend on what it holds: a page that comes back wrong costs
 * the same, so a floor that keeps no contents can be compared (--unchecked).
 *
 * With --hot so many percent of the touches go to the first quarter of the pages, and not a window is
 * measured but every tenth hundred touches, which all go there: the counters then say where hot pages
 * came from.
 *
 * With --huge the memory may be made of large pages, of the sizes that are set to madvise in sysfs.
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <stdbool.h>
#include <sys/mman.h>

#include "window.h"

static struct {
	size_t pages;
	unsigned long warmup, touches;
	unsigned int write_percent, hot_percent;
	bool compressible, unchecked, sequential, huge;
	const char *ready, *go;
} opt = { .write_percent = 30 };

#define HUGE (2UL << 20)

static uint64_t *area;
static uint8_t *generation;
static unsigned long errors;

static uint64_t page_key(size_t page)
{
	return scramble((uint64_t)page << 8 | generation[page]);
}

/*
 * Words of a page are an arithmetic progression from a hashed start: no compressor finds anything
 * in it. In a compressible page only one word of eight is such a word. Cheap, because what
 * the program itself does is subtracted from the figure.
 */
#define BLANK		0x2020202020202020ULL

static void write_page(size_t page)
{
	uint64_t *word = area + page * WORDS, value = page_key(page);

	for (size_t i = 0; i < WORDS; i += 8, value += 8 * STEP)
		for (size_t j = 0; j < 8; j++)
			word[i + j] = j && opt.compressible ? BLANK : value + j * STEP;
}

/* Compare word j of every group of eight, that is one word of each cache line. */
static uint64_t difference(size_t page, size_t j)
{
	const uint64_t *word = area + page * WORDS + j;
	uint64_t step = 8 * STEP, value = page_key(page) + j * STEP, wrong = 0;

	if (j && opt.compressible) {
		value = BLANK;
		step = 0;
	}
	for (size_t i = 0; i < WORDS; i += 8, value += step)
		wrong |= word[i] ^ value;
	return wrong;
}

static void check_page(size_t page, size_t first, size_t last)
{
	uint64_t wrong = 0;

	while (first <= last)
		wrong |= difference(page, first++);
	if (wrong && !opt.unchecked && errors++ < 10)
		fprintf(stderr, "touch: page %zu, generation %u: wrong contents\n", page,
			generation[page]);
}

static void touch_page(size_t page, unsigned long number)
{
	bool write = next_random() % 100 < opt.write_percent;

	check_page(page, number % 8, number % 8);
	if (write) {
		generation[page]++;
		write_page(page);
	}
}

static void touch_random(unsigned long touches)
{
	while (touches--)
		touch_page(next_random() % opt.pages, touches);
}

/* Goes on where it stopped the last time. */
static void touch_sequential(unsigned long touches)
{
	static size_t page;

	while (touches--) {
		touch_page(page, touches);
		page = (page + 1) % opt.pages;
	}
}

static void touch_hot(unsigned long touches)
{
	while (touches--)
		touch_page(next_random() % (opt.pages / 4), touches);
}

static void touch_skewed(unsigned long touches)
{
	size_t hot = opt.pages / 4;

	while (touches--) {
		if (next_random() % 100 < opt.hot_percent)
			touch_page(next_random() % hot, touches);
		else
			touch_page(hot + next_random() % (opt.pages - hot), touches);
	}
}

static uint64_t measure_hot(unsigned long touches)
{
	uint64_t took_ns = 0;

	while (touches >= 1000) {
		touch_skewed(900);
		took_ns += measure_window(touch_hot, 100);
		touches -= 1000;
	}
	return took_ns;
}

static void map_area(void)
{
	generation = calloc(opt.pages, 1);
	/* The program's own pages never take part: not every contender keeps what it stores. */
	if (!generation || mlockall(MCL_CURRENT))
		die("mlockall");
	area = mmap(NULL, opt.pages * PAGE + HUGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (area == MAP_FAILED)
		die("mmap");
	area = (void *)(((uintptr_t)area + HUGE - 1) & ~(HUGE - 1));
	if (madvise(area, opt.pages * PAGE, opt.huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE))
		die("madvise");
}

/* Tell whoever started us that memory is filled, and wait for the word to go on. */
static void wait_for_go(void)
{
	struct timespec ms10 = { .tv_nsec = 10000000 };
	int fd = open(opt.ready, O_WRONLY | O_CREAT, 0600);

	if (fd < 0)
		die(opt.ready);
	close(fd);
	while (access(opt.go, F_OK))
		nanosleep(&ms10, NULL);
}

static void parse(int argc, char **argv)
{
	static const char usage[] =
		"usage: touch [--warmup N] [--touches N] [--writes PERCENT] [--hot PERCENT] [--compressible]\n"
		"             [--unchecked] [--sequential] [--huge] [--ready PATH --go PATH] [--counter NAME=PATH[:KEY]]... MIB\n";
	static const struct option longs[] = {
		{ "warmup", 1, NULL, 'u' }, { "touches", 1, NULL, 't' }, { "writes", 1, NULL, 'w' },
		{ "hot", 1, NULL, 'h' }, { "sequential", 0, NULL, 's' }, { "huge", 0, NULL, 'H' },
		{ "compressible", 0, NULL, 'c' }, { "unchecked", 0, NULL, 'x' },
		{ "counter", 1, NULL, 'n' }, { "ready", 1, NULL, 'r' }, { "go", 1, NULL, 'g' },
		{ NULL, 0, NULL, 0 }
	};
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 'u': opt.warmup = strtoul(optarg, NULL, 0); break;
		case 't': opt.touches = strtoul(optarg, NULL, 0); break;
		case 'w': opt.write_percent = atoi(optarg); break;
		case 'h': opt.hot_percent = atoi(optarg); break;
		case 's': opt.sequential = true; break;
		case 'H': opt.huge = true; break;
		case 'c': opt.compressible = true; break;
		case 'x': opt.unchecked = true; break;
		case 'n': add_counter(optarg); break;
		case 'r': opt.ready = optarg; break;
		case 'g': opt.go = optarg; break;
		default: fputs(usage, stderr); exit(2);
		}
	}
	if (optind + 1 != argc || !opt.ready != !opt.go) {
		fputs(usage, stderr);
		exit(2);
	}
	opt.pages = strtoul(argv[optind], NULL, 0) << 20 >> 12;
}

int main(int argc, char **argv)
{
	void (*touch)(unsigned long);
	uint64_t window_ns;

	parse(argc, argv);
	touch = opt.sequential ? touch_sequential : touch_random;
	map_area();
	for (size_t page = 0; page < opt.pages; page++)
		write_page(page);
	if (opt.ready)
		wait_for_go();
	if (opt.hot_percent) {
		touch_skewed(opt.warmup);
		window_ns = measure_hot(opt.touches);
	} else {
		touch(opt.warmup);
		window_ns = measure_window(touch, opt.touches);
	}

	/* Every word of every page is looked at outside the window. */
	for (size_t page = 0; page < opt.pages; page++)
		check_page(page, 0, 7);
	printf("{\"touches\":%lu,\"window_ns\":%llu,\"errors\":%lu", opt.touches,
	       (unsigned long long)window_ns, errors);
	print_counters();
	puts("}");
	return errors ? 1 : 0;
}
