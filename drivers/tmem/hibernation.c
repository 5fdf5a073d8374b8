// SPDX-License-Identifier: GPL-2.0
/*
 * Hibernation is refused while pages are stored: the image would name places whose contents are
 * gone, or belong to somebody else, when it is resumed. Clean pages are dropped, since the disks may change.
 */
#include <linux/notifier.h>
#include <linux/suspend.h>

#include "core.h"
#include "file.h"
#include "move.h"

bool tmem_hibernating;

static int prepare(void)
{
	unsigned long held;
	int err;

	/* From here on nothing comes in, so what is seen below stays true. */
	WRITE_ONCE(tmem_hibernating, true);
	tmem_synchronize();
	/* A page may have been freed while it was on its way to its slot, where the image may be written. */
	err = mutex_lock_killable(&tmem_moves_lock);
	if (err)
		goto refuse;
	mutex_unlock(&tmem_moves_lock);
	held = tmem_held_pages();
	if (!held) {
		err = tmem_pools_sleep();
		if (!err)
			return NOTIFY_OK;
		goto refuse;
	}
	err = -EBUSY;
	tmem_last_error("hibernation refused: %lu swapped-out pages are in tmem; run 'tmem-pmem-ctl drain' first",
			held);
refuse:
	WRITE_ONCE(tmem_hibernating, false);
	return notifier_from_errno(err);
}

static int pm_event(struct notifier_block *nb, unsigned long event, void *data)
{
	switch (event) {
	case PM_HIBERNATION_PREPARE:
		return prepare();
	case PM_POST_HIBERNATION:
		WRITE_ONCE(tmem_hibernating, false);
		tmem_pools_wake();
		return NOTIFY_OK;
	default:
		return NOTIFY_DONE;
	}
}

/* Before backends forget their keys: what is stored needs them. */
static struct notifier_block pm_notifier = { .notifier_call = pm_event, .priority = 1 };

int tmem_hibernation_init(void)
{
	return register_pm_notifier(&pm_notifier);
}

void tmem_hibernation_exit(void)
{
	unregister_pm_notifier(&pm_notifier);
}
