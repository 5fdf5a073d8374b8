// SPDX-License-Identifier: GPL-2.0
/* A page's way to a slot and back: the operations the core calls. */
#include <linux/mm.h>

#include "media.h"
#include "pmem.h"

/**
 * tmem_pmem_device_of() - the device a handle belongs to
 * @handle: as given to the core
 * @slot: out: slot of the device
 *
 * Context: inside the core's SRCU or RCU, or under tmem_pmem_lock.
 * Return: NULL if the device is no longer attached.
 */
struct tmem_pmem_device *tmem_pmem_device_of(u32 handle, u32 *slot)
{
	unsigned int i;

	for (i = 0; i < TMEM_PMEM_DEVICES_MAX; i++) {
		struct tmem_pmem_device *device = READ_ONCE(tmem_pmem_devices[i]);

		if (device && handle - device->base < device->slots.count) {
			*slot = handle - device->base;
			return device;
		}
	}
	return NULL;
}

/* The older copy's slot is overwritten, if it may be: nobody else reads or writes it now. */
static bool store_in_place(struct page *page, u32 handle)
{
	struct tmem_pmem_device *device;
	u32 slot;

	device = tmem_pmem_device_of(handle, &slot);
	if (unlikely(!device))
		return false;
	if (unlikely(READ_ONCE(device->state) != TMEM_PMEM_ACTIVE ||
		     tmem_pmem_slots_is_bad(&device->slots, slot)))
		return false;
	tmem_pmem_media_store(tmem_pmem_slot_address(device, slot), page);
	return true;
}

static int store_on(struct tmem_pmem_device *device, struct page *page, u32 *handle)
{
	int slot;

	if (READ_ONCE(device->state) != TMEM_PMEM_ACTIVE)
		return -ENXIO;
	slot = tmem_pmem_slots_alloc(&device->slots);
	if (slot < 0)
		return -ENOSPC;
	tmem_pmem_media_store(tmem_pmem_slot_address(device, slot), page);
	*handle = device->base + slot;
	return 0;
}

/* Try the devices of the page's own NUMA node, then (@near false) the others. */
static int store_new(struct page *page, u32 *handle, bool near)
{
	int err = -ENODEV;
	unsigned int i;

	for (i = 0; i < TMEM_PMEM_DEVICES_MAX; i++) {
		struct tmem_pmem_device *device = READ_ONCE(tmem_pmem_devices[i]);
		int ret;

		if (!device || (device->node == page_to_nid(page)) != near)
			continue;
		ret = store_on(device, page, handle);
		if (!ret)
			return 0;
		/* A full device says more than one that is on its way out. */
		if (err != -ENOSPC)
			err = ret;
	}
	return err;
}

static void pmem_free(struct tmem_key key, u32 handle)
{
	struct tmem_pmem_device *device;
	u32 slot;

	device = tmem_pmem_device_of(handle, &slot);
	if (device)
		tmem_pmem_slots_free(&device->slots, slot);
}

static int pmem_store(struct tmem_key key, struct page *page, u32 *handle)
{
	int near, far;

	if (*handle != TMEM_NO_HANDLE) {
		if (likely(store_in_place(page, *handle)))
			return 0;
		pmem_free(key, *handle);
		*handle = TMEM_NO_HANDLE;
	}
	near = store_new(page, handle, true);
	if (likely(!near))
		return 0;
	far = store_new(page, handle, false);
	return far && near == -ENOSPC ? near : far;
}

static int pmem_load(struct tmem_key key, u32 handle, struct page *page)
{
	struct tmem_pmem_device *device;
	u32 slot;
	int err;

	device = tmem_pmem_device_of(handle, &slot);
	if (unlikely(!device))
		return -EIO;
	err = tmem_pmem_media_load(page, tmem_pmem_slot_address(device, slot));
	if (unlikely(err)) {
		tmem_pmem_slots_quarantine(&device->slots, slot);
		atomic_long_inc(&device->poisoned_pages);
		pr_warn_ratelimited("tmem_pmem: %s: media error in slot %u, its page is lost\n",
				    device->name, slot);
	}
	return err;
}

const struct tmem_backend_ops tmem_pmem_ops = {
	.store	= pmem_store,
	.load	= pmem_load,
	.free	= pmem_free,
};
