// SPDX-License-Identifier: GPL-2.0
/* Opens a device, checks that it is ours, and puts it in service. */
#include <linux/blkdev.h>
#include <linux/major.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <tmem/cipher.h>
#include <tmem/device.h>
#include <tmem/tmem.h>

#include "ssd.h"
#include "superblock.h"

/* So much between superblocks and segments is looked at, as the tool leaves it blank. */
#define GAP_BYTES	(2UL << 20)
/* So many pages there that cannot be read are passed over: fewer than it takes to let a device go, see health.c. */
#define GAP_UNREADABLE_MAX	4

/* Both copies of the superblock, each in a page of its own; a copy that cannot be read is NULL. */
struct supers {
	struct page *pages[2];
	bool read[2];
};

static void *super_copy(const struct supers *supers, unsigned int copy)
{
	return supers->read[copy] ? page_address(supers->pages[copy]) : NULL;
}

static int read_supers(struct tmem_ssd_device *device, u64 bytes, struct supers *supers)
{
	unsigned int copy;

	for (copy = 0; copy < 2; copy++) {
		u64 offset = tmem_super_offset(copy, bytes);

		supers->pages[copy] = alloc_page(GFP_KERNEL);
		if (!supers->pages[copy])
			return -ENOMEM;
		supers->read[copy] = !tmem_ssd_disk_read(device, offset >> SECTOR_SHIFT,
							 &supers->pages[copy], 1);
	}
	return 0;
}

/* A page that cannot be read is nothing of anybody's, but what is behind it may be. */
static int check_zero(struct tmem_ssd_device *device, u64 from, u64 to, struct page *page, unsigned int *unreadable)
{
	for (; from < to; from += PAGE_SIZE) {
		if (tmem_ssd_disk_read(device, from >> SECTOR_SHIFT, &page, 1)) {
			if (++*unreadable <= GAP_UNREADABLE_MAX)
				continue;
			tmem_last_error("%s: more than %d pages beside the superblocks cannot be read, the last one at byte %llu, so nobody knows whose it is; look at the disk's health",
					device->name, GAP_UNREADABLE_MAX, from);
			return -EIO;
		}
		if (!memchr_inv(page_address(page), 0, PAGE_SIZE))
			continue;
		tmem_last_error("%s: something else was written behind byte %llu after it was formatted, so it is not used; 'tmem-pmem-ctl ssd format --force' if that is of no use",
				device->name, from);
		return -EMEDIUMTYPE;
	}
	return 0;
}

/*
 * Nobody writes between superblocks and segments, so what is there belongs to somebody who came later and left the
 * superblocks whole: a member of a RAID, say.
 */
static int check_gaps(struct tmem_ssd_device *device, struct page *page)
{
	const struct tmem_super *super = &device->super;
	u64 data_end = super->data_offset_bytes + super->data_bytes;
	unsigned int unreadable = 0;

	return check_zero(device, TMEM_SUPER_BYTES, min_t(u64, super->data_offset_bytes, GAP_BYTES), page,
			  &unreadable) ?:
	       check_zero(device, data_end,
			  min_t(u64, data_end + GAP_BYTES, tmem_super_offset(1, super->device_bytes)), page,
			  &unreadable);
}

static int check_supers(struct tmem_ssd_device *device)
{
	u64 bytes = bdev_nr_bytes(device->open.bdev);
	struct supers supers = { };
	int err;

	if (bytes < TMEM_SSD_DEVICE_MIN_BYTES) {
		tmem_last_error("%s: too small, a cache device must have at least %lu MiB",
				device->name, TMEM_SSD_DEVICE_MIN_BYTES >> 20);
		return -ENOSPC;
	}
	err = read_supers(device, bytes, &supers);
	if (!err) {
		err = tmem_super_choose(&tmem_ssd_super_kind, super_copy(&supers, 0),
					super_copy(&supers, 1), bytes, &device->super);
		if (err)
			tmem_last_error("%s: %s", device->name,
					tmem_super_choose_why(&tmem_ssd_super_kind, super_copy(&supers, 0),
						      super_copy(&supers, 1), bytes));
		else
			err = check_gaps(device, supers.pages[0]);
	}
	if (supers.pages[0])
		__free_page(supers.pages[0]);
	if (supers.pages[1])
		__free_page(supers.pages[1]);
	return err;
}

/*
 * Reading the file behind it, when that is cached itself, would wait for the loop device, which waits for the file.
 * What reads without the page cache does so on some files only.
 */
static int check_kind(struct tmem_ssd_device *device)
{
	if (!tmem_above_loop(device->open.bdev))
		return 0;
	tmem_last_error("%s: it is, or stands on, a loop device, whose file would be cached on itself; give a disk, a partition or a logical volume",
			device->name);
	return -EOPNOTSUPP;
}

/*
 * Two logs on one medium overwrite each other: a disk that is there by several paths before multipath takes them, or
 * the two halves of a mirror.
 */
static int check_twins(struct tmem_ssd_device *device)
{
	struct tmem_ssd_device *other;
	unsigned int i;

	for (i = 0; i < TMEM_SSD_DEVICES_MAX; i++) {
		other = tmem_ssd_device_at(i);
		if (!other || memcmp(other->super.uuid, device->super.uuid, sizeof(device->super.uuid)))
			continue;
		tmem_last_error("%s: %s, with the same UUID, is attached: it is the same device, or a copy, and 'tmem-pmem-ctl ssd format --force' would give that another one; if %s is gone, 'tmem-pmem-ctl ssd detach %s' first",
				device->name, other->name, other->name, other->name);
		return -EEXIST;
	}
	return 0;
}

/* Context: tmem_ssd_lock held, device open. */
static int set_up(struct tmem_ssd_device *device)
{
	u32 first_slot;
	u64 segments;
	int err;

	err = check_kind(device);
	if (!err)
		err = check_supers(device);
	if (!err)
		err = check_twins(device);
	if (err)
		return err;
	err = tmem_ssd_encrypt_init(device);
	if (err)
		return err;
	err = -ENOMEM;
	device->worker = alloc_ordered_workqueue("tmem_ssd_%s", WQ_MEM_RECLAIM, device->name);
	if (!device->worker)
		goto no_memory;
	segments = tmem_ssd_super_segments(&device->super);
	err = tmem_ssd_find_slots(segments * TMEM_SSD_SEGMENT_BLOCKS, &first_slot);
	if (!err)
		err = tmem_ssd_log_init(&device->log, first_slot, segments);
	if (err)
		goto err_worker;
	/* Sequences of another attachment are others, so that its summaries are not believed. */
	device->log.sequence = get_random_u64() >> 2;
	err = tmem_ssd_stages_init(&device->stages);
	if (err)
		goto err_log;
	return 0;
err_log:
	tmem_ssd_log_exit(&device->log);
err_worker:
	destroy_workqueue(device->worker);
no_memory:
	tmem_ssd_encrypt_exit(device);
	tmem_last_error("%s: %s", device->name,
			err == -ENOSPC ? "at most 16 TiB can be attached in all" :
					 "no memory for its tables");
	return err;
}

static void undo_set_up(struct tmem_ssd_device *device)
{
	destroy_workqueue(device->worker);
	tmem_ssd_stages_exit(&device->stages);
	tmem_ssd_log_exit(&device->log);
	tmem_ssd_encrypt_exit(device);
}

static int publish(struct tmem_ssd_device *device)
{
	int err = kobject_add(&device->kobj, tmem_ssd_devices_dir(), "%s", device->name);

	if (!err) {
		err = tmem_ssd_device_add(device);
		if (err)
			kobject_del(&device->kobj);
	}
	if (err == -ENOSPC)
		tmem_last_error("%s: cannot be attached: at most %d devices",
				device->name, TMEM_SSD_DEVICES_MAX);
	else if (err)
		tmem_last_error("%s: cannot be attached: error %d", device->name, err);
	if (err)
		return err;
	pr_info("%s: attached, %u segments of 1 MiB, %s\n", device->name, device->log.count,
		device->cipher ? tmem_cipher_driver(device->cipher) :
		device->encrypted ? "encrypted below" : "not encrypted");
	tmem_ssd_policy_resize();
	tmem_device_event(THIS_MODULE, "attached", device->name);
	return 0;
}

/**
 * tmem_ssd_close() - give a device back to the system
 * @device: out of service; freed when nobody looks at its sysfs files any more
 *
 * Context: process, may sleep.
 */
void tmem_ssd_close(struct tmem_ssd_device *device)
{
	kobject_del(&device->kobj);
	undo_set_up(device);
	tmem_bdev_close(&device->open);
	kobject_put(&device->kobj);
}

static struct tmem_ssd_device *find_attached(dev_t dev)
{
	unsigned int i;

	for (i = 0; i < TMEM_SSD_DEVICES_MAX; i++)
		if (tmem_ssd_device_at(i) && tmem_ssd_device_at(i)->open.bdev->bd_dev == dev)
			return tmem_ssd_device_at(i);
	return NULL;
}

static int attach_locked(dev_t dev)
{
	struct tmem_ssd_device *device;
	int err;

	lockdep_assert_held(&tmem_ssd_lock);
	device = find_attached(dev);
	if (device && READ_ONCE(device->state) != TMEM_SSD_FAILED)
		return 0;
	if (device) {
		tmem_last_error("%s: has failed and is about to be detached; attach it again after that",
				device->name);
		return -EBUSY;
	}
	device = tmem_ssd_device_alloc();
	if (!device) {
		tmem_last_error("no memory to attach a device");
		return -ENOMEM;
	}
	err = tmem_device_open(dev, device, &tmem_ssd_holder_ops, &device->open);
	if (err)
		goto err_free;
	snprintf(device->name, sizeof(device->name), "%pg", device->open.bdev);
	err = set_up(device);
	if (err)
		goto err_close;
	err = publish(device);
	if (err)
		goto err_set_up;
	return 0;
err_set_up:
	undo_set_up(device);
err_close:
	tmem_bdev_close(&device->open);
err_free:
	kobject_put(&device->kobj);
	return err;
}

/**
 * tmem_ssd_attach() - put a formatted device in service
 * @dev: its block device
 *
 * Context: process, may sleep.
 * Return: 0, also if it is attached already; else why not, with a sentence in last_error.
 */
int tmem_ssd_attach(dev_t dev)
{
	int err = mutex_lock_killable(&tmem_ssd_lock);

	if (err)
		return err;
	err = attach_locked(dev);
	mutex_unlock(&tmem_ssd_lock);
	return err;
}
