// SPDX-License-Identifier: GPL-2.0
/*
 * Moves pages away: to their own swap slots, to another place, or to "lost".
 *
 * One mover at a time. It marks an entry INFLIGHT, copies the page to a bounce page, looks
 * whether the slot is still in use, and writes the page to the swap device; when the bio has
 * ended it empties the entry, if that still names the place the page was read from. See
 * entry.h for what may happen beside it.
 */
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/wait_bit.h>

#include "core.h"
#include "fault.h"
#include "swap_device.h"
#include "trace.h"

#define MOVES_MAX	32

/* Clock ticks that a locked page whose copy went bad is waited for. */
#define POISON_TRIES	50

/**
 * struct move - one page on its way to its swap slot
 * @key: of the page
 * @entry: marked INFLIGHT by us
 * @place: where the page was read from
 * @device: held until the bio has ended
 * @page: bounce page
 * @busy: a bio is using this
 * @vec: the one segment of @bio
 * @bio: the write
 */
struct move {
	struct tmem_key key;
	u32 *entry;
	u32 place;
	struct swap_info_struct *device;
	struct page *page;
	bool busy;
	struct bio_vec vec;
	struct bio bio;
};

/* Guards moves[]; held for a whole shrink or evacuation. */
static DEFINE_MUTEX(moves_lock);
static struct move *moves[MOVES_MAX];
static unsigned int moves_ready;
static atomic_t moves_flying = ATOMIC_INIT(0);
static atomic_t moves_failed = ATOMIC_INIT(0);

/* Let a store that waits for the bio go on. */
static void end_move(u32 *entry)
{
	tmem_entry_end_move(entry);
	smp_mb();	/* the cleared flag before looking for waiters */
	wake_up_var(entry);
}

static void finish_write(struct move *move, int err)
{
	tmem_fault_delay_atomic(TMEM_FAULT_DELAY_MOVE_END);
	if (err) {
		tmem_count(TMEM_EVENT_write_out_errors);
		atomic_inc(&moves_failed);
	} else if (tmem_place_leave(move->key, move->entry, move->place, TMEM_PLACE_NONE)) {
		tmem_count(TMEM_EVENT_written_out);
	}
	trace_tmem_write_out(move->key.type, move->key.offset, move->place, err);
	end_move(move->entry);
	tmem_swap_device_put(move->device);
	smp_store_release(&move->busy, false);
	atomic_dec(&moves_flying);
	smp_mb__after_atomic();
	wake_up_var(&moves_flying);
}

static void write_end_io(struct bio *bio)
{
	struct move *move = container_of(bio, struct move, bio);
	int err = blk_status_to_errno(bio->bi_status);

	bio_uninit(bio);
	finish_write(move, err);
}

static void submit_write(struct move *move, sector_t sector)
{
	bio_init(&move->bio, move->device->bdev, &move->vec, 1,
		 REQ_OP_WRITE | REQ_SYNC | REQ_SWAP);
	move->bio.bi_iter.bi_sector = sector;
	move->bio.bi_end_io = write_end_io;
	__bio_add_page(&move->bio, move->page, PAGE_SIZE, 0);
	atomic_inc(&moves_flying);
	submit_bio(&move->bio);
}

static struct move *idle_move(void)
{
	unsigned int i;

	for (i = 0; i < moves_ready; i++)
		if (!smp_load_acquire(&moves[i]->busy))
			return moves[i];
	return NULL;
}

static struct move *get_move(void)
{
	struct move *move;

	wait_var_event(&moves_flying, (move = idle_move()));
	return move;
}

static void wait_for_writes(void)
{
	wait_var_event(&moves_flying, !atomic_read(&moves_flying));
}

/* Fill the bounce page. Return: 0; -ENOENT if the slot was freed meanwhile; else it is lost. */
static int read_for_move(struct move *move)
{
	int srcu = srcu_read_lock(&tmem_srcu);
	int err;

	tmem_fault_delay(TMEM_FAULT_DELAY_MOVE_READ);
	err = tmem_place_read(move->key, move->place, move->page);
	srcu_read_unlock(&tmem_srcu, srcu);
	smp_rmb();	/* the contents before the entry */
	if (tmem_entry_place(READ_ONCE(*move->entry)) != move->place)
		return -ENOENT;
	return err;
}

/* Try another place, any backend. Return: true if the page is there now, or was freed. */
static bool relocate(struct move *move)
{
	int srcu = srcu_read_lock(&tmem_srcu);
	int next = tmem_backend_store(move->key, move->page, TMEM_PLACE_NONE);

	if (next >= 0) {
		if (tmem_place_leave(move->key, move->entry, move->place, next))
			tmem_count(TMEM_EVENT_relocated);
		else
			tmem_place_free(move->key, next);
	}
	srcu_read_unlock(&tmem_srcu, srcu);
	return next >= 0;
}

/* The page itself may still be in memory; then nothing is lost. */
static void give_up(struct move *move)
{
	if (!tmem_kept_redirty(move->key, move->entry, move->place))
		return;
	if (tmem_place_leave(move->key, move->entry, move->place, TMEM_PLACE_LOST))
		tmem_count(TMEM_EVENT_lost);
}

enum mover_flags {
	MOVER_RELOCATE	= BIT(0),	/* another place will do */
	MOVER_LOSE	= BIT(1),	/* give up what can go nowhere */
	MOVER_WAIT	= BIT(2),	/* one page at a time, so that a failed write is seen */
};

/*
 * Move what @move describes; INFLIGHT is set and the device held, both are let go when the move has
 * ended, which may be after this returns. Return: 0, or why the page stays.
 */
static int move_page(struct move *move, unsigned int flags)
{
	sector_t sector;
	int err = read_for_move(move);

	if (err == -ENOENT)	/* freed meanwhile: nothing to move, nothing to write */
		goto done;
	if (err) {
		give_up(move);
		goto done;
	}
	if ((flags & MOVER_RELOCATE) && relocate(move))
		goto done;

	sector = tmem_swap_device_sector(move->device, move->key.offset);
	if (sector) {
		tmem_fault_delay(TMEM_FAULT_DELAY_MOVE_BIO);
		move->busy = true;
		submit_write(move, sector);
		return 0;
	}
	err = -EIO;
	if (flags & MOVER_LOSE) {
		give_up(move);
		err = 0;
	}
	goto out;
done:
	err = 0;
out:
	end_move(move->entry);
	tmem_swap_device_put(move->device);
	return err;
}

struct mover {
	unsigned int flags;
	unsigned long target_pages;
	struct tmem_backend *backend;		/* only its pages, if set */
	bool (*match)(u32 handle, void *data);	/* only these handles, with backend */
	void *data;
	unsigned long left;			/* pages a pass had to leave */
	int err;
};

static bool wanted(const struct mover *mover, u32 place)
{
	if (place <= TMEM_PLACE_LOST)
		return false;
	if (!mover->backend)
		return true;
	return tmem_place_is_handle(place) && tmem_place_backend(place) == mover->backend->id &&
	       mover->match(tmem_place_handle(place), mover->data);
}

static bool enough(const struct mover *mover)
{
	unsigned long flying = atomic_read(&moves_flying);

	return !mover->backend && tmem_held_pages() <= mover->target_pages + flying;
}

/* With MOVER_WAIT: a page whose write failed is still there. */
static void settle(struct mover *mover, struct move *move)
{
	wait_for_writes();
	if (tmem_entry_place(READ_ONCE(*move->entry)) != move->place)
		return;
	if (mover->flags & MOVER_LOSE) {
		if (tmem_entry_begin_move(move->entry) == move->place) {
			give_up(move);
			end_move(move->entry);
		}
	} else {
		mover->left++;
		mover->err = -EIO;
	}
}

static void move_entry(struct mover *mover, struct tmem_key key, u32 *entry)
{
	struct move *move;
	u32 place = tmem_entry_place(READ_ONCE(*entry));
	int err;

	if (!wanted(mover, place))
		return;
	move = get_move();
	move->place = tmem_entry_begin_move(entry);
	if (!wanted(mover, move->place)) {
		mover->left++;
		if (move->place)
			end_move(entry);
		return;
	}
	move->key = key;
	move->entry = entry;
	move->device = tmem_swap_device_get(key.type);
	if (!move->device) {
		mover->left++;
		end_move(entry);
		return;
	}
	err = move_page(move, mover->flags);
	if (err) {
		mover->left++;
		mover->err = err;
	} else if (mover->flags & MOVER_WAIT) {
		settle(mover, move);
	}
}

/* Return: false when the pass should end. */
static bool move_area(struct mover *mover, unsigned int type)
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

		if (!READ_ONCE(area->entries[offset]))
			continue;
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
		move_entry(mover, key, &area->entries[offset]);
		cond_resched();
	}
	if (device)
		tmem_swap_device_put(device);
	return go_on;
}

static void one_pass(struct mover *mover)
{
	unsigned int type;

	mover->left = 0;
	mover->err = 0;
	atomic_set(&moves_failed, 0);
	for (type = 0; type < MAX_SWAPFILES; type++)
		if (!move_area(mover, type))
			break;
	wait_for_writes();
	if (atomic_read(&moves_failed) && !mover->err)
		mover->err = -EIO;
}

/**
 * tmem_shrink() - push pages out to their own swap slots
 * @target_pages: to stay at most
 *
 * Context: process; does I/O.
 * Return: 0; -EAGAIN if pages kept coming in; -EIO if some could not be written; -EINTR.
 */
int tmem_shrink(unsigned long target_pages)
{
	struct mover mover = { .target_pages = target_pages };
	unsigned int passes = 16;
	int err;

	err = mutex_lock_killable(&moves_lock);
	if (err)
		return err;
	while (tmem_held_pages() > target_pages && passes-- && !err) {
		one_pass(&mover);
		err = mover.err;
	}
	if (!err && tmem_held_pages() > target_pages)
		err = -EAGAIN;
	mutex_unlock(&moves_lock);
	tmem_backends_unpin_idle();
	return err;
}

int tmem_evacuate(struct tmem_backend *backend, bool (*match)(u32 handle, void *data), void *data,
		  bool lose)
{
	struct mover mover = {
		.flags = MOVER_RELOCATE | (lose ? MOVER_LOSE : 0),
		.backend = backend, .match = match, .data = data,
	};
	unsigned int passes = lose ? 1000 : 16;

	/* Stores that could still take a matching place end here. */
	tmem_synchronize();
	if (!tmem_backend_registered(backend))
		return 0;
	mutex_lock(&moves_lock);
	/* Many writes at once, and then slowly for what is left. */
	one_pass(&mover);
	mover.flags |= MOVER_WAIT;
	for (;;) {
		one_pass(&mover);
		if (!mover.left || mover.err == -EINTR || !--passes)
			break;
		schedule_timeout_uninterruptible(1);
	}
	mutex_unlock(&moves_lock);
	/* Loads that may still be reading one end here. */
	tmem_synchronize();
	tmem_backends_unpin_idle();
	if (!mover.left)
		return 0;
	return mover.err ? mover.err : -EBUSY;
}
EXPORT_SYMBOL_GPL(tmem_evacuate);

/* Return: true if the page itself is in memory. Who has it locked is given some time to let go. */
static bool saved_by_memory(struct tmem_key key, u32 *entry, u32 place)
{
	unsigned int tries = POISON_TRIES;
	int err;

	while ((err = tmem_kept_redirty(key, entry, place)) == -EAGAIN && --tries)
		schedule_timeout_uninterruptible(1);
	return !err;
}

static unsigned long poison_area(struct mover *mover, unsigned int type)
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
		if (!wanted(mover, place) || saved_by_memory(key, entry, place))
			continue;
		if (tmem_place_leave(key, entry, place, TMEM_PLACE_LOST)) {
			tmem_count(TMEM_EVENT_lost);
			lost++;
		}
	}
	if (device)
		tmem_swap_device_put(device);
	return lost;
}

unsigned long tmem_poison(struct tmem_backend *backend, bool (*match)(u32 handle, void *data),
			  void *data)
{
	struct mover mover = { .backend = backend, .match = match, .data = data };
	unsigned long lost = 0;
	unsigned int type;

	if (!tmem_backend_registered(backend))
		return 0;
	tmem_synchronize();
	mutex_lock(&moves_lock);
	for (type = 0; type < MAX_SWAPFILES; type++)
		lost += poison_area(&mover, type);
	mutex_unlock(&moves_lock);
	/* Loads that may still be reading end here: then the kernel takes the page out of its mapping. */
	tmem_synchronize();
	return lost;
}
EXPORT_SYMBOL_GPL(tmem_poison);

static struct move *alloc_move(void)
{
	struct move *move = kzalloc(sizeof(*move), GFP_KERNEL);

	if (!move)
		return NULL;
	move->page = alloc_page(GFP_KERNEL);
	if (!move->page) {
		kfree(move);
		return NULL;
	}
	return move;
}

/* Bounce pages are there before they are needed: draining is what frees memory for others. */
int tmem_moves_init(void)
{
	while (moves_ready < MOVES_MAX) {
		moves[moves_ready] = alloc_move();
		if (!moves[moves_ready])
			break;
		moves_ready++;
	}
	return moves_ready ? 0 : -ENOMEM;
}

void tmem_moves_exit(void)
{
	while (moves_ready) {
		struct move *move = moves[--moves_ready];

		__free_page(move->page);
		kfree(move);
	}
}
