// SPDX-License-Identifier: GPL-2.0
/*
 * Reads and overwrites files whose every sector says what it must be, and knows which versions of a
 * page may be read at any time, also after a power cut.
 *
 * versions [OPTION...] make|run|check DIR TABLE
 *
 *	make	writes the files, version 1
 *	run	reads and overwrites them at random
 *	check	reads all of it twice: through the page cache, and past it
 *
 * --files N --pages N: how many, pages each. --seconds N, --seed N. --readers N, --writers N: processes.
 * --random: never sequential. --reclaim FILE: memory.reclaim of the control group it runs in, written
 * now and then.
 *
 * TABLE has two numbers a page: the version begun last, written before the page is, and the one known
 * to be on the disk, written after fdatasync(). What is read must lie between them. TABLE is a disk or a
 * file. Prints one line of JSON; exits with 1 after wrong bytes or a failed read.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#define PAGE		4096
#define SECTOR		512
#define SECTORS		(PAGE / SECTOR)
#define WORDS		(SECTOR / 8)
#define TABLE_PAGES	(PAGE / sizeof(struct versions))	/* pages of a file a block of the table has */
#define RUN_MAX		32

struct versions {
	uint32_t begun, durable;
} __attribute__((aligned(8)));

static int file_count = 8, page_count = 1024, readers = 2, writers = 1;
static long seconds = 10;
static bool always_random;
static const char *dir, *reclaim;
static struct versions *table;
static int table_fd;
static uint64_t state, *counts;	/* counts: of pages compared, shared by all processes */
static uint8_t *buffer;

static void die(const char *what)
{
	fprintf(stderr, "versions: %s: %s\n", what, strerror(errno));
	exit(2);
}

static uint64_t scramble(uint64_t x)
{
	x ^= x << 13;
	x ^= x >> 7;
	return x ^ (x << 17);
}

static long below(long n)
{
	state = scramble(state);
	return (state >> 11) % n;
}

/* Blocks of the table are not shared between files. */
static long file_blocks(void)
{
	return (page_count + TABLE_PAGES - 1) / TABLE_PAGES;
}

static struct versions *versions_of(int file, long page)
{
	return table + file * file_blocks() * TABLE_PAGES + page;
}

static struct versions versions_now(int file, long page)
{
	struct versions now;

	__atomic_load(versions_of(file, page), &now, __ATOMIC_ACQUIRE);
	return now;
}

/* What a sector holds: its version, where it is, and what follows from both. */
static void fill_sector(uint64_t *to, int file, long sector, uint32_t version)
{
	uint64_t x;
	int i;

	to[0] = version;
	to[1] = (uint64_t)file << 48 | sector;
	x = (to[1] + 1) * 0x9e3779b97f4a7c15 ^ (uint64_t)version << 20;
	for (i = 2; i < WORDS; i++)
		to[i] = x = scramble(x);
}

static void fill_page(uint8_t *to, int file, long page, uint32_t version)
{
	int i;

	for (i = 0; i < SECTORS; i++)
		fill_sector((uint64_t *)(to + i * SECTOR), file, page * SECTORS + i, version);
}

static void wrong(int file, long page, const char *how, const uint64_t *sector, const char *what,
		  struct versions lowest, struct versions highest)
{
	fprintf(stderr,
		"WRONG: file %d page %ld, %s: %s (version %llu of file %llu sector %llu; expected %u to %u)\n",
		file, page, how, what, (unsigned long long)sector[0],
		(unsigned long long)(sector[1] >> 48),
		(unsigned long long)(sector[1] & 0xffffffffffff), lowest.durable, highest.begun);
	exit(1);
}

/* Is every byte that of a version between the two? So it is with what is being overwritten, or was. */
static bool is_mixed(const uint8_t *sector, int file, long number, uint32_t lowest, uint32_t highest)
{
	uint64_t expected[WORDS];
	bool known[SECTOR] = { };
	int i, unknown = 0;

	for (; lowest <= highest; lowest++) {
		fill_sector(expected, file, number, lowest);
		for (i = 0; i < SECTOR; i++)
			known[i] |= ((uint8_t *)expected)[i] == sector[i];
	}
	for (i = 0; i < SECTOR; i++)
		unknown += !known[i];
	return !unknown;
}

/* @before: as it was before the page was read. */
static void compare_page(const uint8_t *page, int file, long number, const char *how,
			 struct versions before)
{
	struct versions after = versions_now(file, number);
	uint64_t expected[WORDS];
	int i;

	for (i = 0; i < SECTORS; i++) {
		const uint64_t *sector = (const uint64_t *)(page + i * SECTOR);
		long where = number * SECTORS + i;
		bool whole;

		fill_sector(expected, file, where, sector[0]);
		whole = !memcmp(expected, sector, SECTOR);
		if (whole && sector[0] >= before.durable && sector[0] <= after.begun)
			continue;
		if (before.durable != after.begun &&
		    is_mixed(page + i * SECTOR, file, where, before.durable, after.begun))
			continue;
		wrong(file, number, how, sector, whole ? "another version" : "never written so",
		      before, after);
	}
	counts[0]++;
}

static int open_file(int file, int flags)
{
	char name[256];
	int fd;

	snprintf(name, sizeof(name), "%s/v%d", dir, file);
	fd = open(name, flags, 0600);
	if (fd < 0)
		die(name);
	return fd;
}

static void read_run(int fd, int file, long page, long pages, const char *how)
{
	struct versions before[RUN_MAX];
	long i, got;

	for (i = 0; i < pages; i++)
		before[i] = versions_now(file, page + i);
	got = pread(fd, buffer, pages * PAGE, page * PAGE);
	if (got != pages * PAGE) {
		fprintf(stderr, "FAILED: %s read of file %d page %ld: %s\n", how, file, page,
			got < 0 ? strerror(errno) : "short");
		exit(1);
	}
	for (i = 0; i < pages; i++)
		compare_page(buffer + i * PAGE, file, page + i, how, before[i]);
}

static void read_mapped(int fd, int file, long page, long pages)
{
	struct versions before;
	uint8_t *map;
	long i;

	map = mmap(NULL, pages * PAGE, PROT_READ, MAP_SHARED, fd, page * PAGE);
	if (map == MAP_FAILED)
		die("mmap");
	for (i = 0; i < pages; i++) {
		before = versions_now(file, page + i);
		memcpy(buffer, map + i * PAGE, PAGE);
		compare_page(buffer, file, page + i, "mapped", before);
	}
	munmap(map, pages * PAGE);
}

static void reclaim_some(void)
{
	int fd = open(reclaim, O_WRONLY);

	if (fd < 0)
		die(reclaim);
	/* It fails when less than that can be reclaimed, which is no matter. */
	if (write(fd, "8M", 2) < 0 && errno != EAGAIN)
		die("memory.reclaim");
	close(fd);
}

static void read_something(void)
{
	int file = below(file_count);
	long pages = 1 + below(below(2) ? 2 : RUN_MAX);
	long page = below(page_count - pages);
	int fd = open_file(file, O_RDONLY);

	if (always_random || below(2))
		posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
	switch (below(8)) {
	case 0: read_mapped(fd, file, page, pages); break;
	case 1:
		if (reclaim && !below(8))
			reclaim_some();
		/* fall through */
	default: read_run(fd, file, page, pages, "buffered");
	}
	close(fd);
}

/* The blocks of the table that pages of a file are in. */
static void save_table(int file, long page, long pages)
{
	uint8_t *first = (uint8_t *)versions_of(file, page / TABLE_PAGES * TABLE_PAGES);
	uint8_t *last = (uint8_t *)versions_of(file, (page + pages - 1) / TABLE_PAGES * TABLE_PAGES);
	long bytes = last + PAGE - first;

	if (pwrite(table_fd, first, bytes, first - (uint8_t *)table) != bytes)
		die("table");
}

static void set_durable(int file, long page, long pages)
{
	long i;

	for (i = 0; i < pages; i++)
		versions_of(file, page + i)->durable = versions_of(file, page + i)->begun;
	save_table(file, page, pages);
}

/* Only one process writes a file. */
static void write_something(int writer)
{
	int file = writer + below((file_count - writer + writers - 1) / writers) * writers;
	long pages = 1 + below(RUN_MAX / 2), page = below(page_count - pages), i;
	int how = below(3);
	int fd = open_file(file, O_RDWR | (how == 0 ? O_DIRECT : 0));
	uint8_t *map;

	for (i = 0; i < pages; i++)
		fill_page(buffer + i * PAGE, file, page + i, ++versions_of(file, page + i)->begun);
	save_table(file, page, pages);
	if (how == 2) {
		map = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, page * PAGE);
		if (map == MAP_FAILED)
			die("mmap");
		memcpy(map, buffer, pages * PAGE);
		munmap(map, pages * PAGE);
	} else if (pwrite(fd, buffer, pages * PAGE, page * PAGE) != pages * PAGE) {
		die("write");
	}
	if (fdatasync(fd))
		die("fdatasync");
	set_durable(file, page, pages);
	close(fd);
	counts[1] += pages;
}

static void make_files(void)
{
	long page;
	int file;

	for (file = 0; file < file_count; file++) {
		int fd = open_file(file, O_RDWR | O_CREAT | O_TRUNC);

		for (page = 0; page < page_count; page++) {
			versions_of(file, page)->begun = 1;
			fill_page(buffer, file, page, 1);
			if (pwrite(fd, buffer, PAGE, page * PAGE) != PAGE)
				die("write");
		}
		if (fsync(fd))
			die("fsync");
		set_durable(file, 0, page_count);
		close(fd);
	}
}

static void check_files(void)
{
	long page;
	int file;

	for (file = 0; file < file_count; file++) {
		int fd = open_file(file, O_RDONLY), direct = open_file(file, O_RDONLY | O_DIRECT);

		for (page = 0; page < page_count; page += RUN_MAX) {
			long pages = page_count - page < RUN_MAX ? page_count - page : RUN_MAX;

			read_run(fd, file, page, pages, "buffered");
			read_run(direct, file, page, pages, "direct");
		}
		close(fd);
		close(direct);
	}
}

/* A process that reads (@writer < 0) or writes until time is up. Its exit status tells how it went. */
static pid_t start(int number, int writer)
{
	time_t end = time(NULL) + seconds;
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	state += (number + 1) * 0x9e3779b97f4a7c15;
	counts += 2 * (number + 1);
	while (time(NULL) < end) {
		if (writer < 0)
			read_something();
		else
			write_something(writer);
	}
	exit(0);
}

static int run(void)
{
	int processes = readers + writers, i, status, worst = 0;

	for (i = 0; i < processes; i++)
		start(i, i < writers ? i : -1);
	/* When one has failed the others go with this process. */
	for (i = 0; i < processes && !worst; i++) {
		if (wait(&status) < 0)
			die("wait");
		if (status)
			worst = WIFEXITED(status) ? WEXITSTATUS(status) : 3;
	}
	for (i = 1; i <= processes; i++) {
		counts[0] += counts[2 * i];
		counts[1] += counts[2 * i + 1];
	}
	return worst;
}

static void *map_shared(size_t bytes)
{
	void *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED)
		die("memory");
	return map;
}

static void open_table(const char *path, bool make)
{
	struct stat st;
	long bytes = file_count * file_blocks() * PAGE;
	bool disk = !stat(path, &st) && S_ISBLK(st.st_mode);

	table_fd = open(path, disk ? O_RDWR | O_DIRECT | O_SYNC : O_RDWR | O_CREAT, 0600);
	if (table_fd < 0)
		die(path);
	table = map_shared(bytes);
	if (!make && pread(table_fd, table, bytes, 0) != bytes)
		die("table");
}

static void read_options(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--random"))
			always_random = true;
		else if (!strcmp(argv[i], "--files"))
			file_count = atoi(argv[++i]);
		else if (!strcmp(argv[i], "--pages"))
			page_count = atoi(argv[++i]);
		else if (!strcmp(argv[i], "--seconds"))
			seconds = atol(argv[++i]);
		else if (!strcmp(argv[i], "--seed"))
			state = strtoull(argv[++i], NULL, 0);
		else if (!strcmp(argv[i], "--readers"))
			readers = atoi(argv[++i]);
		else if (!strcmp(argv[i], "--writers"))
			writers = atoi(argv[++i]);
		else if (!strcmp(argv[i], "--reclaim"))
			reclaim = argv[++i];
	}
}

int main(int argc, char **argv)
{
	const char *verb;
	int status = 0;

	if (argc < 4)
		return 2;
	state = time(NULL) * 1000003 + getpid();
	read_options(argc - 3, argv);
	verb = argv[argc - 3];
	dir = argv[argc - 2];
	open_table(argv[argc - 1], !strcmp(verb, "make"));
	fprintf(stderr, "versions: seed %llu\n", (unsigned long long)state);
	state = scramble(state | 1);
	buffer = mmap(NULL, RUN_MAX * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	counts = map_shared(PAGE);
	if (buffer == MAP_FAILED || readers + writers > 100)
		die("set-up");
	if (!strcmp(verb, "make"))
		make_files();
	else if (!strcmp(verb, "check"))
		check_files();
	else if (!strcmp(verb, "run"))
		status = run();
	else
		return 2;
	printf("{\"compared\":%llu,\"written\":%llu,\"errors\":%d}\n", (unsigned long long)counts[0],
	       (unsigned long long)counts[1], !!status);
	return status;
}
