// SPDX-License-Identifier: GPL-2.0
/*
 * Reads a file whose every block it knows, and measures one window of that.
 *
 *	reread --make MIB FILE			write it
 *	reread --order zipf|shuffled|straight --seed N --warmup N --reads N FILE
 *
 * Buffered reads of 4 KiB: as fio picks them by random_distribution=zipf; each block once, in random
 * order; or straight on, in reads of 128 KiB, through the kernel's readahead. The same blocks in the same
 * order for every run with the same arguments, others with another seed. A read looks at one word of
 * each cache line of what it read. One JSON line is printed; exit status 1 when a block held wrong data.
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <math.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "window.h"

#define STRAIGHT_PAGES	32
#define EXPONENT	1.1

enum order { ZIPF, SHUFFLED, STRAIGHT };

static struct {
	unsigned long make_mib, seed, warmup, reads;
	enum order order;
	const char *file;
} opt;

static int fd;
static size_t blocks;
static uint32_t *place;		/* of those read once, in which order */
static size_t next_block;	/* of those read once */
static struct {
	double zeta, eta, alpha;
} zipf;
static unsigned long errors;
static uint64_t buffer[STRAIGHT_PAGES * WORDS] __attribute__((aligned(4096)));

/* Words of a block are an arithmetic progression from a hashed start. */
static void fill_block(uint64_t *words, size_t block)
{
	uint64_t value = scramble(block + 1);

	for (size_t i = 0; i < WORDS; i++, value += STEP)
		words[i] = value;
}

static void make_file(void)
{
	blocks = opt.make_mib << 20 >> 12;
	fd = open(opt.file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0)
		die(opt.file);
	for (size_t block = 0; block < blocks; block += STRAIGHT_PAGES) {
		for (size_t i = 0; i < STRAIGHT_PAGES; i++)
			fill_block(buffer + i * WORDS, block + i);
		if (write(fd, buffer, sizeof(buffer)) != sizeof(buffer))
			die(opt.file);
	}
	if (fsync(fd) || close(fd))
		die(opt.file);
}

static void check_block(const uint64_t *words, size_t block, size_t j)
{
	uint64_t value = scramble(block + 1) + j * STEP, wrong = 0;

	for (size_t i = j; i < WORDS; i += 8, value += 8 * STEP)
		wrong |= words[i] ^ value;
	if (wrong && errors++ < 10)
		fprintf(stderr, "reread: block %zu: wrong contents\n", block);
}

static void read_block(size_t block)
{
	if (pread(fd, buffer, PAGE, block * PAGE) == (ssize_t)PAGE)
		check_block(buffer, block, block % 8);
	else if (errors++ < 10)
		fprintf(stderr, "reread: block %zu: %s\n", block, strerror(errno));
}

/* The formula of fio's lib/zipf.c, which is Gray's, and its way to scatter ranks over the file. */
static void zipf_init(void)
{
	double two = 1 + pow(0.5, EXPONENT);

	for (size_t i = 1; i <= blocks; i++)
		zipf.zeta += pow(i, -EXPONENT);
	zipf.alpha = 1 / (1 - EXPONENT);
	zipf.eta = (1 - pow(2.0 / blocks, 1 - EXPONENT)) / (1 - two / zipf.zeta);
}

static size_t zipf_block(void)
{
	double uniform = (next_random() >> 11) * 0x1p-53, z = uniform * zipf.zeta;
	uint64_t rank = blocks * pow(zipf.eta * uniform - zipf.eta + 1, zipf.alpha);

	if (z < 1)
		rank = 0;
	else if (z < 1 + pow(0.5, EXPONENT))
		rank = 1;
	return rank * 0x61c8864680b583ebULL % blocks;
}

static void read_straight(unsigned long reads)
{
	for (; reads >= STRAIGHT_PAGES; reads -= STRAIGHT_PAGES, next_block += STRAIGHT_PAGES) {
		if (pread(fd, buffer, sizeof(buffer), next_block * PAGE) !=
		    (ssize_t)sizeof(buffer)) {
			errors += STRAIGHT_PAGES;
			continue;
		}
		for (size_t i = 0; i < STRAIGHT_PAGES; i++)
			check_block(buffer + i * WORDS, next_block + i, i % 8);
	}
}

static void read_some(unsigned long reads)
{
	switch (opt.order) {
	case ZIPF:
		while (reads--)
			read_block(zipf_block());
		break;
	case SHUFFLED:
		while (reads--)
			read_block(place[next_block++]);
		break;
	case STRAIGHT:
		read_straight(reads);
		break;
	}
}

static void open_file(void)
{
	struct stat st;

	fd = open(opt.file, O_RDONLY);
	if (fd < 0 || fstat(fd, &st))
		die(opt.file);
	blocks = st.st_size / PAGE;
	if (opt.order != ZIPF && opt.warmup + opt.reads > blocks) {
		errno = EFBIG;
		die("more reads than blocks");
	}
	/* What a program that reads like this tells the kernel. */
	if (opt.order != STRAIGHT && posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM))
		die("fadvise");
}

static void shuffle(void)
{
	place = calloc(blocks, sizeof(*place));
	if (!place)
		die("memory");
	for (size_t i = 0; i < blocks; i++) {
		size_t other = next_random() % (i + 1);

		place[i] = place[other];
		place[other] = i;
	}
}

static enum order order_of(const char *name)
{
	static const char *const names[] = { [ZIPF] = "zipf", "shuffled", "straight" };

	for (enum order order = ZIPF; order <= STRAIGHT; order++)
		if (!strcmp(name, names[order]))
			return order;
	errno = EINVAL;
	die(name);
	return ZIPF;
}

static void parse(int argc, char **argv)
{
	static const char usage[] =
		"usage: reread --make MIB FILE\n"
		"       reread [--order zipf|shuffled|straight] [--seed N] [--warmup N] [--reads N]\n"
		"              [--counter NAME=PATH[:KEY]]... FILE\n";
	static const struct option longs[] = {
		{ "make", 1, NULL, 'm' }, { "order", 1, NULL, 'o' },
		{ "seed", 1, NULL, 's' }, { "warmup", 1, NULL, 'u' }, { "reads", 1, NULL, 'r' }, { "counter", 1, NULL, 'n' },
		{ NULL, 0, NULL, 0 }
	};
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 'm': opt.make_mib = strtoul(optarg, NULL, 0); break;
		case 'o': opt.order = order_of(optarg); break;
		case 's': opt.seed = strtoul(optarg, NULL, 0); break;
		case 'u': opt.warmup = strtoul(optarg, NULL, 0); break;
		case 'r': opt.reads = strtoul(optarg, NULL, 0); break;
		case 'n': add_counter(optarg); break;
		default: fputs(usage, stderr); exit(2);
		}
	}
	if (optind + 1 != argc) {
		fputs(usage, stderr);
		exit(2);
	}
	opt.file = argv[optind];
}

int main(int argc, char **argv)
{
	uint64_t window_ns;

	parse(argc, argv);
	if (opt.make_mib) {
		make_file();
		return 0;
	}
	open_file();
	rng ^= scramble(opt.seed);
	if (opt.order == ZIPF)
		zipf_init();
	else if (opt.order == SHUFFLED)
		shuffle();
	/* Only the file's pages come and go. */
	if (mlockall(MCL_CURRENT))
		die("mlockall");
	read_some(opt.warmup);
	window_ns = measure_window(read_some, opt.reads);
	printf("{\"warmup\":%lu,\"reads\":%lu,\"window_ns\":%llu,\"errors\":%lu", opt.warmup, opt.reads,
	       (unsigned long long)window_ns, errors);
	print_counters();
	print_totals();
	puts("}");
	return errors ? 1 : 0;
}
