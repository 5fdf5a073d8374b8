/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What modules with devices of their own have in common: where these are found, how they are told about, and
 * how a file in sysfs lets one go.
 */
#ifndef _TMEM_DEVICE_H
#define _TMEM_DEVICE_H

#include <linux/types.h>

struct blk_holder_ops;
struct class;
struct kobject;
struct kobj_attribute;
struct module;
struct sysfs_ops;
struct tmem_bdev;

/**
 * tmem_device_find() - the block device of some name
 * @name: its path, or its bare name as in /dev; white space around it does not count
 * @dev: set on success
 *
 * Context: process, may sleep.
 * Return: 0; -ENOMEM; else why there is no such block device. A failure is in last_error.
 */
int tmem_device_find(const char *name, dev_t *dev);

/**
 * tmem_device_each() - do something with each device of a list
 * @names: as for tmem_device_find(), separated by commas
 * @attach: called for each until it fails
 *
 * Context: process, may sleep.
 * Return: 0, -ENOMEM, or the error of tmem_device_find() or @attach.
 */
int tmem_device_each(const char *names, int (*attach)(dev_t dev));

/**
 * tmem_device_open() - open a block device to keep something there
 * @dev: its number
 * @holder: whose it is then
 * @ops: what the block layer tells its holder, or NULL
 * @open: set on success, for tmem_bdev_close(); drivers/compat/blkdev.h has it
 *
 * What others wrote to its page cache before is on the medium then, and nothing is in the page cache.
 *
 * Context: process, may sleep; does I/O.
 * Return: 0; -EROFS if it cannot be written to; else why it cannot be opened, or the page cache not be written. A
 * failure is in last_error.
 */
int tmem_device_open(dev_t dev, void *holder, const struct blk_holder_ops *ops, struct tmem_bdev *open);

/**
 * tmem_device_event() - tell user space what became of a device
 * @module: whose device; it is the source of the uevent
 * @event: one word, TMEM_EVENT of the uevent
 * @name: of the device, TMEM_DEVICE of the uevent
 *
 * Context: process, may sleep.
 */
void tmem_device_event(struct module *module, const char *event, const char *name);

/**
 * tmem_device_control() - do to a device what may take its directory in sysfs away
 * @kobj: the directory
 * @attr: the file in it that was written to
 * @module: whose file it is
 * @run: does it; takes the lock under which devices go, and then returns -ENODEV if this one went meanwhile
 * @argument: for @run
 *
 * While @run runs nobody waits for the writer to leave the file; only a reference keeps the module.
 *
 * Context: ->store() of @attr.
 * Return: what @run returned; -ENODEV if the device or the module is on its way out. That is in last_error.
 */
int tmem_device_control(struct kobject *kobj, struct kobj_attribute *attr, struct module *module,
			int (*run)(struct kobject *kobj, u32 argument), u32 argument);

/**
 * tmem_device_detach_store() - ->store() of a file that lets a device go when 1 is written to it
 * @kobj: as for tmem_device_control()
 * @attr: likewise
 * @module: likewise
 * @detach: likewise
 * @buf: what was written
 * @count: bytes of it
 *
 * Context: ->store() of @attr.
 * Return: @count; -EINVAL if it is not 1; else as tmem_device_control(). A failure is in last_error, if @detach says
 * why it failed.
 */
ssize_t tmem_device_detach_store(struct kobject *kobj, struct kobj_attribute *attr, struct module *module,
				 int (*detach)(struct kobject *kobj, u32 unused), const char *buf, size_t count);

/**
 * tmem_block_class() - the device class of all disks and partitions
 *
 * For modules that look for their media when they load.
 *
 * Context: process, may sleep.
 * Return: the class, not NULL once tmem is loaded.
 */
const struct class *tmem_block_class(void);

/**
 * tmem_mm_kobj() - /sys/kernel/mm, where modules put their directories
 *
 * Context: process, may sleep.
 * Return: the directory, not NULL once tmem is loaded.
 */
struct kobject *tmem_mm_kobj(void);

/* As kobj_sysfs_ops, and -EPERM without CAP_SYS_ADMIN. For every directory of ours in sysfs. */
extern const struct sysfs_ops tmem_sysfs_ops;

/**
 * tmem_sysfs_dir() - make a directory in sysfs, for kobj_attributes
 * @name: of the directory
 * @parent: of the directory
 *
 * Who has no CAP_SYS_ADMIN can neither read nor write there.
 *
 * Context: process, may sleep.
 * Return: the directory, for kobject_put(); NULL without memory, or if there is one of that name.
 */
struct kobject *tmem_sysfs_dir(const char *name, struct kobject *parent);

#endif /* _TMEM_DEVICE_H */
