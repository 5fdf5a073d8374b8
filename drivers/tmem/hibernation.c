// SPDX-License-Identifier: GPL-2.0
/*
 * Hibernation is refused while pages are stored: the image would name places whose contents are
 * gone, or belong to somebody else, when it is resumed. Clean pages are dropped, since the disks may change.
 * Then backends wipe their keys.
 */
#include <linux/notifier.h>
#include <linux/suspend.h>
#include <tmem/hibernation.h>

#include "core.h"
#include "file.h"
#include "move.h"

bool tmem_hibernating;

/* Also held across ->sleep() and ->wake(): who takes a sleeper off the list knows that it is not being asked. */
static DEFINE_MUTEX(sleepers_lock);
static LIST_HEAD(sleepers);

void tmem_sleeper_add(struct tmem_sleeper *sleeper)
{
	mutex_lock(&sleepers_lock);
	list_add_tail(&sleeper->node, &sleepers);
	mutex_unlock(&sleepers_lock);
}
EXPORT_SYMBOL_GPL(tmem_sleeper_add);

void tmem_sleeper_remove(struct tmem_sleeper *sleeper)
{
	mutex_lock(&sleepers_lock);
	list_del(&sleeper->node);
	mutex_unlock(&sleepers_lock);
}
EXPORT_SYMBOL_GPL(tmem_sleeper_remove);

static int sleep_each(void)
{
	struct tmem_sleeper *sleeper;
	int err = 0;

	mutex_lock(&sleepers_lock);
	list_for_each_entry(sleeper, &sleepers, node) {
		err = sleeper->sleep();
		if (err)
			break;
		sleeper->asleep = true;
	}
	mutex_unlock(&sleepers_lock);
	return err;
}

static void wake_each(void)
{
	struct tmem_sleeper *sleeper;

	mutex_lock(&sleepers_lock);
	list_for_each_entry(sleeper, &sleepers, node) {
		if (sleeper->asleep)
			sleeper->wake();
		sleeper->asleep = false;
	}
	mutex_unlock(&sleepers_lock);
}

/* A page may have been freed while it was on its way to its slot, where the image may be written. */
static int wait_for_moves(void)
{
	int err = tmem_moves_lock_killable();

	if (!err)
		tmem_moves_unlock();
	return err;
}

static int refuse_if_held(void)
{
	unsigned long held = tmem_held_pages();

	if (!held)
		return 0;
	tmem_last_error("hibernation refused: %lu swapped-out pages are in tmem; run 'tmem-pmem-ctl drain' first",
			held);
	return -EBUSY;
}

static void wake(void)
{
	/* Whoever has no key would refuse. */
	wake_each();
	WRITE_ONCE(tmem_hibernating, false);
	tmem_pools_wake();
}

static int prepare(void)
{
	int err;

	/* From here on nothing comes in, so what is seen below stays true. */
	WRITE_ONCE(tmem_hibernating, true);
	tmem_synchronize();
	err = wait_for_moves();
	if (!err)
		err = refuse_if_held();
	/* One may have begun in between; when nothing is held none does. */
	if (!err)
		err = wait_for_moves();
	if (!err)
		err = tmem_pools_sleep();
	if (!err)
		err = sleep_each();
	if (err)
		wake();
	return notifier_from_errno(err);
}

static int pm_event(struct notifier_block *nb, unsigned long event, void *data)
{
	switch (event) {
	case PM_HIBERNATION_PREPARE:
		return prepare();
	case PM_POST_HIBERNATION:
		wake();
		return NOTIFY_OK;
	default:
		return NOTIFY_DONE;
	}
}

static struct notifier_block pm_notifier = { .notifier_call = pm_event };

int tmem_hibernation_init(void)
{
	return register_pm_notifier(&pm_notifier);
}

void tmem_hibernation_exit(void)
{
	unregister_pm_notifier(&pm_notifier);
}
