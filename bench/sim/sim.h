/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A victim cache without a kernel: a trace of page accesses goes through a model of the page cache,
 * and what that evicts through the code that tmem_ssd decides with.
 */
#ifndef _SIM_H
#define _SIM_H

#include <linux/types.h>

/**
 * struct access - one line of a trace
 * @file: any number
 * @page: first page of it
 * @count: pages, at least 1
 * @write: they are written, not read
 */
struct access {
	u64 file;
	u64 page;
	u32 count;
	bool write;
};

struct trace {
	struct access *accesses;
	size_t count;
	u64 pages;		/* all counts together */
	u64 unique_pages;	/* different ones */
};

/* Ends the program when the trace cannot be read. @format: "text" or "u32". */
void trace_read(struct trace *trace, const char *path, const char *format);
void trace_free(struct trace *trace);

/* Writes a trace in text form to standard output. */
void synthetic_write(u64 seed, u64 pages, u64 requests, double zipf, unsigned int scan_percent);

/* The page cache: an LRU list of @capacity pages. */
struct lru;

struct lru_page {
	u64 file;
	u64 page;
};

struct lru *lru_alloc(u64 capacity);
void lru_free(struct lru *lru);

/* Return: whether the page is there; then it is the youngest now. */
bool lru_touch(struct lru *lru, u64 file, u64 page);

/* The page is not there: put it in. Return: whether another one had to go, it is in @victim. */
bool lru_add(struct lru *lru, u64 file, u64 page, struct lru_page *victim);

struct options {
	u64 ram_pages;
	u32 segments;
	u64 counted_pages;
	u32 sequential_pages;
	u32 dwpd_percent;
	u32 fill_percent;	/* of the cache, that is filled by first evictions */
	u64 warmup;		/* pages asked for before anything is counted */
	double days;		/* that the trace takes */
	u64 seed;		/* of the fingerprints */
	bool workingset;	/* the page cache tells what came back soon */
	bool all;		/* admit everything */
};

struct result {
	u64 requests, ram_hits, ssd_hits, misses;
	u64 puts, present, admitted, rare, sequential, budget;
	u64 kept, flash_bytes;
	u64 cached_pages, index_bytes, counters_bytes, log_bytes;
};

void simulate(const struct trace *trace, const struct options *options, struct result *result);

#endif /* _SIM_H */
