// SPDX-License-Identifier: GPL-2.0
/* The user-space interface of the core: /sys/kernel/mm/{frontswap,cleancache,tmem}. */
#include <linux/kobject.h>
#include <linux/mutex.h>
#include <linux/sysfs.h>
#include <tmem/device.h>
#include <tmem/stat.h>

#include "core.h"
#include "file.h"
#include "latency.h"
#include "owner_sysfs.h"
#include "signatures.h"
#include "swap_device.h"
#include "swap_hooks.h"
#include "symbols.h"

bool tmem_paused;

static struct kobject *frontswap_dir;
static struct kobject *cleancache_dir;
static struct kobject *tmem_dir;

/* Guards last_error. */
static DEFINE_MUTEX(last_error_lock);
static char last_error[256];

void tmem_last_error(const char *fmt, ...)
{
	va_list args;

	mutex_lock(&last_error_lock);
	va_start(args, fmt);
	vscnprintf(last_error, sizeof(last_error), fmt, args);
	va_end(args);
	pr_err("%s\n", last_error);
	mutex_unlock(&last_error_lock);
}
EXPORT_SYMBOL_GPL(tmem_last_error);

void tmem_last_error_clear(void)
{
	mutex_lock(&last_error_lock);
	*last_error = '\0';
	mutex_unlock(&last_error_lock);
}

/* The five files of the frontswap documentation. */

static ssize_t curr_pages_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%lu\n", tmem_held_pages());
}

static ssize_t curr_pages_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
				size_t count)
{
	unsigned long target;
	int err;

	err = kstrtoul(buf, 0, &target);
	if (err) {
		tmem_last_error("curr_pages takes a number of pages; 0 drains");
		return err;
	}
	err = tmem_shrink(target);
	if (err == -EIO)
		tmem_last_error("some pages could not be written to the swap device; they stay stored");
	else if (err == -EINTR)
		tmem_last_error("interrupted: some pages are still stored; write again to go on");
	else if (err == -EAGAIN)
		tmem_last_error("pages came in as fast as they were pushed out; write 'paused' to state first");
	return err ? err : count;
}

static struct kobj_attribute curr_pages_attr = __ATTR_RW_MODE(curr_pages, 0600);

static unsigned long refused_in_all(void)
{
	unsigned long total = 0;
	unsigned int why;

	for (why = 0; why < TMEM_REFUSED_COUNT; why++)
		total += tmem_refused_total(why);
	return total;
}

TMEM_COUNTER_ATTR(succ_puts, succ_puts, tmem_event_total(TMEM_EVENT_stores));
TMEM_COUNTER_ATTR(failed_puts, failed_puts, refused_in_all());
TMEM_COUNTER_ATTR(gets, gets, tmem_event_total(TMEM_EVENT_loads));
TMEM_COUNTER_ATTR(flushes, flushes, tmem_event_total(TMEM_EVENT_invalidates));

static struct attribute *frontswap_attrs[] = {
	&curr_pages_attr.attr, &succ_puts_attr.attr, &failed_puts_attr.attr, &gets_attr.attr,
	&flushes_attr.attr, NULL
};

static const struct attribute_group frontswap_group = { .attrs = frontswap_attrs };

/* Our own. */

static ssize_t state_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", READ_ONCE(tmem_paused) ? "paused" : "active");
}

static ssize_t state_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			   size_t count)
{
	if (sysfs_streq(buf, "paused")) {
		WRITE_ONCE(tmem_paused, true);
		tmem_synchronize();	/* the last store that did not see it */
	} else if (sysfs_streq(buf, "active")) {
		WRITE_ONCE(tmem_paused, false);
	} else {
		tmem_last_error("state takes 'active' or 'paused'");
		return -EINVAL;
	}
	return count;
}

static struct kobj_attribute state_attr = __ATTR_RW_MODE(state, 0600);

static ssize_t hooks_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	const char *name;
	unsigned int i;
	int len = 0;

	for (i = 0; (name = tmem_swap_hook_name(i)); i++)
		len += sysfs_emit_at(buf, len, "%s armed\n", name);
	for (i = 0; (name = tmem_file_hook_name(i)); i++)
		len += sysfs_emit_at(buf, len, "%s %s\n", name,
				     tmem_file_hooks_armed() ? "armed" : "idle");
	for (i = 0; (name = tmem_ext4_hook_name(i)); i++)
		len += sysfs_emit_at(buf, len, "%s %s\n", name,
				     tmem_ext4_watched() ? "armed" : "idle");
	return len;
}

static struct kobj_attribute hooks_attr = __ATTR_RO_MODE(hooks, 0400);

static ssize_t signatures_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return tmem_signatures_list(buf);
}

static struct kobj_attribute signatures_attr = __ATTR_RO_MODE(signatures, 0400);

static ssize_t last_error_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	int len;

	mutex_lock(&last_error_lock);
	len = sysfs_emit(buf, "%s\n", last_error);
	mutex_unlock(&last_error_lock);
	return len;
}

static struct kobj_attribute last_error_attr = __ATTR_RO_MODE(last_error, 0400);

TMEM_COUNTER_ATTR(lost_pages, lost_pages, (unsigned long)atomic_long_read(&tmem_lost_pages));

static unsigned long pages_in(const struct tmem_area *area)
{
	unsigned long pages = 0;
	unsigned long offset;

	for (offset = 0; offset < area->slots; offset++) {
		pages += tmem_entry_place(READ_ONCE(area->entries[offset])) > TMEM_PLACE_LOST;
		cond_resched();
	}
	return pages;
}

static ssize_t areas_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	unsigned int type;
	int len = 0;

	for (type = 0; type < MAX_SWAPFILES; type++) {
		struct swap_info_struct *device = tmem_swap_device_get(type);
		enum tmem_refusal why;
		struct tmem_area *area;
		int srcu;

		if (!device)
			continue;
		area = tmem_area(type);
		if (area) {
			srcu = srcu_read_lock(&tmem_srcu);
			why = tmem_area_refusal(area);
			srcu_read_unlock(&tmem_srcu, srcu);
			len += sysfs_emit_at(buf, len, "%u %lu %lu %s\n", type, area->slots,
					     pages_in(area), tmem_refusal_name(why));
		}
		tmem_swap_device_put(device);
	}
	return len;
}

static struct kobj_attribute areas_attr = __ATTR_RO_MODE(areas, 0400);

static struct attribute *tmem_attrs[] = {
	&state_attr.attr, &hooks_attr.attr, &signatures_attr.attr, &last_error_attr.attr, &areas_attr.attr,
	&lost_pages_attr.attr, NULL
};

static const struct attribute_group tmem_group = { .attrs = tmem_attrs };

#define STAT_ATTR(_name) \
	TMEM_COUNTER_ATTR(stat_##_name, _name, tmem_event_total(TMEM_EVENT_##_name));
#define REFUSED_ATTR(_name) \
	TMEM_COUNTER_ATTR(refused_##_name, _name, tmem_refused_total(TMEM_REFUSED_##_name));
TMEM_EVENTS(STAT_ATTR)
TMEM_REFUSALS(REFUSED_ATTR)

#define STAT_ENTRY(_name)	&stat_##_name##_attr.attr,
#define REFUSED_ENTRY(_name)	&refused_##_name##_attr.attr,
static struct attribute *stats_attrs[] = { TMEM_EVENTS(STAT_ENTRY) NULL };
static struct attribute *refused_attrs[] = { TMEM_REFUSALS(REFUSED_ENTRY) NULL };

static const struct attribute_group stats_group = { .name = "stats", .attrs = stats_attrs };
static const struct attribute_group refused_group = { .name = "refused", .attrs = refused_attrs };
static const struct attribute_group *tmem_groups[] = {
	&tmem_group, &stats_group, &refused_group, &tmem_latency_group,
	&tmem_clean_group, &tmem_clean_stats_group, &tmem_clean_refused_group, NULL
};

int tmem_sysfs_init(void)
{
	struct kobject *mm = tmem_mm_kobj();
	int err = -ENOMEM;

	if (!mm || !tmem_block_class()) {
		pr_err("this kernel hides /sys/kernel/mm (CONFIG_KALLSYMS_ALL), so it is not supported\n");
		return -EOPNOTSUPP;
	}
	frontswap_dir = tmem_sysfs_dir("frontswap", mm);
	cleancache_dir = tmem_sysfs_dir("cleancache", mm);
	tmem_dir = tmem_sysfs_dir("tmem", mm);
	if (!frontswap_dir || !cleancache_dir || !tmem_dir)
		goto err;
	err = sysfs_create_group(frontswap_dir, &frontswap_group);
	if (!err)
		err = sysfs_create_group(cleancache_dir, &tmem_cleancache_group);
	if (!err)
		err = sysfs_create_groups(tmem_dir, tmem_groups);
	if (!err)
		err = tmem_owner_sysfs_init(tmem_dir);
	if (err)
		goto err;
	return 0;
err:
	tmem_sysfs_exit();
	return err;
}

void tmem_sysfs_exit(void)
{
	tmem_owner_sysfs_exit();
	kobject_put(tmem_dir);
	kobject_put(cleancache_dir);
	kobject_put(frontswap_dir);
}
