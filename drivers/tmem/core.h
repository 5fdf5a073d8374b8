/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the core share: areas, the doors of a page, the workers. */
#ifndef _TMEM_CORE_H
#define _TMEM_CORE_H

#include <linux/jump_label.h>
#include <linux/minmax.h>
#include <linux/mm_types.h>
#include <linux/srcu.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <tmem/tmem.h>

#include "counters.h"
#include "entry.h"
#include "fault.h"
#include "owner.h"
#include "stamp.h"

#define TMEM_MAX_BACKENDS	2

struct folio;
struct swap_info_struct;

/**
 * struct tmem_area - the entries of one swap area
 * @slots: number of entries
 * @refusal: why stores to this area are refused, if they are. TMEM_REFUSED_crypt still admits backends that
 *	encrypt.
 * @entries: one for each slot of the area
 * @ages: likewise: when its copy was last used, see tmem_age_touch()
 * @owners: likewise: number of who is charged for the page; NULL without memory cgroups. Written by the store
 *	that is about to fill an empty or a busy entry, read by whoever empties an entry
 * @stamps: likewise, in a build with stamps
 *
 * Lives from swapon to swapoff. The doors of a page need no reference: the kernel keeps the
 * area as long as one of its slots is in use. Anybody else holds the swap device
 * (tmem_swap_device_get()) while looking at an area.
 */
struct tmem_area {
	unsigned long slots;
	enum tmem_refusal refusal;
	u32 *entries;
	u8 *ages;
	u16 *owners;
	struct tmem_stamp *stamps;
};

/* Where the stamp of a slot is; meaningless in a build without stamps. */
static inline struct tmem_stamp *tmem_area_stamp(const struct tmem_area *area, pgoff_t offset)
{
	return area->stamps + offset;
}

#define TMEM_AGES	256

/* age.c: the current tick; wraps. Renumbering keeps every age below TMEM_AGES, so a difference of bytes is right. */
extern u8 tmem_age_now;

/* A copy is used: stored or loaded. Written only once a tick, so that loads share its cache line. */
static __always_inline void tmem_age_touch(struct tmem_area *area, pgoff_t offset)
{
	u8 now = READ_ONCE(tmem_age_now);

	if (READ_ONCE(area->ages[offset]) != now)
		WRITE_ONCE(area->ages[offset], now);
}

/* Ticks since a copy was used. */
static inline u8 tmem_age_of(const struct tmem_area *area, pgoff_t offset)
{
	return READ_ONCE(tmem_age_now) - READ_ONCE(area->ages[offset]);
}

/* Stores are reported to the clock in per-CPU batches of this size. */
#define TMEM_AGE_PAGES	256U

/**
 * tmem_age_stored() - the clock goes on
 * @pages: that were stored
 *
 * Context: any but interrupts.
 */
void tmem_age_stored(unsigned long pages);
void tmem_age_exit(void);

/* Pages were stored, in places that are new to them or not. */
static __always_inline void tmem_count_stores(unsigned long pages)
{
	unsigned long total = this_cpu_add_return(tmem_counters.events[TMEM_EVENT_stores], pages);

	if (unlikely((total & (TMEM_AGE_PAGES - 1)) < pages))
		tmem_age_stored(max(pages, (unsigned long)TMEM_AGE_PAGES));
}

extern struct tmem_area *tmem_areas[MAX_SWAPFILES];
extern struct srcu_struct tmem_srcu;

/* area.c: the area of a type, NULL if it has none. Caller: see struct tmem_area. */
static inline struct tmem_area *tmem_area(unsigned int type)
{
	/* Pairs with tmem_area_create(). */
	return smp_load_acquire(&tmem_areas[type]);
}

void tmem_areas_init(void);
void tmem_areas_missed(void);

/* When a table is tried again; tests have less patience. */
#define TMEM_AREAS_LATE_MS	10000
extern unsigned int tmem_areas_late_ms;
void tmem_areas_exit(void);
void tmem_areas_adopt(struct tmem_backend *backend);
void tmem_areas_disown(struct tmem_backend *backend);
void tmem_area_create(unsigned int type);
void tmem_area_destroy(unsigned int type);

/* store.c, load.c, invalidate.c: the doors of a page, called by the hooks. */
int tmem_store(swp_entry_t first, struct folio *folio);
int tmem_load(swp_entry_t first, struct folio *folio);
bool tmem_holds(swp_entry_t first, unsigned int count);
int tmem_load_whole(swp_entry_t first, struct folio *folio);
void tmem_invalidate(unsigned int type, pgoff_t offset, unsigned long count);

/* place.c: what a place holds. */
int tmem_fill_read(u32 place, struct page *page);
void tmem_handle_free(struct tmem_key key, u32 place);
extern atomic_long_t tmem_lost_pages;
bool tmem_place_leave(struct tmem_key key, u32 *entry, u32 place, u32 next);

/**
 * tmem_place_free() - give a place back
 * @key: of the page it held
 * @place: that no entry names any more; TMEM_PLACE_NONE is fine
 *
 * Context: any but NMI; inside tmem_srcu or RCU.
 */
static inline void tmem_place_free(struct tmem_key key, u32 place)
{
	if (tmem_place_is_handle(place))
		tmem_handle_free(key, place);
}

/* The place of a slot's copy changed from @old to @next: keep the pages stored and lost counted. */
static __always_inline void tmem_count_place(u32 old, u32 next)
{
	if (likely(next > TMEM_PLACE_LOST)) {
		if (old <= TMEM_PLACE_LOST)
			tmem_count_came();
	} else {
		if (next == TMEM_PLACE_LOST)
			atomic_long_inc(&tmem_lost_pages);
		if (old > TMEM_PLACE_LOST)
			tmem_count_went();
	}
	if (unlikely(old == TMEM_PLACE_LOST))
		atomic_long_dec(&tmem_lost_pages);
}

/* Who is charged for the page of a slot, NULL if nobody. Inside RCU or tmem_srcu. */
static __always_inline struct tmem_owner *tmem_area_owner(const struct tmem_area *area,
							  pgoff_t offset)
{
	return likely(area->owners) ? tmem_owner_by_number(READ_ONCE(area->owners[offset])) : NULL;
}

/* A slot's copy is stored no more, or was lost. Inside RCU or tmem_srcu. */
static __always_inline void tmem_area_emptied(const struct tmem_area *area, pgoff_t offset, u32 old,
					      u32 next)
{
	tmem_count_place(old, next);
	if (old > TMEM_PLACE_LOST && next <= TMEM_PLACE_LOST)
		tmem_owner_charge(tmem_area_owner(area, offset), -1);
}

/* A store is about to put @next where @old was. Nobody else looks at the slot's owner until then. */
static __always_inline void tmem_area_stored(const struct tmem_area *area, pgoff_t offset, u32 old,
					     u32 next, struct tmem_owner *owner)
{
	u16 number = owner ? owner->number : TMEM_OWNER_NONE;

	tmem_count_place(old, next);
	if (unlikely(!area->owners))
		return;
	if (old > TMEM_PLACE_LOST) {
		if (likely(area->owners[offset] == number) && next > TMEM_PLACE_LOST)
			return;
		tmem_owner_charge(tmem_area_owner(area, offset), -1);
	}
	if (next > TMEM_PLACE_LOST) {
		WRITE_ONCE(area->owners[offset], number);
		tmem_owner_charge(owner, 1);
	}
}

/* backend.c */
extern struct tmem_backend *tmem_backends[TMEM_MAX_BACKENDS];
DECLARE_STATIC_KEY_FALSE(tmem_exclusive_loads);
int tmem_backend_store_anywhere(struct tmem_key key, struct page *page, u32 old, int refused);
bool tmem_backend_pin_first(struct tmem_backend *backend);

/* May this backend have pages of this area? */
static inline bool tmem_backend_may_hold(const struct tmem_backend *backend,
					 const struct tmem_area *area)
{
	return area->refusal != TMEM_REFUSED_crypt || backend->encrypts;
}

/*
 * Why nothing of an area is stored now. The first backend decides; it cannot become another one while
 * a store is running. Inside tmem_srcu.
 */
static inline enum tmem_refusal tmem_area_refusal(const struct tmem_area *area)
{
	const struct tmem_backend *first = READ_ONCE(tmem_backends[0]);

	if (unlikely(area->refusal == TMEM_REFUSED_crypt) && first && first->encrypts)
		return TMEM_REFUSED_NONE;
	return area->refusal;
}

/**
 * tmem_backend_pin() - keep a backend's module loaded because a page is about to be stored
 * @backend: registered
 *
 * Context: any; inside tmem_srcu.
 * Return: false if the backend or its module is on its way out.
 */
static inline bool __must_check tmem_backend_pin(struct tmem_backend *backend)
{
	return likely(READ_ONCE(backend->pinned)) || tmem_backend_pin_first(backend);
}

/**
 * tmem_backend_store() - find room for a page
 * @key: of the page
 * @page: its contents
 * @old: place of the older copy; freed or used again, in any case no longer the caller's
 *
 * Nearly always the first backend takes the page, and holds its older copy if there is one.
 *
 * Context: as tmem_store(), inside tmem_srcu.
 * Return: where the page is now, or the errno of the last backend asked, -ENODEV if there is none.
 */
static __always_inline int tmem_backend_store(struct tmem_key key, struct page *page, u32 old)
{
	struct tmem_backend *first = READ_ONCE(tmem_backends[0]);
	u32 handle = TMEM_NO_HANDLE;
	int ret = 0;

	if (old && tmem_place_is_handle(old) && !tmem_place_backend(old))
		handle = tmem_place_handle(old);
	if (likely(first && READ_ONCE(first->pinned) && !READ_ONCE(first->closing) &&
		   (!old || handle != TMEM_NO_HANDLE))) {
		ret = first->ops->store(key, page, handle);
		if (likely(ret >= 0))
			return tmem_place_make(0, ret);
		old = TMEM_PLACE_NONE;
	}
	return tmem_backend_store_anywhere(key, page, old, ret);
}

/**
 * tmem_place_read() - fill a page from a place
 * @key: of the page
 * @place: any but TMEM_PLACE_NONE; may be freed meanwhile, then @page may hold anything
 * @page: destination
 *
 * Context: may sleep; inside tmem_srcu.
 * Return: 0, or -EIO if the contents are lost.
 */
static __always_inline int tmem_place_read(struct tmem_key key, u32 place, struct page *page)
{
	struct tmem_backend *backend;

	if (unlikely(!tmem_place_is_handle(place)))
		return tmem_fill_read(place, page);
	backend = READ_ONCE(tmem_backends[tmem_place_backend(place)]);
	if (unlikely(!backend || tmem_fault_one_in(TMEM_FAULT_LOSE_ONE_IN)))
		return -EIO;
	return backend->ops->load(key, tmem_place_handle(place), page);
}

void tmem_backend_set_exclusive(struct tmem_backend *backend, bool exclusive);
void tmem_backends_unpin_idle(void);
bool tmem_backends_any(void);

/* Only a registered backend has a number of its own, and pages. */
static inline bool tmem_backend_registered(const struct tmem_backend *backend)
{
	return READ_ONCE(tmem_backends[backend->id]) == backend;
}

/* move.c: workers that move pages away. */
int tmem_shrink(unsigned long target_pages);

/* write_back.c: as tmem_write_back(), of one owner and those below it, whatever backend has them. */
unsigned long tmem_write_back_owner(const struct tmem_owner *owner, unsigned long pages);

/* kept.c: gives up copies whose page is in memory too. */
unsigned int tmem_kept_drop(unsigned int backend, unsigned int want);
int tmem_kept_redirty(struct tmem_key key, u32 *entry, u32 place);

/* sysfs.c: a control write begins. */
void tmem_last_error_clear(void);

/* sysfs.c, hibernation.c: whether any page may be stored now. */
extern bool tmem_paused;
extern bool tmem_hibernating;
int tmem_hibernation_init(void);
void tmem_hibernation_exit(void);

/* crypt.c */
bool tmem_above_dm_crypt(struct block_device *bdev);

/* sysfs.c */
int tmem_sysfs_init(void);
void tmem_sysfs_exit(void);

#endif /* _TMEM_CORE_H */
