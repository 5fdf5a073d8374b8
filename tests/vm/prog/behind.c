// SPDX-License-Identifier: GPL-2.0
/*
 * Stores through a mapping where a page of a file has no block: behind its end, and makes it longer; or in a hole.
 *
 *   behind direct|truncate|allocate|write|zero|punch [later] FILE
 *
 * The way in which it grows, by 8 KiB, or how the hole is made; later: the store comes after that, by a table entry
 * that is there already.
 *
 *   behind large FILE
 *
 * A file that is shortened while a large folio of it cannot be split, and is mapped whole after that; then it grows. Says
 * "capped" if the kernel does not map what is behind the end.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE	4096
#define SIZE	1024
#define BEHIND	2048
#define HOLE	1024

#define LARGE		(2UL << 20)
#define LARGE_SHORT	((1UL << 20) + 100)
#define LARGE_BEHIND	(3UL << 19)

static uint8_t page[PAGE] __attribute__((aligned(PAGE)));

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static void make_hole(int fd, const char *how)
{
	int mode = !strcmp(how, "zero") ? FALLOC_FL_ZERO_RANGE : FALLOC_FL_PUNCH_HOLE;

	if (fallocate(fd, mode | FALLOC_FL_KEEP_SIZE, BEHIND, HOLE))
		die("fallocate");
}

static void grow(int fd, const char *name, const char *how)
{
	int direct;

	if (!strcmp(how, "truncate")) {
		if (ftruncate(fd, 3 * PAGE))
			die("truncate");
	} else if (!strcmp(how, "allocate")) {
		if (fallocate(fd, 0, 2 * PAGE, PAGE))
			die("fallocate");
	} else if (!strcmp(how, "write")) {
		if (pwrite(fd, page, PAGE, 2 * PAGE) != PAGE)
			die("write");
	} else {
		direct = open(name, O_RDWR | O_DIRECT);
		if (direct < 0 || pwrite(direct, page, PAGE, 2 * PAGE) != PAGE)
			die("direct write");
		close(direct);
	}
}

static sigjmp_buf capped;

static void on_sigbus(int number)
{
	(void)number;
	siglongjmp(capped, 1);
}

/* One large folio of a clean file, mapped by one table entry. */
static uint8_t *map_large(int fd, const char *name)
{
	uint8_t *room, *map;
	unsigned int i;

	for (i = 0; i < LARGE / PAGE; i++)
		if (write(fd, page, PAGE) != PAGE)
			die(name);
	if (fsync(fd) || posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED))
		die(name);
	room = mmap(NULL, 2 * LARGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	map = (uint8_t *)(((uintptr_t)room + LARGE - 1) & ~(LARGE - 1));
	map = mmap(map, LARGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
	if (room == MAP_FAILED || map == MAP_FAILED || madvise(map, LARGE, MADV_HUGEPAGE))
		die("mmap");
	map[0] = 'B';
	return map;
}

static void shorten_and_grow(int fd, uint8_t *map)
{
	struct iovec pinned = { map, PAGE };
	int ends[2];

	if (pipe(ends) || vmsplice(ends[1], &pinned, 1, 0) != PAGE)
		die("vmsplice");
	if (ftruncate(fd, LARGE_SHORT))
		die("truncate");
	map[0] = 'C';
	if (sigsetjmp(capped, 1))
		puts("capped");
	else
		map[LARGE_BEHIND] = 'Y';
	close(ends[0]);
	close(ends[1]);
	/* Then it is split, which it is not while it is dirty: the whole would not be put. */
	if (ftruncate(fd, LARGE) || fsync(fd) || ftruncate(fd, LARGE - PAGE) || fsync(fd))
		die("truncate");
	munmap(map, LARGE);
}

static int large(const char *name)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (fd < 0)
		die(name);
	memset(page, 'A', PAGE);
	signal(SIGBUS, on_sigbus);
	shorten_and_grow(fd, map_large(fd, name));
	close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	const char *name = argc > 2 ? argv[argc - 1] : "";
	int hole = argc > 2 && (!strcmp(argv[1], "zero") || !strcmp(argv[1], "punch"));
	int later = argc == 4, fd, size = hole ? PAGE : SIZE;
	uint8_t *map;

	if (argc == 3 && !strcmp(argv[1], "large"))
		return large(name);
	memset(page, 'A', PAGE);
	fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || pwrite(fd, page, size, 0) != size || fsync(fd))
		die(name);
	map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		die("mmap");
	map[0] = 'B';
	if (!later)
		map[BEHIND] = 'Y';
	if (hole)
		make_hole(fd, argv[1]);
	else
		grow(fd, name, argv[1]);
	if (later)
		map[BEHIND] = 'Y';
	if (fsync(fd))
		die("fsync");
	munmap(map, PAGE);
	close(fd);
	return 0;
}
