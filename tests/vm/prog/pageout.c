// SPDX-License-Identifier: GPL-2.0
/*
 * Pages a few large folios out again and again while another thread reads them, so that folios are
 * found in the swap cache between their store and their removal from memory, and stay there.
 *
 * usage: pageout MIB SECONDS. Exit status 1 when a page held anything else than was written, 2 for wrong usage or a
 * failed system call.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

#define PAGE 4096UL
#define FOLIO (64UL << 10)

static unsigned long *area;
static size_t bytes;
static volatile int stop, wrong;

static unsigned long word_of(size_t page)
{
	return page * 0x9e3779b97f4a7c15UL | 1;
}

static void *reader(void *unused)
{
	size_t pages = bytes / PAGE;

	(void)unused;
	while (!stop) {
		for (size_t i = 0; i < pages && !stop; i++)
			if (area[i * (PAGE / 8) + i % 500] != word_of(i) + i % 500)
				wrong++;
	}
	return NULL;
}

static void advise(void *from, size_t length, int advice)
{
	if (madvise(from, length, advice)) {
		perror("madvise");
		exit(2);
	}
}

int main(int argc, char **argv)
{
	pthread_t thread;
	time_t end;

	if (argc != 3) {
		fprintf(stderr, "usage: pageout MIB SECONDS\n");
		return 2;
	}
	bytes = strtoul(argv[1], NULL, 0) << 20;
	end = time(NULL) + atol(argv[2]);
	if (posix_memalign((void **)&area, 2 << 20, bytes))
		return 2;
	advise(area, bytes, MADV_HUGEPAGE);
	for (size_t i = 0; i < bytes / 8; i++)
		area[i] = word_of(i / 512) + i % 512;
	pthread_create(&thread, NULL, reader, NULL);
	while (time(NULL) < end) {
		for (size_t at = 0; at < bytes; at += FOLIO)
			advise((char *)area + at, FOLIO, MADV_PAGEOUT);
		/* Writing makes small pages that were read back into large folios' neighbours dirty. */
		for (size_t i = 0; i < bytes / PAGE; i++)
			area[i * 512 + 511] = word_of(i) + 511;
	}
	stop = 1;
	pthread_join(thread, NULL);
	printf("wrong %d\n", wrong);
	return wrong != 0;
}
