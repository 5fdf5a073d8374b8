/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How often was a page evicted lately? As far as two bytes a page can tell.
 *
 * A word has four entries, each a fingerprint of a page and a counter. When another page comes to a full
 * word, the entry with the fewest evictions gives way, the oldest of several. With every so many
 * evictions the counters of the next word are halved, so that what was often evicted long ago is not
 * in the way for ever. Two pages with the same fingerprint in the same word are taken for one: 4 of 4096.
 *
 * Pure; compiles for user space too.
 *
 * Context: any but NMI, any number of CPUs at once. There is no lock: words are read and written whole,
 * and two CPUs that change the same word at once lose one of the two changes.
 */
#ifndef _TMEM_FREQUENCY_H
#define _TMEM_FREQUENCY_H

#include <linux/hash.h>
#include <linux/types.h>
#include <tmem/clean.h>

/* No more are counted. */
#define TMEM_FREQUENCY_MAX	15

/* RAM for each page of the cache: an entry, and one for a page that is not in it. */
#define TMEM_FREQUENCY_BYTES_PER_PAGE	4

/**
 * struct tmem_frequency - the counters
 * @count: of words, at least 1
 * @counted: evictions
 * @words: four entries each, the youngest in the lowest bits
 */
struct tmem_frequency {
	u32 count;
	u64 counted;
	u64 words[];
};

/**
 * tmem_mix() - add a value to a hash of which all bits are good
 * @hash: so far; a seed at first
 * @value: to be added
 *
 * Context: any.
 * Return: the hash.
 */
static inline u64 tmem_mix(u64 hash, u64 value)
{
	hash = (hash ^ value) * GOLDEN_RATIO_64;
	return hash ^ hash >> 32;
}

/**
 * tmem_page_hash() - the hash of a page
 * @seed: makes it differ from one machine to another
 * @file: of the page
 * @page: number of the page in the file
 *
 * Context: any.
 * Return: the hash; all bits of it depend on all of the key.
 */
static inline u64 tmem_page_hash(u64 seed, const struct tmem_file_id *file, u64 page)
{
	u64 hash = tmem_mix(seed, (u64)file->pool << 32 | file->generation);

	return tmem_mix(tmem_mix(tmem_mix(hash, file->ino), page), file->pool);
}

/**
 * tmem_frequency_alloc() - make counters
 * @pages: of the cache; TMEM_FREQUENCY_BYTES_PER_PAGE for each, but not more than 2 GiB in all
 *
 * Context: process, may sleep.
 * Return: counters that have counted nothing; NULL if there is no memory.
 */
struct tmem_frequency *tmem_frequency_alloc(u64 pages);

/**
 * tmem_frequency_free() - free counters
 * @frequency: nobody uses them any more; NULL is fine
 *
 * Context: process, may sleep.
 */
void tmem_frequency_free(struct tmem_frequency *frequency);

/**
 * tmem_frequency_bytes() - how much RAM counters take
 * @frequency: the counters; NULL is fine
 *
 * Context: any.
 * Return: bytes.
 */
size_t tmem_frequency_bytes(const struct tmem_frequency *frequency);

/**
 * tmem_frequency_get() - evictions of a page
 * @frequency: the counters
 * @hash: of the page; all of its bits count
 *
 * Context: any but NMI.
 * Return: 0 to TMEM_FREQUENCY_MAX.
 */
u32 tmem_frequency_get(const struct tmem_frequency *frequency, u64 hash);

/**
 * tmem_frequency_add() - count an eviction of a page
 * @frequency: the counters
 * @hash: of the page; all of its bits count
 * @weight: how many times it counts, at least 1
 *
 * Context: any but NMI.
 * Return: how many there are now, at most TMEM_FREQUENCY_MAX.
 */
u32 tmem_frequency_add(struct tmem_frequency *frequency, u64 hash, u32 weight);

#endif /* _TMEM_FREQUENCY_H */
