// SPDX-License-Identifier: GPL-2.0
/* The attached devices: which there are, what slots they have, and how one is let go. */
#include <linux/delay.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <tmem/device.h>

#include "ssd.h"

struct tmem_ssd_device __rcu *tmem_ssd_devices[TMEM_SSD_DEVICES_MAX];
DEFINE_MUTEX(tmem_ssd_lock);

/**
 * tmem_ssd_find_slots() - the lowest run of slots that no device has
 * @count: its length, a multiple of TMEM_SSD_SEGMENT_BLOCKS
 * @first: set to its first slot, likewise a multiple
 *
 * Context: tmem_ssd_lock held.
 * Return: 0; -ENOSPC if there is none.
 */
int tmem_ssd_find_slots(u64 count, u32 *first)
{
	u64 start = 0;
	unsigned int i;

	lockdep_assert_held(&tmem_ssd_lock);
	for (i = 0; i < TMEM_SSD_DEVICES_MAX; i++) {
		struct tmem_ssd_device *device = tmem_ssd_device_at(i);
		u64 end;

		if (!device)
			continue;
		end = device->log.first_slot + (u64)device->log.count * TMEM_SSD_SEGMENT_BLOCKS;
		if (start + count <= device->log.first_slot || start >= end)
			continue;
		start = end;
		i = -1;	/* begin again behind it */
	}
	if (start + count > U32_MAX)
		return -ENOSPC;
	*first = start;
	return 0;
}

/* The device that has a slot, NULL if it is no longer attached. Inside RCU. */
struct tmem_ssd_device *tmem_ssd_device_of(u32 slot)
{
	unsigned int i;

	for (i = 0; i < TMEM_SSD_DEVICES_MAX; i++) {
		struct tmem_ssd_device *device = rcu_dereference(tmem_ssd_devices[i]);

		if (device && tmem_ssd_log_slot_ok(&device->log, slot))
			return device;
	}
	return NULL;
}

struct tmem_ssd_device *tmem_ssd_device_alloc(void)
{
	struct tmem_ssd_device *device = kzalloc(sizeof(*device), GFP_KERNEL);

	if (!device)
		return NULL;
	device->counters = alloc_percpu(struct tmem_ssd_counters);
	if (!device->counters) {
		kfree(device);
		return NULL;
	}
	INIT_WORK(&device->work, tmem_ssd_write_work);
	tmem_ssd_barrier_init(device);
	tmem_ssd_health_watch(device);
	kobject_init(&device->kobj, &tmem_ssd_device_type);
	return device;
}

/**
 * tmem_ssd_device_add() - put a device in service
 * @device: open, with its log and stages
 *
 * Context: tmem_ssd_lock held.
 * Return: 0, -ENOSPC if there are too many devices.
 */
int tmem_ssd_device_add(struct tmem_ssd_device *device)
{
	unsigned int i;

	lockdep_assert_held(&tmem_ssd_lock);
	for (i = 0; i < TMEM_SSD_DEVICES_MAX && tmem_ssd_device_at(i); i++)
		;
	if (i == TMEM_SSD_DEVICES_MAX)
		return -ENOSPC;
	rcu_assign_pointer(tmem_ssd_devices[i], device);
	return 0;
}

/* Context: tmem_ssd_lock held. */
bool tmem_ssd_in_service(const struct tmem_ssd_device *device)
{
	unsigned int i;

	lockdep_assert_held(&tmem_ssd_lock);
	for (i = 0; i < TMEM_SSD_DEVICES_MAX; i++)
		if (tmem_ssd_device_at(i) == device)
			return true;
	return false;
}

bool tmem_ssd_any_encrypted(void)
{
	bool found = false;
	unsigned int i;

	rcu_read_lock();
	for (i = 0; i < TMEM_SSD_DEVICES_MAX && !found; i++) {
		struct tmem_ssd_device *device = rcu_dereference(tmem_ssd_devices[i]);

		found = device && device->encrypted;
	}
	rcu_read_unlock();
	return found;
}

/* Segments' worth of memory that all devices have for pages on their way to them. */
unsigned int tmem_ssd_staging_segments(void)
{
	unsigned int i, segments = 0;

	rcu_read_lock();
	for (i = 0; i < TMEM_SSD_DEVICES_MAX; i++) {
		struct tmem_ssd_device *device = rcu_dereference(tmem_ssd_devices[i]);

		if (device)
			segments += TMEM_SSD_STAGES + !!device->ciphertext;
	}
	rcu_read_unlock();
	return segments;
}

static void take_out(struct tmem_ssd_device *device)
{
	unsigned int i;

	for (i = 0; i < TMEM_SSD_DEVICES_MAX; i++)
		if (tmem_ssd_device_at(i) == device)
			RCU_INIT_POINTER(tmem_ssd_devices[i], NULL);
	synchronize_rcu();
}

/* Until no entry names one of its slots and nobody reads one. */
static void wait_until_empty(struct tmem_ssd_device *device)
{
	u32 segment;

	for (segment = 0; segment < device->log.count; segment++) {
		while (!tmem_ssd_log_is_empty(&device->log, segment)) {
			tmem_index_reap(&tmem_ssd_index);
			msleep(20);
		}
		cond_resched();
	}
}

/**
 * tmem_ssd_empty() - forget what a device holds
 * @device: in service, and not active any more
 *
 * When this returns nothing is read from there or written, and nobody finds anything there.
 *
 * Context: tmem_ssd_lock held; waits for requests.
 */
void tmem_ssd_empty(struct tmem_ssd_device *device)
{
	lockdep_assert_held(&tmem_ssd_lock);
	/* Puts that saw it active have ended, and gets have pinned what they will read. */
	synchronize_rcu();
	flush_workqueue(device->worker);
	tmem_index_forget_slots(&tmem_ssd_index, device->log.first_slot,
				device->log.count * TMEM_SSD_SEGMENT_BLOCKS);
	wait_until_empty(device);
}

/**
 * tmem_ssd_detach() - forget what a device holds and let it go
 * @device: in service; freed
 *
 * Context: tmem_ssd_lock held; waits for requests.
 */
void tmem_ssd_detach(struct tmem_ssd_device *device)
{
	lockdep_assert_held(&tmem_ssd_lock);
	WRITE_ONCE(device->state, TMEM_SSD_DETACHING);
	tmem_ssd_stages_close(&device->stages);
	tmem_ssd_empty(device);
	take_out(device);
	tmem_ssd_policy_resize();
	tmem_device_event(THIS_MODULE, "detached", device->name);
	pr_info("%s: detached\n", device->name);
	tmem_ssd_close(device);
}

void tmem_ssd_detach_all(void)
{
	unsigned int i;

	mutex_lock(&tmem_ssd_lock);
	for (i = 0; i < TMEM_SSD_DEVICES_MAX; i++)
		if (tmem_ssd_device_at(i))
			tmem_ssd_detach(tmem_ssd_device_at(i));
	mutex_unlock(&tmem_ssd_lock);
}
