// SPDX-License-Identifier: GPL-2.0
/*
 * Shortens a file while somebody waits to read its end ahead, makes it longer again, and looks whether what was not
 * written since is zero.
 *
 *   shorten DIR ROUNDS RECLAIM
 *
 * The file ends in a page of which one block is written. A range is collapsed, which takes a while because what is
 * behind it is written to the disk first; meanwhile readahead up to the old end waits. It brings in pages that
 * are behind the new end. Then the file grows, and its old last page must be a hole; once more after all that is
 * charged to its control group, whose memory.reclaim is RECLAIM, was reclaimed.
 * Prints one line of JSON; exits with 1 if a page was wrong.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/falloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE		4096L
#define BLOCK		1024L
/* Enough to write that the reader comes while the range is collapsed. */
#define BEFORE		(16L << 20)
/* The last page begins here, and has one block; the page before it has none. */
#define LAST		(BEFORE + 5 * PAGE)
#define WRITTEN		662L
#define COLLAPSED	(2 * BLOCK)

static char name[256];
static const char *reclaim;
static long delay_us;
static int wrong, copies_wrong;

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static void *read_end(void *unused)
{
	static char bytes[2 * PAGE];
	int fd = open(name, O_RDONLY);

	(void)unused;
	if (fd < 0)
		die(name);
	/* Exactly these pages, all at once. */
	posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
	usleep(delay_us);
	if (pread(fd, bytes, sizeof(bytes), LAST - PAGE) < 0)
		die("read");
	close(fd);
	return NULL;
}

static int make_file(void)
{
	static char bytes[1 << 20];
	int fd;
	long at;

	unlink(name);
	fd = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || ftruncate(fd, LAST + BLOCK))
		die(name);
	memset(bytes, 'd', sizeof(bytes));
	for (at = sizeof(bytes); at < BEFORE; at += sizeof(bytes))
		if (pwrite(fd, bytes, sizeof(bytes), at) != sizeof(bytes))
			die("write");
	if (pwrite(fd, bytes, BLOCK - WRITTEN, LAST + WRITTEN) != BLOCK - WRITTEN)
		die("write");
	return fd;
}

static int is_wrong(int fd)
{
	static char bytes[PAGE];
	long i;

	if (pread(fd, bytes, PAGE, LAST) != PAGE)
		die("read");
	for (i = 0; i < PAGE && !bytes[i]; i++)
		;
	return i < PAGE;
}

/* It fails when less than that can be reclaimed, which is no matter. */
static void reclaim_all(void)
{
	int fd = open(reclaim, O_WRONLY), i;

	if (fd < 0)
		die(reclaim);
	for (i = 0; i < 3; i++)
		if (write(fd, "64M", 3) != 3)
			continue;
	close(fd);
}

static void one_round(void)
{
	int fd = make_file();
	pthread_t reader;

	if (pthread_create(&reader, NULL, read_end, NULL))
		die("thread");
	if (fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 2 * PAGE, COLLAPSED))
		die("collapse");
	pthread_join(reader, NULL);
	if (ftruncate(fd, LAST + 16 * PAGE))
		die("truncate");
	wrong += is_wrong(fd);
	if (fsync(fd))
		die("fsync");
	reclaim_all();
	copies_wrong += is_wrong(fd);
	close(fd);
}

int main(int argc, char **argv)
{
	int rounds = argc == 4 ? atoi(argv[2]) : 0, i;

	if (rounds < 1) {
		fputs("usage: shorten DIR ROUNDS RECLAIM\n", stderr);
		return 2;
	}
	reclaim = argv[3];
	snprintf(name, sizeof(name), "%s/shortened", argv[1]);
	for (i = 0; i < rounds; i++) {
		delay_us = 2000 * (i % 8);
		one_round();
	}
	unlink(name);
	printf("{\"rounds\":%d,\"wrong\":%d,\"copies_wrong\":%d}\n", rounds, wrong, copies_wrong);
	return wrong || copies_wrong;
}
