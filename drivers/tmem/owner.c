// SPDX-License-Identifier: GPL-2.0
/* Which owners there are: made when a cgroup stores its first page, gone some time after cgroup and pages are. */
#include <linux/err.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <tmem/gfp.h>
#include <tmem/stat.h>

#include "core.h"
#include "memcg.h"
#include "owner.h"

/* How often cgroups that were removed are checked for pages. */
#define TIDY_SECONDS	10

struct tmem_owner *tmem_owner_table[TMEM_OWNERS_MAX + 1];

/* All owners: the same by number, for what looks at each, and by id of their cgroups. */
static DEFINE_XARRAY_FLAGS(owners, XA_FLAGS_ALLOC1);
static DEFINE_XARRAY(owners_by_id);

/* The owner found last: pages of a cgroup come in runs. Cleared before an owner is freed. */
static DEFINE_PER_CPU(struct tmem_owner *, last_found);

/*
 * Guards making and removing. Taken in reclaim, so nothing under it waits, and inside tmem_srcu, so nothing
 * under it waits for that.
 */
static DEFINE_MUTEX(owners_lock);
static bool stopped = true;

static void tidy(struct work_struct *work);
static DECLARE_DEFERRABLE_WORK(tidy_work, tidy);

/*
 * An owner is made in reclaim, and perhaps in that of somebody who allocates per-CPU memory: it must not wait for
 * that allocator's lock, nor for anything. What fails is tried again with the next page.
 */
static struct tmem_owner *alloc_owner(void)
{
	struct tmem_owner *owner = kzalloc(sizeof(*owner), TMEM_GFP_NOWAIT);

	if (!owner)
		return NULL;
	owner->events = alloc_percpu_gfp(struct tmem_owner_events, TMEM_GFP_NOWAIT);
	if (!owner->events || percpu_counter_init(&owner->pages, 0, TMEM_GFP_NOWAIT)) {
		free_percpu(owner->events);
		kfree(owner);
		return NULL;
	}
	owner->limit_pages = TMEM_NO_LIMIT;
	INIT_LIST_HEAD(&owner->chain);
	tmem_owner_limit_init(owner);
	kobject_init(&owner->kobj, &tmem_owner_type);
	return owner;
}

void tmem_owner_free(struct tmem_owner *owner)
{
	percpu_counter_destroy(&owner->pages);
	free_percpu(owner->events);
	kfree(owner);
}

/* Reserve first: once it is visible nothing may fail. */
static int insert(struct tmem_owner *owner)
{
	u32 number;
	int err;

	err = xa_reserve(&owners_by_id, owner->id, TMEM_GFP_NOWAIT);
	if (err)
		return err;
	err = xa_alloc(&owners, &number, NULL, XA_LIMIT(1, TMEM_OWNERS_MAX), TMEM_GFP_NOWAIT);
	if (err) {
		xa_release(&owners_by_id, owner->id);
		return err;
	}
	owner->number = number;
	if (owner->parent)
		owner->parent->children++;
	xa_store(&owners, number, owner, TMEM_GFP_NOWAIT);
	/* With all that it points to; pairs with the READ_ONCE() of tmem_owner_by_number(), which is dereferenced. */
	smp_store_release(&tmem_owner_table[number], owner);
	xa_store(&owners_by_id, owner->id, owner, TMEM_GFP_NOWAIT);
	return 0;
}

/* An owner that nobody has seen. @memcg: its reference is taken over. */
static struct tmem_owner *new_owner(struct mem_cgroup *memcg)
{
	struct tmem_owner *owner = alloc_owner();

	if (!owner) {
		tmem_memcg_put(memcg);
		return NULL;
	}
	owner->id = tmem_memcg_id(memcg);
	owner->memcg = memcg;
	owner->stays = !tmem_memcg_writes_back(memcg);
	return owner;
}

static void discard(struct tmem_owner *owner)
{
	tmem_memcg_put(owner->memcg);
	kobject_put(&owner->kobj);
}

/*
 * Make what is missing from a cgroup up to the root, or to the first one that is there; @chain: the missing
 * ones, the topmost first. @memcg: its reference is taken over.
 * Return: false if something failed.
 */
static bool make_missing(struct mem_cgroup *memcg, struct list_head *chain, struct tmem_owner **top)
{
	*top = NULL;
	while (memcg) {
		struct tmem_owner *owner = xa_load(&owners_by_id, tmem_memcg_id(memcg));

		if (owner) {
			tmem_memcg_put(memcg);
			*top = owner;
			return !owner->closing;
		}
		owner = new_owner(memcg);
		if (!owner)
			return false;
		list_add(&owner->chain, chain);
		memcg = tmem_memcg_get_parent(owner->memcg);
	}
	return true;
}

/* Others see them from the top down, so that who finds an owner finds all above it. Return: the last one. */
static struct tmem_owner *insert_chain(struct list_head *chain, struct tmem_owner *above)
{
	struct tmem_owner *owner, *next;

	list_for_each_entry_safe(owner, next, chain, chain) {
		owner->parent = above;
		if (insert(owner))
			return NULL;
		list_del_init(&owner->chain);
		above = owner;
	}
	return above;
}

/* @memcg: its reference is taken over. Return: its owner, NULL if that cannot be had now. */
static struct tmem_owner *make(struct mem_cgroup *memcg)
{
	struct tmem_owner *owner = NULL, *next, *top;
	LIST_HEAD(chain);

	mutex_lock(&owners_lock);
	if (stopped)
		tmem_memcg_put(memcg);
	else if (make_missing(memcg, &chain, &top))
		owner = insert_chain(&chain, top);
	if (owner && !owner->shown)
		mod_delayed_work(system_dfl_wq, &tidy_work, 0);
	mutex_unlock(&owners_lock);
	list_for_each_entry_safe(top, next, &chain, chain)
		discard(top);
	return owner;
}

/* Without memory for its own owner, or a number, a page counts for the nearest one above that there is. */
static noinline struct tmem_owner *make_or_nearest(struct folio *folio)
{
	struct mem_cgroup *memcg = tmem_memcg_get(folio), *parent;
	struct tmem_owner *owner = NULL;

	if (!memcg)
		return NULL;
	parent = tmem_memcg_get_parent(memcg);
	owner = make(memcg);
	while (!owner && parent) {
		memcg = parent;
		owner = xa_load(&owners_by_id, tmem_memcg_id(memcg));
		if (owner && READ_ONCE(owner->closing))
			owner = NULL;
		parent = tmem_memcg_get_parent(memcg);
		tmem_memcg_put(memcg);
	}
	tmem_memcg_put(parent);
	return owner;
}

static noinline struct tmem_owner *find_or_make(struct folio *folio)
{
	u64 id = tmem_memcg_id_of_folio(folio);
	struct tmem_owner *owner;

	if (!id)
		return NULL;
	owner = xa_load(&owners_by_id, id);
	if (!owner)
		return make_or_nearest(folio);
	this_cpu_write(last_found, owner);
	return owner;
}

struct tmem_owner *tmem_owner_of(struct folio *folio)
{
	struct tmem_owner *owner = this_cpu_read(last_found);

	if (unlikely(!owner || !tmem_memcg_has_folio(owner->memcg, folio)))
		owner = find_or_make(folio);
	/* Its cgroup was removed: those above go on. */
	while (unlikely(owner && READ_ONCE(owner->closing)))
		owner = owner->parent;
	return owner;
}

/* Of owners that are in no table any more, and closing, so that nobody who sees one here stores anything for it. */
static void forget_last_found(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		WRITE_ONCE(per_cpu(last_found, cpu), NULL);
}

struct tmem_owner *tmem_owner_by_id(u64 id)
{
	struct tmem_owner *owner = xa_load(&owners_by_id, id);
	struct mem_cgroup *memcg;

	if (owner)
		return READ_ONCE(owner->closing) ? ERR_PTR(-ENOENT) : owner;
	memcg = tmem_memcg_find(id);
	if (!memcg)
		return ERR_PTR(-ENOENT);
	owner = make(memcg);
	return owner ? owner : ERR_PTR(-ENOMEM);
}

unsigned long tmem_owner_event_total(const struct tmem_owner *owner, enum tmem_owner_event event)
{
	return tmem_percpu_sum(owner->events->count[event]);
}

bool tmem_owners_look_who_stays(void)
{
	struct tmem_owner *owner;
	unsigned long number;
	int srcu;

	srcu = srcu_read_lock(&tmem_srcu);
	xa_for_each(&owners, number, owner)
		WRITE_ONCE(owner->stays, !tmem_memcg_writes_back(owner->memcg));
	srcu_read_unlock(&tmem_srcu, srcu);
	return !xa_empty(&owners);
}

/* It is unreachable, and no lookup that found it is running. */
static void let_owner_go(struct tmem_owner *owner)
{
	tmem_owner_hide(owner);
	discard(owner);
}

static bool is_needed(struct tmem_owner *owner)
{
	return tmem_memcg_online(owner->memcg) || percpu_counter_sum(&owner->pages);
}

/* Take out what is closing and has no owner below it. Return: false if there was nothing. */
static bool erase_some(struct list_head *erased)
{
	struct tmem_owner *owner;
	unsigned long number;
	bool any = false;

	lockdep_assert_held(&owners_lock);
	xa_for_each(&owners, number, owner) {
		/* A page that was charged to it before it was closing is seen here. */
		if (!owner->closing || owner->children || is_needed(owner))
			continue;
		xa_erase(&owners_by_id, owner->id);
		xa_erase(&owners, number);
		WRITE_ONCE(tmem_owner_table[number], NULL);
		if (owner->parent)
			owner->parent->children--;
		list_add(&owner->chain, erased);
		any = true;
	}
	return any;
}

static void remove_closing(void)
{
	struct tmem_owner *owner, *next;
	unsigned long number;
	LIST_HEAD(erased);

	tmem_synchronize();	/* stores that did not see @closing */
	mutex_lock(&owners_lock);
	while (erase_some(&erased))
		;
	xa_for_each(&owners, number, owner)
		WRITE_ONCE(owner->closing, false);
	mutex_unlock(&owners_lock);
	list_for_each_entry(owner, &erased, chain)
		tmem_owner_limit_exit(owner);
	tmem_synchronize();	/* lookups that found them, and set last_found */
	forget_last_found();
	tmem_synchronize();	/* whoever read last_found */
	list_for_each_entry_safe(owner, next, &erased, chain)
		let_owner_go(owner);
}

/* New owners get their directories; those go of which neither cgroup nor page is left. */
static void tidy(struct work_struct *work)
{
	struct tmem_owner *owner;
	unsigned long number;
	bool closing = false;

	/* Only this work removes owners, so they stay while it looks at them. */
	xa_for_each(&owners, number, owner) {
		if (!READ_ONCE(owner->shown))
			tmem_owner_show(owner);
		if (is_needed(owner))
			continue;
		WRITE_ONCE(owner->closing, true);
		closing = true;
	}
	if (closing)
		remove_closing();
	if (!xa_empty(&owners))
		queue_delayed_work(system_dfl_wq, &tidy_work, TIDY_SECONDS * HZ);
}

int tmem_owners_init(void)
{
	struct mem_cgroup *root;
	int err = tmem_owner_limits_init();

	if (err)
		return err;
	stopped = false;
	/* Whatever cannot be charged to anybody else counts for the root. */
	root = tmem_memcg_get_root();
	if (root && !make(root))
		pr_warn("no memory for the counters of the root cgroup now\n");
	return 0;
}

void tmem_owners_stop(void)
{
	struct tmem_owner *owner;
	unsigned long number;

	mutex_lock(&owners_lock);
	stopped = true;
	mutex_unlock(&owners_lock);
	cancel_delayed_work_sync(&tidy_work);
	xa_for_each(&owners, number, owner)
		tmem_owner_hide(owner);
}

/* Their work looks at the areas, and at other owners: all of it ends before any of these. */
void tmem_owners_idle(void)
{
	struct tmem_owner *owner;
	unsigned long number;

	xa_for_each(&owners, number, owner)
		tmem_owner_limit_exit(owner);
}

void tmem_owners_exit(void)
{
	struct tmem_owner *owner;
	unsigned long number;

	xa_for_each(&owners, number, owner)
		let_owner_go(owner);
	xa_destroy(&owners_by_id);
	xa_destroy(&owners);
	memset(tmem_owner_table, 0, sizeof(tmem_owner_table));
	forget_last_found();
	tmem_owner_limits_exit();
}
