/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the core share: areas, the doors of a page, the workers. */
#ifndef _TMEM_CORE_H
#define _TMEM_CORE_H

#include <linux/jump_label.h>
#include <linux/mm_types.h>
#include <linux/srcu.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <tmem/tmem.h>

#include "counters.h"
#include "entry.h"
#include "stamp.h"

#define TMEM_MAX_BACKENDS	2

struct folio;
struct swap_info_struct;

/**
 * struct tmem_area - the entries of one swap area
 * @slots: number of entries
 * @refusal: TMEM_REFUSED_NONE, or why no page of this area is ever stored
 * @entries: one for each slot of the area
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
	struct tmem_stamp *stamps;
};

/* Where the stamp of a slot is; meaningless in a build without stamps. */
static inline struct tmem_stamp *tmem_area_stamp(const struct tmem_area *area, pgoff_t offset)
{
	return area->stamps + offset;
}

extern struct tmem_area __rcu *tmem_areas[MAX_SWAPFILES];
extern struct srcu_struct tmem_srcu;

/* area.c: the area of a type, NULL if it has none. Caller: see struct tmem_area. */
static inline struct tmem_area *tmem_area(unsigned int type)
{
	return rcu_dereference_check(tmem_areas[type], true);
}

void tmem_areas_init(void);
void tmem_areas_exit(void);
void tmem_areas_adopt(struct tmem_backend *backend);
void tmem_area_create(unsigned int type);
void tmem_area_destroy(unsigned int type);

/* store.c, load.c, invalidate.c: the doors of a page, called by the hooks. */
int tmem_store(swp_entry_t first, struct folio *folio);
int tmem_load(swp_entry_t first, struct folio *folio);
void tmem_invalidate(unsigned int type, pgoff_t offset, unsigned long count);

/* place.c: what a place holds. */
int tmem_place_read(struct tmem_key key, u32 place, struct page *page);
void tmem_handle_free(struct tmem_key key, u32 place);
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

/* backend.c */
extern struct tmem_backend *tmem_backends[TMEM_MAX_BACKENDS];
DECLARE_STATIC_KEY_FALSE(tmem_exclusive_loads);
int tmem_backend_store(struct tmem_key key, struct page *page, u32 old);
bool tmem_backend_pin_first(struct tmem_backend *backend);

/**
 * tmem_backend_pin() - keep a backend's module loaded because a page is about to be stored
 * @backend: registered
 *
 * Context: any; inside tmem_srcu.
 * Return: false if the backend or its module is on its way out.
 */
static inline bool tmem_backend_pin(struct tmem_backend *backend)
{
	return likely(READ_ONCE(backend->pinned)) || tmem_backend_pin_first(backend);
}

void tmem_backends_unpin_idle(void);
bool tmem_backends_any(void);

/* move.c: workers that move pages away. */
int tmem_shrink(unsigned long target_pages);
int tmem_moves_init(void);
void tmem_moves_exit(void);

/* kept.c: gives up copies whose page is in memory too. */
unsigned int tmem_kept_drop(unsigned int backend, unsigned int want);
bool tmem_kept_redirty(struct tmem_key key, u32 *entry, u32 place);

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
