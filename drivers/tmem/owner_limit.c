// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps what a cgroup has stored below its limit.
 *
 * At the limit a store is refused, so that the page goes elsewhere. Before that, when the high mark is passed, a
 * worker has the cgroup's own pages written back that were used least recently, down to the low mark: so that the
 * ones in use get what room there is. Nobody waits for that.
 */
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mutex.h>

#include "core.h"
#include "owner.h"

/* As for a device: a round begins above the high mark of a limit, and goes down to the low one. */
#define HIGH_PERCENT	95
#define LOW_PERCENT	90

/* A round walks all slots: rest REST_TIMES as long, at least REST_MS, or IN_VAIN_MS if nothing went. */
#define REST_TIMES	4
#define REST_MS		100
#define IN_VAIN_MS	2000

/* In one round: others wait who move pages, too. */
unsigned int tmem_owner_round_pages = 16384;

DEFINE_STATIC_KEY_FALSE(tmem_owner_limits);

static struct workqueue_struct *makers;

/* Serialises who sets limits, so that each counts once. */
static DEFINE_MUTEX(limits_lock);

static s64 part_of(unsigned long limit_pages, unsigned int percent)
{
	return mul_u64_u32_div(limit_pages, percent, 100);
}

static void room_wanted(struct tmem_owner *owner)
{
	unsigned long rest = READ_ONCE(owner->rest_until) - jiffies;

	if (!READ_ONCE(owner->closing) && !delayed_work_pending(&owner->room_work))
		queue_delayed_work(makers, &owner->room_work, (long)rest > 0 ? rest : 0);
}

static int compare_pages(struct tmem_owner *owner, s64 pages)
{
	return __percpu_counter_compare(&owner->pages, pages, TMEM_OWNER_BATCH);
}

bool tmem_owner_may_store(struct tmem_owner *owner, unsigned long pages)
{
	for (; owner; owner = owner->parent) {
		unsigned long limit = READ_ONCE(owner->limit_pages);

		if (limit == TMEM_NO_LIMIT ||
		    compare_pages(owner, part_of(limit, HIGH_PERCENT) - (s64)pages) <= 0)
			continue;
		room_wanted(owner);
		if (compare_pages(owner, (s64)limit - (s64)pages) > 0)
			return false;
	}
	return true;
}

/* Begins above the high mark, and then goes on, one round a time, until the low mark or until it is in vain. */
static void room_work(struct work_struct *work)
{
	struct tmem_owner *owner = container_of(to_delayed_work(work), struct tmem_owner, room_work);
	unsigned long limit = READ_ONCE(owner->limit_pages);
	s64 high = part_of(limit, HIGH_PERCENT), low = part_of(limit, LOW_PERCENT);
	s64 pages = percpu_counter_sum(&owner->pages);
	unsigned long begun = jiffies;
	unsigned long rest, gone;

	if (limit == TMEM_NO_LIMIT || pages <= (owner->making_room ? low : high)) {
		owner->making_room = false;
		return;
	}
	gone = tmem_write_back_owner(owner, min_t(s64, pages - low, tmem_owner_round_pages));
	rest = max((jiffies - begun) * REST_TIMES, msecs_to_jiffies(gone ? REST_MS : IN_VAIN_MS));
	WRITE_ONCE(owner->rest_until, jiffies + rest);
	pages = percpu_counter_sum(&owner->pages);
	owner->making_room = gone && pages > low;
	/* Above the high mark also when the swap device fails. Stores may have asked meanwhile, and not for a rest. */
	if (owner->making_room || pages > high || delayed_work_pending(&owner->room_work))
		mod_delayed_work(makers, &owner->room_work, rest);
}

/* Context: limits_lock held. */
static void set_limit(struct tmem_owner *owner, unsigned long pages)
{
	bool had, has;

	lockdep_assert_held(&limits_lock);
	had = owner->limit_pages != TMEM_NO_LIMIT;
	/* Counters are signed. */
	if (pages > LONG_MAX)
		pages = TMEM_NO_LIMIT;
	has = pages != TMEM_NO_LIMIT;
	WRITE_ONCE(owner->limit_pages, pages);
	if (has && !had)
		static_branch_inc(&tmem_owner_limits);
	else if (had && !has)
		static_branch_dec(&tmem_owner_limits);
	if (has)
		room_wanted(owner);
}

int tmem_owner_set_limit(u64 id, unsigned long pages)
{
	int srcu = srcu_read_lock(&tmem_srcu);
	struct tmem_owner *owner = tmem_owner_by_id(id);

	if (!IS_ERR(owner)) {
		mutex_lock(&limits_lock);
		set_limit(owner, pages);
		mutex_unlock(&limits_lock);
	}
	srcu_read_unlock(&tmem_srcu, srcu);
	return PTR_ERR_OR_ZERO(owner);
}

void tmem_owner_limit_init(struct tmem_owner *owner)
{
	INIT_DELAYED_WORK(&owner->room_work, room_work);
}

/* Nobody can find it any more. */
void tmem_owner_limit_exit(struct tmem_owner *owner)
{
	mutex_lock(&limits_lock);
	set_limit(owner, TMEM_NO_LIMIT);
	mutex_unlock(&limits_lock);
	cancel_delayed_work_sync(&owner->room_work);
}

int tmem_owner_limits_init(void)
{
	makers = alloc_workqueue("tmem_owner_room", WQ_UNBOUND | WQ_MEM_RECLAIM, 1);
	return makers ? 0 : -ENOMEM;
}

void tmem_owner_limits_exit(void)
{
	if (makers)
		destroy_workqueue(makers);
}
