// SPDX-License-Identifier: GPL-2.0
/*
 * What may take a place in the shares: any page while there is room, else one that was evicted before.
 *
 * Most pages that are evicted are never read again. If each took a place, reading a large file once would
 * push everything else out.
 */
#include <linux/mutex.h>
#include <linux/random.h>
#include <linux/rcupdate.h>

#include "../tmem/frequency.h"
#include "pmem.h"

/* Until so much of a share is in use any page is welcome. */
#define FILL_PERCENT		60

/* So often it must have been evicted then. That the kernel saw it come back soon counts as once more. */
#define EVICTIONS_ENOUGH	2

bool tmem_pmem_clean_admit_all;

/* Evictions of as many pages as the shares have room for; NULL without a share, or without memory. */
static struct tmem_frequency __rcu *evictions;
static u64 counted_pages;
static u64 seed;

/* Guards who replaces them. */
static DEFINE_MUTEX(resize_lock);

static u64 pages_of_shares(void)
{
	u64 pages = 0;
	unsigned int i;

	rcu_read_lock();
	for (i = 0; i < TMEM_PMEM_DEVICES_MAX; i++) {
		struct tmem_pmem_device *device = READ_ONCE(tmem_pmem_devices[i]);

		if (device)
			pages += READ_ONCE(device->clean.cells.limit);
	}
	rcu_read_unlock();
	return pages;
}

static void replace(struct tmem_frequency *new)
{
	struct tmem_frequency *old = rcu_replace_pointer(evictions, new, lockdep_is_held(&resize_lock));

	if (old)
		synchronize_rcu();
	tmem_frequency_free(old);
}

void tmem_pmem_clean_admit_resize(void)
{
	u64 pages;

	mutex_lock(&resize_lock);
	pages = pages_of_shares();
	if (!seed)
		seed = get_random_u64();
	if (pages != counted_pages)
		replace(pages ? tmem_frequency_alloc(pages) : NULL);
	/* Without memory it is tried again the next time. */
	counted_pages = rcu_access_pointer(evictions) ? pages : 0;
	mutex_unlock(&resize_lock);
}

void tmem_pmem_clean_admit_exit(void)
{
	mutex_lock(&resize_lock);
	replace(NULL);
	counted_pages = 0;
	mutex_unlock(&resize_lock);
}

bool tmem_pmem_clean_came_back(const struct tmem_file_id *file, pgoff_t index, unsigned int flags)
{
	u32 weight = flags & TMEM_PUT_WORKINGSET ? 2 : 1;
	struct tmem_frequency *frequency = rcu_dereference(evictions);

	if (frequency)
		weight = tmem_frequency_add(frequency, tmem_page_hash(seed, file, index), weight);
	return weight >= EVICTIONS_ENOUGH;
}

bool tmem_pmem_clean_has_room(const struct tmem_pmem_clean *clean)
{
	return READ_ONCE(tmem_pmem_clean_admit_all) ||
	       READ_ONCE(clean->cells.used) < (u64)READ_ONCE(clean->cells.limit) * FILL_PERCENT / 100;
}
