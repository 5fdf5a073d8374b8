// SPDX-License-Identifier: GPL-2.0
/* What is known of each owner: /sys/kernel/mm/tmem/cgroups, a directory for each, and the file that sets limits. */
#include <linux/kobject.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <tmem/device.h>
#include <tmem/stat.h>

#include "core.h"
#include "memcg.h"
#include "owner.h"
#include "owner_sysfs.h"

static struct kobject *cgroups_dir;

static struct tmem_owner *to_owner(struct kobject *kobj)
{
	return container_of(kobj, struct tmem_owner, kobj);
}

static ssize_t path_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	int length = tmem_memcg_path(to_owner(kobj)->memcg, buf, PAGE_SIZE - 1);

	if (length < 0)
		return length;
	length = min_t(int, length, PAGE_SIZE - 2);
	buf[length] = '\n';
	return length + 1;
}

static ssize_t online_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", tmem_memcg_online(to_owner(kobj)->memcg));
}

static ssize_t pages_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%lld\n", percpu_counter_sum_positive(&to_owner(kobj)->pages));
}

static ssize_t limit_pages_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	unsigned long limit = READ_ONCE(to_owner(kobj)->limit_pages);

	if (limit == TMEM_NO_LIMIT)
		return sysfs_emit(buf, "max\n");
	return sysfs_emit(buf, "%lu\n", limit);
}

static struct kobj_attribute path_attr = __ATTR_RO_MODE(path, 0400);
static struct kobj_attribute online_attr = __ATTR_RO_MODE(online, 0400);
static struct kobj_attribute pages_attr = __ATTR_RO_MODE(pages, 0400);
static struct kobj_attribute limit_pages_attr = __ATTR_RO_MODE(limit_pages, 0400);

#define EVENT_ATTR(_name)								\
	TMEM_COUNTER_ATTR(_name, _name, tmem_owner_event_total(to_owner(kobj), TMEM_OWNER_##_name));
TMEM_OWNER_EVENTS(EVENT_ATTR)

#define EVENT_ENTRY(_name)	&_name##_attr.attr,
static struct attribute *owner_attrs[] = {
	&path_attr.attr, &online_attr.attr, &pages_attr.attr, &limit_pages_attr.attr,
	TMEM_OWNER_EVENTS(EVENT_ENTRY) NULL
};
ATTRIBUTE_GROUPS(owner);

static void owner_release(struct kobject *kobj)
{
	tmem_owner_free(to_owner(kobj));
}

const struct kobj_type tmem_owner_type = {
	.release	= owner_release,
	.sysfs_ops	= &tmem_sysfs_ops,
	.default_groups	= owner_groups,
};

int tmem_owner_show(struct tmem_owner *owner)
{
	int err = kobject_add(&owner->kobj, cgroups_dir, "%llu", owner->id);

	if (!err)
		WRITE_ONCE(owner->shown, true);
	return err;
}

void tmem_owner_hide(struct tmem_owner *owner)
{
	if (owner->shown)
		kobject_del(&owner->kobj);
	owner->shown = false;
}

/* An id, a blank, and a number or "max". */
static int parse_limit(const char *buf, u64 *id, unsigned long *pages)
{
	char copy[64], *rest = copy, *word;

	if (strscpy(copy, buf, sizeof(copy)) < 0)
		return -EINVAL;
	word = strsep(&rest, " ");
	if (!rest || kstrtou64(word, 10, id))
		return -EINVAL;
	*pages = TMEM_NO_LIMIT;
	rest = strim(rest);
	return strcmp(rest, "max") ? kstrtoul(rest, 10, pages) : 0;
}

static ssize_t limit_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			   size_t count)
{
	unsigned long pages;
	u64 id;
	int err;

	if (parse_limit(buf, &id, &pages)) {
		tmem_last_error("limit takes the id of a cgroup and a number of pages, or 'max'");
		return -EINVAL;
	}
	err = tmem_owner_set_limit(id, pages);
	if (err == -ENOMEM)
		tmem_last_error("%llu: no memory for its counters now, try again", id);
	else if (err)
		tmem_last_error("%llu: no cgroup with a memory controller in the unified hierarchy has this id (stat -c %%i its directory)",
				id);
	return err ? err : count;
}

static struct kobj_attribute limit_attr = __ATTR(limit, 0200, NULL, limit_store);

int tmem_owner_sysfs_init(struct kobject *tmem_dir)
{
	cgroups_dir = tmem_sysfs_dir("cgroups", tmem_dir);
	if (!cgroups_dir)
		return -ENOMEM;
	return sysfs_create_file(cgroups_dir, &limit_attr.attr);
}

void tmem_owner_sysfs_exit(void)
{
	kobject_put(cgroups_dir);
	cgroups_dir = NULL;
}
