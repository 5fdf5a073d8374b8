// SPDX-License-Identifier: GPL-2.0
/* The user-space interface: /sys/kernel/mm/tmem_ssd and a directory for each device. */
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <tmem/device.h>
#include <tmem/stat.h>
#include <tmem/tmem.h>

#include "ssd.h"

static struct kobject *tmem_ssd_dir;
static struct kobject *devices_dir;

struct kobject *tmem_ssd_devices_dir(void)
{
	return devices_dir;
}

static struct tmem_ssd_device *to_device(struct kobject *kobj)
{
	return container_of(kobj, struct tmem_ssd_device, kobj);
}

static const char *state_name(const struct tmem_ssd_device *device)
{
	static const char * const names[] = {
		[TMEM_SSD_ACTIVE] = "active", [TMEM_SSD_FAILED] = "failed",
		[TMEM_SSD_DETACHING] = "detaching", [TMEM_SSD_ASLEEP] = "asleep",
	};

	return names[READ_ONCE(device->state)];
}

/* A file of a device that shows one value. */
#define DEVICE_FILE(_name, _format, _value)						\
static ssize_t _name##_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)	\
{											\
	struct tmem_ssd_device *device = to_device(kobj);				\
											\
	return sysfs_emit(buf, _format "\n", _value);					\
}											\
static struct kobj_attribute _name##_attr = __ATTR_RO_MODE(_name, 0400)

DEVICE_FILE(uuid, "%pU", device->super.uuid);
DEVICE_FILE(label, "%s", device->super.label);
DEVICE_FILE(state, "%s", state_name(device));
DEVICE_FILE(encrypted, "%d", device->encrypted);
DEVICE_FILE(segments, "%u", device->log.count);
DEVICE_FILE(segments_free, "%u", READ_ONCE(device->log.in_state[TMEM_SSD_SEGMENT_FREE]));
DEVICE_FILE(pages, "%ld", atomic_long_read(&device->log.live));

static int detach(struct kobject *kobj, u32 unused)
{
	int err = mutex_lock_killable(&tmem_ssd_lock);

	if (err)
		return err;
	if (tmem_ssd_in_service(to_device(kobj)))
		tmem_ssd_detach(to_device(kobj));
	else
		err = -ENODEV;
	mutex_unlock(&tmem_ssd_lock);
	return err;
}

static ssize_t detach_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			    size_t count)
{
	return tmem_device_detach_store(kobj, attr, THIS_MODULE, detach, buf, count);
}

static struct kobj_attribute detach_attr = __ATTR(detach, 0200, NULL, detach_store);

static struct attribute *device_attrs[] = {
	&uuid_attr.attr, &label_attr.attr, &state_attr.attr, &encrypted_attr.attr,
	&segments_attr.attr, &segments_free_attr.attr, &pages_attr.attr, &detach_attr.attr, NULL
};

static const struct attribute_group device_group = { .attrs = device_attrs };

static unsigned long event_total(const struct tmem_ssd_device *device, enum tmem_ssd_event event)
{
	return tmem_percpu_sum(device->counters->events[event]);
}

#define STAT_FILE(_name) \
	TMEM_COUNTER_ATTR(stat_##_name, _name, event_total(to_device(kobj), TMEM_SSD_EVENT_##_name));
TMEM_SSD_EVENTS(STAT_FILE)

#define STAT_ENTRY(_name)	&stat_##_name##_attr.attr,
static struct attribute *stats_attrs[] = { TMEM_SSD_EVENTS(STAT_ENTRY) NULL };
static const struct attribute_group stats_group = { .name = "stats", .attrs = stats_attrs };

static const struct attribute_group *device_groups[] = { &device_group, &stats_group, NULL };

static void release(struct kobject *kobj)
{
	free_percpu(to_device(kobj)->counters);
	kfree(to_device(kobj));
}

const struct kobj_type tmem_ssd_device_type = {
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
		err = tmem_ssd_attach(dev);
	return err ? err : count;
}

static struct kobj_attribute attach_attr = __ATTR(attach, 0200, NULL, attach_store);

/* Why pages were not kept, one counter a reason. */

#define REFUSED_FILE(_name, _why) \
	TMEM_COUNTER_ATTR(refused_##_name, _name, tmem_percpu_sum(tmem_ssd_refused[TMEM_SSD_REFUSE_##_why]))

REFUSED_FILE(rare, RARE);
REFUSED_FILE(sequential, SEQUENTIAL);
REFUSED_FILE(budget, BUDGET);
REFUSED_FILE(no_device, NO_DEVICE);
REFUSED_FILE(not_encrypted, NOT_ENCRYPTED);
REFUSED_FILE(index_full, INDEX_FULL);
REFUSED_FILE(staging_full, STAGING_FULL);
REFUSED_FILE(no_memory, NO_MEMORY);

static struct attribute *refused_attrs[] = {
	&refused_rare_attr.attr, &refused_sequential_attr.attr,
	&refused_budget_attr.attr, &refused_no_device_attr.attr,
	&refused_not_encrypted_attr.attr, &refused_index_full_attr.attr,
	&refused_staging_full_attr.attr, &refused_no_memory_attr.attr, NULL
};
static const struct attribute_group refused_group = { .name = "refused", .attrs = refused_attrs };

/* A file of the module that shows one number. */
#define NUMBER_FILE(_name, _value)	TMEM_COUNTER_ATTR(_name, _name, (unsigned long)(_value))

NUMBER_FILE(index_pages, tmem_index_pages(&tmem_ssd_index));
NUMBER_FILE(index_bytes, tmem_index_bytes(&tmem_ssd_index));
NUMBER_FILE(index_limit_bytes, tmem_ssd_index_limit());
NUMBER_FILE(index_pages_shrunk, atomic_long_read(&tmem_ssd_shrunk));
NUMBER_FILE(counters_bytes, tmem_ssd_admit_bytes(&tmem_ssd_admit));

NUMBER_FILE(staging_bytes, tmem_ssd_staging_segments() * TMEM_SSD_SEGMENT_BYTES);
NUMBER_FILE(budget_bytes, tmem_ssd_admit_budget(&tmem_ssd_admit, ktime_get_mono_fast_ns()));

static ssize_t policy_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	bool all = READ_ONCE(tmem_ssd_admit.config.policy) == TMEM_SSD_POLICY_ALL;

	return sysfs_emit(buf, "%s\n", all ? "all" : "frequency");
}

static ssize_t policy_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			    size_t count)
{
	if (sysfs_streq(buf, "all")) {
		WRITE_ONCE(tmem_ssd_admit.config.policy, TMEM_SSD_POLICY_ALL);
	} else if (sysfs_streq(buf, "frequency")) {
		WRITE_ONCE(tmem_ssd_admit.config.policy, TMEM_SSD_POLICY_FREQUENCY);
	} else {
		tmem_last_error("policy takes 'frequency' (the default) or 'all'");
		return -EINVAL;
	}
	return count;
}

static struct kobj_attribute policy_attr = __ATTR_RW_MODE(policy, 0600);

/* A file of the module with one setting of admission. */
#define SETTING_FILE(_name, _sentence)							\
static ssize_t _name##_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)	\
{											\
	return sysfs_emit(buf, "%u\n", READ_ONCE(tmem_ssd_admit.config._name));		\
}											\
static ssize_t _name##_store(struct kobject *kobj, struct kobj_attribute *attr,		\
			     const char *buf, size_t count)				\
{											\
	u32 value;									\
	int err = kstrtou32(buf, 0, &value);						\
											\
	if (err) {									\
		tmem_last_error(_sentence);						\
		return err;								\
	}										\
	WRITE_ONCE(tmem_ssd_admit.config._name, value);					\
	return count;									\
}											\
static struct kobj_attribute _name##_attr = __ATTR_RW_MODE(_name, 0600)

SETTING_FILE(dwpd_percent, "dwpd_percent takes hundredths of a device write a day; 0: no limit");
SETTING_FILE(sequential_pages,
	     "sequential_pages takes the length of a run behind which pages are left out; 0: none");

static ssize_t index_percent_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(tmem_ssd_index_percent));
}

static ssize_t index_percent_store(struct kobject *kobj, struct kobj_attribute *attr,
				   const char *buf, size_t count)
{
	unsigned int percent;
	int err = kstrtouint(buf, 0, &percent);

	if (err || percent > 100) {
		tmem_last_error("index_percent takes a part of the available memory, 0 to 100 percent");
		return -EINVAL;
	}
	WRITE_ONCE(tmem_ssd_index_percent, percent);
	tmem_ssd_index_limit();
	return count;
}

static struct kobj_attribute index_percent_attr = __ATTR_RW_MODE(index_percent, 0600);

static struct attribute *module_attrs[] = {
	&index_pages_attr.attr, &index_bytes_attr.attr, &index_limit_bytes_attr.attr,
	&index_pages_shrunk_attr.attr, &index_percent_attr.attr, &counters_bytes_attr.attr,
	&staging_bytes_attr.attr, &budget_bytes_attr.attr, &policy_attr.attr,
	&dwpd_percent_attr.attr, &sequential_pages_attr.attr, NULL
};

static const struct attribute_group module_group = { .attrs = module_attrs };
static const struct attribute_group *module_groups[] = { &module_group, &refused_group, NULL };

int tmem_ssd_sysfs_init(void)
{
	int err = -ENOMEM;

	tmem_ssd_dir = tmem_sysfs_dir("tmem_ssd", tmem_mm_kobj());
	if (!tmem_ssd_dir)
		return -ENOMEM;
	devices_dir = tmem_sysfs_dir("devices", tmem_ssd_dir);
	if (devices_dir)
		err = sysfs_create_groups(tmem_ssd_dir, module_groups);
	if (!err)
		err = sysfs_create_file(tmem_ssd_dir, &attach_attr.attr);
	if (err)
		tmem_ssd_sysfs_exit();
	return err;
}

/* From here on nothing is attached from user space. Waits for who is at it. */
void tmem_ssd_sysfs_close(void)
{
	sysfs_remove_file(tmem_ssd_dir, &attach_attr.attr);
}

void tmem_ssd_sysfs_exit(void)
{
	kobject_put(devices_dir);
	kobject_put(tmem_ssd_dir);
}
