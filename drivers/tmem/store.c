// SPDX-License-Identifier: GPL-2.0
/* The way in: a swapped-out folio is stored whole, or refused with every older copy forgotten. */
#include <linux/highmem.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/wait_bit.h>

#include "core.h"
#include "fill.h"
#include "latency.h"
#include "trace.h"

static enum tmem_refusal admit(const struct tmem_area *area, struct tmem_owner *owner,
			       unsigned long pages)
{
	if (tmem_fault_one_in(TMEM_FAULT_REFUSE_ONE_IN))
		return TMEM_REFUSED_backend;
	if (READ_ONCE(tmem_paused))
		return TMEM_REFUSED_paused;
	if (READ_ONCE(tmem_hibernating))
		return TMEM_REFUSED_hibernation;
	if (unlikely(area->refusal)) {
		enum tmem_refusal why = tmem_area_refusal(area);

		if (why)
			return why;
	}
	if (static_branch_unlikely(&tmem_owner_limits) && !tmem_owner_may_store(owner, pages))
		return TMEM_REFUSED_cgroup_limit;
	return TMEM_REFUSED_NONE;
}

static enum tmem_refusal refusal_by_error(int err)
{
	switch (err) {
	case -ENOSPC:
		return TMEM_REFUSED_full;
	case -ENODEV:
		return TMEM_REFUSED_no_backend;
	case -ENXIO:
		return TMEM_REFUSED_device_gone;
	case -EPERM:
		return TMEM_REFUSED_crypt;
	case -ENOMEM:
		return TMEM_REFUSED_no_memory;
	default:
		return TMEM_REFUSED_backend;
	}
}

/*
 * A bio that carries an older copy to this very slot must have ended before the slot is used
 * again: were the store refused now, the kernel's own write could be overtaken by it.
 */
static noinline void wait_for_move(u32 *entry)
{
	if (tmem_fault(TMEM_FAULT_NO_MOVE_WAIT))
		return;
	wait_var_event(entry, !(READ_ONCE(*entry) & TMEM_ENTRY_INFLIGHT));
}

static __always_inline u32 lock_entry(u32 *entry)
{
	u32 old;

	while (unlikely(tmem_entry_lock(entry, &old))) {
		wait_for_move(entry);
		if (tmem_fault(TMEM_FAULT_NO_MOVE_WAIT))
			return tmem_entry_place(READ_ONCE(*entry));
		cpu_relax();
	}
	return old;
}

/* @data: its first and last word are equal. Return: place of a same-filled page, else TMEM_PLACE_NONE. */
static noinline u32 fill_place(const u64 *data)
{
	struct tmem_backend *first = READ_ONCE(tmem_backends[0]);
	int number;
	u64 word;

	if (!tmem_fill_word_of(data, PAGE_SIZE, &word))
		return TMEM_PLACE_NONE;
	number = tmem_fill_number(word);
	/* It is nobody's room, but somebody must be there as long as it is stored. */
	if (number < 0 || !first || READ_ONCE(first->closing) || !tmem_backend_pin(first))
		return TMEM_PLACE_NONE;
	tmem_count(TMEM_EVENT_same_filled_stores);
	return TMEM_PLACE_FILLS + number;
}

/* Out of line: the tracepoint itself would cost every store a stack frame. */
static noinline void trace_store(struct tmem_key key, u32 place, int err)
{
	trace_tmem_store(key.type, key.offset, place, err);
}

/* Its entry is locked, and had @old. */
static __always_inline int store_locked(struct tmem_area *area, struct tmem_key key,
					struct page *page, u32 old,
					struct tmem_owner *owner)
{
	u32 *entry = &area->entries[key.offset];
	const u64 *data = kmap_local_page(page);
	u32 place = TMEM_PLACE_NONE;
	int ret;

	/* The ends of a page differ most often, so the usual page costs one comparison. */
	if (unlikely(data[0] == data[PAGE_SIZE / sizeof(*data) - 1]))
		place = fill_place(data);
	kunmap_local(data);
	if (likely(!place)) {
		ret = tmem_backend_store(key, page, old);
		place = max(ret, 0);
	} else {
		ret = place;
		tmem_place_free(key, old);
	}
	tmem_stamp_set(tmem_area_stamp(area, key.offset), key, page);
	/* First: from then on a worker may take it, and count that it went. */
	tmem_area_stored(area, key.offset, old, place, owner);
	tmem_entry_publish(entry, place);
	if (unlikely(ret < 0))
		return ret;
	tmem_age_touch(area, key.offset);
	tmem_count_stores(1);
	if (trace_tmem_store_enabled())
		trace_store(key, place, 0);
	return 0;
}

static __always_inline int store_page(struct tmem_area *area, struct tmem_key key,
				      struct page *page, struct tmem_owner *owner)
{
	return store_locked(area, key, page, lock_entry(&area->entries[key.offset]), owner);
}

/* The backend that takes runs; older copies that are elsewhere, or nowhere, do not matter to it. */
static struct tmem_backend *run_backend(void)
{
	struct tmem_backend *first = READ_ONCE(tmem_backends[0]);

	if (!first || !first->ops->store_run || !READ_ONCE(first->pinned) || READ_ONCE(first->closing))
		return NULL;
	return first;
}

/* What store_locked() looks at more closely. */
static bool may_be_fill(struct page *page)
{
	const u64 *data = kmap_local_page(page);
	bool same = data[0] == data[PAGE_SIZE / sizeof(*data) - 1];

	kunmap_local(data);
	return same;
}

/*
 * Lock the entries that go on like the first one, which is locked and had @old: with no older copy, as that,
 * or with the next place. Nobody is waited for: a worker that moves a copy of the next page may have to come
 * by this one first.
 * Return: how many are locked, with the first.
 */
static unsigned long lock_run(u32 *entries, struct page *page, unsigned long count, u32 old)
{
	unsigned long i;

	for (i = 1; i < count; i++) {
		u32 want = old ? old + i : TMEM_PLACE_NONE;
		u32 had;

		if (tmem_entry_place(READ_ONCE(entries[i])) != want || may_be_fill(page + i) ||
		    tmem_entry_lock(&entries[i], &had))
			break;
		if (unlikely(had != want)) {
			/* A worker was faster. */
			tmem_entry_publish(&entries[i], had);
			break;
		}
	}
	return i;
}

static void publish_run(struct tmem_area *area, struct tmem_key key, struct page *page, unsigned long count,
			u32 old, u32 place, struct tmem_owner *owner)
{
	unsigned long i;

	for (i = 0; i < count; i++, key.offset++) {
		tmem_stamp_set(tmem_area_stamp(area, key.offset), key, page + i);
		tmem_area_stored(area, key.offset, old ? old + i : TMEM_PLACE_NONE, place + i, owner);
		tmem_entry_publish(&area->entries[key.offset], place + i);
		tmem_age_touch(area, key.offset);
		if (trace_tmem_store_enabled())
			trace_store(key, place + i, 0);
	}
	tmem_count_stores(count);
	if (likely(count > 1))
		tmem_count(TMEM_EVENT_store_runs);
}

/*
 * Pages whose places are to follow one another, by one operation of the backend; the rest one by one.
 * @old: place of the first one's older copy. Return: 0 and in *@stored how many, or why a page is not stored.
 */
static int store_run(struct tmem_area *area, struct tmem_key key, struct page *page, unsigned long count,
		     u32 old, struct tmem_owner *owner, unsigned long *stored)
{
	u32 *entries = &area->entries[key.offset];
	struct tmem_backend *backend = run_backend();
	unsigned long i = 0;
	int err = 0;

	*stored = 1;
	if (!backend || (old && (!tmem_place_is_handle(old) || tmem_place_backend(old))) || may_be_fill(page))
		return store_locked(area, key, page, old, owner);
	count = lock_run(entries, page, count, old);
	while (count > 1 && i < count) {
		struct tmem_key next = { key.type, key.offset + i };
		u32 had = old ? old + i : TMEM_PLACE_NONE;
		unsigned long taken;
		u32 handle;

		taken = backend->ops->store_run(next, page + i, count - i,
						had ? tmem_place_handle(had) : TMEM_NO_HANDLE, &handle);
		if (unlikely(!taken))
			break;
		publish_run(area, next, page + i, taken, had, tmem_place_make(0, handle), owner);
		i += taken;
	}
	*stored = count;
	for (key.offset += i; i < count; i++, key.offset++) {
		u32 had = old ? old + i : TMEM_PLACE_NONE;

		if (!err)
			err = store_locked(area, key, page + i, had, owner);
		else
			tmem_entry_publish(&area->entries[key.offset], had);
	}
	return err;
}

static noinline int store_large(struct tmem_area *area, struct tmem_key key, struct folio *folio,
				struct tmem_owner *owner)
{
	unsigned long count = folio_nr_pages(folio);
	unsigned long i, stored;
	int err = 0;

	for (i = 0; i < count && !err; i += stored, key.offset += stored)
		err = store_run(area, key, folio_page(folio, i), count - i,
				lock_entry(&area->entries[key.offset]), owner, &stored);
	return err;
}

static void forget_page(const struct tmem_area *area, struct tmem_key key)
{
	u32 *entry = &area->entries[key.offset];
	u32 place;

	if (!READ_ONCE(*entry) || tmem_fault(TMEM_FAULT_KEEP_OLD_COPY))
		return;
	rcu_read_lock();
	place = tmem_entry_clear(entry);
	tmem_place_free(key, place);
	tmem_area_emptied(area, key.offset, place, TMEM_PLACE_NONE);
	rcu_read_unlock();
	wait_for_move(entry);
}

/* Count a refusal, and see to it that no older copy remains. */
static noinline void refuse(struct tmem_area *area, struct tmem_key key, struct folio *folio,
			    enum tmem_refusal why, int err)
{
	unsigned long count = folio_nr_pages(folio);
	unsigned long i;

	tmem_count_refused(why, count);
	for (i = 0; i < count; i++, key.offset++) {
		forget_page(area, key);
		trace_store(key, TMEM_PLACE_NONE, err);
	}
}

/**
 * tmem_store() - store every page of a folio
 * @first: swap slot of its first page
 * @folio: locked, in the swap cache
 *
 * All or nothing. Either way no older copy of any of these pages can be loaded after this, and no
 * write of ours to their swap slots is under way.
 *
 * Context: process or reclaim; may sleep, waits for I/O only on a key whose copy is being moved.
 * Return: 0 if all are stored, else a negative errno: the folio belongs on the swap device.
 */
int tmem_store(swp_entry_t first, struct folio *folio)
{
	struct tmem_area *area = tmem_area(swp_type(first));
	struct tmem_key key = { swp_type(first), swp_offset(first) };
	unsigned long pages = folio_nr_pages(folio);
	u64 begun = tmem_latency_begin();
	struct tmem_owner *owner;
	enum tmem_refusal why;
	int err = -EPERM;
	int srcu;

	if (unlikely(!area)) {
		bool missed = tmem_backends_any();

		tmem_count_refused(missed ? TMEM_REFUSED_no_table : TMEM_REFUSED_no_backend, pages);
		if (missed)
			tmem_areas_missed();
		return -ENODEV;
	}
	srcu = srcu_read_lock(&tmem_srcu);
	owner = tmem_owner_of(folio);
	why = admit(area, owner, pages);
	if (likely(!why)) {
		if (likely(!folio_test_large(folio)))
			err = store_page(area, key, &folio->page, owner);
		else
			err = store_large(area, key, folio, owner);
		if (unlikely(err))
			why = refusal_by_error(err);
	}
	tmem_owner_count(owner, likely(!why) ? TMEM_OWNER_stores : TMEM_OWNER_refused, pages);
	/* Still inside SRCU: the places of older copies are not used anew before they are forgotten. */
	if (unlikely(why))
		refuse(area, key, folio, why, err);
	srcu_read_unlock(&tmem_srcu, srcu);
	if (likely(!why))
		tmem_latency_end(TMEM_LATENCY_STORE, begun);
	return likely(!why) ? 0 : err;
}
