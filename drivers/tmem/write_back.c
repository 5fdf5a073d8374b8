// SPDX-License-Identifier: GPL-2.0
/*
 * Makes room where a backend is nearly full, so that the pages in use get the fast medium.
 *
 * Copies whose page is in memory too go first: the page is marked dirty, nothing is written. Then
 * those go to their own swap slots that were used least recently, by the ages of an area (core.h):
 * one pass over the tables counts how many pages there are of each age, which says how old a page has
 * to be, and a second takes such pages away. What is loaded between the two is young again, and stays.
 */
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "core.h"
#include "move.h"
#include "swap_device.h"
#include "write_out.h"

/**
 * struct room - room that is being made
 * @mover: whose pages may go
 * @owner: only pages of it and those below it, if set
 * @look: owners have to be looked at
 * @want: pages that should go still
 * @gone: pages that went
 * @count: pages that may go, by age
 * @now: when it began: ages are as they were then, so that those counted are those compared
 * @oldest: pages of this age and above go
 * @allowed: how many of exactly this age
 */
struct room {
	struct tmem_mover mover;
	const struct tmem_owner *owner;
	bool look;
	unsigned long want;
	unsigned long gone;
	unsigned long count[TMEM_AGES];
	u8 now;
	unsigned int oldest;
	unsigned long allowed;
};

/* Where the next writing back goes on: otherwise the first slots would pay for pages of equal age. Moves are locked. */
static struct tmem_key hand;

static noinline bool owner_lets_go(const struct room *room, const struct tmem_area *area,
				   pgoff_t offset)
{
	const struct tmem_owner *owner;
	bool lets_go;

	rcu_read_lock();
	owner = tmem_area_owner(area, offset);
	lets_go = (!owner || !READ_ONCE(owner->stays)) &&
		  (!room->owner || tmem_owner_below(owner, room->owner));
	rcu_read_unlock();
	return lets_go;
}

static bool may_go(const struct room *room, const struct tmem_area *area, pgoff_t offset, u32 value)
{
	return !(value & (TMEM_ENTRY_BUSY | TMEM_ENTRY_INFLIGHT)) &&
	       tmem_mover_wants(&room->mover, tmem_entry_place(value)) &&
	       (!room->look || owner_lets_go(room, area, offset));
}

/* Return: true if the page is in memory, dirty now, and its copy gone. */
static bool drop_kept(struct tmem_key key, u32 *entry, u32 value)
{
	if (!(value & TMEM_ENTRY_KEPT))
		return false;
	if (!tmem_kept_redirty(key, entry, tmem_entry_place(value)))
		return true;
	tmem_entry_clear_kept(entry, value);
	return false;
}

/* What was used since then is as young as can be. */
static unsigned int age_then(const struct room *room, const struct tmem_area *area, pgoff_t offset)
{
	u8 since = READ_ONCE(tmem_age_now) - room->now;
	u8 age = tmem_age_of(area, offset);

	return age - min(age, since);
}

static bool survey_entry(struct room *room, struct swap_info_struct *device,
			 struct tmem_area *area, struct tmem_key key)
{
	u32 *entry = &area->entries[key.offset];
	u32 value = READ_ONCE(*entry);

	if (!may_go(room, area, key.offset, value))
		return true;
	if (!drop_kept(key, entry, value)) {
		room->count[age_then(room, area, key.offset)]++;
		return true;
	}
	tmem_count(TMEM_EVENT_kept_copies_dropped);
	room->gone++;
	return --room->want;
}

static bool write_entry(struct room *room, struct swap_info_struct *device,
			struct tmem_area *area, struct tmem_key key)
{
	u32 *entry = &area->entries[key.offset];
	unsigned int age = age_then(room, area, key.offset);
	unsigned long left = room->mover.left;

	if (!may_go(room, area, key.offset, READ_ONCE(*entry)) || age < room->oldest ||
	    (age == room->oldest && !room->allowed)) {
		tmem_write_out_submit();
		return true;
	}
	tmem_move_entry(&room->mover, device, key, entry);
	/* It was taken just now, or has no block it could go to. */
	if (room->mover.left != left)
		return true;
	room->allowed -= age == room->oldest;
	room->gone++;
	return --room->want;
}

typedef bool (visit_t)(struct room *room, struct swap_info_struct *device, struct tmem_area *area,
		       struct tmem_key key);

/* Visit slots of one area from the hand up to @end. Return: false if a visit ended the pass. */
static bool walk_area(struct room *room, visit_t *visit, pgoff_t end)
{
	struct swap_info_struct *device = tmem_swap_device_get(hand.type);
	struct tmem_area *area = device ? tmem_area(hand.type) : NULL;
	bool go_on = true;

	for (; go_on && area && hand.offset < min(end, area->slots); hand.offset++) {
		/* Swapoff waits for us, and empties the area. */
		if (percpu_ref_is_dying(&device->users))
			break;
		if (READ_ONCE(area->entries[hand.offset]))
			go_on = visit(room, device, area, hand) && !tmem_moves_wanted();
		else
			tmem_write_out_submit();
		cond_resched();
	}
	if (device)
		tmem_swap_device_put(device);
	return go_on;
}

/* Visit all slots of all areas once, from where the hand is. */
static void walk(struct room *room, visit_t *visit)
{
	pgoff_t start = hand.offset;
	unsigned int areas;

	for (areas = 0; areas < MAX_SWAPFILES; areas++) {
		if (!walk_area(room, visit, ULONG_MAX))
			return;
		hand.offset = 0;
		hand.type = (hand.type + 1) % MAX_SWAPFILES;
	}
	walk_area(room, visit, start);
}

/* How old must a page be, so that as many go as are wanted? */
static void choose_age(struct room *room)
{
	unsigned long older = 0;

	for (room->oldest = TMEM_AGES - 1; room->oldest; room->oldest--) {
		if (older + room->count[room->oldest] >= room->want)
			break;
		older += room->count[room->oldest];
	}
	room->allowed = room->want - min(room->want, older);
}

static void make_room(struct room *room)
{
	room->now = READ_ONCE(tmem_age_now);
	walk(room, survey_entry);
	/* Room is made later then. */
	if (room->want && !tmem_moves_wanted()) {
		choose_age(room);
		walk(room, write_entry);
	}
	room->mover.failed += tmem_write_out_wait();
}

static unsigned long write_back(const struct tmem_mover *mover, const struct tmem_owner *owner,
				unsigned long pages)
{
	struct room *room;
	unsigned long gone = 0;

	if (!pages)
		return 0;
	room = kzalloc(sizeof(*room), GFP_NOIO | __GFP_NOWARN);
	if (!room)
		return 0;
	room->mover = *mover;
	room->mover.event = TMEM_EVENT_written_back;
	room->owner = owner;
	room->look = tmem_owners_look_who_stays() || owner;
	room->want = pages;
	tmem_moves_lock();
	if (!mover->backend || tmem_backend_registered(mover->backend)) {
		make_room(room);
		gone = room->gone - min(room->gone, room->mover.failed);
	}
	tmem_moves_unlock();
	kfree(room);
	return gone;
}

unsigned long tmem_write_back_owner(const struct tmem_owner *owner, unsigned long pages)
{
	return write_back(&(struct tmem_mover){}, owner, pages);
}

unsigned long tmem_write_back(struct tmem_backend *backend, bool (*match)(u32 handle, void *data),
			      void *data, unsigned long pages)
{
	return write_back(&(struct tmem_mover){ .backend = backend, .match = match, .data = data },
			  NULL, pages);
}
EXPORT_SYMBOL_GPL(tmem_write_back);
