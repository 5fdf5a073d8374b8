// SPDX-License-Identifier: GPL-2.0
/* Directories in sysfs, for who has CAP_SYS_ADMIN: being root in a container is not enough. */
#include <linux/capability.h>
#include <linux/export.h>
#include <linux/kobject.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <tmem/device.h>

#include "core.h"

static ssize_t show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	struct kobj_attribute *file = container_of(attr, struct kobj_attribute, attr);

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	return file->show ? file->show(kobj, file, buf) : -EIO;
}

static ssize_t store(struct kobject *kobj, struct attribute *attr, const char *buf, size_t count)
{
	struct kobj_attribute *file = container_of(attr, struct kobj_attribute, attr);

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	/* last_error is about this write, and none before. */
	tmem_last_error_clear();
	return file->store ? file->store(kobj, file, buf, count) : -EIO;
}

const struct sysfs_ops tmem_sysfs_ops = {
	.show	= show,
	.store	= store,
};
EXPORT_SYMBOL_GPL(tmem_sysfs_ops);

static void dir_release(struct kobject *kobj)
{
	kfree(kobj);
}

static const struct kobj_type dir_type = {
	.release	= dir_release,
	.sysfs_ops	= &tmem_sysfs_ops,
};

struct kobject *tmem_sysfs_dir(const char *name, struct kobject *parent)
{
	struct kobject *dir = kzalloc(sizeof(*dir), GFP_KERNEL);

	if (!dir)
		return NULL;
	if (kobject_init_and_add(dir, &dir_type, parent, "%s", name)) {
		kobject_put(dir);
		return NULL;
	}
	return dir;
}
EXPORT_SYMBOL_GPL(tmem_sysfs_dir);
