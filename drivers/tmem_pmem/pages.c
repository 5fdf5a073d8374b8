// SPDX-License-Identifier: GPL-2.0
/* A page's way to a slot and back: the operations the core calls. */
#include <linux/bitmap.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/topology.h>

#include "media.h"
#include "pmem.h"

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
	struct tmem_pmem_device *device = tmem_pmem_device_of(handle);
	u32 slot;

	if (unlikely(!device))
		return false;
	slot = handle - device->base;
	if (unlikely(!tmem_pmem_takes_pages(device) || !tmem_pmem_slots_is_usable(&device->slots, slot) ||
		     tmem_pmem_slots_is_bad(&device->slots, slot)))
		return false;
	return !store_in(device, slot, page);
}

static int store_on(struct tmem_pmem_device *device, struct page *page)
{
	int slot, err;

	if (!tmem_pmem_takes_pages(device))
		return READ_ONCE(device->state) == TMEM_PMEM_ACTIVE ? -EBUSY : -ENXIO;
	slot = tmem_pmem_slots_alloc(&device->slots);
	if (unlikely(slot < 0))
		slot = tmem_pmem_clean_give_up(device);
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

/* Try the devices of the page's own NUMA node, but for those that are passed over. */
static __always_inline int store_near(struct page *page)
{
	int err = -ENODEV;
	unsigned int i;

	for (i = 0; i < TMEM_PMEM_DEVICES_MAX; i++) {
		struct tmem_pmem_device *device = tmem_pmem_device_seen(i);
		int ret;

		if (!device || READ_ONCE(device->near_node) != page_to_nid(page))
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
	struct tmem_pmem_device *device = tmem_pmem_device_of(handle);

	if (device)
		tmem_pmem_slots_free(&device->slots, handle - device->base);
}

static int distance(int from, int to)
{
	return to == NUMA_NO_NODE ? INT_MAX : node_distance(from, to);
}

static bool passed_over(const struct tmem_pmem_device *device)
{
	return READ_ONCE(device->near_node) == TMEM_PMEM_NEAR_NONE;
}

/* The device that is nearest to a node, of those whose bit is not set in @tried yet. @all: passed over or not. */
static struct tmem_pmem_device *nearest(int node, bool all, unsigned long *tried)
{
	struct tmem_pmem_device *best = NULL;
	unsigned int i, which = 0;

	for (i = 0; i < TMEM_PMEM_DEVICES_MAX; i++) {
		struct tmem_pmem_device *device = tmem_pmem_device_seen(i);

		if (!device || (*tried & BIT(i)) || (!all && passed_over(device)) ||
		    (best && distance(node, device->node) >= distance(node, best->node)))
			continue;
		best = device;
		which = i;
	}
	*tried |= BIT(which);
	return best;
}

/* Try devices, nearest first. @err: what was answered before. */
static int store_nearest(struct page *page, bool all, int err)
{
	struct tmem_pmem_device *device;
	unsigned long tried = 0;

	while ((device = nearest(page_to_nid(page), all, &tried))) {
		int ret = store_on(device, page);

		if (ret >= 0)
			return ret;
		if (err != -ENOSPC)
			err = ret;
	}
	return err;
}

/*
 * The page's own node took none: try all that take pages, then all. One that was asked before is asked again,
 * since who is passed over may change meanwhile, and a page is refused only if nobody has a slot.
 */
static noinline int store_far(struct page *page, int err)
{
	int ret = store_nearest(page, false, err);

	return ret >= 0 ? ret : store_nearest(page, true, ret);
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

/* Of @count slots from @first on, those before the end of the device and before the first one that is bad. */
static unsigned int usable_run(const struct tmem_pmem_device *device, u32 first, unsigned int count)
{
	u32 usable = READ_ONCE(device->slots.usable);

	if (unlikely(first >= usable))
		return 0;
	count = min(count, usable - first);
	if (unlikely(atomic_read(&device->slots.bad_count)))
		count = find_next_bit(device->slots.bad, first + count, first) - first;
	return count;
}

/* Return: how many pages are in the slots from @first on; the slot after them may hold anything. */
static unsigned int store_run_in(struct tmem_pmem_device *device, u32 first, struct page *page,
				 unsigned int count)
{
	unsigned int i;

	if (!device->cipher) {
		tmem_pmem_media_store_run(tmem_pmem_slot_address(device, first), page, count);
		return count;
	}
	for (i = 0; i < count; i++)
		if (store_in(device, first + i, page + i))
			break;
	return i;
}

static unsigned int store_run_in_place(struct page *page, unsigned int count, u32 handle)
{
	struct tmem_pmem_device *device = tmem_pmem_device_of(handle);
	u32 first;

	if (unlikely(!device || !tmem_pmem_takes_pages(device)))
		return 0;
	first = handle - device->base;
	return store_run_in(device, first, page, usable_run(device, first, count));
}

static bool is_near(const struct tmem_pmem_device *device, int node)
{
	return READ_ONCE(device->near_node) == node;
}

/* Slots of a device that follow one another, at least so many. */
static bool alloc_run_on(struct tmem_pmem_device *device, u32 want, u32 least, int *first, u32 *got)
{
	if (!tmem_pmem_takes_pages(device))
		return false;
	*first = tmem_pmem_slots_alloc_run(&device->slots, want, got);
	if (*first < 0)
		return false;
	if (likely(*got >= least))
		return true;
	while ((*got)--)
		tmem_pmem_slots_free(&device->slots, *first + *got);
	return false;
}

/* Those that are near were asked. */
static struct tmem_pmem_device *alloc_run_nearest(int node, u32 want, u32 least, int *first, u32 *got)
{
	struct tmem_pmem_device *device;
	unsigned long tried = 0;

	while ((device = nearest(node, false, &tried)))
		if (!is_near(device, node) && alloc_run_on(device, want, least, first, got))
			return device;
	return NULL;
}

/*
 * The first device of the pages' own NUMA node that has a run of slots takes them, of those that are not passed
 * over. Without, the nearest that has the whole run: elsewhere than near is worth it only then, unless that is
 * where single pages go too.
 */
static struct tmem_pmem_device *alloc_run(int node, u32 want, int *first, u32 *got)
{
	u32 whole = min_t(u32, rounddown_pow_of_two(want), BITS_PER_LONG);
	struct tmem_pmem_device *device;
	bool near = false;
	unsigned int i;

	for (i = 0; i < TMEM_PMEM_DEVICES_MAX; i++) {
		device = tmem_pmem_device_seen(i);
		if (!device || !is_near(device, node))
			continue;
		if (alloc_run_on(device, want, 2, first, got))
			return device;
		near = true;
	}
	device = alloc_run_nearest(node, want, whole, first, got);
	return device || near ? device : alloc_run_nearest(node, want, 2, first, got);
}

static unsigned int pmem_store_run(struct tmem_key key, struct page *page, unsigned int count, u32 old,
				   u32 *handle)
{
	struct tmem_pmem_device *device;
	unsigned int stored, i;
	int first;
	u32 got;

	if (old != TMEM_NO_HANDLE) {
		*handle = old;
		return store_run_in_place(page, count, old);
	}
	device = alloc_run(page_to_nid(page), count, &first, &got);
	if (unlikely(!device))
		return 0;
	stored = store_run_in(device, first, page, got);
	for (i = stored; i < got; i++)
		tmem_pmem_slots_free(&device->slots, first + i);
	tmem_pmem_room_taken_run(device, got);
	*handle = device->base + first;
	return stored;
}

static noinline int swap_media_error(u32 handle)
{
	struct tmem_pmem_device *device = tmem_pmem_device_of(handle);
	u32 slot;

	if (!device)
		return -EIO;
	slot = handle - device->base;
	tmem_pmem_slots_quarantine(&device->slots, slot);
	atomic_long_inc(&device->poisoned_pages);
	pr_warn_ratelimited("%s: media error in slot %u, its page is lost\n",
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
	struct tmem_pmem_device *device = tmem_pmem_device_of(handle);
	u32 slot;

	if (unlikely(!device))
		return -EIO;
	slot = handle - device->base;
	if (unlikely(tmem_pmem_media_load(page, tmem_pmem_slot_address(device, slot))))
		return swap_media_error(handle);
	return device->cipher ? decrypt(device, slot, page) : 0;
}

static unsigned int pmem_load_run(struct tmem_key key, u32 handle, struct page *page, unsigned int count)
{
	struct tmem_pmem_device *device = tmem_pmem_device_of(handle);
	unsigned int loaded, i;
	u32 first;

	if (unlikely(!device))
		return 0;
	first = handle - device->base;
	count = min(count, device->slots.count - first);
	loaded = tmem_pmem_media_load_run(page, tmem_pmem_slot_address(device, first), count);
	if (!device->cipher)
		return loaded;
	for (i = 0; i < loaded; i++)
		if (tmem_cipher_decrypt(device->cipher, first + i, page + i))
			break;
	return i;
}

const struct tmem_backend_ops tmem_pmem_ops = {
	.store	= pmem_store,
	.load	= pmem_load,
	.free	= pmem_free,
	.store_run = pmem_store_run,
	.load_run = pmem_load_run,
};
