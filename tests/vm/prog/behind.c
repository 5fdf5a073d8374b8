// SPDX-License-Identifier: GPL-2.0
/*
 * Stores through a mapping where a page of a file has no block: behind its end, and makes it longer; or in a hole.
 *
 *   behind direct|truncate|allocate|write|zero|punch [later] FILE
 *
 * The way in which it grows, by 8 KiB, or how the hole is made; later: the store comes after that, by a table entry
 * that is there already.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE	4096
#define SIZE	1024
#define BEHIND	2048
#define HOLE	1024

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

int main(int argc, char **argv)
{
	const char *name = argc > 2 ? argv[argc - 1] : "";
	int hole = argc > 2 && (!strcmp(argv[1], "zero") || !strcmp(argv[1], "punch"));
	int later = argc == 4, fd, size = hole ? PAGE : SIZE;
	uint8_t *map;

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
