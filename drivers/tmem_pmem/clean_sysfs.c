// SPDX-License-Identifier: GPL-2.0
/* The user-space interface to the clean pages of a device: their share, and counters. */
#include <linux/kobject.h>
#include <linux/sysfs.h>
#include <tmem/stat.h>

#include "pmem.h"

static struct tmem_pmem_device *clean_device(struct kobject *kobj)
{
	return container_of(kobj, struct tmem_pmem_device, kobj);
}

static ssize_t clean_percent_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(clean_device(kobj)->clean.percent));
}

/* What the administrator can do about it. */
static const char *remedy(int err)
{
	switch (err) {
	case -ENOMEM:
		return "it takes 60 bytes of memory for each of its pages: free some, or give less";
	case -EBUSY:
		return "another module keeps clean pages, or a live patch holds a function: see the kernel log";
	case -ENODEV:
		return "the device is being detached";
	case -EINTR:
		return "it was interrupted";
	default:
		return "see the kernel log";
	}
}

static ssize_t clean_percent_store(struct kobject *kobj, struct kobj_attribute *attr,
				   const char *buf, size_t count)
{
	struct tmem_pmem_device *device = clean_device(kobj);
	unsigned int percent;
	int err = kstrtouint(buf, 10, &percent);

	if (err || percent > 100) {
		tmem_last_error("clean_percent takes the part of the device that clean pages of files may have, 0 (none) to 100 percent");
		return -EINVAL;
	}
	err = tmem_pmem_clean_set_percent(device, percent);
	if (err)
		tmem_last_error("%s: clean pages cannot have %u percent (error %d); %s", device->name,
				percent, err, remedy(err));
	return err ? err : count;
}

static ssize_t clean_pages_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(clean_device(kobj)->clean.cells.used));
}

static struct kobj_attribute clean_percent_attr = __ATTR_RW_MODE(clean_percent, 0600);
static struct kobj_attribute clean_pages_attr = __ATTR_RO_MODE(clean_pages, 0400);

static struct attribute *clean_attrs[] = {
	&clean_percent_attr.attr, &clean_pages_attr.attr, NULL
};

const struct attribute_group tmem_pmem_clean_group = { .attrs = clean_attrs };

static unsigned long clean_event_total(const struct tmem_pmem_clean *clean, enum tmem_pmem_clean_event event)
{
	return tmem_percpu_sum(clean->counters->events[event]);
}

#define STAT_FILE(_name) \
	TMEM_COUNTER_ATTR(stat_##_name, _name, clean_event_total(&clean_device(kobj)->clean, TMEM_PMEM_CLEAN_##_name));
TMEM_PMEM_CLEAN_EVENTS(STAT_FILE)

#define STAT_ENTRY(_name)	&stat_##_name##_attr.attr,
static struct attribute *stats_attrs[] = { TMEM_PMEM_CLEAN_EVENTS(STAT_ENTRY) NULL };

const struct attribute_group tmem_pmem_clean_stats_group = {
	.name = "clean_stats", .attrs = stats_attrs
};
