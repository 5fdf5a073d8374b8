/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the core asks of backends when the machine hibernates.
 *
 * The image has what is in memory, and others may write to the media until it is resumed. So the core sees to it that
 * no page is stored, and that nobody puts or gets; then those with keys in memory are asked to wipe them.
 */
#ifndef _TMEM_HIBERNATION_H
#define _TMEM_HIBERNATION_H

#include <linux/list.h>

/**
 * struct tmem_sleeper - has what must not be in the image of a hibernation
 * @node: of the core
 * @asleep: of the core
 * @sleep: wipe it. No swapped-out page is held, and until @wake none is stored, nor is a clean one put or got.
 *	Return: 0; a negative errno, then the machine does not hibernate, and nothing has changed
 * @wake: @sleep returned 0, and the machine has hibernated, or did not for another reason
 *
 * Context of both: process, may sleep; one call at a time. A fatal signal should end what waits for long.
 */
struct tmem_sleeper {
	struct list_head node;
	bool asleep;
	int (*sleep)(void);
	void (*wake)(void);
};

/**
 * tmem_sleeper_add() - be asked from now on
 * @sleeper: stays valid until tmem_sleeper_remove() returns
 *
 * Context: process, may sleep.
 */
void tmem_sleeper_add(struct tmem_sleeper *sleeper);

/**
 * tmem_sleeper_remove() - be asked no more
 * @sleeper: as added
 *
 * When this returns neither operation is running, nor will be.
 *
 * Context: process, may sleep.
 */
void tmem_sleeper_remove(struct tmem_sleeper *sleeper);

#endif /* _TMEM_HIBERNATION_H */
