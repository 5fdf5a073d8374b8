// SPDX-License-Identifier: GPL-2.0
/* How long stores and loads take, as histograms: /sys/kernel/mm/tmem/latency. */
#include <linux/bitops.h>
#include <linux/kobject.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/sysfs.h>
#include <tmem/stat.h>
#include <tmem/tmem.h>

#include "latency.h"

struct histogram {
	unsigned long buckets[TMEM_LATENCY_BUCKETS];
	u64 sum_ns;
};

DEFINE_STATIC_KEY_FALSE(tmem_latency_on);

static DEFINE_PER_CPU(struct histogram, histograms[TMEM_LATENCY_COUNT]);

/* Guards the key against two who write at once. */
static DEFINE_MUTEX(enable_lock);

void tmem_latency_add(enum tmem_latency what, u64 begun)
{
	/* This clock may step back a little, on another processor above all. */
	u64 ns = max_t(s64, ktime_get_mono_fast_ns() - begun, 0);
	unsigned int bucket = min(fls64(ns), TMEM_LATENCY_BUCKETS - 1);

	this_cpu_inc(histograms[what].buckets[bucket]);
	this_cpu_add(histograms[what].sum_ns, ns);
}

static unsigned long bucket_total(enum tmem_latency what, unsigned int bucket)
{
	return tmem_percpu_sum(histograms[what].buckets[bucket]);
}

/* A line a bucket: its bound in ns, and how many were below that bound and not below the one before. */
static ssize_t show_histogram(enum tmem_latency what, char *buf)
{
	unsigned int bucket;
	int len = 0;

	for (bucket = 0; bucket < TMEM_LATENCY_BUCKETS - 1; bucket++)
		len += sysfs_emit_at(buf, len, "%llu %lu\n", 1ULL << bucket,
				     bucket_total(what, bucket));
	len += sysfs_emit_at(buf, len, "inf %lu\n", bucket_total(what, bucket));
	return len + sysfs_emit_at(buf, len, "sum %lu\n", tmem_percpu_sum(histograms[what].sum_ns));
}

static ssize_t store_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return show_histogram(TMEM_LATENCY_STORE, buf);
}

static ssize_t load_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return show_histogram(TMEM_LATENCY_LOAD, buf);
}

static ssize_t enabled_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", static_key_enabled(&tmem_latency_on));
}

static ssize_t enabled_store(struct kobject *kobj, struct kobj_attribute *attr, const char *buf,
			     size_t count)
{
	bool on;

	if (kstrtobool(buf, &on)) {
		tmem_last_error("latency/enabled takes 0 or 1");
		return -EINVAL;
	}
	mutex_lock(&enable_lock);
	if (on)
		static_branch_enable(&tmem_latency_on);
	else
		static_branch_disable(&tmem_latency_on);
	mutex_unlock(&enable_lock);
	return count;
}

static struct kobj_attribute store_attr = __ATTR_RO_MODE(store, 0400);
static struct kobj_attribute load_attr = __ATTR_RO_MODE(load, 0400);
static struct kobj_attribute enabled_attr = __ATTR_RW_MODE(enabled, 0600);

static struct attribute *latency_attrs[] = {
	&store_attr.attr, &load_attr.attr, &enabled_attr.attr, NULL
};

const struct attribute_group tmem_latency_group = { .name = "latency", .attrs = latency_attrs };
