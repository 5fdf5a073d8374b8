// SPDX-License-Identifier: GPL-2.0
/* What the medium reports: memory that went bad, and a namespace that is taken away. */
#include <linux/badblocks.h>
#include <linux/blkdev.h>
#include <linux/dax.h>
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <tmem/device.h>

#include "pmem.h"

/* Closes devices that disappeared. */
static struct workqueue_struct *closing;

/* Calls of notify_failure() that are running: giving up a DAX device does not wait for them. */
static atomic_t notifications = ATOMIC_INIT(0);

struct slot_range {
	struct tmem_pmem_device *device;
	u32 first;
	u32 last;
};

static bool match_range(u32 handle, void *data)
{
	struct slot_range *range = data;
	u32 slot = handle - range->device->base;

	return slot < range->device->slots.count && slot >= range->first && slot <= range->last;
}

/*
 * The kernel is about to take the memory out of its mapping. Who comes after us must know, a driver of it included:
 * most regions tell nobody, and when the blocks are written it is mapped again only if it is marked.
 */
static void note_bad(struct tmem_pmem_device *device, u64 offset, u64 len)
{
	struct gendisk *disk = device->open.bdev->bd_disk;
	void *start = device->start - (get_start_sect(device->open.bdev) << SECTOR_SHIFT);
	u64 end = min(offset + len, (u64)get_capacity(disk) << SECTOR_SHIFT);

	for (; offset < end; offset += PAGE_SIZE) {
		SetPageHWPoison(virt_to_page(start + offset));
		if (disk->bb)
			badblocks_set(disk->bb, offset >> SECTOR_SHIFT, PAGE_SECTORS, 1);
		cond_resched();
	}
}

/* Context: tmem_pmem_lock held. @offset: in bytes from the start of the DAX device. */
static void poison(struct tmem_pmem_device *device, u64 offset, u64 len)
{
	u64 data = (get_start_sect(device->open.bdev) << SECTOR_SHIFT) +
		   device->super.data_offset_bytes;
	u64 end = min(offset + len, data + device->super.data_bytes);
	struct slot_range range = { .device = device };
	unsigned long lost, clean;
	u32 slot;

	note_bad(device, offset, len);
	offset = max(offset, data);
	if (offset >= end)
		return;		/* a superblock; there is another one */
	range.first = (offset - data) / TMEM_PMEM_SLOT_BYTES;
	range.last = (end - 1 - data) / TMEM_PMEM_SLOT_BYTES;
	for (slot = range.first; slot <= range.last; slot++) {
		tmem_pmem_slots_quarantine(&device->slots, slot);
		cond_resched();
	}
	/* Clean pages that were given one of these slots just before are in its cell by then. */
	tmem_synchronize();
	clean = tmem_pmem_clean_drop_slots(device, range.first, range.last);
	/* What is being written there is written when we return: then the kernel unmaps it. */
	flush_work(&device->clean.encrypt_work);
	/* And so is what was found there. */
	tmem_clean_synchronize();
	lost = tmem_poison(&tmem_pmem_backend, match_range, &range);
	atomic_long_add(lost + clean, &device->poisoned_pages);
	pr_warn("%s: media error in slots %u to %u, %lu pages lost, %lu pages of files dropped\n",
		device->name, range.first, range.last, lost, clean);
	tmem_device_event(THIS_MODULE, "poison", device->name);
}

static void close_later(struct work_struct *work)
{
	tmem_pmem_close(container_of(work, struct tmem_pmem_device, close_work));
}

/*
 * The namespace is unbound. Its driver waits for us, so pages leave now: to another device, to
 * their swap slots, or not at all. After this the addresses are never used again.
 * Context: tmem_pmem_lock held.
 */
static void gone(struct tmem_pmem_device *device)
{
	WRITE_ONCE(device->state, TMEM_PMEM_GONE);
	tmem_pmem_room_share_out();
	pr_warn("%s: taken away, its pages move to the swap device\n", device->name);
	tmem_pmem_clean_stop(device);
	/* A page that is left would be read where there is nothing, or where another device is. */
	while (tmem_evacuate(&tmem_pmem_backend, tmem_pmem_match_device, device, true))
		pr_warn("%s: not all pages have moved yet\n", device->name);
	tmem_pmem_device_remove(device);
	tmem_device_event(THIS_MODULE, "gone", device->name);
	/* Not here: the driver holds locks that closing may need. */
	INIT_WORK(&device->close_work, close_later);
	queue_work(closing, &device->close_work);
}

/*
 * The whole device from 0 to the end of the world means that it is removed (later kernels also set
 * MF_MEM_PRE_REMOVE, 6.1 does not).
 */
static int notify_failure(struct dax_device *dax, u64 offset, u64 len, int mf_flags)
{
	struct tmem_pmem_device *device = dax_holder(dax);
	bool all = !offset && len == U64_MAX;
	int err = 0;

	atomic_inc(&notifications);
	mutex_lock(&tmem_pmem_lock);
	/* It may have been let go while we waited, and another one have its address by now. */
	if (device && tmem_pmem_in_service(device) && device->dax == dax) {
		if (all)
			gone(device);
		else
			poison(device, offset, len);
	} else if (!all) {
		/* It is being closed. What is said to be dealt with is unmapped, and nobody would know. */
		err = -EOPNOTSUPP;
	}
	mutex_unlock(&tmem_pmem_lock);
	atomic_dec(&notifications);
	return err;
}

const struct dax_holder_operations tmem_pmem_holder_ops = {
	.notify_failure = notify_failure,
};

/* What disappeared before is closed. Context: tmem_pmem_lock not held. */
void tmem_pmem_failure_flush(void)
{
	flush_workqueue(closing);
}

int tmem_pmem_failure_init(void)
{
	closing = alloc_workqueue("tmem_pmem", WQ_UNBOUND, 0);
	return closing ? 0 : -ENOMEM;
}

/*
 * No device is left, so nothing new comes in. A caller that found us just before may not have counted
 * itself yet, or still be on its last instructions: a grace period each.
 */
void tmem_pmem_failure_exit(void)
{
	synchronize_rcu_tasks();
	while (atomic_read(&notifications))
		msleep(20);
	synchronize_rcu_tasks();
	destroy_workqueue(closing);
}
