// SPDX-License-Identifier: GPL-2.0
/* A page's way to a slot and back: the operations the core calls. */
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/topology.h>

#include "media.h"
#include "pmem.h"

static __always_inline bool holds(const struct tmem_pmem_device *device, u32 handle)
{
	return device && handle - device->base < device->slots.count;
}

static noinline struct tmem_pmem_device *find_device(u32 handle)
{
	unsigned int i;

	for (i = 0; i < TMEM_PMEM_DEVICES_MAX; i++) {
		struct tmem_pmem_device *device = READ_ONCE(tmem_pmem_devices[i]);

		if (holds(device, handle))
			return device;
	}
	return NULL;
}

/*
 * The device a handle belongs to, NULL if it is no longer attached. Most machines have one.
 * Inside the core's SRCU or RCU.
 */
static __always_inline struct tmem_pmem_device *device_of(u32 handle)
{
	struct tmem_pmem_device *first = READ_ONCE(tmem_pmem_devices[0]);

	return likely(holds(first, handle)) ? first : find_device(handle);
}

/* Return: 0, or why it could not be encrypted; then nobody may read the slot. */
static __always_inline int store_in(struct tmem_pmem_device *device, u32 slot, struct page *page)
{
	if (device->cipher)
		return tmem_pmem_media_store_encrypted(device->cipher, slot,
						       tmem_pmem_slot_address(device, slot), page);
	tmem_pmem_media_store(tmem_pmem_slot_address(device, slot), page);
	return 0;
}

/* The older copy's slot is overwritten, if it may be: nobody else reads or writes it now. */
static bool store_in_place(struct page *page, u32 handle)
{
	struct tmem_pmem_device *device = device_of(handle);
	u32 slot;

	if (unlikely(!device))
		return false;
	slot = handle - device->base;
	if (unlikely(READ_ONCE(device->state) != TMEM_PMEM_ACTIVE ||
		     !tmem_pmem_slots_in_share(&device->slots, slot) ||
		     tmem_pmem_slots_is_bad(&device->slots, slot)))
		return false;
	return !store_in(device, slot, page);
}

static int store_on(struct tmem_pmem_device *device, struct page *page)
{
	int slot, err;

	if (READ_ONCE(device->state) != TMEM_PMEM_ACTIVE)
		return -ENXIO;
	slot = tmem_pmem_slots_alloc(&device->slots);
	while (unlikely(slot < 0) && tmem_pmem_clean_give_up(device))
		slot = tmem_pmem_slots_alloc(&device->slots);
	if (unlikely(slot < 0)) {
		tmem_pmem_room_wanted(device);
		return -ENOSPC;
	}
	err = store_in(device, slot, page);
	if (unlikely(err)) {
		tmem_pmem_slots_free(&device->slots, slot);
		return err;
	}
	tmem_pmem_room_taken(device);
	return device->base + slot;
}

/* Try the devices of the page's own NUMA node. */
static __always_inline int store_near(struct page *page)
{
	int err = -ENODEV;
	unsigned int i;

	for (i = 0; i < TMEM_PMEM_DEVICES_MAX; i++) {
		struct tmem_pmem_device *device = READ_ONCE(tmem_pmem_devices[i]);
		int ret;

		if (!device || device->node != page_to_nid(page))
			continue;
		ret = store_on(device, page);
		if (likely(ret >= 0))
			return ret;
		/* A full device says more than one that is on its way out. */
		if (err != -ENOSPC)
			err = ret;
	}
	return err;
}

static void pmem_free(struct tmem_key key, u32 handle)
{
	struct tmem_pmem_device *device = device_of(handle);

	if (device)
		tmem_pmem_slots_free(&device->slots, handle - device->base);
}

static int distance(int from, int to)
{
	return to == NUMA_NO_NODE ? INT_MAX : node_distance(from, to);
}

/* The device that is nearest to a node, of those whose bit is not set in @tried yet. */
static struct tmem_pmem_device *nearest(int node, unsigned long *tried)
{
	struct tmem_pmem_device *best = NULL;
	unsigned int i, which = 0;

	for (i = 0; i < TMEM_PMEM_DEVICES_MAX; i++) {
		struct tmem_pmem_device *device = READ_ONCE(tmem_pmem_devices[i]);

		if (!device || (*tried & BIT(i)) ||
		    (best && distance(node, device->node) >= distance(node, best->node)))
			continue;
		best = device;
		which = i;
	}
	*tried |= BIT(which);
	return best;
}

/* The page's own node had no room: try the others, nearest first. @err: what was answered there. */
static noinline int store_far(struct page *page, int err)
{
	struct tmem_pmem_device *device;
	int node = page_to_nid(page);
	unsigned long tried = 0;

	while ((device = nearest(node, &tried))) {
		int ret;

		if (device->node == node)
			continue;
		ret = store_on(device, page);
		if (ret >= 0)
			return ret;
		if (err != -ENOSPC)
			err = ret;
	}
	return err;
}

static int pmem_store(struct tmem_key key, struct page *page, u32 old)
{
	int near;

	if (old != TMEM_NO_HANDLE) {
		if (likely(store_in_place(page, old)))
			return old;
		pmem_free(key, old);
	}
	near = store_near(page);
	return likely(near >= 0) ? near : store_far(page, near);
}

static noinline int media_error(u32 handle)
{
	struct tmem_pmem_device *device = device_of(handle);
	u32 slot;

	if (!device)
		return -EIO;
	slot = handle - device->base;
	tmem_pmem_slots_quarantine(&device->slots, slot);
	atomic_long_inc(&device->poisoned_pages);
	pr_warn_ratelimited("tmem_pmem: %s: media error in slot %u, its page is lost\n",
			    device->name, slot);
	return -EIO;
}

/* Not an error of the medium: what it holds is right. */
static noinline int decrypt(struct tmem_pmem_device *device, u32 slot, struct page *page)
{
	int err = tmem_cipher_decrypt(device->cipher, slot, page);

	if (err)
		pr_err_ratelimited("%s: slot %u cannot be decrypted (error %d)\n", device->name, slot,
				   err);
	return err ? -EIO : 0;
}

static int pmem_load(struct tmem_key key, u32 handle, struct page *page)
{
	struct tmem_pmem_device *device = device_of(handle);
	u32 slot;

	if (unlikely(!device))
		return -EIO;
	slot = handle - device->base;
	if (unlikely(tmem_pmem_media_load(page, tmem_pmem_slot_address(device, slot))))
		return media_error(handle);
	return device->cipher ? decrypt(device, slot, page) : 0;
}

const struct tmem_backend_ops tmem_pmem_ops = {
	.store	= pmem_store,
	.load	= pmem_load,
	.free	= pmem_free,
};
