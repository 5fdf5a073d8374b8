// SPDX-License-Identifier: GPL-2.0
/* The user-space interface: /sys/kernel/mm/tmem_pmem and a directory for each device. */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <tmem/device.h>

#include "pmem.h"

static struct kobject *tmem_pmem_dir;
static struct kobject *devices_dir;

struct kobject *tmem_pmem_devices_dir(void)
{
	return devices_dir;
}

static struct tmem_pmem_device *to_device(struct kobject *kobj)
{
	return container_of(kobj, struct tmem_pmem_device, kobj);
}

static ssize_t uuid_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%pU\n", to_device(kobj)->super.uuid);
}

static ssize_t label_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", to_device(kobj)->super.label);
}

static ssize_t state_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	static const char * const names[] = {
		[TMEM_PMEM_ACTIVE] = "active", [TMEM_PMEM_DETACHING] = "detaching",
		[TMEM_PMEM_GONE] = "gone",
	};

	return sysfs_emit(buf, "%s\n", names[READ_ONCE(to_device(kobj)->state)]);
}

static ssize_t slots_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", to_device(kobj)->slots.count);
}

static int resize(struct kobject *kobj, u32 slots)
{
	return tmem_pmem_resize(to_device(kobj), slots);
}

static int detach(struct kobject *kobj, u32 unused)
{
	return tmem_pmem_detach(to_device(kobj));
}

static ssize_t slots_usable_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(to_device(kobj)->slots.usable));
}

static ssize_t slots_usable_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
				 size_t count)
{
	struct tmem_pmem_device *device = to_device(kobj);
	int err;
	u32 usable;

	if (kstrtou32(buf, 0, &usable) || usable > device->slots.count) {
		tmem_last_error("slots_usable takes a number of slots, at most %u, which are all of %s",
				device->slots.count, device->name);
		return -EINVAL;
	}
	err = tmem_device_control(kobj, attr, THIS_MODULE, resize, usable);
	return err ? err : count;
}

static ssize_t slots_used_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", tmem_pmem_slots_used(&to_device(kobj)->slots));
}

static ssize_t slots_quarantined_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", atomic_read(&to_device(kobj)->slots.bad_count));
}

static ssize_t poisoned_pages_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%ld\n", atomic_long_read(&to_device(kobj)->poisoned_pages));
}

static ssize_t encrypted_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", !!to_device(kobj)->cipher);
}

static ssize_t numa_node_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", to_device(kobj)->node);
}

/* Both marks at once, because the one bounds the other. */
static ssize_t marks_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	struct tmem_pmem_marks marks = READ_ONCE(to_device(kobj)->marks);

	return sysfs_emit(buf, "%u %u\n", marks.high_percent, marks.low_percent);
}

static ssize_t marks_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			   size_t count)
{
	struct tmem_pmem_device *device = to_device(kobj);
	unsigned int high, low;

	if (sscanf(buf, "%u %u", &high, &low) != 2 || low > high || high > 100) {
		tmem_last_error("marks takes two percentages, the high mark and a low one that is not above it; '100 100' switches writing back off");
		return -EINVAL;
	}
	WRITE_ONCE(device->marks, ((struct tmem_pmem_marks){ .high_percent = high, .low_percent = low }));
	tmem_pmem_room_wanted(device);
	return count;
}

static ssize_t detach_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			    size_t count)
{
	return tmem_device_detach_store(kobj, attr, THIS_MODULE, detach, buf, count);
}

#define TMEM_PMEM_ATTR_RO(_name)	\
	static struct kobj_attribute _name##_attr = __ATTR_RO_MODE(_name, 0400)
TMEM_PMEM_ATTR_RO(uuid);
TMEM_PMEM_ATTR_RO(label);
TMEM_PMEM_ATTR_RO(state);
TMEM_PMEM_ATTR_RO(slots);
TMEM_PMEM_ATTR_RO(slots_used);
TMEM_PMEM_ATTR_RO(slots_quarantined);
TMEM_PMEM_ATTR_RO(poisoned_pages);
TMEM_PMEM_ATTR_RO(numa_node);
TMEM_PMEM_ATTR_RO(encrypted);
static struct kobj_attribute slots_usable_attr = __ATTR_RW_MODE(slots_usable, 0600);
static struct kobj_attribute marks_attr = __ATTR_RW_MODE(marks, 0600);
static struct kobj_attribute detach_attr = __ATTR(detach, 0200, NULL, detach_store);

static struct attribute *device_attrs[] = {
	&uuid_attr.attr, &label_attr.attr, &state_attr.attr, &slots_attr.attr,
	&slots_usable_attr.attr, &slots_used_attr.attr, &slots_quarantined_attr.attr, &poisoned_pages_attr.attr,
	&numa_node_attr.attr, &encrypted_attr.attr, &marks_attr.attr, &detach_attr.attr, NULL
};
static const struct attribute_group device_group = { .attrs = device_attrs };
static const struct attribute_group *device_groups[] = {
	&device_group, &tmem_pmem_clean_group, &tmem_pmem_clean_stats_group, NULL
};

static void release(struct kobject *kobj)
{
	kfree(to_device(kobj));
}

const struct kobj_type tmem_pmem_device_type = {
	.release	= release,
	.sysfs_ops	= &tmem_sysfs_ops,
	.default_groups	= device_groups,
};

static ssize_t attach_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			    size_t count)
{
	dev_t dev;
	int err = tmem_device_find(buf, &dev);

	if (!err)
		err = tmem_pmem_attach(dev, false);
	return err ? err : count;
}

static struct kobj_attribute attach_attr = __ATTR(attach, 0200, NULL, attach_store);

static ssize_t clean_policy_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", READ_ONCE(tmem_pmem_clean_admit_all) ? "all" : "frequency");
}

static ssize_t clean_policy_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
				  size_t count)
{
	bool all = sysfs_streq(buf, "all");

	if (!all && !sysfs_streq(buf, "frequency")) {
		tmem_last_error("clean_policy takes 'frequency' (the default) or 'all'");
		return -EINVAL;
	}
	WRITE_ONCE(tmem_pmem_clean_admit_all, all);
	return count;
}

static struct kobj_attribute clean_policy_attr = __ATTR_RW_MODE(clean_policy, 0600);

int tmem_pmem_sysfs_init(void)
{
	int err = -ENOMEM;

	tmem_pmem_dir = tmem_sysfs_dir("tmem_pmem", tmem_mm_kobj());
	if (!tmem_pmem_dir)
		return -ENOMEM;
	devices_dir = tmem_sysfs_dir("devices", tmem_pmem_dir);
	if (devices_dir)
		err = sysfs_create_file(tmem_pmem_dir, &attach_attr.attr);
	if (!err)
		err = sysfs_create_file(tmem_pmem_dir, &clean_policy_attr.attr);
	if (err)
		tmem_pmem_sysfs_exit();
	return err;
}

/* From here on nothing is attached from user space. Waits for who is at it. */
void tmem_pmem_sysfs_close(void)
{
	sysfs_remove_file(tmem_pmem_dir, &attach_attr.attr);
}

void tmem_pmem_sysfs_exit(void)
{
	kobject_put(devices_dir);
	kobject_put(tmem_pmem_dir);
}
