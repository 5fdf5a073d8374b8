// SPDX-License-Identifier: GPL-2.0
/*
 * Memory hog that knows what every one of its pages must hold, and checks it at each read.
 *
 * A page's contents follow from (seed, page number, generation); a write raises the generation,
 * which is kept in one byte a page. One JSON line is printed at the end; exit status 1 when a
 * page held anything else, 2 for wrong usage or a failed system call.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096UL
#define WORDS (PAGE / sizeof(uint64_t))

enum content { RANDOM, COMPRESSIBLE, ZERO, SAME, MIXED };

static struct {
	size_t pages;
	uint64_t touches;
	unsigned int write_percent, passes, children, fork_writes;
	uint64_t seed;
	enum content content;
	bool shared, ksm, huge, nohuge, quick, expect_sigbus, stop, zipf, ksm_same;
	const char *file, *ready, *go;
} opt = { .write_percent = 30, .seed = 1 };

static struct {
	uint64_t touches, verified, errors, sigbus_pages;
} count;

static uint64_t *area;
static uint8_t *generation;
static uint8_t *lost;
static uint64_t rng;
static sigjmp_buf on_sigbus;
static volatile sig_atomic_t sigbus_armed, continued;

static void die(const char *what)
{
	fprintf(stderr, "hog: %s: %s\n", what, strerror(errno));
	exit(2);
}

static uint64_t mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15ULL;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

static uint64_t next_random(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return rng;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static uint64_t page_key(size_t page)
{
	return mix(opt.seed ^ mix((uint64_t)page << 8 | generation[page]));
}

static enum content content_of(size_t page)
{
	static const enum content kinds[] = { RANDOM, COMPRESSIBLE, RANDOM, SAME, COMPRESSIBLE, ZERO };

	if (opt.content != MIXED)
		return opt.content;
	return kinds[mix(page ^ opt.seed) % (sizeof(kinds) / sizeof(kinds[0]))];
}

/* Word i of a page. Random pages are a counter-based generator, so any word can be checked alone. */
static inline uint64_t expected_word(enum content kind, uint64_t key, size_t i)
{
	switch (kind) {
	case ZERO:
		return 0;
	case SAME:
		return key;
	case COMPRESSIBLE:
		return i % 8 ? 0x2020202020202020ULL : key + i;
	default:
		return (key + i) * 0x9e3779b97f4a7c15ULL ^ ((key ^ (i << 32)) >> 7) * 0xd6e8feb86659fd93ULL;
	}
}

static uint64_t key_for(enum content kind, size_t page)
{
	if (kind == ZERO)
		return 0;
	/* With few distinct values, identical pages exist for KSM to merge. */
	if (opt.ksm_same)
		return mix(opt.seed ^ (page % 16) ^ ((uint64_t)generation[page] << 32));
	return page_key(page);
}

static void write_page(size_t page)
{
	enum content kind = content_of(page);
	uint64_t *word = area + page * WORDS;
	uint64_t key = key_for(kind, page);

	for (size_t i = 0; i < WORDS; i++)
		word[i] = expected_word(kind, key, i);
}

static void report_mismatch(size_t page, size_t i, uint64_t want, uint64_t got)
{
	if (count.errors++ < 10)
		fprintf(stderr, "hog: page %zu word %zu: want %016llx got %016llx (generation %u)\n",
			page, i, (unsigned long long)want, (unsigned long long)got, generation[page]);
}

static void verify_page(size_t page)
{
	enum content kind = content_of(page);
	volatile uint64_t *word = area + page * WORDS;
	uint64_t key = key_for(kind, page);
	size_t step = opt.quick ? WORDS - 1 : 1;

	for (size_t i = 0; i < WORDS; i += step) {
		uint64_t want = expected_word(kind, key, i), got = word[i];

		if (got != want) {
			report_mismatch(page, i, want, got);
			break;
		}
	}
	count.verified++;
}

static void sigbus_handler(int sig)
{
	(void)sig;
	if (!sigbus_armed)
		_exit(3);
	siglongjmp(on_sigbus, 1);
}

static void continue_handler(int sig)
{
	(void)sig;
	continued = 1;
}

static void rewrite_page(size_t page)
{
	generation[page]++;
	write_page(page);
}

/* When the page's contents are lost, it is left alone from then on. */
static void guarded(void (*visit)(size_t page), size_t page)
{
	if (lost[page])
		return;
	if (opt.expect_sigbus && sigsetjmp(on_sigbus, 1)) {
		lost[page] = 1;
		count.sigbus_pages++;
	} else {
		sigbus_armed = opt.expect_sigbus;
		visit(page);
	}
	sigbus_armed = 0;
}

static void touch(size_t page, bool write)
{
	count.touches++;
	guarded(verify_page, page);
	if (write)
		guarded(rewrite_page, page);
}

static size_t random_page(void)
{
	uint64_t r = next_random();

	if (!opt.zipf)
		return r % opt.pages;
	/* Skewed: nine touches of ten go to a tenth of the pages, spread over the area. */
	if (r % 10)
		return mix(r >> 8) % (opt.pages / 10 + 1) * 10 % opt.pages;
	return (r >> 8) % opt.pages;
}

static void touch_random(uint64_t touches, unsigned int write_percent)
{
	for (uint64_t i = 0; i < touches; i++) {
		size_t page = random_page();

		touch(page, next_random() % 100 < write_percent);
	}
}

static void sweep(bool write)
{
	for (size_t page = 0; page < opt.pages; page++)
		touch(page, write);
}

static void map_area(void)
{
	int flags = opt.shared ? MAP_SHARED : MAP_PRIVATE, fd = -1;

	generation = calloc(opt.pages, 1);
	lost = calloc(opt.pages, 1);
	if (!generation || !lost)
		die("calloc");
	/* What we remember must not be lost itself. */
	if (opt.expect_sigbus && mlockall(MCL_CURRENT))
		die("mlockall");
	if (opt.file) {
		fd = open(opt.file, O_RDWR | O_CREAT, 0600);
		if (fd < 0 || ftruncate(fd, opt.pages * PAGE))
			die(opt.file);
	} else {
		flags |= MAP_ANONYMOUS;
	}
	/* Room to align: huge pages need a 2 MiB boundary. */
	area = mmap(NULL, opt.pages * PAGE + (fd < 0 ? 2 << 20 : 0), PROT_READ | PROT_WRITE,
		    flags | MAP_NORESERVE, fd, 0);
	if (area == MAP_FAILED)
		die("mmap");
	if (fd < 0)
		area = (uint64_t *)(((uintptr_t)area + (2 << 20) - 1) & ~((2UL << 20) - 1));
	else
		close(fd);
	if (opt.huge && madvise(area, opt.pages * PAGE, MADV_HUGEPAGE))
		die("MADV_HUGEPAGE");
	if (opt.nohuge && madvise(area, opt.pages * PAGE, MADV_NOHUGEPAGE))
		die("MADV_NOHUGEPAGE");
	if (opt.ksm && madvise(area, opt.pages * PAGE, MADV_MERGEABLE))
		die("MADV_MERGEABLE");
}

/* Children share the pages copy-on-write: each verifies all, rewrites some, verifies again. */
static void run_children(void)
{
	for (unsigned int i = 0; i < opt.children; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid)
			continue;
		count.errors = 0;
		rng = mix(opt.seed + i + 1) | 1;
		sweep(false);
		touch_random(opt.pages / 4, opt.fork_writes);
		sweep(false);
		_exit(count.errors ? 1 : 0);
	}
}

static void reap_children(void)
{
	int status;

	for (unsigned int i = 0; i < opt.children; i++) {
		if (wait(&status) < 0)
			die("wait");
		if (!WIFEXITED(status) || WEXITSTATUS(status)) {
			fprintf(stderr, "hog: child failed, status %#x\n", status);
			count.errors++;
		}
	}
}

/* Tells the test that the area is filled, and waits for its word (SIGCONT or a file). */
static void pause_for_test(void)
{
	struct timespec ms20 = { .tv_nsec = 20000000 };

	if (opt.ready) {
		int fd = open(opt.ready, O_WRONLY | O_CREAT, 0600);

		if (fd < 0)
			die(opt.ready);
		close(fd);
	}
	if (opt.stop)
		raise(SIGSTOP);
	while (opt.go && access(opt.go, F_OK) && !continued)
		nanosleep(&ms20, NULL);
}

static void print_result(uint64_t fill_ns, uint64_t touch_ns, uint64_t touches,
			 const struct rusage *before, const struct rusage *after)
{
	printf("{\"pages\":%zu,\"touches\":%llu,\"verified\":%llu,\"errors\":%llu,\"sigbus\":%llu,"
	       "\"majflt\":%ld,\"minflt\":%ld,\"fill_ns\":%llu,\"touch_ns\":%llu}\n",
	       opt.pages, (unsigned long long)touches, (unsigned long long)count.verified,
	       (unsigned long long)count.errors, (unsigned long long)count.sigbus_pages,
	       after->ru_majflt - before->ru_majflt, after->ru_minflt - before->ru_minflt,
	       (unsigned long long)fill_ns, (unsigned long long)touch_ns);
	fflush(stdout);
}

static const char usage_text[] =
"usage: hog [options] MIB\n"
"  -t, --touches N       random touches after filling (default: as many as pages)\n"
"  -w, --writes PERCENT  of the touches rewrite the page (default 30)\n"
"  -p, --passes N        sequential verifying passes before the touches\n"
"  -c, --content KIND    random, compressible, zero, same or mixed (default random)\n"
"  -s, --seed N\n"
"  -z, --skewed          nine touches of ten go to a tenth of the pages\n"
"  -q, --quick           verify first and last word of a page only\n"
"  -S, --shared          shared anonymous memory (tmpfs pages) instead of private\n"
"  -f, --file PATH       map this file (private unless --shared)\n"
"  -F, --fork N          N children verify and rewrite their copies meanwhile\n"
"  -W, --fork-writes PERCENT  of the children's touches (default 30)\n"
"  -k, --ksm             MADV_MERGEABLE, with 16 distinct page contents\n"
"  -H, --huge            MADV_HUGEPAGE\n"
"  -N, --nohuge          MADV_NOHUGEPAGE\n"
"  -r, --ready PATH      create PATH when filled\n"
"  -g, --go PATH         then wait until PATH exists (or SIGCONT comes)\n"
"  -x, --stop            stop (SIGSTOP) when filled\n"
"  -b, --expect-sigbus   count pages lost to SIGBUS instead of dying\n";

static void usage(void)
{
	fputs(usage_text, stderr);
	exit(2);
}

static enum content parse_content(const char *name)
{
	static const char * const names[] = { "random", "compressible", "zero", "same", "mixed" };

	for (int i = 0; i < 5; i++)
		if (!strcmp(name, names[i]))
			return i;
	usage();
	return RANDOM;
}

static void parse(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "touches", 1, NULL, 't' }, { "writes", 1, NULL, 'w' }, { "passes", 1, NULL, 'p' },
		{ "content", 1, NULL, 'c' }, { "seed", 1, NULL, 's' }, { "skewed", 0, NULL, 'z' },
		{ "quick", 0, NULL, 'q' }, { "shared", 0, NULL, 'S' }, { "file", 1, NULL, 'f' },
		{ "fork", 1, NULL, 'F' }, { "fork-writes", 1, NULL, 'W' }, { "ksm", 0, NULL, 'k' },
		{ "huge", 0, NULL, 'H' }, { "nohuge", 0, NULL, 'N' }, { "ready", 1, NULL, 'r' },
		{ "go", 1, NULL, 'g' }, { "stop", 0, NULL, 'x' }, { "expect-sigbus", 0, NULL, 'b' },
		{ NULL, 0, NULL, 0 }
	};
	bool touches_given = false;
	int c;

	opt.fork_writes = 30;
	while ((c = getopt_long(argc, argv, "t:w:p:c:s:zqSf:F:W:kHNr:g:xb", longs, NULL)) != -1) {
		switch (c) {
		case 't': opt.touches = strtoull(optarg, NULL, 0); touches_given = true; break;
		case 'w': opt.write_percent = atoi(optarg); break;
		case 'p': opt.passes = atoi(optarg); break;
		case 'c': opt.content = parse_content(optarg); break;
		case 's': opt.seed = strtoull(optarg, NULL, 0); break;
		case 'z': opt.zipf = true; break;
		case 'q': opt.quick = true; break;
		case 'S': opt.shared = true; break;
		case 'f': opt.file = optarg; break;
		case 'F': opt.children = atoi(optarg); break;
		case 'W': opt.fork_writes = atoi(optarg); break;
		case 'k': opt.ksm = opt.ksm_same = true; break;
		case 'H': opt.huge = true; break;
		case 'N': opt.nohuge = true; break;
		case 'r': opt.ready = optarg; break;
		case 'g': opt.go = optarg; break;
		case 'x': opt.stop = true; break;
		case 'b': opt.expect_sigbus = true; break;
		default: usage();
		}
	}
	if (optind != argc - 1 || atol(argv[optind]) <= 0)
		usage();
	opt.pages = strtoull(argv[optind], NULL, 0) << 20 >> 12;
	if (!touches_given)
		opt.touches = opt.pages;
}

int main(int argc, char **argv)
{
	struct rusage before, after;
	uint64_t start, fill_ns, touch_ns, touches;

	parse(argc, argv);
	rng = mix(opt.seed) | 1;
	signal(SIGBUS, sigbus_handler);
	signal(SIGCONT, continue_handler);
	map_area();

	start = now_ns();
	for (size_t page = 0; page < opt.pages; page++)
		guarded(write_page, page);
	fill_ns = now_ns() - start;

	pause_for_test();
	run_children();
	for (unsigned int i = 0; i < opt.passes; i++)
		sweep(false);
	getrusage(RUSAGE_SELF, &before);
	start = now_ns();
	count.touches = 0;
	touch_random(opt.touches, opt.write_percent);
	touch_ns = now_ns() - start;
	touches = count.touches;
	getrusage(RUSAGE_SELF, &after);

	sweep(false);
	reap_children();
	print_result(fill_ns, touch_ns, touches, &before, &after);
	return count.errors ? 1 : 0;
}
