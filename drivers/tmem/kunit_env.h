/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the KUnit suites of the core stand on: a swap area without a swap device, backends that keep
 * pages in slab memory and note every misuse, and folios as reclaim hands them over.
 */
#ifndef _TMEM_KUNIT_ENV_H
#define _TMEM_KUNIT_ENV_H

#include <kunit/test.h>
#include <linux/blk_types.h>

#include "core.h"

#define ENV_TYPE	0
#define ENV_SLOTS	64UL
#define FAKE_ROOM	16U
#define FAKES		3

/**
 * struct tmem_fake - a backend whose every answer a test can choose
 * @backend: as registered; handles of odd fakes are the largest there are
 * @room: places it has, at most FAKE_ROOM
 * @in_place: overwrites an older copy instead of freeing it first
 * @store_err: every store fails with this
 * @refuse_after: so many more stores succeed, then @store_err; only with @store_err
 * @load_err: every load fails with this
 * @stores: calls that took a page
 * @loads: calls
 * @frees: places given back by the core
 * @misuses: a place freed that held nothing, or another key's page
 * @stale_loads: likewise read, as may happen when a worker moves a page that is just freed
 * @run_max: takes and gives runs of so many pages at most; 0: none
 * @runs_stored: runs that were taken
 * @runs_loaded: likewise given
 * @after_load: called when a page was read
 * @after_store: called when a page was taken
 * @yields: lets others run in the middle of a load
 * @area_inits: calls
 * @area_exits: calls
 * @watched: its dirty flag is noted when a place is freed
 * @dirty_at_free: that flag
 */
struct tmem_fake {
	struct tmem_backend backend;
	unsigned int room;
	bool in_place;
	int store_err;
	unsigned int refuse_after;
	int load_err;
	unsigned int run_max, runs_stored, runs_loaded;
	void (*after_load)(void);
	void (*after_store)(void);
	bool yields;
	unsigned int stores, loads, frees, misuses, stale_loads, area_inits, area_exits;
	struct folio *watched;
	bool dirty_at_free;
	/* private: guarded by a lock of all fakes */
	void *copies[FAKE_ROOM];
	struct tmem_key keys[FAKE_ROOM];
	bool registered;
};

extern struct tmem_fake tmem_fakes[FAKES];

/* Pages in a fake now. */
unsigned int tmem_fake_held(const struct tmem_fake *fake);

/* Registers a fake until the test ends, or until tmem_fake_unregister(). */
int tmem_fake_register(struct tmem_fake *fake);
void tmem_fake_unregister(struct tmem_fake *fake);

/* For struct kunit_suite: one area, one fake registered; at the end nothing may be left. */
int tmem_env_init(struct kunit *test);
void tmem_env_exit(struct kunit *test);

/* Without a backend. */
int tmem_env_init_bare(struct kunit *test);

/* A locked folio in the swap cache for the slots from @offset, freed with the test. */
struct folio *tmem_env_folio(struct kunit *test, pgoff_t offset, unsigned int order);

/* Every page gets contents of its own, made from @seed, and not the same word all over. */
void tmem_env_fill(struct folio *folio, u32 seed);
void tmem_env_fill_page(struct folio *folio, u32 seed, unsigned long page);
bool tmem_env_filled(struct folio *folio, u32 seed);

/* The doors, by slot of the one area. */
int tmem_env_store(struct folio *folio);
int tmem_env_load(struct folio *folio);
u32 *tmem_env_entry(pgoff_t offset);

/* Makes everything stored so many ticks older, as stores of other pages would. */
void tmem_env_age(struct kunit *test, unsigned int ticks);

/* The swap device that is not there. */
struct swap_info_struct *tmem_double_swapon(unsigned int type, unsigned long slots);
void tmem_double_swapoff(unsigned int type);

/* A RAM disk below the one area; its pages can be written out while it is open. */
#define DISK_FIRST_SECTOR	64

int tmem_double_disk_open(void);
void tmem_double_disk_close(void);
struct block_device *tmem_double_disk(void);

/* What the kernel does with a folio that is not stored here. */
int tmem_double_disk_transfer(struct folio *folio, blk_opf_t op);

/**
 * struct tmem_double - how the rest of the kernel answers
 * @cached: what the swap cache has
 * @first_sector: where slot 0 lies on the device; 0 if no slot may be written
 * @above_dm_crypt: of every device
 * @cgroup: id of the cgroup that every folio is charged to, 0 for none
 */
struct tmem_double {
	struct folio *cached;
	sector_t first_sector;
	bool above_dm_crypt;
	u64 cgroup;
};

extern struct tmem_double tmem_double;

/**
 * struct tmem_double_cgroup - a memory cgroup that is not there
 * @parent: its id, 0 for the root
 * @removed: is not online
 * @stays: memory.zswap.writeback is 0
 * @references: that are held
 *
 * Its id is its place in tmem_double_cgroups.
 */
struct tmem_double_cgroup {
	u64 parent;
	bool removed;
	bool stays;
	atomic_t references;
};

#define DOUBLE_CGROUPS	8

/* 1 is the root; 2 and 3 are its children, 4 and 5 those of 2. */
extern struct tmem_double_cgroup tmem_double_cgroups[DOUBLE_CGROUPS];

#endif /* _TMEM_KUNIT_ENV_H */
