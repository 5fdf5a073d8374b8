// SPDX-License-Identifier: GPL-2.0
/*
 * The index gives memory back under pressure.
 *
 * Reclaim is what fills the index, so its being at work is no reason to empty it: an entry takes a few
 * hundredths of the RAM of the page it saves a disk read for. The index may take a share of the memory that
 * is there for such uses, free or page cache or its own. Programs that need memory for
 * themselves make that smaller; what the index has beyond its share then goes.
 */
#include <linux/mm.h>

#include "../compat/shrinker.h"
#include "ssd.h"

#define DEFAULT_PERCENT	25

/* Percent of the memory that is available. */
unsigned int tmem_ssd_index_percent = DEFAULT_PERCENT;

/* Entries given back. */
atomic_long_t tmem_ssd_shrunk;

static struct shrinker *shrinker;
static unsigned long limit_bytes = ULONG_MAX;

/*
 * Counting what is available takes too long for every put, so those go by the last result. Called by the shrinker, by
 * the workers that write, and when user space looks at the limit or changes it.
 */
unsigned long tmem_ssd_index_limit(void)
{
	unsigned long bytes = tmem_index_bytes(&tmem_ssd_index) +
			      max(si_mem_available(), 0L) * PAGE_SIZE;

	bytes = bytes / 100 * READ_ONCE(tmem_ssd_index_percent);
	WRITE_ONCE(limit_bytes, bytes);
	return bytes;
}

/* Context: any. */
bool tmem_ssd_index_full(void)
{
	return tmem_index_bytes(&tmem_ssd_index) > READ_ONCE(limit_bytes);
}

/* Entries beyond the share. */
static unsigned long count_excess(struct shrinker *shrinker, struct shrink_control *sc)
{
	unsigned long bytes = tmem_index_bytes(&tmem_ssd_index);
	unsigned long limit = tmem_ssd_index_limit();

	if (bytes <= limit)
		return 0;
	/* In units of pages, so that no cache is too large to multiply. */
	return mult_frac(tmem_index_pages(&tmem_ssd_index), (bytes - limit) >> PAGE_SHIFT,
			 max(bytes >> PAGE_SHIFT, 1UL));
}

static unsigned long drop_entries(struct shrinker *shrinker, struct shrink_control *sc)
{
	unsigned long dropped = tmem_index_shrink(&tmem_ssd_index, sc->nr_to_scan);

	atomic_long_add(dropped, &tmem_ssd_shrunk);
	return dropped ?: SHRINK_STOP;
}

int tmem_ssd_shrink_init(void)
{
	shrinker = shrinker_alloc(0, "tmem_ssd");
	if (!shrinker)
		return -ENOMEM;
	shrinker->count_objects = count_excess;
	shrinker->scan_objects = drop_entries;
	tmem_ssd_index_limit();
	return tmem_shrinker_register(shrinker, "tmem_ssd");
}

void tmem_ssd_shrink_exit(void)
{
	shrinker_free(shrinker);
}
