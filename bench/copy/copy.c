// SPDX-License-Identifier: GPL-2.0
/*
 * What a copy of one page to a medium costs, by the instructions it is made of. Native, in user
 * space: the same instruction sequences as the kernel's copy_page() and memcpy_flushcache().
 *
 * copy FILE MIB ROUNDS: FILE is mapped shared and overwritten from its start, MIB of it.
 */
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096
#define SCRATCH_MIB 8

typedef void copy_fn(void *to, const void *from);

/* copy_page() on processors with fast strings. */
static void copy_rep_movsq(void *to, const void *from)
{
	unsigned long words = PAGE / 8;

	__asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
}

/* memcpy_flushcache(): non-temporal stores. Without the fence: nothing here has to be durable. */
static void copy_movnti(void *to, const void *from)
{
	const uint64_t *source = from;
	long long *destination = to;
	size_t i;

	for (i = 0; i < PAGE / 8; i += 8) {
		__asm__ volatile("movnti %1, %0" : "=m"(destination[i]) : "r"(source[i]));
		__asm__ volatile("movnti %1, %0" : "=m"(destination[i + 1]) : "r"(source[i + 1]));
		__asm__ volatile("movnti %1, %0" : "=m"(destination[i + 2]) : "r"(source[i + 2]));
		__asm__ volatile("movnti %1, %0" : "=m"(destination[i + 3]) : "r"(source[i + 3]));
		__asm__ volatile("movnti %1, %0" : "=m"(destination[i + 4]) : "r"(source[i + 4]));
		__asm__ volatile("movnti %1, %0" : "=m"(destination[i + 5]) : "r"(source[i + 5]));
		__asm__ volatile("movnti %1, %0" : "=m"(destination[i + 6]) : "r"(source[i + 6]));
		__asm__ volatile("movnti %1, %0" : "=m"(destination[i + 7]) : "r"(source[i + 7]));
	}
}

static void copy_movnti_fence(void *to, const void *from)
{
	copy_movnti(to, from);
	__asm__ volatile("sfence" : : : "memory");
}

/* Write back each line after a cached copy, as a durable store without non-temporal ones does. */
static void copy_clwb(void *to, const void *from)
{
	size_t i;

	copy_rep_movsq(to, from);
	for (i = 0; i < PAGE; i += 64)
		__asm__ volatile("clwb %0" : "+m"(((char *)to)[i]));
}

static int has_clwb(void)
{
	unsigned int a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_CLWB);
}

static const struct {
	const char *name;
	copy_fn *copy;
	int needs_clwb;
} copies[] = {
	{ "rep movsq", copy_rep_movsq, 0 },
	{ "movnti", copy_movnti, 0 },
	{ "movnti + sfence", copy_movnti_fence, 0 },
	{ "rep movsq + clwb", copy_clwb, 1 },
};

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static size_t permuted(size_t i, size_t count)
{
	return i * 2654435761u % count;
}

/* Stands for what runs next: its working set is read again, whatever the copy threw out. */
static double read_again(const unsigned char *scratch)
{
	volatile unsigned char sink;
	double start = now_ns();
	size_t i;

	for (i = 0; i < (size_t)SCRATCH_MIB << 20; i += 64)
		sink = scratch[i];
	(void)sink;
	return now_ns() - start;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure(const char *name, copy_fn *copy, char *media, char *memory,
		    unsigned char *scratch, size_t pages, int rounds)
{
	double *ns = calloc(rounds, sizeof(*ns)), *after = calloc(rounds, sizeof(*after));
	const size_t batch = 256;
	int round;

	for (round = 0; round < rounds; round++) {
		size_t base = (size_t)round * batch, i;
		double start;

		read_again(scratch);
		start = now_ns();
		for (i = 0; i < batch; i++)
			copy(media + permuted(base + i, pages) * PAGE,
			     memory + permuted(base + i + 7, pages) * PAGE);
		ns[round] = (now_ns() - start) / batch;
		after[round] = read_again(scratch) / batch;
	}
	qsort(ns, rounds, sizeof(*ns), compare);
	qsort(after, rounds, sizeof(*after), compare);
	printf("{\"copy\":\"%s\",\"ns_per_page\":%.0f,\"ns_per_page_p90\":%.0f,\"then_read_ns_per_page\":%.0f}\n",
	       name, ns[rounds / 2], ns[rounds * 9 / 10], after[rounds / 2]);
	free(ns);
	free(after);
}

static int fail(const char *what)
{
	fprintf(stderr, "copy: %s: %s\n", what, strerror(errno));
	return 1;
}

int main(int argc, char **argv)
{
	size_t bytes, pages, i;
	unsigned char *scratch;
	char *media, *memory;
	int fd, rounds;

	if (argc != 4 || atoi(argv[2]) < 1 || atoi(argv[3]) < 10) {
		fprintf(stderr, "usage: copy FILE MIB ROUNDS, with at least 10 rounds\n");
		return 2;
	}
	bytes = (size_t)atoi(argv[2]) << 20;
	pages = bytes / PAGE;
	rounds = atoi(argv[3]);
	fd = open(argv[1], O_RDWR);
	if (fd < 0)
		return fail(argv[1]);
	media = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
	memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	scratch = malloc((size_t)SCRATCH_MIB << 20);
	if (media == MAP_FAILED || memory == MAP_FAILED || !scratch)
		return fail("memory");
	for (i = 0; i < bytes; i++)
		memory[i] = i * 31 + (i >> 12);
	memset(media, 1, bytes);
	memset(scratch, 1, (size_t)SCRATCH_MIB << 20);
	for (i = 0; i < sizeof(copies) / sizeof(*copies); i++)
		if (!copies[i].needs_clwb || has_clwb())
			measure(copies[i].name, copies[i].copy, media, memory, scratch, pages, rounds);
	return 0;
}
