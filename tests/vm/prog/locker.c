// SPDX-License-Identifier: GPL-2.0
/*
 * Fills memory, then locks more and more of it, MiB by MiB, and looks whether it holds what it should.
 *
 *   locker MIB
 *
 * A line for each MiB that is locked; exit status 1 when a page held anything else, 2 when locking failed.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define PAGE	4096UL
#define MIB	(1UL << 20)

static uint64_t word_of(size_t page)
{
	return (page + 1) * 0x9e3779b97f4a7c15ULL;
}

/* Not one word all over: that would be stored as such. */
static void fill(uint64_t *words, size_t page)
{
	for (size_t i = 0; i < PAGE / sizeof(*words); i++)
		words[i] = word_of(page) + i;
}

static int is_filled(const uint64_t *words, size_t page)
{
	for (size_t i = 0; i < PAGE / sizeof(*words); i++)
		if (words[i] != word_of(page) + i)
			return 0;
	return 1;
}

int main(int argc, char **argv)
{
	size_t mib = argc == 2 ? strtoul(argv[1], NULL, 10) : 0, pages = mib * (MIB / PAGE);
	char *area;

	if (!mib) {
		fputs("usage: locker MIB\n", stderr);
		return 2;
	}
	area = mmap(NULL, mib * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED) {
		perror("mmap");
		return 2;
	}
	for (size_t page = 0; page < pages; page++)
		fill((uint64_t *)(area + page * PAGE), page);
	for (size_t i = 0; i < mib; i++) {
		if (mlock(area + i * MIB, MIB)) {
			perror("mlock");
			return 2;
		}
		for (size_t page = i * (MIB / PAGE); page < (i + 1) * (MIB / PAGE); page++) {
			if (!is_filled((uint64_t *)(area + page * PAGE), page)) {
				printf("page %zu is wrong\n", page);
				return 1;
			}
		}
		printf("%zu\n", i + 1);
		fflush(stdout);
	}
	return 0;
}
