// SPDX-License-Identifier: GPL-2.0
/*
 * The image of a hibernation has all of memory: the keys of devices are not in it. A device without its key is
 * asleep, or has failed, and is empty: nobody puts or gets, nothing is written, and what was being read has been read.
 */
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <tmem/cipher.h>
#include <tmem/device.h>
#include <tmem/hibernation.h>
#include <tmem/tmem.h>

#include "ssd.h"

/* How long what is under way is waited for. */
#define PATIENCE_SECONDS	20

static struct tmem_ssd_device *encrypting(unsigned int i)
{
	struct tmem_ssd_device *device = rcu_dereference_protected(tmem_ssd_devices[i],
								   lockdep_is_held(&tmem_ssd_lock));

	return device && device->cipher ? device : NULL;
}

static void pass_barrier(struct work_struct *work)
{
	complete(&container_of(work, struct tmem_ssd_device, barrier)->passed);
}

void tmem_ssd_barrier_init(struct tmem_ssd_device *device)
{
	INIT_WORK(&device->barrier, pass_barrier);
	init_completion(&device->passed);
}

/* Until what @worker does now is done: it does one thing after the other. */
static int wait_for_worker(struct tmem_ssd_device *device, unsigned long timeout)
{
	long left;

	reinit_completion(&device->passed);
	queue_work(device->worker, &device->barrier);
	left = wait_for_completion_killable_timeout(&device->passed, timeout);
	if (left < 0)
		return left;
	return left ? 0 : -ETIMEDOUT;
}

/* Return: 0; -ETIMEDOUT if that is not to go on; -EINTR after a fatal signal. */
static int sleep_a_bit(unsigned long end)
{
	if (time_after(jiffies, end))
		return -ETIMEDOUT;
	schedule_timeout_killable(msecs_to_jiffies(20));
	return fatal_signal_pending(current) ? -EINTR : 0;
}

static int wait_for_readers(struct tmem_ssd_device *device, unsigned long end)
{
	u32 segment;

	int err = 0;

	for (segment = 0; segment < device->log.count && !err; segment++) {
		while (tmem_ssd_log_is_read(&device->log, segment) && !err)
			err = sleep_a_bit(end);
		cond_resched();
	}
	return err;
}

/*
 * Requests under way are waited for, but not for ever, so that tmem_ssd_empty() need not do that. -ETIMEDOUT; another
 * error after a fatal signal. Context: tmem_ssd_lock held; @device is not active any more.
 */
static int settle(struct tmem_ssd_device *device)
{
	unsigned long end = jiffies + PATIENCE_SECONDS * HZ;
	int err;

	lockdep_assert_held(&tmem_ssd_lock);
	/* Who saw it active has put its page, or has pinned what it will read. */
	synchronize_rcu();
	err = wait_for_worker(device, PATIENCE_SECONDS * HZ);
	return err ?: wait_for_readers(device, end);
}

/* One that has failed is about to be let go, and stays so. */
static int put_to_sleep(struct tmem_ssd_device *device)
{
	int err;

	cmpxchg(&device->state, TMEM_SSD_ACTIVE, TMEM_SSD_ASLEEP);
	err = settle(device);
	if (err == -ETIMEDOUT)
		tmem_last_error("hibernation refused: %s has not answered for %d seconds; take it away, or wait for it",
				device->name, PATIENCE_SECONDS);
	if (err)
		return err;
	tmem_ssd_empty(device);
	err = tmem_cipher_forget(device->cipher);
	if (err)
		tmem_last_error("hibernation refused: the key of %s cannot be wiped (error %d); detach it first", device->name, err);
	return err;
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

/* Context: tmem_ssd_lock held. */
static void wake_all(void)
{
	unsigned int i;

	for (i = 0; i < TMEM_SSD_DEVICES_MAX; i++)
		if (encrypting(i))
			wake_one(encrypting(i));
}

static void wake(void)
{
	mutex_lock(&tmem_ssd_lock);
	wake_all();
	mutex_unlock(&tmem_ssd_lock);
}

/* Who lets a device go that hangs has the lock until it answers. */
static int lock_devices(void)
{
	unsigned long end = jiffies + PATIENCE_SECONDS * HZ;
	int err = 0;

	while (!err && !mutex_trylock(&tmem_ssd_lock))
		err = sleep_a_bit(end);
	if (err == -ETIMEDOUT)
		tmem_last_error("hibernation refused: a device of tmem_ssd is being attached or detached, and has not answered for %d seconds; take it away, or wait for it",
				PATIENCE_SECONDS);
	return err;
}

/* Whoever attaches a device meanwhile is refused a key, see tmem_cipher_alloc(). */
static int fall_asleep(void)
{
	int err = lock_devices();
	unsigned int i;

	if (err)
		return err;
	for (i = 0; i < TMEM_SSD_DEVICES_MAX && !err; i++)
		if (encrypting(i))
			err = put_to_sleep(encrypting(i));
	if (err)
		wake_all();
	mutex_unlock(&tmem_ssd_lock);
	return err;
}

struct tmem_sleeper tmem_ssd_sleeper = { .sleep = fall_asleep, .wake = wake };
