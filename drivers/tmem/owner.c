// SPDX-License-Identifier: GPL-2.0
/* Which owners there are: made when a cgroup stores its first page, gone some time after cgroup and pages are. */
#include <linux/mutex.h>
#include <linux/slab.h>

#include "core.h"
#include "memcg.h"
#include "owner.h"

/* An owner is made in reclaim, too. */
#define OWNER_GFP	(GFP_NOIO | __GFP_NOWARN)

/* How often it is looked whether a cgroup that was removed has pages still. */
#define TIDY_SECONDS	10

DEFINE_XARRAY_FLAGS(tmem_owners, XA_FLAGS_ALLOC1);

/* By id of their cgroups. */
static DEFINE_XARRAY(owners_by_id);

/*
 * Guards making and removing. Taken in reclaim, so nothing is allocated under it that could wait for I/O, and
 * inside tmem_srcu, so nothing under it waits for that.
 */
static DEFINE_MUTEX(owners_lock);
static bool stopped = true;

static void tidy(struct work_struct *work);
static DECLARE_DEFERRABLE_WORK(tidy_work, tidy);

static struct tmem_owner *alloc_owner(void)
{
	struct tmem_owner *owner = kzalloc(sizeof(*owner), OWNER_GFP);

	if (!owner)
		return NULL;
	owner->events = alloc_percpu_gfp(struct tmem_owner_events, OWNER_GFP);
	if (!owner->events || percpu_counter_init(&owner->pages, 0, OWNER_GFP)) {
		free_percpu(owner->events);
		kfree(owner);
		return NULL;
	}
	owner->limit_pages = TMEM_NO_LIMIT;
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

static int insert(struct tmem_owner *owner)
{
	u32 number;
	int err;

	err = xa_alloc(&tmem_owners, &number, owner, XA_LIMIT(1, TMEM_OWNERS_MAX), OWNER_GFP);
	if (err)
		return err;
	owner->number = number;
	err = xa_err(xa_store(&owners_by_id, owner->id, owner, OWNER_GFP));
	if (err)
		xa_erase(&tmem_owners, number);
	return err;
}

/* The owner that a cgroup has, or a new one. @memcg: its reference is taken over. */
static struct tmem_owner *find_or_make(struct mem_cgroup *memcg)
{
	u64 id = tmem_memcg_id(memcg);
	struct tmem_owner *owner = xa_load(&owners_by_id, id);

	lockdep_assert_held(&owners_lock);
	if (owner) {
		tmem_memcg_put(memcg);
		return owner->closing ? NULL : owner;
	}
	owner = alloc_owner();
	if (!owner) {
		tmem_memcg_put(memcg);
		return NULL;
	}
	owner->id = id;
	owner->memcg = memcg;
	return owner;
}

/*
 * Make what is missing between a cgroup and the root, from the bottom up; it is seen by others from the top
 * down, so that who finds an owner finds all above it. @memcg: its reference is taken over.
 */
static struct tmem_owner *make_all(struct mem_cgroup *memcg)
{
	struct tmem_owner *first = NULL, *below = NULL, *owner;

	lockdep_assert_held(&owners_lock);
	while (memcg) {
		owner = find_or_make(memcg);
		if (!owner)
			goto err;
		if (!first)
			first = owner;
		if (below)
			below->parent = owner;
		if (owner->number)
			break;
		below = owner;
		memcg = tmem_memcg_get_parent(owner->memcg);
	}
	return first;
err:
	/* Nobody has seen these. */
	while (first) {
		owner = first;
		first = owner->parent;
		tmem_memcg_put(owner->memcg);
		kobject_put(&owner->kobj);
	}
	return NULL;
}

/* Return: false if memory failed; then none of them is there. */
static bool insert_all(struct tmem_owner *owner)
{
	if (!owner || owner->number)
		return owner;
	if (owner->parent && !insert_all(owner->parent))
		goto err;
	if (insert(owner))
		goto err;
	if (owner->parent)
		owner->parent->children++;
	return true;
err:
	tmem_memcg_put(owner->memcg);
	kobject_put(&owner->kobj);
	return false;
}

/* @memcg: its reference is taken over. */
static struct tmem_owner *make(struct mem_cgroup *memcg)
{
	struct tmem_owner *owner = NULL;

	if (!memcg)
		return NULL;
	mutex_lock(&owners_lock);
	if (stopped)
		tmem_memcg_put(memcg);
	else
		owner = make_all(memcg);
	if (!insert_all(owner))
		owner = NULL;
	if (owner && !owner->shown)
		mod_delayed_work(system_dfl_wq, &tidy_work, 0);
	mutex_unlock(&owners_lock);
	return owner;
}

struct tmem_owner *tmem_owner_of(struct folio *folio)
{
	u64 id = tmem_memcg_id_of_folio(folio);
	struct tmem_owner *owner;

	if (unlikely(!id))
		return NULL;
	owner = xa_load(&owners_by_id, id);
	if (unlikely(!owner))
		return make(tmem_memcg_get(folio));
	return likely(!READ_ONCE(owner->closing)) ? owner : NULL;
}

struct tmem_owner *tmem_owner_by_id(u64 id)
{
	struct tmem_owner *owner = xa_load(&owners_by_id, id);

	if (!owner)
		return make(tmem_memcg_find(id));
	return READ_ONCE(owner->closing) ? NULL : owner;
}

unsigned long tmem_owner_event_total(const struct tmem_owner *owner, enum tmem_owner_event event)
{
	unsigned long total = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		total += READ_ONCE(per_cpu_ptr(owner->events, cpu)->count[event]);
	return total;
}

bool tmem_owners_look_who_stays(void)
{
	struct tmem_owner *owner;
	unsigned long number;
	bool any = false;
	int srcu;

	srcu = srcu_read_lock(&tmem_srcu);
	xa_for_each(&tmem_owners, number, owner) {
		bool stays = !tmem_memcg_writes_back(owner->memcg);

		WRITE_ONCE(owner->stays, stays);
		any |= stays;
	}
	srcu_read_unlock(&tmem_srcu, srcu);
	return any;
}

/* Nobody can find it any more, and nobody has who is still at it. */
static void let_go(struct tmem_owner *owner)
{
	tmem_owner_limit_exit(owner);
	tmem_owner_hide(owner);
	tmem_memcg_put(owner->memcg);
	kobject_put(&owner->kobj);
}

/* Return: false if it is needed still. */
static bool erase(struct tmem_owner *owner)
{
	/* A page that was charged to it before it was closing is seen here. */
	if (owner->children || percpu_counter_sum(&owner->pages)) {
		WRITE_ONCE(owner->closing, false);
		return false;
	}
	xa_erase(&owners_by_id, owner->id);
	xa_erase(&tmem_owners, owner->number);
	if (owner->parent)
		owner->parent->children--;
	return true;
}

static void remove_owner(struct tmem_owner *owner)
{
	bool erased;

	WRITE_ONCE(owner->closing, true);
	tmem_synchronize();	/* stores that did not see it */
	mutex_lock(&owners_lock);
	erased = erase(owner);
	mutex_unlock(&owners_lock);
	if (!erased)
		return;
	tmem_synchronize();	/* who looked it up */
	let_go(owner);
}

/* New owners get their directories; those go of which neither cgroup nor page is left. */
static void tidy(struct work_struct *work)
{
	struct tmem_owner *owner;
	unsigned long number;
	bool again = false;

	/* Only this work removes owners, so they stay while it looks at them. */
	xa_for_each(&tmem_owners, number, owner) {
		if (!READ_ONCE(owner->shown))
			again |= tmem_owner_show(owner) != 0;
		if (tmem_memcg_online(owner->memcg))
			continue;
		if (!READ_ONCE(owner->children) && !percpu_counter_sum(&owner->pages))
			remove_owner(owner);
		again = true;
	}
	again |= !xa_empty(&tmem_owners);
	if (again)
		queue_delayed_work(system_dfl_wq, &tidy_work, TIDY_SECONDS * HZ);
}

int tmem_owners_init(void)
{
	int err = tmem_owner_limits_init();

	stopped = err;
	return err;
}

void tmem_owners_stop(void)
{
	struct tmem_owner *owner;
	unsigned long number;

	mutex_lock(&owners_lock);
	stopped = true;
	mutex_unlock(&owners_lock);
	cancel_delayed_work_sync(&tidy_work);
	xa_for_each(&tmem_owners, number, owner)
		tmem_owner_hide(owner);
}

void tmem_owners_exit(void)
{
	struct tmem_owner *owner;
	unsigned long number;

	xa_for_each(&tmem_owners, number, owner)
		let_go(owner);
	xa_destroy(&owners_by_id);
	xa_destroy(&tmem_owners);
	tmem_owner_limits_exit();
}
