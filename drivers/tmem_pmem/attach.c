// SPDX-License-Identifier: GPL-2.0
/* Opens a namespace, checks that it is ours, maps it and puts it in service. */
#include <linux/dax.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <tmem/device.h>

#include "pmem.h"

/* Return: address of the start of the device if all of it is mapped in one piece, else NULL. */
static void *map_whole(struct dax_device *dax, u64 start_bytes, u64 bytes)
{
	pgoff_t first = start_bytes >> PAGE_SHIFT;
	pgoff_t pages = bytes >> PAGE_SHIFT;
	void *base = NULL;
	pgoff_t done = 0;
	int id = dax_read_lock();

	while (done < pages) {
		void *address;
		/* "Recovery write" is the mode that does not stop at known bad blocks. */
		long run = dax_direct_access(dax, first + done, pages - done, DAX_RECOVERY_WRITE,
					     &address, NULL);

		if (run <= 0 || (done && address != base + (done << PAGE_SHIFT))) {
			base = NULL;
			break;
		}
		if (!done)
			base = address;
		done += run;
	}
	dax_read_unlock(id);
	return base;
}

/* A private copy of one superblock; NULL if it cannot be read. */
static struct tmem_pmem_super_onmedia *read_super(const struct tmem_pmem_device *device, u32 copy,
						  struct tmem_pmem_super_onmedia *to)
{
	return tmem_pmem_read(device, tmem_pmem_super_offset(copy, device->bytes), to, sizeof(*to)) ?
	       NULL : to;
}

static int read_supers(struct tmem_pmem_device *device)
{
	struct tmem_pmem_super_onmedia *copies, *first, *second;
	u64 bytes = device->bytes;
	int err;

	if (bytes < TMEM_PMEM_DEVICE_MIN_BYTES) {
		tmem_last_error("%s: too small, a device must have at least 16 MiB", device->name);
		return -ENOSPC;
	}
	copies = kmalloc_array(2, sizeof(*copies), GFP_KERNEL);
	if (!copies) {
		tmem_last_error("%s: no memory to read its superblocks", device->name);
		return -ENOMEM;
	}
	first = read_super(device, 0, &copies[0]);
	second = read_super(device, 1, &copies[1]);
	err = tmem_pmem_super_choose(first, second, bytes, &device->super);
	if (err)
		tmem_last_error("%s: %s", device->name,
				tmem_pmem_super_choose_why(first, second, bytes));
	kfree(copies);
	return err;
}

/*
 * What is mapped on top of a namespace can be given another table while we use it, and does not hear of a medium that
 * goes away.
 */
static int check_device(struct tmem_pmem_device *device)
{
	if (!strncmp(device->open.bdev->bd_disk->disk_name, "pmem", 4))
		return 0;
	tmem_last_error("%s: not a namespace of its own, give one like /dev/pmem0", device->name);
	return -EOPNOTSUPP;
}

static int set_up_cipher(struct tmem_pmem_device *device)
{
	struct tmem_cipher *cipher;

	if (!tmem_pmem_encrypt)
		return 0;
	cipher = tmem_cipher_alloc_for(device->name);
	if (IS_ERR(cipher))
		return PTR_ERR(cipher);
	device->cipher = cipher;
	return 0;
}

/* Context: tmem_pmem_lock held, device open. */
static int set_up(struct tmem_pmem_device *device, bool format_blank)
{
	u64 start_bytes;
	int err;

	device->bytes = bdev_nr_bytes(device->open.bdev);
	err = check_device(device);
	if (err)
		return err;
	device->dax = fs_dax_get_by_bdev(device->open.bdev, &start_bytes, device,
					 &tmem_pmem_holder_ops);
	if (!device->dax) {
		tmem_last_error("%s: not in fsdax mode, so the kernel has no address for it; make it so with 'ndctl create-namespace -f -e NAMESPACE -m fsdax'",
				device->name);
		return -EOPNOTSUPP;
	}
	device->start = map_whole(device->dax, start_bytes, device->bytes);
	if (!device->start) {
		tmem_last_error("%s: not mapped in one piece, use the namespace itself", device->name);
		err = -EOPNOTSUPP;
		goto err_dax;
	}
	if (format_blank) {
		err = tmem_pmem_format_blank(device);
		if (err)
			goto err_dax;
	}
	err = read_supers(device);
	if (!err)
		err = tmem_pmem_check_gaps(device);
	static_assert(TMEM_PMEM_DEVICE_MAX_BYTES / TMEM_PMEM_SLOT_BYTES <= TMEM_HANDLE_MAX);
	if (err)
		goto err_dax;
	device->data = device->start + device->super.data_offset_bytes;
	device->node = device->open.bdev->bd_disk->node_id;
	err = tmem_pmem_slots_init(&device->slots, device->super.data_bytes / TMEM_PMEM_SLOT_BYTES,
				   device->node);
	if (err)
		goto no_memory;
	err = tmem_pmem_room_set_up(device);
	if (err)
		goto no_memory_slots;
	err = tmem_pmem_clean_set_up(device);
	if (err)
		goto no_memory_room;
	err = set_up_cipher(device);
	if (err)
		goto err_clean;
	tmem_pmem_skip_bad_blocks(device);
	return 0;
err_clean:
	tmem_pmem_clean_undo(device);
no_memory_room:
	tmem_pmem_room_undo(device);
no_memory_slots:
	tmem_pmem_slots_exit(&device->slots);
no_memory:
	if (err == -ENOMEM)
		tmem_last_error("%s: no memory for its tables", device->name);
err_dax:
	fs_put_dax(device->dax, device);
	return err;
}

static int publish(struct tmem_pmem_device *device)
{
	int place = tmem_pmem_device_place(device), err;

	if (place < 0) {
		tmem_last_error("%s: cannot be attached: at most %d devices and 1 TiB, less 32 MiB, in all",
				device->name, TMEM_PMEM_DEVICES_MAX);
		return place;
	}
	err = kobject_add(&device->kobj, tmem_pmem_devices_dir(), "%s", device->name);
	if (err) {
		tmem_last_error("%s: cannot be attached: error %d", device->name, err);
		return err;
	}
	tmem_pmem_device_add(device, place);
	pr_info("%s: attached, %u slots of 4 KiB, %d bad, %s\n", device->name, device->slots.count,
		atomic_read(&device->slots.bad_count),
		device->cipher ? tmem_cipher_driver(device->cipher) : "not encrypted");
	tmem_device_event(THIS_MODULE, "attached", device->name);
	return 0;
}

static void undo_set_up(struct tmem_pmem_device *device)
{
	tmem_cipher_free(device->cipher);
	tmem_pmem_clean_undo(device);
	tmem_pmem_room_undo(device);
	tmem_pmem_slots_exit(&device->slots);
	fs_put_dax(device->dax, device);
}

/**
 * tmem_pmem_close() - give a device back to the system
 * @device: out of service; freed when nobody looks at its sysfs files any more
 *
 * Context: process, may sleep.
 */
void tmem_pmem_close(struct tmem_pmem_device *device)
{
	kobject_del(&device->kobj);
	undo_set_up(device);
	tmem_bdev_close(&device->open);
	kobject_put(&device->kobj);
}

static bool is_attached(dev_t dev)
{
	unsigned int i;

	for (i = 0; i < TMEM_PMEM_DEVICES_MAX; i++)
		if (tmem_pmem_device_at(i) && tmem_pmem_device_at(i)->open.bdev->bd_dev == dev)
			return true;
	return false;
}

static int attach_locked(dev_t dev, bool format_blank)
{
	struct tmem_pmem_device *device;
	int err;

	lockdep_assert_held(&tmem_pmem_lock);
	if (is_attached(dev))
		return 0;
	device = tmem_pmem_device_alloc();
	if (!device) {
		tmem_last_error("no memory to attach a device");
		return -ENOMEM;
	}
	err = tmem_device_open(dev, device, NULL, &device->open);
	if (err)
		goto err_free;
	snprintf(device->name, sizeof(device->name), "%pg", device->open.bdev);
	err = set_up(device, format_blank);
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
 * tmem_pmem_attach() - put a namespace in service
 * @dev: its block device
 * @format_blank: format it if it is blank
 *
 * Context: process, may sleep.
 * Return: 0, also if it is attached already; -ENODATA if it is blank; any other errno says why it
 * cannot be used. A failure is in last_error.
 */
int tmem_pmem_attach(dev_t dev, bool format_blank)
{
	int err;

	/* One that was unbound a moment ago may still have the name. */
	tmem_pmem_failure_flush();
	mutex_lock(&tmem_pmem_admin_lock);
	mutex_lock(&tmem_pmem_lock);
	err = attach_locked(dev, format_blank);
	mutex_unlock(&tmem_pmem_lock);
	mutex_unlock(&tmem_pmem_admin_lock);
	return err;
}

/* A copy of one superblock as anybody may read it; NULL if it cannot be read. */
static struct tmem_pmem_super_onmedia *look_at_super(struct block_device *bdev, u32 copy,
						     struct tmem_pmem_super_onmedia *to)
{
	u64 offset = tmem_pmem_super_offset(copy, bdev_nr_bytes(bdev));
	struct folio *folio = read_mapping_folio(tmem_bdev_mapping(bdev), offset >> PAGE_SHIFT, NULL);
	void *from;

	if (IS_ERR(folio))
		return NULL;
	/* It does not cross the end of a page. */
	from = kmap_local_folio(folio, offset_in_folio(folio, offset));
	memcpy(to, from, sizeof(*to));
	kunmap_local(from);
	folio_put(folio);
	return to;
}

/* Is it formatted, if perhaps not fit for use? */
static bool is_formatted(struct block_device *bdev)
{
	u64 bytes = bdev_nr_bytes(bdev);
	struct tmem_pmem_super_onmedia *copies;
	struct tmem_pmem_super ignored;
	int err;

	if (bytes < TMEM_PMEM_DEVICE_MIN_BYTES)
		return false;
	copies = kmalloc_array(2, sizeof(*copies), GFP_KERNEL);
	if (!copies)
		return false;
	err = tmem_pmem_super_choose(look_at_super(bdev, 0, &copies[0]), look_at_super(bdev, 1, &copies[1]),
				     bytes, &ignored);
	kfree(copies);
	return err != -ENODATA && err != -EMEDIUMTYPE && err != -EIO;
}

static int attach_if_formatted(struct device *dev, void *data)
{
	struct tmem_bdev look;
	bool formatted;

	if (strncmp(dev_name(dev), "pmem", 4) || tmem_bdev_look(dev->devt, &look))
		return 0;
	formatted = is_formatted(look.bdev);
	tmem_bdev_look_end(&look);
	if (formatted)
		tmem_pmem_attach(dev->devt, false);
	return 0;
}

/* Attach every formatted namespace there is. What is against one of them is in the kernel log. */
void tmem_pmem_attach_all(void)
{
	class_for_each_device((struct class *)tmem_block_class(), NULL, NULL, attach_if_formatted);
}
