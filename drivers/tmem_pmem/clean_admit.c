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
#include <tmem/frequency.h>

#include "pmem.h"

/* Any page is welcome while less of the share is in use. */
#define FILL_PERCENT		60

/* Above that, a page must have been evicted this often, or got from here. TMEM_PUT_WORKINGSET counts as once more. */
#define EVICTIONS_ENOUGH	2

bool tmem_pmem_clean_admit_all;

/* Evictions of as many pages as the shares have room for; NULL without a share, or without memory. */
static struct tmem_frequency __rcu *evictions;
static u64 counted_pages;
static u64 seed;

/* Serializes replacing them. */
static DEFINE_MUTEX(resize_lock);

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
	pages = tmem_pmem_clean_pages_shared();
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

u64 tmem_pmem_clean_hash(const struct tmem_file_id *file, pgoff_t index)
{
	return tmem_page_hash(seed, file, index);
}

bool tmem_pmem_clean_came_back(u64 hash, unsigned int flags)
{
	u32 weight = flags & TMEM_PUT_WORKINGSET ? 2 : 1;
	struct tmem_frequency *frequency = rcu_dereference(evictions);

	if (frequency)
		weight = tmem_frequency_add(frequency, hash, weight);
	return weight >= EVICTIONS_ENOUGH;
}

void tmem_pmem_clean_count_hit(u64 hash)
{
	struct tmem_frequency *frequency;

	rcu_read_lock();
	frequency = rcu_dereference(evictions);
	if (frequency)
		tmem_frequency_add(frequency, hash, EVICTIONS_ENOUGH);
	rcu_read_unlock();
}

bool tmem_pmem_clean_has_room(const struct tmem_pmem_clean *clean)
{
	u64 most = tmem_pmem_clean_most(clean);

	return READ_ONCE(tmem_pmem_clean_admit_all) ||
	       READ_ONCE(clean->cells.used) < most * FILL_PERCENT / 100;
}
