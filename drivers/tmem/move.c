// SPDX-License-Identifier: GPL-2.0
/*
 * Moves pages away: to their own swap slots, to another place, or to "lost".
 *
 * One mover at a time. It marks an entry INFLIGHT, copies the page to a bounce page, looks
 * whether the slot is still in use, and has the page written to the swap device (write_out.c); when the bio
 * has ended the entry is emptied, if it still names the place the page was read from. See
 * entry.h for what may happen beside it.
 */
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>

#include "core.h"
#include "fault.h"
#include "move.h"
#include "swap_device.h"
#include "write_out.h"

/*
 * How long a page in memory that is locked is waited for, when its copy cannot be read. A mover looks again later;
 * poison is for the kernel to take out of its mapping as soon as we return.
 */
#define LOCKED_WAIT_MS		200
#define LOCKED_POISON_WAIT_MS	10000

/**
 * struct move - one page that is to be moved
 * @key: of the page
 * @entry: marked INFLIGHT by us
 * @place: where the page was read from
 * @page: bounce page
 */
struct move {
	struct tmem_key key;
	u32 *entry;
	u32 place;
	struct page *page;
};

/*
 * Passes over all tables: pages come in meanwhile, or are just being stored. What is taken away without asking is
 * looked at again until nothing is left, for about a second at least before the caller says that it takes long.
 */
#define PASSES			16
#define PASSES_TO_LOSE		1000

static DEFINE_MUTEX(moves_lock);

/*
 * Who waits for it and comes before all others: memory failures, behind which the kernel keeps all others waiting,
 * and namespaces that go.
 */
static atomic_t urgent = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(none_urgent);

void tmem_moves_lock(void)
{
	mutex_lock(&moves_lock);
	while (tmem_moves_wanted()) {
		mutex_unlock(&moves_lock);
		wait_event(none_urgent, !tmem_moves_wanted());
		mutex_lock(&moves_lock);
	}
}

int tmem_moves_lock_killable(void)
{
	int err = mutex_lock_killable(&moves_lock);

	while (!err && tmem_moves_wanted()) {
		mutex_unlock(&moves_lock);
		err = wait_event_killable(none_urgent, !tmem_moves_wanted()) ?: mutex_lock_killable(&moves_lock);
	}
	return err;
}

void tmem_moves_unlock(void)
{
	mutex_unlock(&moves_lock);
}

void tmem_moves_assert_locked(void)
{
	lockdep_assert_held(&moves_lock);
}

bool tmem_moves_wanted(void)
{
	return unlikely(atomic_read(&urgent));
}

static void lock_urgently(void)
{
	atomic_inc(&urgent);
	mutex_lock(&moves_lock);
	if (atomic_dec_and_test(&urgent))
		wake_up_all(&none_urgent);
}

/* Between two pages, of which none is under way then. */
static void give_way(struct tmem_mover *mover)
{
	if (!tmem_moves_wanted())
		return;
	mover->failed += tmem_write_out_wait();
	tmem_moves_unlock();
	tmem_moves_lock();
}

/* Fill the bounce page. Return: 0; -ENOENT if the slot was freed meanwhile; else it is lost. */
static int read_for_move(struct move *move)
{
	int srcu = srcu_read_lock(&tmem_srcu);
	int err;

	tmem_fault_delay(TMEM_FAULT_DELAY_MOVE_READ);
	err = tmem_place_read(move->key, move->place, move->page);
	srcu_read_unlock(&tmem_srcu, srcu);
	/*
	 * The contents before the entry; pairs with the cmpxchg that empties or changes it before a place is used
	 * anew.
	 */
	smp_rmb();
	if (tmem_entry_place(READ_ONCE(*move->entry)) != move->place)
		return -ENOENT;
	return err;
}

/* Try another place, any backend. Return: true if the page is there now, or was freed. */
static bool relocate(struct move *move)
{
	int srcu = srcu_read_lock(&tmem_srcu);
	int next = tmem_backend_store_anywhere(move->key, move->page, TMEM_PLACE_NONE, 0);

	if (next >= 0) {
		if (tmem_place_leave(move->key, move->entry, move->place, next))
			tmem_count(TMEM_EVENT_relocated);
		else
			tmem_place_free(move->key, next);
	}
	srcu_read_unlock(&tmem_srcu, srcu);
	return next >= 0;
}

/*
 * Return: 0 if the page itself is in memory, and its copy is gone; -ENOENT if it is not there; -EAGAIN if somebody
 * had it locked all the time.
 */
static int save_from_memory(struct tmem_key key, u32 *entry, u32 place, unsigned int wait_ms)
{
	unsigned long end = jiffies + msecs_to_jiffies(wait_ms);
	int err;

	while ((err = tmem_kept_redirty(key, entry, place)) == -EAGAIN && time_before(jiffies, end)) {
		/* A store that waits for one of these may be who has it locked. */
		tmem_write_out_submit();
		schedule_timeout_uninterruptible(1);
	}
	return err;
}

/*
 * The copy is no good. The page itself may still be in memory; then nothing is lost. Return: 0, or -EAGAIN if it is
 * there and locked, perhaps by a store that waits for us: to be tried again, with the mark gone in between.
 */
static int give_up(struct move *move)
{
	int err = save_from_memory(move->key, move->entry, move->place, LOCKED_WAIT_MS);

	if (err != -ENOENT)
		return err;
	if (tmem_place_leave(move->key, move->entry, move->place, TMEM_PLACE_LOST))
		tmem_count(TMEM_EVENT_lost);
	return 0;
}

/*
 * Move what @move describes; INFLIGHT is set, and let go when the move has ended, which may be after this
 * returns. Return: 0, or why the page stays.
 */
static int move_page(struct move *move, const struct tmem_mover *mover)
{
	int err = read_for_move(move);

	if (err == -ENOENT) {
		err = 0;	/* freed meanwhile: nothing to move, nothing to write */
	} else if (err) {
		err = give_up(move);
	} else if (!(mover->flags & MOVER_RELOCATE) || !relocate(move)) {
		if (tmem_write_out_add(move->key, move->entry, move->place, mover->event))
			return 0;	/* unmarked when it is written */
		err = mover->flags & MOVER_LOSE ? give_up(move) : -EIO;
	}
	tmem_write_out_unmark(move->entry);
	return err;
}

bool tmem_mover_wants(const struct tmem_mover *mover, u32 place)
{
	if (place <= TMEM_PLACE_LOST)
		return false;
	if (!mover->backend)
		return true;
	return tmem_place_is_handle(place) && tmem_place_backend(place) == mover->backend->id &&
	       mover->match(tmem_place_handle(place), mover->data);
}

static bool enough(const struct tmem_mover *mover)
{
	return !mover->backend && tmem_held_pages() <= mover->target_pages + tmem_write_out_pages();
}

/* With MOVER_WAIT: a page whose write failed is still there. */
static void settle(struct tmem_mover *mover, struct move *move)
{
	mover->failed += tmem_write_out_wait();
	if (tmem_entry_place(READ_ONCE(*move->entry)) != move->place)
		return;
	if (mover->flags & MOVER_LOSE) {
		/* Another copy may be there by now, and be marked for nothing. */
		u32 place = tmem_entry_begin_move(move->entry);

		/* If there is none, a store is at it, and may leave it as it was. */
		if (!place || (place == move->place && give_up(move)))
			mover->left++;
		if (place)
			tmem_write_out_unmark(move->entry);
	} else {
		mover->left++;
		mover->err = -EIO;
	}
}

void tmem_move_entry(struct tmem_mover *mover, struct swap_info_struct *device,
		     struct tmem_key key, u32 *entry)
{
	struct move move = { .key = key, .entry = entry };
	u32 place = tmem_entry_place(READ_ONCE(*entry));
	int err;

	tmem_moves_assert_locked();
	if (!tmem_mover_wants(mover, place)) {
		tmem_write_out_submit();
		return;
	}
	move.page = tmem_write_out_page(device, key.offset);
	move.place = tmem_entry_begin_move(entry);
	if (!tmem_mover_wants(mover, move.place)) {
		mover->left++;
		if (move.place)
			tmem_write_out_unmark(entry);
		return;
	}
	err = move_page(&move, mover);
	if (err) {
		mover->left++;
		mover->err = err;
	} else if (mover->flags & MOVER_WAIT) {
		settle(mover, &move);
	}
}

/* Return: false when the pass should end. */
static bool move_area(struct tmem_mover *mover, unsigned int type)
{
	struct swap_info_struct *device = tmem_swap_device_get(type);
	struct tmem_area *area = device ? tmem_area(type) : NULL;
	unsigned long offset;
	bool go_on = true;

	/* Swapoff is at its end: soon there is no area, and until then there are pages. */
	if (!device && tmem_area(type))
		mover->left++;
	for (offset = 0; area && offset < area->slots; offset++) {
		struct tmem_key key = { type, offset };

		if (!READ_ONCE(area->entries[offset])) {
			tmem_write_out_submit();
			continue;
		}
		/* Swapoff waits for us, and empties the area better than we do. */
		if (!mover->backend && percpu_ref_is_dying(&device->users))
			break;
		if (enough(mover)) {
			go_on = false;
			break;
		}
		if (!(mover->flags & MOVER_LOSE) && fatal_signal_pending(current)) {
			mover->left++;
			mover->err = -EINTR;
			go_on = false;
			break;
		}
		tmem_move_entry(mover, device, key, &area->entries[offset]);
		give_way(mover);
		cond_resched();
	}
	if (device)
		tmem_swap_device_put(device);
	return go_on;
}

static void one_pass(struct tmem_mover *mover)
{
	unsigned int type;

	mover->left = 0;
	mover->err = 0;
	mover->failed = 0;
	for (type = 0; type < MAX_SWAPFILES; type++)
		if (!move_area(mover, type))
			break;
	mover->failed += tmem_write_out_wait();
	if (mover->failed && !mover->err)
		mover->err = -EIO;
}

/**
 * tmem_shrink() - push pages out to their own swap slots
 * @target_pages: to stay at most
 *
 * Context: process; does I/O.
 * Return: 0; -EAGAIN if pages kept coming in, or one whose copy cannot be read was locked in memory; -EIO if some could
 * not be written; -EINTR.
 */
int tmem_shrink(unsigned long target_pages)
{
	struct tmem_mover mover = {
		.target_pages = target_pages, .event = TMEM_EVENT_written_out,
	};
	unsigned int passes = PASSES;
	int err;

	err = tmem_moves_lock_killable();
	if (err)
		return err;
	while (tmem_held_pages() > target_pages && passes-- && !err) {
		one_pass(&mover);
		err = mover.err;
	}
	if (!err && tmem_held_pages() > target_pages)
		err = -EAGAIN;
	tmem_moves_unlock();
	tmem_backends_unpin_idle();
	return err;
}

int tmem_evacuate(struct tmem_backend *backend, bool (*match)(u32 handle, void *data), void *data,
		  bool lose)
{
	struct tmem_mover mover = {
		.flags = MOVER_RELOCATE | (lose ? MOVER_LOSE : 0),
		.event = TMEM_EVENT_written_out,
		.backend = backend, .match = match, .data = data,
	};
	unsigned int passes = lose ? PASSES_TO_LOSE : PASSES;

	/* Stores that could still take a matching place end here. */
	tmem_synchronize();
	if (!tmem_backend_registered(backend))
		return 0;
	if (lose)
		lock_urgently();
	else
		tmem_moves_lock();
	/* Many writes at once, and then slowly for what is left. */
	one_pass(&mover);
	mover.flags |= MOVER_WAIT;
	for (;;) {
		one_pass(&mover);
		if (!mover.left || mover.err == -EINTR || !--passes)
			break;
		schedule_timeout_uninterruptible(1);
	}
	tmem_moves_unlock();
	/* Loads that may still be reading one end here. */
	tmem_synchronize();
	tmem_backends_unpin_idle();
	if (!mover.left)
		return 0;
	return mover.err ? mover.err : -EBUSY;
}
EXPORT_SYMBOL_GPL(tmem_evacuate);

/* Marked meanwhile, so that no store comes between the copy's end and the end of what its owner is charged. */
static bool lose_page(struct tmem_key key, u32 *entry, u32 place)
{
	u32 now = tmem_entry_begin_move(entry);
	bool lost = now == place && tmem_place_leave(key, entry, place, TMEM_PLACE_LOST);

	if (lost)
		tmem_count(TMEM_EVENT_lost);
	if (now)
		tmem_write_out_unmark(entry);
	return lost;
}

static unsigned long poison_area(struct tmem_mover *mover, unsigned int type)
{
	struct swap_info_struct *device = tmem_swap_device_get(type);
	struct tmem_area *area = device ? tmem_area(type) : NULL;
	unsigned long lost = 0;
	unsigned long offset;

	for (offset = 0; area && offset < area->slots; offset++) {
		struct tmem_key key = { type, offset };
		u32 *entry = &area->entries[offset];
		u32 place = tmem_entry_place(READ_ONCE(*entry));

		cond_resched();
		if (!tmem_mover_wants(mover, place) ||
		    !save_from_memory(key, entry, place, LOCKED_POISON_WAIT_MS))
			continue;
		lost += lose_page(key, entry, place);
	}
	if (device)
		tmem_swap_device_put(device);
	return lost;
}

unsigned long tmem_poison(struct tmem_backend *backend, bool (*match)(u32 handle, void *data),
			  void *data)
{
	struct tmem_mover mover = { .backend = backend, .match = match, .data = data };
	unsigned long lost = 0;
	unsigned int type;

	if (!tmem_backend_registered(backend))
		return 0;
	tmem_synchronize();
	lock_urgently();
	for (type = 0; type < MAX_SWAPFILES; type++)
		lost += poison_area(&mover, type);
	tmem_moves_unlock();
	/* Loads that may still be reading end here: then the kernel takes the page out of its mapping. */
	tmem_synchronize();
	return lost;
}
EXPORT_SYMBOL_GPL(tmem_poison);
