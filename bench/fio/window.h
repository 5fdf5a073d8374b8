/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs of a benchmark share: one measured window, kernel counters read at its ends by the
 * process itself, so that they count nothing else, and contents that can be checked.
 */
#ifndef BENCH_WINDOW_H
#define BENCH_WINDOW_H

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096UL
#define WORDS (PAGE / sizeof(uint64_t))
#define STEP 0x9e3779b97f4a7c15ULL
#define COUNTERS_MAX 24

/* Instructions that do nothing, by which count.c knows the window. */
#define MARK_BEGIN()	asm volatile(".byte 0x0f, 0x1f, 0x80; .long 0x62656d74")
#define MARK_END()	asm volatile(".byte 0x0f, 0x1f, 0x80; .long 0x65656d74")

/*
 * A kernel counter: a file that holds a number, a line "key number" in it, or, if the key is a
 * number itself, the field of that number in its only line. Read when the program begins, and at both
 * ends of the window. One that is not there, or is no number, ends the program.
 */
static struct counter {
	const char *name, *key;
	int fd;
	unsigned long long start, before, after, counted;
} counters[COUNTERS_MAX];
static int counter_count;

static uint64_t rng = STEP;

static inline void die(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
	exit(2);
}

static inline uint64_t next_random(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return rng;
}

static inline uint64_t scramble(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

/* The value behind @field blanks-separated fields. */
static inline const char *field_of(const char *text, int field)
{
	text += strspn(text, " \t");
	while (--field > 0) {
		text += strcspn(text, " \t");
		text += strspn(text, " \t");
	}
	return text;
}

static inline const char *line_of(const char *text, const char *key)
{
	size_t n = strlen(key);

	while (text && (strncmp(text, key, n) || text[n] != ' ')) {
		text = strchr(text, '\n');
		if (text)
			text++;
	}
	return text ? text + n : NULL;
}

static inline unsigned long long read_counter(const struct counter *c)
{
	static char text[16384];
	ssize_t length = pread(c->fd, text, sizeof(text) - 1, 0);
	const char *value = text;
	unsigned long long number;
	char *end;

	if (length < 0)
		die(c->name);
	text[length] = '\0';
	if (c->key)
		value = atoi(c->key) ? field_of(text, atoi(c->key)) : line_of(text, c->key);
	errno = 0;
	number = value ? strtoull(value, &end, 10) : 0;
	if (!value || end == value)
		errno = ENODATA;
	if (errno)
		die(c->name);
	return number;
}

/* NAME=PATH or NAME=PATH:KEY */
static inline void add_counter(char *text)
{
	struct counter *c = &counters[counter_count++];
	char *path = strchr(text, '='), *key;

	if (counter_count > COUNTERS_MAX || !path)
		die(text);
	*path++ = '\0';
	key = strchr(path, ':');
	if (key)
		*key++ = '\0';
	c->name = text;
	c->key = key;
	c->fd = open(path, O_RDONLY);
	if (c->fd < 0)
		die(path);
	c->start = read_counter(c);
}

static inline uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* Do @work(@amount) as the window, or as one more part of it. Return: how long it took. */
static inline uint64_t measure_window(void (*work)(unsigned long), unsigned long amount)
{
	uint64_t start;

	for (int i = 0; i < counter_count; i++)
		counters[i].before = read_counter(&counters[i]);
	start = now_ns();
	MARK_BEGIN();
	work(amount);
	MARK_END();
	start = now_ns() - start;
	for (int i = 0; i < counter_count; i++) {
		counters[i].after = read_counter(&counters[i]);
		counters[i].counted += counters[i].after - counters[i].before;
	}
	return start;
}

/* ,"NAME":COUNT for each counter, of the window. */
static inline void print_counters(void)
{
	for (int i = 0; i < counter_count; i++)
		printf(",\"%s\":%llu", counters[i].name, counters[i].counted);
}

/* ,"NAME_total":COUNT for each counter, from the beginning of the program to the window's end. */
static inline void print_totals(void)
{
	for (int i = 0; i < counter_count; i++)
		printf(",\"%s_total\":%llu", counters[i].name, counters[i].after - counters[i].start);
}

#endif /* BENCH_WINDOW_H */
