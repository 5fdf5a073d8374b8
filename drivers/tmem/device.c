// SPDX-License-Identifier: GPL-2.0
/* What modules with devices of their own have in common. */
#include <linux/blkdev.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <tmem/device.h>
#include <tmem/tmem.h>

#include "../compat/blkdev.h"

static int out_of_memory(void)
{
	tmem_last_error("no memory to look for the device");
	return -ENOMEM;
}

int tmem_device_find(const char *name, dev_t *dev)
{
	char *copy = kstrdup(name, GFP_KERNEL);
	char *path;
	int err;

	if (!copy)
		return out_of_memory();
	name = strim(copy);
	path = kasprintf(GFP_KERNEL, "%s%s", name[0] == '/' ? "" : "/dev/", name);
	kfree(copy);
	if (!path)
		return out_of_memory();
	err = lookup_bdev(path, dev);
	if (err)
		tmem_last_error("%s: no such block device", path);
	kfree(path);
	return err;
}
EXPORT_SYMBOL_GPL(tmem_device_find);

int tmem_device_each(const char *names, int (*attach)(dev_t dev))
{
	char *copy = kstrdup(names, GFP_KERNEL);
	char *rest = copy;
	char *name;
	dev_t dev;
	int err = 0;

	if (!copy)
		return out_of_memory();
	while (!err && (name = strsep(&rest, ","))) {
		if (!*name)
			continue;
		err = tmem_device_find(name, &dev);
		if (!err)
			err = attach(dev);
	}
	kfree(copy);
	return err;
}
EXPORT_SYMBOL_GPL(tmem_device_each);

/* What others left dirty in its page cache must not overwrite ours later. */
static int empty_cache(struct block_device *bdev)
{
	int err = sync_blockdev(bdev);

	if (err)
		tmem_last_error("%pg: what others wrote to it cannot be written back (error %d)", bdev, err);
	else
		invalidate_bdev(bdev);
	return err;
}

int tmem_device_open(dev_t dev, void *holder, const struct blk_holder_ops *ops, struct tmem_bdev *open)
{
	int err = tmem_bdev_open(dev, holder, ops, open);

	if (err) {
		tmem_last_error("%u:%u: cannot be opened for us alone (error %d); is it mounted or used as swap?",
				MAJOR(dev), MINOR(dev), err);
		return err;
	}
	if (bdev_read_only(open->bdev)) {
		tmem_last_error("%pg: read-only; make it writable with 'blockdev --setrw'", open->bdev);
		err = -EROFS;
	} else {
		err = empty_cache(open->bdev);
	}
	if (err)
		tmem_bdev_close(open);
	return err;
}
EXPORT_SYMBOL_GPL(tmem_device_open);

void tmem_device_event(struct module *module, const char *event, const char *name)
{
	char event_env[32], name_env[64];
	char *env[] = { event_env, name_env, NULL };

	snprintf(event_env, sizeof(event_env), "TMEM_EVENT=%s", event);
	snprintf(name_env, sizeof(name_env), "TMEM_DEVICE=%s", name);
	kobject_uevent_env(&module->mkobj.kobj, KOBJ_CHANGE, env);
}
EXPORT_SYMBOL_GPL(tmem_device_event);

int tmem_device_control(struct kobject *kobj, struct kobj_attribute *attr, struct module *module,
			int (*run)(struct kobject *kobj, u32 argument), u32 argument)
{
	char name[BDEVNAME_SIZE];
	struct kernfs_node *self;
	int err = -ENODEV;

	/* @kobj may be gone when @run returns. */
	strscpy(name, kobject_name(kobj), sizeof(name));
	if (try_module_get(module)) {
		self = sysfs_break_active_protection(kobj, &attr->attr);
		if (self) {
			err = run(kobj, argument);
			sysfs_unbreak_active_protection(self);
		}
		if (err == -ENODEV)
			tmem_last_error("%s: not attached any more", name);
		module_put(module);
	}
	return err;
}
EXPORT_SYMBOL_GPL(tmem_device_control);

ssize_t tmem_device_detach_store(struct kobject *kobj, struct kobj_attribute *attr, struct module *module,
				 int (*detach)(struct kobject *kobj, u32 unused), const char *buf, size_t count)
{
	bool yes;
	int err = kstrtobool(buf, &yes);

	if (err || !yes) {
		tmem_last_error("detach takes 1");
		return -EINVAL;
	}
	err = tmem_device_control(kobj, attr, module, detach, 0);
	return err ? err : count;
}
EXPORT_SYMBOL_GPL(tmem_device_detach_store);
