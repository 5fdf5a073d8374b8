// SPDX-License-Identifier: GPL-2.0
/* What the KUnit suites of the core stand on: see kunit_env.h. */
#include <linux/cleanup.h>
#include <linux/highmem.h>
#include <linux/minmax.h>
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "kunit_env.h"
#include "write_out.h"

struct tmem_fake tmem_fakes[FAKES];

/* Guards the places of all fakes. */
static DEFINE_SPINLOCK(fakes_lock);

/* Fakes with an odd number use the other end of the range of handles. */
static u32 first_handle(const struct tmem_fake *fake)
{
	return (fake - tmem_fakes) & 1 ? TMEM_HANDLE_MAX - FAKE_ROOM : 0;
}

/* Return: the number of the place, FAKE_ROOM if it does not hold a page of @key. */
static u32 place_of(const struct tmem_fake *fake, struct tmem_key key, u32 handle)
{
	u32 i = handle - first_handle(fake);

	if (i < FAKE_ROOM && fake->copies[i] && fake->keys[i].type == key.type &&
	    fake->keys[i].offset == key.offset)
		return i;
	return FAKE_ROOM;
}

static bool refuses(struct tmem_fake *fake)
{
	if (!fake->store_err)
		return false;
	if (!fake->refuse_after)
		return true;
	fake->refuse_after--;
	return false;
}

/* @old: of the older copy, FAKE_ROOM if there is none. Return: where a page can go, or an errno. */
static int find_room(struct tmem_fake *fake, u32 old)
{
	u32 i;

	if (refuses(fake))
		return fake->store_err;
	if (old < FAKE_ROOM && fake->in_place)
		return old;
	for (i = 0; i < fake->room; i++)
		if (!fake->copies[i] || i == old)
			return i;
	return -ENOSPC;
}

static int fake_store(struct tmem_fake *fake, struct tmem_key key, struct page *page, u32 handle)
{
	void *copy = kmalloc(PAGE_SIZE, GFP_NOIO), *stale = NULL;
	u32 old = FAKE_ROOM;
	int place;

	if (!copy)
		return -ENOMEM;
	memcpy_from_page(copy, page, 0, PAGE_SIZE);
	spin_lock_irq(&fakes_lock);
	if (handle != TMEM_NO_HANDLE) {
		old = place_of(fake, key, handle);
		fake->misuses += old == FAKE_ROOM;
	}
	place = find_room(fake, old);
	if (old < FAKE_ROOM)
		stale = no_free_ptr(fake->copies[old]);
	if (place >= 0) {
		fake->copies[place] = no_free_ptr(copy);
		fake->keys[place] = key;
		fake->stores++;
	}
	spin_unlock_irq(&fakes_lock);
	kfree(stale);
	kfree(copy);
	if (place >= 0 && fake->after_store)
		fake->after_store();
	return place < 0 ? place : (int)(first_handle(fake) + place);
}

static int fake_load(struct tmem_fake *fake, struct tmem_key key, u32 handle, struct page *page)
{
	int err;
	u32 i;

	if (fake->yields)
		schedule_timeout_uninterruptible(1);
	spin_lock_irq(&fakes_lock);
	i = place_of(fake, key, handle);
	fake->loads++;
	fake->stale_loads += i == FAKE_ROOM;
	err = i == FAKE_ROOM ? -EIO : fake->load_err;
	if (!err)
		memcpy_to_page(page, 0, fake->copies[i], PAGE_SIZE);
	spin_unlock_irq(&fakes_lock);
	if (fake->after_load)
		fake->after_load();
	return err;
}

static void fake_free(struct tmem_fake *fake, struct tmem_key key, u32 handle)
{
	unsigned long flags;
	u32 i;

	spin_lock_irqsave(&fakes_lock, flags);
	i = place_of(fake, key, handle);
	fake->frees++;
	if (fake->watched)
		fake->dirty_at_free = folio_test_dirty(fake->watched);
	if (i < FAKE_ROOM)
		kfree(no_free_ptr(fake->copies[i]));
	else
		fake->misuses++;
	spin_unlock_irqrestore(&fakes_lock, flags);
}

/* Nothing is in the places from @first on, or each has the older copy of its page. */
static bool places_fit(const struct tmem_fake *fake, struct tmem_key key, u32 first, unsigned int count,
		       bool in_place)
{
	unsigned int i;

	for (i = 0; i < count; i++, key.offset++)
		if (first + i >= fake->room ||
		    (in_place ? place_of(fake, key, first_handle(fake) + first + i) == FAKE_ROOM :
				!!fake->copies[first + i]))
			return false;
	return true;
}

static unsigned int fake_store_run(struct tmem_fake *fake, struct tmem_key key, struct page *page,
				   unsigned int count, u32 old, u32 *handle)
{
	u32 first = old == TMEM_NO_HANDLE ? 0 : old - first_handle(fake);
	unsigned int i;

	count = min(count, fake->run_max);
	while (count && old == TMEM_NO_HANDLE && first < fake->room && !places_fit(fake, key, first, count, false))
		first++;
	if (!count || !places_fit(fake, key, first, count, old != TMEM_NO_HANDLE))
		return 0;
	for (i = 0; i < count && !refuses(fake); i++, key.offset++) {
		if (!fake->copies[first + i])
			fake->copies[first + i] = kmalloc(PAGE_SIZE, GFP_NOIO);
		if (!fake->copies[first + i])
			break;
		memcpy_from_page(fake->copies[first + i], page + i, 0, PAGE_SIZE);
		fake->keys[first + i] = key;
	}
	fake->stores += i;
	fake->runs_stored += !!i;
	*handle = first_handle(fake) + first;
	return i;
}

static unsigned int fake_load_run(struct tmem_fake *fake, struct tmem_key key, u32 handle,
				  struct page *page, unsigned int count)
{
	unsigned int i;

	count = min(count, fake->run_max);
	for (i = 0; i < count && !fake->load_err; i++, key.offset++) {
		u32 place = place_of(fake, key, handle + i);

		if (place == FAKE_ROOM)
			break;
		memcpy_to_page(page + i, 0, fake->copies[place], PAGE_SIZE);
	}
	fake->runs_loaded += !!i;
	if (i && fake->after_load)
		fake->after_load();
	return i;
}

/* The operations carry no context, so there is one set for each fake. */
#define FAKE_OPS(_n)									\
static int store_##_n(struct tmem_key key, struct page *page, u32 old)			\
{											\
	return fake_store(&tmem_fakes[_n], key, page, old);				\
}											\
static int load_##_n(struct tmem_key key, u32 handle, struct page *page)		\
{											\
	return fake_load(&tmem_fakes[_n], key, handle, page);				\
}											\
static void free_##_n(struct tmem_key key, u32 handle)					\
{											\
	fake_free(&tmem_fakes[_n], key, handle);					\
}											\
static unsigned int store_run_##_n(struct tmem_key key, struct page *page, unsigned int count,	\
				   u32 old, u32 *handle)				\
{											\
	return fake_store_run(&tmem_fakes[_n], key, page, count, old, handle);		\
}											\
static unsigned int load_run_##_n(struct tmem_key key, u32 handle, struct page *page,	\
				  unsigned int count)					\
{											\
	return fake_load_run(&tmem_fakes[_n], key, handle, page, count);		\
}											\
static void area_init_##_n(unsigned int type, unsigned long slots)			\
{											\
	tmem_fakes[_n].area_inits++;							\
}											\
static void area_exit_##_n(unsigned int type)						\
{											\
	tmem_fakes[_n].area_exits++;							\
}											\
static const struct tmem_backend_ops ops_##_n = {					\
	.store = store_##_n, .load = load_##_n, .free = free_##_n,			\
	.store_run = store_run_##_n, .load_run = load_run_##_n,				\
	.area_init = area_init_##_n, .area_exit = area_exit_##_n,			\
}
FAKE_OPS(0);
FAKE_OPS(1);
FAKE_OPS(2);

static const struct tmem_backend_ops * const ops[FAKES] = { &ops_0, &ops_1, &ops_2 };

unsigned int tmem_fake_held(const struct tmem_fake *fake)
{
	unsigned int held = 0;
	u32 i;

	for (i = 0; i < FAKE_ROOM; i++)
		held += !!fake->copies[i];
	return held;
}

int tmem_fake_register(struct tmem_fake *fake)
{
	int err = tmem_register_backend(&fake->backend);

	fake->registered = !err;
	return err;
}

void tmem_fake_unregister(struct tmem_fake *fake)
{
	tmem_unregister_backend(&fake->backend);
	fake->registered = false;
}

int tmem_env_init_bare(struct kunit *test)
{
	unsigned int i;

	memset(tmem_fakes, 0, sizeof(tmem_fakes));
	memset(&tmem_double, 0, sizeof(tmem_double));
	for (i = 0; i < FAKES; i++) {
		tmem_fakes[i].backend.name = "fake";
		tmem_fakes[i].backend.owner = THIS_MODULE;
		tmem_fakes[i].backend.ops = ops[i];
		tmem_fakes[i].room = FAKE_ROOM;
	}
	KUNIT_ASSERT_NOT_NULL(test, tmem_double_swapon(ENV_TYPE, ENV_SLOTS));
	KUNIT_ASSERT_EQ(test, tmem_write_out_init(), 0);
	memset(tmem_double_cgroups, 0, sizeof(tmem_double_cgroups));
	for (i = 2; i < DOUBLE_CGROUPS; i++)
		tmem_double_cgroups[i].parent = i < 4 ? 1 : 2;
	KUNIT_ASSERT_EQ(test, tmem_owners_init(), 0);
	return 0;
}

int tmem_env_init(struct kunit *test)
{
	tmem_env_init_bare(test);
	return tmem_fake_register(&tmem_fakes[0]);
}

void tmem_env_exit(struct kunit *test)
{
	unsigned int i;

	tmem_paused = false;
	tmem_hibernating = false;
	/* As the kernel does before swapoff is over. */
	tmem_invalidate(ENV_TYPE, 0, ENV_SLOTS);
	tmem_areas_exit();
	tmem_areas_late_ms = TMEM_AREAS_LATE_MS;
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&tmem_lost_pages), 0);
	for (i = 0; i < FAKES; i++) {
		struct tmem_fake *fake = &tmem_fakes[i];

		KUNIT_EXPECT_EQ_MSG(test, tmem_fake_held(fake), 0, "fake %u", i);
		KUNIT_EXPECT_EQ_MSG(test, fake->misuses, 0, "fake %u", i);
		if (!fake->yields)
			KUNIT_EXPECT_EQ_MSG(test, fake->stale_loads, 0, "fake %u", i);
		KUNIT_EXPECT_EQ_MSG(test, fake->area_inits, fake->area_exits, "fake %u", i);
		if (fake->registered)
			tmem_fake_unregister(fake);
		KUNIT_EXPECT_FALSE_MSG(test, fake->backend.pinned, "fake %u", i);
	}
	tmem_owners_stop();
	tmem_owners_idle();
	tmem_age_exit();
	tmem_owners_exit();
	for (i = 0; i < DOUBLE_CGROUPS; i++)
		KUNIT_EXPECT_EQ_MSG(test, atomic_read(&tmem_double_cgroups[i].references), 0, "cgroup %u", i);
	tmem_write_out_exit();
	tmem_double_swapoff(ENV_TYPE);
}

static void free_folio(void *data)
{
	struct folio *folio = data;

	if (tmem_double.cached == folio)
		tmem_double.cached = NULL;
	folio_clear_dirty(folio);
	folio_clear_swapcache(folio);
	folio->swap.val = 0;
	if (folio_test_locked(folio))
		folio_unlock(folio);
	folio_put(folio);
}

struct folio *tmem_env_folio(struct kunit *test, pgoff_t offset, unsigned int order)
{
	struct folio *folio = folio_alloc(GFP_KERNEL | __GFP_ZERO, order);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	__folio_set_locked(folio);
	__folio_set_swapbacked(folio);
	folio_set_swapcache(folio);
	folio->swap = swp_entry(ENV_TYPE, offset);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_folio, folio), 0);
	return folio;
}

static u32 word_at(u32 seed, unsigned long page, unsigned int i)
{
	return seed * 2654435761U + page * 4099 + i;
}

void tmem_env_fill_page(struct folio *folio, u32 seed, unsigned long page)
{
	u32 *words = kmap_local_folio(folio, page * PAGE_SIZE);
	unsigned int i;

	for (i = 0; i < PAGE_SIZE / sizeof(u32); i++)
		words[i] = word_at(seed, page, i);
	kunmap_local(words);
}

void tmem_env_fill(struct folio *folio, u32 seed)
{
	unsigned long page;

	for (page = 0; page < folio_nr_pages(folio); page++)
		tmem_env_fill_page(folio, seed, page);
}

bool tmem_env_filled(struct folio *folio, u32 seed)
{
	unsigned long page;
	unsigned int i;
	bool same = true;

	for (page = 0; page < folio_nr_pages(folio); page++) {
		u32 *words = kmap_local_folio(folio, page * PAGE_SIZE);

		for (i = 0; i < PAGE_SIZE / sizeof(u32); i++)
			same &= words[i] == word_at(seed, page, i);
		kunmap_local(words);
	}
	return same;
}

int tmem_env_store(struct folio *folio)
{
	return tmem_store(folio->swap, folio);
}

int tmem_env_load(struct folio *folio)
{
	return tmem_load(folio->swap, folio);
}

u32 *tmem_env_entry(pgoff_t offset)
{
	return &tmem_area(ENV_TYPE)->entries[offset];
}

void tmem_env_age(struct kunit *test, unsigned int ticks)
{
	unsigned int waits = 0;

	while (ticks) {
		u8 now = READ_ONCE(tmem_age_now);

		tmem_age_stored(TMEM_AGE_PAGES);
		if (READ_ONCE(tmem_age_now) != now) {
			ticks--;
			continue;
		}
		/* They are all used up until a worker comes. */
		KUNIT_ASSERT_LT(test, waits++, 1000);
		msleep(10);
	}
}
