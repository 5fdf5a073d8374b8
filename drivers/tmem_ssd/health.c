// SPDX-License-Identifier: GPL-2.0
/*
 * A device that fails again and again, or is taken away, is let go: what it held is read from the disks
 * again.
 */
#include <linux/module.h>
#include <tmem/device.h>

#include "ssd.h"

/*
 * Requests of one direction that fail in a row before a device is let go, unless all of them are of one
 * segment: a few bad blocks are no reason, what was there is forgotten.
 */
#define FAILED_MAX	8

/* Lets go what failed. */
static struct workqueue_struct *failures;

/* From here on nothing is put there or got from there. */
static void give_up(struct tmem_ssd_device *device)
{
	enum tmem_ssd_state was = READ_ONCE(device->state);

	/* It may fall asleep or wake meanwhile. */
	do {
		if (was != TMEM_SSD_ACTIVE && was != TMEM_SSD_ASLEEP)
			return;
	} while (!try_cmpxchg(&device->state, &was, TMEM_SSD_FAILED));
	kobject_get(&device->kobj);
	queue_work(failures, &device->detach_work);
}

static void note_failure(struct tmem_ssd_device *device, struct tmem_ssd_failures *row,
			 sector_t sector)
{
	sector_t segment = sector / (TMEM_SSD_SEGMENT_BYTES >> SECTOR_SHIFT);
	int count = atomic_inc_return(&row->count);

	if (count == 1) {
		WRITE_ONCE(row->segment, segment);
		WRITE_ONCE(row->several, false);
	} else if (segment != READ_ONCE(row->segment)) {
		WRITE_ONCE(row->several, true);
	}
	if (count >= FAILED_MAX && READ_ONCE(row->several))
		give_up(device);
}

/**
 * tmem_ssd_request_ended() - judge a device by how its requests end
 * @device: of the request
 * @direction: of the request
 * @sector: where it began
 * @well: it ended without an error and brought what was written
 *
 * Context: any. The device is in service, or being let go and waits for this request.
 */
void tmem_ssd_request_ended(struct tmem_ssd_device *device, enum tmem_ssd_direction direction,
			    sector_t sector, bool well)
{
	struct tmem_ssd_failures *row = &device->failures[direction];

	if (!well)
		note_failure(device, row, sector);
	else if (atomic_read(&row->count))
		atomic_set(&row->count, 0);
}

/* The block layer takes the device away and ends its requests. */
static void mark_dead(struct block_device *bdev, bool surprise)
{
	struct tmem_ssd_device *device = bdev->bd_holder;

	WRITE_ONCE(device->gone, true);
	give_up(device);
	tmem_bdev_dead_heard(bdev);
}

const struct blk_holder_ops tmem_ssd_holder_ops = { .mark_dead = mark_dead };

static void say_why(struct tmem_ssd_device *device)
{
	bool writes = atomic_read(&device->failures[TMEM_SSD_WRITES].count) >= FAILED_MAX;

	if (READ_ONCE(device->gone))
		pr_err("%s: was taken away, so it is let go; files are read from their disks\n",
		       device->name);
	else
		pr_err("%s: %d %s in a row failed, so it is let go; files are read from their disks. To use it again: 'tmem-pmem-ctl ssd attach'\n",
		       device->name, FAILED_MAX, writes ? "writes" : "reads");
}

static void detach_work(struct work_struct *work)
{
	struct tmem_ssd_device *device = container_of(work, struct tmem_ssd_device, detach_work);

	mutex_lock(&tmem_ssd_lock);
	if (tmem_ssd_in_service(device)) {
		say_why(device);
		tmem_device_event(THIS_MODULE, "failed", device->name);
		tmem_ssd_detach(device);
	}
	mutex_unlock(&tmem_ssd_lock);
	kobject_put(&device->kobj);
}

void tmem_ssd_health_watch(struct tmem_ssd_device *device)
{
	INIT_WORK(&device->detach_work, detach_work);
}

int tmem_ssd_health_init(void)
{
	failures = alloc_workqueue("tmem_ssd_failures", WQ_UNBOUND, 0);
	return failures ? 0 : -ENOMEM;
}

/* No device is left, so nothing new fails. */
void tmem_ssd_health_exit(void)
{
	destroy_workqueue(failures);
}
