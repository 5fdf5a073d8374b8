/* SPDX-License-Identifier: GPL-2.0 */
/* For coherence.c: random numbers that a seed repeats, and what the files should hold. */
#ifndef MODEL_H
#define MODEL_H

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECTOR		512
#define HISTORY		32

struct file {
	char name[64];
	uint8_t *bytes;
	long size;
	char history[HISTORY][64];
	unsigned int events;
};

static uint64_t state;
static unsigned long ops, compared_bytes, written_bytes;

static uint64_t next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static long below(long n)
{
	return n > 0 ? (long)(next_random() % n) : 0;
}

static void die(const char *what)
{
	fprintf(stderr, "coherence: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void remember(struct file *f, const char *what, long pos, long len)
{
	snprintf(f->history[f->events++ % HISTORY], sizeof(f->history[0]), "%s %ld+%ld size %ld",
		 what, pos, len, f->size);
}

static void fill_random(uint8_t *to, long len)
{
	long i;

	for (i = 0; i + 8 <= len; i += 8)
		*(uint64_t *)(to + i) = next_random();
	for (; i < len; i++)
		to[i] = next_random();
}

static void model_write(struct file *f, long pos, const uint8_t *from, long len)
{
	if (pos > f->size)
		memset(f->bytes + f->size, 0, pos - f->size);
	memcpy(f->bytes + pos, from, len);
	written_bytes += len;
	if (pos + len > f->size)
		f->size = pos + len;
}

static void model_resize(struct file *f, long size)
{
	if (size > f->size)
		memset(f->bytes + f->size, 0, size - f->size);
	f->size = size;
}

static void compare(struct file *f, const uint8_t *got, long pos, long len, const char *how)
{
	unsigned int i;
	long at;

	compared_bytes += len;
	if (!memcmp(got, f->bytes + pos, len))
		return;
	for (at = 0; got[at] == f->bytes[pos + at]; at++)
		;
	fprintf(stderr, "WRONG: %s, %s at byte %ld (page %ld): %02x, expected %02x\n", f->name, how,
		pos + at, (pos + at) / 4096, got[at], f->bytes[pos + at]);
	for (i = f->events > HISTORY ? f->events - HISTORY : 0; i < f->events; i++)
		fprintf(stderr, "  %s\n", f->history[i % HISTORY]);
	printf("{\"ops\":%lu,\"errors\":1}\n", ops);
	exit(1);
}

#endif /* MODEL_H */
