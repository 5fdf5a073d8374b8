// SPDX-License-Identifier: GPL-2.0
/*
 * Whole pages of one byte: writes and counts them, fast even in a slow guest.
 *
 * pages fill FILE BYTE PAGES		through the page cache, and on the disk when it returns
 * pages count FILE BYTE [PAGES]	how many (of the first PAGES) hold nothing but BYTE, by the page cache
 * pages on-disk FILE BYTE [PAGES]	likewise, past the page cache
 * pages differ FILE			how many are not by the page cache what they are past it
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE 4096L
#define CHUNK 16L

static char *aligned(void)
{
	void *memory;

	if (posix_memalign(&memory, PAGE, CHUNK * PAGE))
		exit(2);
	return memory;
}

static int open_file(const char *name, int flags)
{
	int fd = open(name, flags, 0600);

	if (fd < 0) {
		perror(name);
		exit(2);
	}
	return fd;
}

static long read_chunk(int fd, char *to, long page)
{
	ssize_t got = pread(fd, to, CHUNK * PAGE, page * PAGE);

	if (got < 0) {
		perror("read");
		exit(2);
	}
	return got / PAGE;
}

static void fill(const char *name, char byte, long pages)
{
	int fd = open_file(name, O_WRONLY | O_CREAT);
	char *buffer = aligned();
	long page;

	memset(buffer, byte, PAGE);
	for (page = 0; page < pages; page++) {
		if (pwrite(fd, buffer, PAGE, page * PAGE) != PAGE) {
			perror("write");
			exit(1);
		}
	}
	if (fsync(fd)) {
		perror("fsync");
		exit(1);
	}
}

static bool holds(const char *page, char byte)
{
	return page[0] == byte && !memcmp(page, page + 1, PAGE - 1);
}

static long count(const char *name, char byte, long pages, int flags)
{
	int fd = open_file(name, O_RDONLY | flags);
	long page, got, i, n = 0;
	char *buffer = aligned();

	for (page = 0; page < pages; page += got) {
		got = read_chunk(fd, buffer, page);
		if (!got)
			break;
		for (i = 0; i < got && page + i < pages; i++)
			n += holds(buffer + i * PAGE, byte);
	}
	return n;
}

static long differ(const char *name)
{
	int cached = open_file(name, O_RDONLY), direct = open_file(name, O_RDONLY | O_DIRECT);
	char *a = aligned(), *b = aligned();
	long page, got, i, n = 0;

	for (page = 0;; page += got) {
		got = read_chunk(cached, a, page);
		if (read_chunk(direct, b, page) != got)
			exit(2);
		if (!got)
			return n;
		for (i = 0; i < got; i++)
			n += !!memcmp(a + i * PAGE, b + i * PAGE, PAGE);
	}
}

int main(int argc, char **argv)
{
	long pages = argc > 4 ? atol(argv[4]) : 1L << 40;

	if (argc == 5 && !strcmp(argv[1], "fill"))
		fill(argv[2], argv[3][0], pages);
	else if (argc >= 4 && !strcmp(argv[1], "count"))
		printf("%ld\n", count(argv[2], argv[3][0], pages, 0));
	else if (argc >= 4 && !strcmp(argv[1], "on-disk"))
		printf("%ld\n", count(argv[2], argv[3][0], pages, O_DIRECT));
	else if (argc == 3 && !strcmp(argv[1], "differ"))
		printf("%ld\n", differ(argv[2]));
	else
		return 2;
	return 0;
}
