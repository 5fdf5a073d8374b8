// SPDX-License-Identifier: GPL-2.0
/* The way back: a swap-in is filled from the current copy, which stays. */
#include <linux/mm.h>
#include <linux/pagemap.h>

#include "core.h"
#include "latency.h"
#include "trace.h"

/* The copy could not be read: from now on its owner is told so. Return: false if it is elsewhere by now. */
static bool lose(struct tmem_key key, u32 *entry, u32 place)
{
	if (place == TMEM_PLACE_LOST)
		return true;
	if (!tmem_place_leave(key, entry, place, TMEM_PLACE_LOST))
		return false;
	tmem_count(TMEM_EVENT_lost);
	return true;
}

/* The backend wants its copy gone after a load. */
static bool wants_exclusive(u32 place)
{
	struct tmem_backend *backend;

	if (!tmem_place_is_handle(place))
		return false;
	backend = READ_ONCE(tmem_backends[tmem_place_backend(place)]);
	return backend && READ_ONCE(backend->exclusive_loads);
}

static noinline void load_exclusive(struct tmem_key key, u32 *entry, u32 place, struct folio *folio)
{
	folio_mark_dirty(folio);
	tmem_place_leave(key, entry, place, TMEM_PLACE_NONE);
}

/*
 * The page is in the swap cache now, so its copy may go, or be the first to go when room is
 * short. The folio is locked: nobody can store it or drop it from memory meanwhile.
 */
static __always_inline void loaded_to_cache(struct tmem_key key, u32 *entry, u32 value,
					    struct folio *folio)
{
	u32 place = tmem_entry_place(value);

	if (static_branch_unlikely(&tmem_exclusive_loads) && wants_exclusive(place))
		load_exclusive(key, entry, place, folio);
	else
		tmem_entry_set_kept(entry, value);
}

/* Out of line: the tracepoint itself would cost every load a stack frame. */
static noinline void trace_load(struct tmem_key key, u32 place, int err)
{
	trace_tmem_load(key.type, key.offset, place, err);
}

/* Return: false if the page can be read elsewhere. */
static bool load_failed(struct tmem_key key, u32 *entry, u32 place)
{
	if (!lose(key, entry, place) && !tmem_fault(TMEM_FAULT_NO_LOAD_RECHECK))
		return false;
	trace_load(key, place, -EIO);
	return true;
}

static __always_inline int load_page(struct tmem_area *area, struct tmem_key key,
				     struct page *page, struct folio *folio)
{
	u32 *entry = &area->entries[key.offset];
	u32 value;
	int err;

	for (;;) {
		/* Pairs with tmem_entry_publish() and tmem_entry_replace(). */
		value = smp_load_acquire(entry);
		if (tmem_entry_place(value) == TMEM_PLACE_NONE)
			return -ENOENT;
		tmem_fault_delay(TMEM_FAULT_DELAY_LOAD);
		err = tmem_place_read(key, tmem_entry_place(value), page);
		/*
		 * A worker may have moved the copy while it was read, and its place may hold
		 * another page by now. If the entry still names it, it was ours throughout: a
		 * store could have brought the same place back, but needs the lock we are called
		 * under; and so could a second evacuation, but waits for us before it begins.
		 * Pairs with the cmpxchg that changes the entry before its place is used anew.
		 */
		smp_rmb();
		if (unlikely(!tmem_entry_same_place(READ_ONCE(*entry), value)) &&
		    !tmem_fault(TMEM_FAULT_NO_LOAD_RECHECK))
			continue;
		if (!err && !tmem_stamp_check(tmem_area_stamp(area, key.offset), key, page))
			err = -EIO;
		if (likely(!err))
			break;
		if (load_failed(key, entry, tmem_entry_place(value)))
			return -EIO;
	}
	tmem_age_touch(area, key.offset);
	tmem_count(TMEM_EVENT_loads);
	tmem_owner_count(tmem_area_owner(area, key.offset), TMEM_OWNER_loads, 1);
	/* What one page of a large folio leaves is settled when all of them are there. */
	if (likely(folio_test_swapcache(folio) && !folio_test_large(folio)))
		loaded_to_cache(key, entry, value, folio);
	if (trace_tmem_load_enabled())
		trace_load(key, tmem_entry_place(value), 0);
	return 0;
}

/* Slots from the first on whose copies are in places that follow one another, the first of them in @place. */
static unsigned long run_length(const u32 *entries, unsigned long count, u32 place)
{
	unsigned long i;

	/* As in load_page(). */
	for (i = 1; i < count; i++)
		if (tmem_entry_place(smp_load_acquire(&entries[i])) != place + i)
			break;
	return i;
}

/* Fill pages by one operation of the backend. Return: how many, from the first on; in *@first its place. */
static unsigned long fill_run(struct tmem_key key, const u32 *entries, struct page *page,
			      unsigned long count, u32 *first)
{
	u32 place = tmem_entry_place(smp_load_acquire(entries));	/* as in load_page() */
	struct tmem_backend *backend;

	if (!tmem_place_is_handle(place) || tmem_fault(TMEM_FAULT_LOSE_ONE_IN))
		return 0;
	backend = READ_ONCE(tmem_backends[tmem_place_backend(place)]);
	if (!backend || !backend->ops->load_run)
		return 0;
	count = run_length(entries, count, place);
	tmem_fault_delay(TMEM_FAULT_DELAY_LOAD);
	*first = place;
	return backend->ops->load_run(key, tmem_place_handle(place), page, count);
}

/* Pages that were loaded are told to their owners; those of a large folio have one, as a rule. */
static void count_loads(const struct tmem_area *area, pgoff_t offset, unsigned long count)
{
	pgoff_t end = offset + count;

	tmem_count_many(TMEM_EVENT_loads, count);
	while (area->owners && offset < end) {
		struct tmem_owner *owner = tmem_area_owner(area, offset);
		pgoff_t first = offset;

		while (++offset < end && area->owners[offset] == area->owners[first])
			;
		tmem_owner_count(owner, TMEM_OWNER_loads, offset - first);
	}
}

/* Return: pages that are loaded, from the first on; the next one may be lost, or not be here. */
static unsigned long load_run(struct tmem_area *area, struct tmem_key key, struct page *page,
			      unsigned long count, bool cached)
{
	u32 *entries = &area->entries[key.offset];
	u32 place = TMEM_PLACE_NONE;
	unsigned long filled = fill_run(key, entries, page, count, &place);
	unsigned long i;

	/* As in load_page(): a copy whose entry still names its place was there throughout. */
	smp_rmb();
	for (i = 0; i < filled; i++, key.offset++) {
		u32 value = READ_ONCE(entries[i]);

		if (unlikely(tmem_entry_place(value) != place + i && !tmem_fault(TMEM_FAULT_NO_LOAD_RECHECK)))
			break;
		if (!tmem_stamp_check(tmem_area_stamp(area, key.offset), key, page + i))
			break;
		tmem_age_touch(area, key.offset);
		if (cached)
			tmem_entry_set_kept(&entries[i], value);
		if (trace_tmem_load_enabled())
			trace_load(key, place + i, 0);
	}
	count_loads(area, key.offset - i, i);
	if (i > 1)
		tmem_count(TMEM_EVENT_load_runs);
	return i;
}

/* All pages, or an errno and the folio may hold anything. @cached: it is in the swap cache, or will be. */
static int load_all(struct tmem_area *area, struct tmem_key key, struct folio *folio, bool cached)
{
	unsigned long count = folio_nr_pages(folio);
	unsigned long i = 0;

	while (i < count) {
		struct page *page = folio_page(folio, i);
		unsigned long filled = load_run(area, key, page, count - i, cached);

		if (!filled) {
			int err = load_page(area, key, page, folio);

			if (err)
				return err;
			if (cached)
				tmem_entry_set_kept(&area->entries[key.offset],
						    READ_ONCE(area->entries[key.offset]));
			filled = 1;
		}
		i += filled;
		key.offset += filled;
	}
	return 0;
}

/* The folio is complete, so the kernel will not throw it away and ask again. */
static void large_loaded_to_cache(struct tmem_area *area, struct tmem_key key, struct folio *folio)
{
	unsigned long i;

	for (i = 0; i < folio_nr_pages(folio); i++, key.offset++)
		loaded_to_cache(key, &area->entries[key.offset],
				READ_ONCE(area->entries[key.offset]), folio);
}

static noinline int load_large(struct tmem_area *area, struct tmem_key key, struct folio *folio)
{
	unsigned long count = folio_nr_pages(folio);
	unsigned long missing = 0;
	unsigned long i;
	int err = 0;

	if (!static_branch_unlikely(&tmem_exclusive_loads) &&
	    likely(!load_all(area, key, folio, folio_test_swapcache(folio))))
		return 0;
	for (i = 0; i < count; i++, key.offset++) {
		int ret = load_page(area, key, folio_page(folio, i), folio);

		if (ret == -ENOENT)
			missing++;
		else if (ret)
			err = ret;
	}
	if (missing == count)
		return -ENOENT;
	/*
	 * Part here, part on the swap device: nobody can fill that. The hooks keep the kernel
	 * from asking (see swap_hooks_zswap.c), so an error is all that is left to say.
	 */
	if (WARN_ON_ONCE(missing))
		return -EIO;
	key.offset -= count;
	if (!err && folio_test_swapcache(folio))
		large_loaded_to_cache(area, key, folio);
	return err;
}

/**
 * tmem_load() - fill a folio from the stored copies of its pages
 * @first: swap slot of its first page
 * @folio: locked, not up to date; in the swap cache, or private to one fault
 *
 * Context: process; may sleep.
 * Return: 0 if all pages are filled; -ENOENT if none is stored here; -EIO if a page was stored
 * and cannot be read. The folio's flags are the caller's business.
 */
int tmem_load(swp_entry_t first, struct folio *folio)
{
	struct tmem_area *area = tmem_area(swp_type(first));
	struct tmem_key key = { swp_type(first), swp_offset(first) };
	u64 begun = tmem_latency_begin();
	int err;
	int srcu;

	if (!area)
		return -ENOENT;
	srcu = srcu_read_lock(&tmem_srcu);
	if (likely(!folio_test_large(folio)))
		err = load_page(area, key, &folio->page, folio);
	else
		err = load_large(area, key, folio);
	srcu_read_unlock(&tmem_srcu, srcu);
	if (likely(!err))
		tmem_latency_end(TMEM_LATENCY_LOAD, begun);
	return err;
}

/**
 * tmem_holds() - whether pages are stored here, none of them lost
 * @first: swap slot of the first
 * @count: of them
 *
 * Context: process; the slots are in use.
 * Return: true if all are. The answer may be an old one when it comes.
 */
bool tmem_holds(swp_entry_t first, unsigned int count)
{
	const struct tmem_area *area = tmem_area(swp_type(first));
	const u32 *entries;
	unsigned int i;

	if (!area || swp_offset(first) + count > area->slots)
		return false;
	entries = &area->entries[swp_offset(first)];
	for (i = 0; i < count; i++)
		if (tmem_entry_place(READ_ONCE(entries[i])) <= TMEM_PLACE_LOST)
			return false;
	return true;
}

/**
 * tmem_load_whole() - fill a large folio that is about to enter the swap cache, if all of it is stored here
 * @first: swap slot of its first page
 * @folio: locked; nobody else knows of it, and nobody else can bring in a page of these slots
 *
 * Context: process; may sleep.
 * Return: 0 if all pages are filled, else a negative errno: it may hold anything, and its pages are to be
 * brought in one by one, each from where it is.
 */
int tmem_load_whole(swp_entry_t first, struct folio *folio)
{
	struct tmem_area *area = tmem_area(swp_type(first));
	struct tmem_key key = { swp_type(first), swp_offset(first) };
	u64 begun = tmem_latency_begin();
	int err;
	int srcu;

	if (!area)
		return -ENOENT;
	srcu = srcu_read_lock(&tmem_srcu);
	err = load_all(area, key, folio, true);
	srcu_read_unlock(&tmem_srcu, srcu);
	if (likely(!err))
		tmem_latency_end(TMEM_LATENCY_LOAD, begun);
	tmem_count(likely(!err) ? TMEM_EVENT_large_loads : TMEM_EVENT_large_loads_given_up);
	return err;
}
