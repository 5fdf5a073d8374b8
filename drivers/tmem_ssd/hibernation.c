// SPDX-License-Identifier: GPL-2.0
/*
 * The image of a hibernation has all of memory: the keys of devices are not in it. A device without its key is
 * asleep, or has failed, and is empty: nobody puts or gets, nothing is written, and what was being read has been read.
 */
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/suspend.h>
#include <tmem/cipher.h>

#include "ssd.h"

static struct tmem_ssd_device *encrypting(unsigned int i)
{
	struct tmem_ssd_device *device = rcu_dereference_protected(tmem_ssd_devices[i],
								   lockdep_is_held(&tmem_ssd_lock));

	return device && device->cipher ? device : NULL;
}

/* One that has failed is about to be let go, and stays so. */
static int put_to_sleep(struct tmem_ssd_device *device)
{
	cmpxchg(&device->state, TMEM_SSD_ACTIVE, TMEM_SSD_ASLEEP);
	tmem_ssd_empty(device);
	return tmem_cipher_forget(device->cipher);
}

/* Without a key it stays asleep. */
static void wake_one(struct tmem_ssd_device *device)
{
	int err = tmem_cipher_renew(device->cipher);

	if (err)
		pr_err("%s: no key after hibernation (error %d), so nothing is cached there; detach it and attach it again\n",
		       device->name, err);
	else
		cmpxchg(&device->state, TMEM_SSD_ASLEEP, TMEM_SSD_ACTIVE);
}

static void wake(void)
{
	unsigned int i;

	mutex_lock(&tmem_ssd_lock);
	for (i = 0; i < TMEM_SSD_DEVICES_MAX; i++)
		if (encrypting(i))
			wake_one(encrypting(i));
	mutex_unlock(&tmem_ssd_lock);
}

/* Whoever attaches a device meanwhile is refused a key, see tmem_cipher_alloc(). */
static int prepare(void)
{
	unsigned int i;
	int err = 0;

	mutex_lock(&tmem_ssd_lock);
	for (i = 0; i < TMEM_SSD_DEVICES_MAX && !err; i++)
		if (encrypting(i))
			err = put_to_sleep(encrypting(i));
	mutex_unlock(&tmem_ssd_lock);
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

/* The core's comes first: no filesystem puts or gets from then on. */
static struct notifier_block pm_notifier = { .notifier_call = pm_event };

int tmem_ssd_hibernation_init(void)
{
	return register_pm_notifier(&pm_notifier);
}

void tmem_ssd_hibernation_exit(void)
{
	unregister_pm_notifier(&pm_notifier);
}
