// SPDX-License-Identifier: GPL-2.0
/*
 * Writes from memory that comes and goes.
 *
 *   shortcopy FILE PAGES OFFSET
 *
 * To each of the file's pages, at this offset, a write of 3000 bytes is tried, of which 1000 are in a page that another thread takes away
 * and gives back all the time, and 2000 where there is nothing. Prints how many failed, rather than write 1000 bytes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PAGE	4096
#define THERE	1000
#define WANTED	3000
#define DWELL_NS_MAX	50000

static char *source;
static volatile int done;

static void dwell(void)
{
	long long_enough = random() % DWELL_NS_MAX;
	struct timespec start, now;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - start.tv_sec) * 1000000000L + now.tv_nsec - start.tv_nsec < long_enough);
}

static void *flip(void *unused)
{
	(void)unused;
	while (!done) {
		mprotect(source, PAGE, PROT_NONE);
		dwell();
		mprotect(source, PAGE, PROT_READ);
		dwell();
	}
	return NULL;
}

int main(int argc, char **argv)
{
	int fd, i, failed = 0, pages, offset;
	pthread_t flipper;

	if (argc != 4)
		return 2;
	pages = atoi(argv[2]);
	offset = atoi(argv[3]);
	fd = open(argv[1], O_RDWR);
	source = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (fd < 0 || source == MAP_FAILED) {
		perror(argv[1]);
		return 2;
	}
	memset(source, 'b', PAGE);
	mprotect(source + PAGE, PAGE, PROT_NONE);
	if (pthread_create(&flipper, NULL, flip, NULL))
		return 2;
	for (i = 0; i < pages; i++)
		if (pwrite(fd, source + PAGE - THERE, WANTED, (off_t)i * PAGE + offset) < 0) {
			if (errno != EFAULT) {
				perror("write");
				return 2;
			}
			failed++;
		}
	done = 1;
	pthread_join(flipper, NULL);
	printf("%d\n", failed);
	return 0;
}
