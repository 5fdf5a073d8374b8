/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Owners: which memory cgroup stored a page, what each has stored, and how much it may.
 *
 * Each slot of a swap area has the number of an owner beside its entry. An owner is made when its cgroup
 * stores its first page, or gets a limit, and stays as long as the cgroup is there or a page is: so a number
 * is never another's while a slot has it, and what a cgroup did is never told of one that came later.
 *
 * A page counts for its owner and for all owners above, as the kernel counts memory.
 */
#ifndef _TMEM_OWNER_H
#define _TMEM_OWNER_H

#include <linux/jump_label.h>
#include <linux/cache.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/percpu_counter.h>
#include <linux/workqueue.h>

struct folio;
struct mem_cgroup;

/* Of pages that nobody is charged for. */
#define TMEM_OWNER_NONE		0U
#define TMEM_OWNERS_MAX		65535U

#define TMEM_NO_LIMIT		ULONG_MAX

/* Pages that a processor counts on its own. More make a limit dear: near it all processors are looked at. */
#define TMEM_OWNER_BATCH	32

/* Names as in /sys/kernel/mm/tmem/cgroups/ID/; docs/abi.md says what each means. */
#define TMEM_OWNER_EVENTS(X)	\
	X(stores)		\
	X(loads)		\
	X(refused)		\
	X(written_back)

#define TMEM_ENUM(_name)	TMEM_OWNER_##_name,
enum tmem_owner_event { TMEM_OWNER_EVENTS(TMEM_ENUM) TMEM_OWNER_EVENT_COUNT };
#undef TMEM_ENUM

struct tmem_owner_events {
	unsigned long count[TMEM_OWNER_EVENT_COUNT];
};

/**
 * struct tmem_owner - a memory cgroup that has stored pages, or may store only so many
 * @number: in slots; not 0
 * @id: of the cgroup
 * @memcg: the cgroup, held
 * @parent: owner that is the parent cgroup, NULL for the root
 * @children: owners whose parent this is; guarded by owners_lock
 * @limit_pages: that @pages may not exceed
 * @events: what happened to pages of this very cgroup
 * @closing: takes no new page, and is freed soon
 * @stays: nothing of it is written back (memory.zswap.writeback)
 * @pages: stored, of this cgroup and all below it; written often, while the above is only read
 * @room_work: writes back what is coldest when @pages comes near the limit
 * @making_room: it has begun and is not at the low mark yet; its own
 * @rest_until: jiffies before which it does not run again
 * @kobj: its directory; the last reference frees the structure
 * @shown: that has been added
 * @chain: with others, while it is made or removed
 */
struct tmem_owner {
	u16 number;
	u64 id;
	struct mem_cgroup *memcg;
	struct tmem_owner *parent;
	unsigned int children;
	unsigned long limit_pages;
	struct tmem_owner_events __percpu *events;
	bool closing;
	bool stays;
	struct percpu_counter pages ____cacheline_aligned_in_smp;
	struct delayed_work room_work;
	bool making_room;
	unsigned long rest_until;
	struct kobject kobj;
	bool shown;
	struct list_head chain;
};

/* By number. Read inside RCU or tmem_srcu, which its entries outlive. Every load and store of a page looks here. */
extern struct tmem_owner *tmem_owner_table[TMEM_OWNERS_MAX + 1];

/* There is a limit somewhere. */
DECLARE_STATIC_KEY_FALSE(tmem_owner_limits);

static inline struct tmem_owner *tmem_owner_by_number(u16 number)
{
	/* Pairs with the release in owner.c. */
	return READ_ONCE(tmem_owner_table[number]);
}

/**
 * tmem_owner_of() - who is charged for a folio
 * @folio: locked
 *
 * Context: may sleep, waits for no memory; inside tmem_srcu, which the result is good for.
 * Return: NULL if nobody is. Without memory for a new owner one above, NULL if there is none.
 */
struct tmem_owner *tmem_owner_of(struct folio *folio);

static inline void tmem_owner_count(struct tmem_owner *owner, enum tmem_owner_event event,
				    unsigned long pages)
{
	if (likely(owner))
		this_cpu_add(owner->events->count[event], pages);
}

unsigned long tmem_owner_event_total(const struct tmem_owner *owner, enum tmem_owner_event event);

/* A page of @owner was stored (1) or is gone (-1). Context: any but NMI; inside RCU or tmem_srcu. */
static inline void tmem_owner_charge(struct tmem_owner *owner, int pages)
{
	for (; owner; owner = owner->parent)
		percpu_counter_add_batch(&owner->pages, pages, TMEM_OWNER_BATCH);
}

/* Is @owner this cgroup or one below it? */
static inline bool tmem_owner_below(const struct tmem_owner *owner, const struct tmem_owner *top)
{
	while (owner && owner != top)
		owner = owner->parent;
	return owner;
}

/**
 * tmem_owner_may_store() - is there room below all limits?
 * @owner: of the pages
 * @pages: to be stored
 *
 * Has room made where a limit is near.
 *
 * Context: any; inside tmem_srcu.
 * Return: true if there is.
 */
bool tmem_owner_may_store(struct tmem_owner *owner, unsigned long pages);

/**
 * tmem_owner_set_limit() - how much a cgroup and all below it may have stored
 * @id: of the cgroup
 * @pages: or TMEM_NO_LIMIT
 *
 * What is too much is written back soon after.
 *
 * Context: process, may sleep.
 * Return: 0; -ENOENT if there is no such cgroup with a memory controller; -ENOMEM.
 */
int tmem_owner_set_limit(u64 id, unsigned long pages);

/* owner_limit.c: pages that are written back at most before others may move pages; for tests to change. */
extern unsigned int tmem_owner_round_pages;

/* owner_limit.c, for owner.c. */
void tmem_owner_limit_init(struct tmem_owner *owner);
void tmem_owner_limit_exit(struct tmem_owner *owner);
int tmem_owner_limits_init(void);
void tmem_owner_limits_exit(void);

/*
 * owner.c: an owner by the id of its cgroup, made if need be; -ENOENT if there is no such cgroup with a memory
 * controller, -ENOMEM. Inside tmem_srcu, which the result is good for.
 */
struct tmem_owner *tmem_owner_by_id(u64 id);

/* Look who does not want to be written back. Return: true if there are owners at all. Context: process. */
bool tmem_owners_look_who_stays(void);

/* owner_sysfs.c, for owner.c. */
int tmem_owner_show(struct tmem_owner *owner);
void tmem_owner_hide(struct tmem_owner *owner);

extern const struct kobj_type tmem_owner_type;
void tmem_owner_free(struct tmem_owner *owner);

int tmem_owners_init(void);

/* No new owners, and those there are leave sysfs. */
void tmem_owners_stop(void);

/* Nothing is stored and no door is called any more. */
void tmem_owners_idle(void);
void tmem_owners_exit(void);

#endif /* _TMEM_OWNER_H */
