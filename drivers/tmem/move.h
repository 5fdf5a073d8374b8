/* SPDX-License-Identifier: GPL-2.0 */
/* What those who move pages away share: which pages, how, and what became of them. */
#ifndef _TMEM_MOVE_H
#define _TMEM_MOVE_H

#include "core.h"

enum tmem_mover_flags {
	MOVER_RELOCATE	= BIT(0),	/* another place will do */
	MOVER_LOSE	= BIT(1),	/* give up what can go nowhere */
	MOVER_WAIT	= BIT(2),	/* one page at a time, so that a failed write is seen */
};

/**
 * struct tmem_mover - what one mover wants, and has got
 * @flags: enum tmem_mover_flags
 * @event: to be counted for each page that was written to its slot
 * @target_pages: pages that may stay; only without @backend
 * @backend: only its pages, if set
 * @match: only these handles, with @backend
 * @data: for @match
 * @left: pages a pass had to leave
 * @failed: pages a pass could not write
 * @err: why, 0 if none was left
 */
struct tmem_mover {
	unsigned int flags;
	enum tmem_event event;
	unsigned long target_pages;
	struct tmem_backend *backend;
	bool (*match)(u32 handle, void *data);
	void *data;
	unsigned long left;
	unsigned long failed;
	int err;
};

/*
 * One mover at a time: locked for a whole shrink, evacuation or making of room. A memory failure and a namespace that
 * goes come before all others that wait, and whoever has it locked looks between two pages whether one of them wants
 * it.
 */
void tmem_moves_lock(void);
int tmem_moves_lock_killable(void);
void tmem_moves_unlock(void);
void tmem_moves_assert_locked(void);
bool tmem_moves_wanted(void);

/* Does the mover want what is at @place? */
bool tmem_mover_wants(const struct tmem_mover *mover, u32 place);

/**
 * tmem_move_entry() - move a page, if the mover wants it
 * @mover: whose flags say how; what became of it is added to its results
 * @device: the page's swap area, held
 * @key: of the page
 * @entry: of its slot
 *
 * Context: process, moves locked; may wait for bios. tmem_write_out_wait() must follow before
 * anything else is waited for.
 */
void tmem_move_entry(struct tmem_mover *mover, struct swap_info_struct *device,
		     struct tmem_key key, u32 *entry);

#endif /* _TMEM_MOVE_H */
