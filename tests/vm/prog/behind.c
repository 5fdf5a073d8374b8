// SPDX-License-Identifier: GPL-2.0
/*
 * Stores through a mapping into the last page of a file, behind its end, and makes the file longer.
 *
 *   behind direct|truncate|allocate|write [later] FILE
 *
 * The way in which it grows, by 8 KiB; later: the store comes after that, by a table entry that is there already.
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

static uint8_t page[PAGE] __attribute__((aligned(PAGE)));

static void die(const char *what)
{
	perror(what);
	exit(2);
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
	int later = argc == 4, fd;
	uint8_t *map;

	memset(page, 'A', PAGE);
	fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || pwrite(fd, page, SIZE, 0) != SIZE || fsync(fd))
		die(name);
	map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		die("mmap");
	map[0] = 'B';
	if (!later)
		map[BEHIND] = 'Y';
	grow(fd, name, argv[1]);
	if (later)
		map[BEHIND] = 'Y';
	if (fsync(fd))
		die("fsync");
	munmap(map, PAGE);
	close(fd);
	return 0;
}
