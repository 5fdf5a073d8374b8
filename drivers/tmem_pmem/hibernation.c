// SPDX-License-Identifier: GPL-2.0
/*
 * The image of a hibernation has all of memory: the keys of devices are not in it. Nothing that they encrypted is
 * wanted any more by then: the core has seen that no page is stored, and clean pages are dropped here.
 */
#include <linux/mutex.h>
#include <tmem/hibernation.h>

#include "pmem.h"

/* Context: tmem_pmem_lock held. */
static int forget_keys(void)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < TMEM_PMEM_DEVICES_MAX && !err; i++)
		if (tmem_pmem_device_at(i) && tmem_pmem_device_at(i)->cipher)
			err = tmem_cipher_forget(tmem_pmem_device_at(i)->cipher);
	if (err)
		tmem_last_error("hibernation refused: the key of %s cannot be wiped (error %d); detach it first",
				tmem_pmem_device_at(i - 1)->name, err);
	return err;
}

/* One that cannot have a key takes no page. Context: tmem_pmem_lock held. */
static void renew_keys(void)
{
	unsigned int i;

	for (i = 0; i < TMEM_PMEM_DEVICES_MAX; i++) {
		struct tmem_pmem_device *device = tmem_pmem_device_at(i);
		int err = device && device->cipher ? tmem_cipher_renew(device->cipher) : 0;

		if (err)
			pr_err("%s: no key after hibernation (error %d), so nothing is stored there; detach it and attach it again\n",
			       device->name, err);
	}
}

/* Context: tmem_pmem_lock held. */
static void wake_all(void)
{
	renew_keys();
	/* What has no key has no room. */
	tmem_pmem_room_share_out();
	tmem_pmem_clean_wake();
}

static void wake(void)
{
	mutex_lock(&tmem_pmem_lock);
	wake_all();
	mutex_unlock(&tmem_pmem_lock);
}

/* Whoever attaches a device meanwhile is refused a key, see tmem_cipher_alloc(). */
static int fall_asleep(void)
{
	int err = mutex_lock_killable(&tmem_pmem_admin_lock);

	if (err)
		return err;
	mutex_lock(&tmem_pmem_lock);
	tmem_pmem_clean_sleep();
	err = forget_keys();
	if (err)
		wake_all();
	mutex_unlock(&tmem_pmem_lock);
	mutex_unlock(&tmem_pmem_admin_lock);
	/* Those that disappeared had keys, too. */
	tmem_pmem_failure_flush();
	return err;
}

struct tmem_sleeper tmem_pmem_sleeper = { .sleep = fall_asleep, .wake = wake };
