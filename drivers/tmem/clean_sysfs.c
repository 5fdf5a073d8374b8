// SPDX-License-Identifier: GPL-2.0
/* The user-space interface of the page-cache side: counters, and which filesystems are cached. */
#include <linux/fs.h>
#include <linux/kobject.h>
#include <linux/namei.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <tmem/stat.h>
#include <tmem/tmem.h>

#include "core.h"
#include "file.h"

/* The four files of the cleancache documentation. */

TMEM_COUNTER_ATTR(succ_gets, succ_gets, tmem_clean_event_total(TMEM_CLEAN_gets));
TMEM_COUNTER_ATTR(failed_gets, failed_gets, tmem_clean_event_total(TMEM_CLEAN_misses) +
	tmem_clean_event_total(TMEM_CLEAN_failed));
TMEM_COUNTER_ATTR(puts, puts, tmem_clean_event_total(TMEM_CLEAN_puts));
TMEM_COUNTER_ATTR(flushes, flushes, tmem_clean_event_total(TMEM_CLEAN_ranges_forgotten) +
	tmem_clean_event_total(TMEM_CLEAN_files_forgotten));

static struct attribute *cleancache_attrs[] = {
	&succ_gets_attr.attr, &failed_gets_attr.attr, &puts_attr.attr, &flushes_attr.attr, NULL
};

const struct attribute_group tmem_cleancache_group = { .attrs = cleancache_attrs };

/* Our own. */

#define STAT_ATTR(_name) \
	TMEM_COUNTER_ATTR(stat_##_name, _name, tmem_clean_event_total(TMEM_CLEAN_##_name));
#define REFUSED_ATTR(_name) \
	TMEM_COUNTER_ATTR(refused_##_name, _name, tmem_clean_refused_total(TMEM_CLEAN_REFUSED_##_name));
TMEM_CLEAN_EVENTS(STAT_ATTR)
TMEM_CLEAN_REFUSALS(REFUSED_ATTR)

#define STAT_ENTRY(_name)	&stat_##_name##_attr.attr,
#define REFUSED_ENTRY(_name)	&refused_##_name##_attr.attr,
static struct attribute *stats_attrs[] = { TMEM_CLEAN_EVENTS(STAT_ENTRY) NULL };
static struct attribute *refused_attrs[] = { TMEM_CLEAN_REFUSALS(REFUSED_ENTRY) NULL };

const struct attribute_group tmem_clean_stats_group = {
	.name = "clean_stats", .attrs = stats_attrs
};
const struct attribute_group tmem_clean_refused_group = {
	.name = "clean_refused", .attrs = refused_attrs
};

static ssize_t filesystems_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return tmem_pools_list(buf);
}

static struct kobj_attribute filesystems_attr = __ATTR_RO_MODE(filesystems, 0400);

/* @buf: a path on the filesystem, perhaps with a newline. */
static int choose_by_path(const char *buf, enum tmem_choice choice)
{
	struct path path;
	char *name;
	int err;

	name = kstrndup(buf, strcspn(buf, "\n"), GFP_KERNEL);
	if (!name)
		return -ENOMEM;
	err = *name == '/' ? kern_path(name, LOOKUP_FOLLOW, &path) : -EINVAL;
	if (err) {
		tmem_last_error("'%s' is not the path of a mounted filesystem (error %d)", name,
				err);
	} else {
		err = tmem_pool_choose(path.dentry->d_sb, choice);
		path_put(&path);
	}
	kfree(name);
	return err;
}

static ssize_t filesystems_enable_store(struct kobject *kobj, struct kobj_attribute *attr,
					const char *buf, size_t count)
{
	int err = choose_by_path(buf, TMEM_CHOICE_ENABLE);

	return err ? err : count;
}

static ssize_t filesystems_disable_store(struct kobject *kobj, struct kobj_attribute *attr,
					 const char *buf, size_t count)
{
	int err = choose_by_path(buf, TMEM_CHOICE_DISABLE);

	return err ? err : count;
}

static struct kobj_attribute filesystems_enable_attr =
	__ATTR(filesystems_enable, 0200, NULL, filesystems_enable_store);
static struct kobj_attribute filesystems_disable_attr =
	__ATTR(filesystems_disable, 0200, NULL, filesystems_disable_store);

/* A choice made earlier is told to the kernel again: a UUID, and what was chosen. */
static ssize_t filesystem_choices_store(struct kobject *kobj, struct kobj_attribute *attr,
					const char *buf, size_t count)
{
	static const char * const words[] = {
		[TMEM_CHOICE_NONE] = "forget", [TMEM_CHOICE_ENABLE] = "enable",
		[TMEM_CHOICE_DISABLE] = "disable",
	};
	uuid_t uuid;
	int choice = -EINVAL;
	int err = -EINVAL;

	if (count > UUID_STRING_LEN && buf[UUID_STRING_LEN] == ' ')
		choice = sysfs_match_string(words, buf + UUID_STRING_LEN + 1);
	if (choice >= 0)
		err = uuid_parse(buf, &uuid);
	if (err)
		tmem_last_error("filesystem_choices takes a UUID and 'enable', 'disable' or 'forget'");
	else
		err = tmem_pool_choose_uuid(&uuid, choice);
	return err ? err : count;
}

static struct kobj_attribute filesystem_choices_attr =
	__ATTR(filesystem_choices, 0200, NULL, filesystem_choices_store);

static struct attribute *clean_attrs[] = {
	&filesystems_attr.attr, &filesystems_enable_attr.attr, &filesystems_disable_attr.attr,
	&filesystem_choices_attr.attr, NULL
};

const struct attribute_group tmem_clean_group = { .attrs = clean_attrs };
