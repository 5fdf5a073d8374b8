// SPDX-License-Identifier: GPL-2.0
/* The attached devices: which there are, what handles they have, and how one is let go. */
#include <linux/mutex.h>
#include <linux/slab.h>
#include <tmem/device.h>

#include "pmem.h"

struct tmem_pmem_device __rcu *tmem_pmem_devices[TMEM_PMEM_DEVICES_MAX];
DEFINE_MUTEX(tmem_pmem_lock);
DEFINE_MUTEX(tmem_pmem_admin_lock);

/* As tmem_pmem_device_of(), for machines with several. */
struct tmem_pmem_device *tmem_pmem_device_find(u32 handle)
{
	unsigned int i;

	for (i = 0; i < TMEM_PMEM_DEVICES_MAX; i++) {
		struct tmem_pmem_device *device = tmem_pmem_device_seen(i);

		if (tmem_pmem_device_has(device, handle))
			return device;
	}
	return NULL;
}

/* Lowest run of @count handles that no device has; false if there is none. */
static bool find_handles(u32 count, u32 *base)
{
	u32 start = 0;
	unsigned int i;

	for (i = 0; i < TMEM_PMEM_DEVICES_MAX; i++) {
		struct tmem_pmem_device *device = tmem_pmem_device_at(i);

		if (!device || start + count <= device->base ||
		    start >= device->base + device->slots.count)
			continue;
		start = device->base + device->slots.count;
		i = -1;	/* begin again behind it */
		if (start > TMEM_HANDLE_MAX - count)
			return false;
	}
	*base = start;
	return count <= TMEM_HANDLE_MAX;
}

struct tmem_pmem_device *tmem_pmem_device_alloc(void)
{
	struct tmem_pmem_device *device = kzalloc(sizeof(*device), GFP_KERNEL);

	if (!device)
		return NULL;
	kobject_init(&device->kobj, &tmem_pmem_device_type);
	mutex_init(&device->bad_blocks_lock);
	return device;
}

/**
 * tmem_pmem_device_place() - find a place for a device, and handles for its slots
 * @device: with its slots
 *
 * Context: tmem_pmem_lock held, until tmem_pmem_device_add().
 * Return: the place; -ENOSPC if there are too many devices or slots.
 */
int tmem_pmem_device_place(struct tmem_pmem_device *device)
{
	int i;

	lockdep_assert_held(&tmem_pmem_lock);
	for (i = 0; i < TMEM_PMEM_DEVICES_MAX; i++)
		if (!tmem_pmem_device_at(i))
			return find_handles(device->slots.count, &device->base) ? i : -ENOSPC;
	return -ENOSPC;
}

/**
 * tmem_pmem_device_add() - put a device in service
 * @device: open, mapped, with its slots
 * @place: from tmem_pmem_device_place()
 *
 * Context: tmem_pmem_lock held.
 */
void tmem_pmem_device_add(struct tmem_pmem_device *device, int place)
{
	lockdep_assert_held(&tmem_pmem_lock);
	/* The operations find a device complete or not at all. */
	rcu_assign_pointer(tmem_pmem_devices[place], device);
	tmem_pmem_room_share_out();
}

/**
 * tmem_pmem_device_remove() - take an empty device out of service
 * @device: holds no page and takes none
 *
 * When this returns no operation of the core uses it, and nobody looks at what ends with the namespace's driver.
 *
 * Context: tmem_pmem_lock held.
 */
void tmem_pmem_device_remove(struct tmem_pmem_device *device)
{
	unsigned int i;

	lockdep_assert_held(&tmem_pmem_lock);
	for (i = 0; i < TMEM_PMEM_DEVICES_MAX; i++)
		if (tmem_pmem_device_at(i) == device)
			RCU_INIT_POINTER(tmem_pmem_devices[i], NULL);
	tmem_pmem_room_share_out();
	tmem_synchronize();
	tmem_pmem_forget_bad_blocks(device);
}

/* Context: tmem_pmem_lock held. */
bool tmem_pmem_in_service(const struct tmem_pmem_device *device)
{
	unsigned int i;

	lockdep_assert_held(&tmem_pmem_lock);
	for (i = 0; i < TMEM_PMEM_DEVICES_MAX; i++)
		if (tmem_pmem_device_at(i) == device)
			return true;
	return false;
}

bool tmem_pmem_match_device(u32 handle, void *data)
{
	struct tmem_pmem_device *device = data;

	return handle - device->base < device->slots.count;
}

/* To be closed after this, without tmem_pmem_lock: that waits for who sets something of it, and for its workers. */
static void let_go(struct tmem_pmem_device *device)
{
	lockdep_assert_held(&tmem_pmem_lock);
	tmem_pmem_clean_stop(device);
	tmem_pmem_device_remove(device);
	tmem_device_event(THIS_MODULE, "detached", device->name);
	pr_info("%s: detached\n", device->name);
}

/* A device that is being detached, and was not taken away meanwhile: another one may have its handles then. */
static bool match_detaching(u32 handle, void *data)
{
	struct tmem_pmem_device *device = data;

	return READ_ONCE(device->state) == TMEM_PMEM_DETACHING && tmem_pmem_match_device(handle, device);
}

/* Context: tmem_pmem_lock held. */
static void change_state(struct tmem_pmem_device *device, enum tmem_pmem_state state)
{
	WRITE_ONCE(device->state, state);
	tmem_pmem_room_share_out();
}

static int begin_detach(struct tmem_pmem_device *device)
{
	int err = -ENODEV;

	mutex_lock(&tmem_pmem_lock);
	if (tmem_pmem_in_service(device)) {
		change_state(device, TMEM_PMEM_DETACHING);
		err = 0;
	}
	mutex_unlock(&tmem_pmem_lock);
	return err;
}

/* @err: why its pages could not leave, or 0. */
static int end_detach(struct tmem_pmem_device *device, int err)
{
	mutex_lock(&tmem_pmem_lock);
	if (!tmem_pmem_in_service(device)) {
		err = -ENODEV;
	} else if (err) {
		change_state(device, TMEM_PMEM_ACTIVE);
		tmem_last_error("%s: some pages could not be moved away (error %d), so it stays attached; see the kernel log for errors of the swap device, and try again",
				device->name, err);
	} else {
		let_go(device);
	}
	mutex_unlock(&tmem_pmem_lock);
	if (!err)
		tmem_pmem_close(device);
	return err;
}

/**
 * tmem_pmem_detach() - move every page away and let a device go
 * @device: the caller has a reference
 *
 * Context: process; does I/O, during which the medium may report what it likes.
 * Return: 0, then @device is gone; -ENODEV if it was taken away, before or meanwhile; else why its pages could not
 * leave: it goes on as before.
 */
int tmem_pmem_detach(struct tmem_pmem_device *device)
{
	int err;

	mutex_lock(&tmem_pmem_admin_lock);
	err = begin_detach(device);
	if (!err)
		err = end_detach(device, tmem_evacuate(&tmem_pmem_backend, match_detaching, device, false));
	mutex_unlock(&tmem_pmem_admin_lock);
	return err;
}

static bool match_unusable(u32 handle, void *data)
{
	struct tmem_pmem_device *device = data;

	return READ_ONCE(device->state) == TMEM_PMEM_ACTIVE && tmem_pmem_match_device(handle, device) &&
	       !tmem_pmem_slots_is_usable(&device->slots, handle - device->base);
}

static int begin_resize(struct tmem_pmem_device *device, u32 usable)
{
	int err = -ENODEV;

	mutex_lock(&tmem_pmem_lock);
	if (tmem_pmem_in_service(device)) {
		tmem_pmem_slots_resize(&device->slots, usable);
		/* Who takes a slot that was usable before. */
		tmem_synchronize();
		if (usable < device->slots.count)
			tmem_pmem_clean_drop_slots(device, usable, device->slots.count - 1);
		err = 0;
	}
	mutex_unlock(&tmem_pmem_lock);
	return err;
}

/* @err: why pages could not leave, or 0. */
static int end_resize(struct tmem_pmem_device *device, int err)
{
	mutex_lock(&tmem_pmem_lock);
	if (!tmem_pmem_in_service(device)) {
		err = -ENODEV;
	} else {
		if (err)
			tmem_last_error("%s: some pages are still beyond its usable slots and could not be moved away (error %d); no others come there, and another resize tries again",
					device->name, err);
		tmem_pmem_room_wanted(device);
	}
	mutex_unlock(&tmem_pmem_lock);
	return err;
}

/**
 * tmem_pmem_resize() - change how many slots of a device are used
 * @device: the caller has a reference
 * @usable: the first so many; at most all
 *
 * Pages beyond move to slots within, to another device, or to their own swap slots.
 *
 * Context: process; does I/O, during which the medium may report what it likes.
 * Return: 0; -ENODEV if @device was taken away, before or meanwhile; else why some pages could not leave: they stay
 * until they are freed, and no others come.
 */
int tmem_pmem_resize(struct tmem_pmem_device *device, u32 usable)
{
	int err;

	mutex_lock(&tmem_pmem_admin_lock);
	err = begin_resize(device, usable);
	if (!err)
		err = end_resize(device, tmem_evacuate(&tmem_pmem_backend, match_unusable, device, false));
	mutex_unlock(&tmem_pmem_admin_lock);
	return err;
}

/* The backend is not registered (any more), so no device holds a page. */
void tmem_pmem_close_all(void)
{
	unsigned int i;

	mutex_lock(&tmem_pmem_admin_lock);
	for (i = 0; i < TMEM_PMEM_DEVICES_MAX; i++) {
		struct tmem_pmem_device *device;

		mutex_lock(&tmem_pmem_lock);
		device = tmem_pmem_device_at(i);
		if (device)
			let_go(device);
		mutex_unlock(&tmem_pmem_lock);
		if (device)
			tmem_pmem_close(device);
	}
	mutex_unlock(&tmem_pmem_admin_lock);
}
