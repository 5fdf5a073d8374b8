// SPDX-License-Identifier: GPL-2.0
/*
 * Takes large folios through what may become of their pages while they are swapped out and brought in, and looks
 * at every word each time.
 *
 * usage: large zeroed|dropped|shared|moved|gone MIB. Prints the wrong pages; exit status 1 when there are any, 2 for
 * wrong usage or a failed system call.
 *   zeroed   brought in, every page made zero, swapped out, brought in
 *   dropped  some pages of each folio are given up while it is swapped out
 *   shared   a child has the same swap slots, and writes to some
 *   moved    half of each folio is moved to another address while it is swapped out
 *   gone     of each folio that is swapped out to slots it could come back from in one piece, the first page is given up
 *            when it is back and all of its pages have changed; prints how many such folios there were
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

#define PAGE 4096UL
#define WORDS (PAGE / sizeof(uint64_t))
#define FOLIO_PAGES 16UL

static uint64_t *area;
static size_t pages;
static unsigned long wrong;

static uint64_t *page_at(size_t page)
{
	return area + page * WORDS;
}

static void fill(size_t page, uint64_t seed)
{
	for (size_t i = 0; i < WORDS; i++)
		page_at(page)[i] = (page * WORDS + i + 1) * 0x9e3779b97f4a7c15ULL * seed;
}

/* @words: where the page is; @seed: as it was filled; 0: zero all over */
static void check_at(const uint64_t *words, size_t page, uint64_t seed)
{
	for (size_t i = 0; i < WORDS; i++) {
		if (words[i] != (page * WORDS + i + 1) * 0x9e3779b97f4a7c15ULL * seed) {
			wrong++;
			return;
		}
	}
}

static void check(size_t page, uint64_t seed)
{
	check_at(page_at(page), page, seed);
}

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static void advise(size_t page, size_t count, int advice)
{
	if (madvise(page_at(page), count * PAGE, advice))
		die("madvise");
}

static void swap_out(void)
{
	advise(0, pages, MADV_PAGEOUT);
}

static void each(void (*visit)(size_t page, uint64_t seed), uint64_t seed)
{
	for (size_t page = 0; page < pages; page++)
		visit(page, seed);
}

static void zeroed(void)
{
	each(fill, 1);
	swap_out();
	each(check, 1);
	each(fill, 0);
	swap_out();
	each(check, 0);
}

/* One page of each folio, another one each time. */
static void dropped(void)
{
	size_t page, folio;

	each(fill, 1);
	swap_out();
	for (folio = 0; folio < pages / FOLIO_PAGES; folio++)
		advise(folio * FOLIO_PAGES + folio % FOLIO_PAGES, 1, MADV_DONTNEED);
	for (page = 0; page < pages; page++)
		check(page, page / FOLIO_PAGES % FOLIO_PAGES != page % FOLIO_PAGES);
}

static void shared(void)
{
	int status = 0;
	pid_t child;

	each(fill, 1);
	swap_out();
	child = fork();
	if (child < 0)
		die("fork");
	for (size_t page = 0; page < pages; page += 3 + !child) {
		check(page, 1);
		fill(page, 2 + !child);
	}
	swap_out();
	for (size_t page = 0; page < pages; page++)
		check(page, page % (3 + !child) ? 1 : 2 + !child);
	if (!child)
		_exit(!!wrong);
	if (wait(&status) != child || status)
		wrong++;
}

static void moved(void)
{
	uint64_t *away = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t half = FOLIO_PAGES / 2 * PAGE;

	if (away == MAP_FAILED)
		die("mmap");
	each(fill, 1);
	swap_out();
	for (size_t page = 0; page < pages; page += FOLIO_PAGES)
		if (mremap(page_at(page), half, half, MREMAP_MAYMOVE | MREMAP_FIXED, away + page * WORDS) == MAP_FAILED)
			die("mremap");
	for (size_t page = 0; page < pages; page++) {
		if (page % FOLIO_PAGES < FOLIO_PAGES / 2)
			check_at(away + page * WORDS, page, 1);
		else
			check(page, 1);
	}
}

/* The swap slot of each page of a folio, as /proc/self/pagemap has it: do they follow one another, well aligned? */
static bool could_be_whole(int pagemap, size_t first)
{
	uint64_t words[FOLIO_PAGES];
	off_t at = (uintptr_t)page_at(first) / PAGE * sizeof(words[0]);

	if (pread(pagemap, words, sizeof(words), at) != sizeof(words))
		return false;
	for (size_t i = 0; i < FOLIO_PAGES; i++) {
		/* Swapped out; then 5 bits of type and 50 of offset. */
		if (!(words[i] >> 62 & 1) || (words[i] >> 5 & ~0ULL >> 14) != (words[0] >> 5 & ~0ULL >> 14) + i)
			return false;
	}
	return !((words[0] >> 5 & ~0ULL >> 14) % FOLIO_PAGES);
}

/* Read one page, so that its folio comes back; change the others; give up the first; swap out; look. */
static void lose_first(size_t first)
{
	check(first, 1);
	for (size_t i = 1; i < FOLIO_PAGES; i++)
		fill(first + i, 2);
	advise(first, 1, MADV_DONTNEED);
	advise(first, FOLIO_PAGES, MADV_PAGEOUT);
	for (size_t i = 1; i < FOLIO_PAGES; i++)
		check(first + i, 2);
}

/* Slots are given out one after the other: with one page more each time, they are aligned some time. */
static void gone(void)
{
	int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	size_t found = 0;

	for (size_t before = 0; before < FOLIO_PAGES; before++) {
		each(fill, 1);
		/* Single pages of the last folio, and then the others. */
		advise(pages - FOLIO_PAGES, before, MADV_PAGEOUT);
		advise(0, pages - FOLIO_PAGES, MADV_PAGEOUT);
		for (size_t first = 0; first < pages - FOLIO_PAGES; first += FOLIO_PAGES) {
			if (!could_be_whole(pagemap, first))
				continue;
			found++;
			lose_first(first);
		}
		advise(0, pages, MADV_DONTNEED);
	}
	printf("folios %zu\n", found);
	close(pagemap);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} what[] = { { "zeroed", zeroed }, { "dropped", dropped }, { "shared", shared }, { "moved", moved },
		     { "gone", gone } };
	void *memory;
	size_t i;

	for (i = 0; argc == 3 && i < sizeof(what) / sizeof(what[0]); i++)
		if (!strcmp(argv[1], what[i].name))
			break;
	if (argc != 3 || i == sizeof(what) / sizeof(what[0])) {
		fprintf(stderr, "usage: large zeroed|dropped|shared|moved|gone MIB\n");
		return 2;
	}
	pages = strtoul(argv[2], NULL, 0) << 20 >> 12;
	if (posix_memalign(&memory, 2 << 20, pages * PAGE) || madvise(memory, pages * PAGE, MADV_HUGEPAGE))
		return 2;
	area = memory;
	what[i].run();
	printf("wrong %lu\n", wrong);
	return wrong != 0;
}
