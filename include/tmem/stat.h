/* SPDX-License-Identifier: GPL-2.0 */
/* Per-CPU counters, and files in sysfs that show them. */
#ifndef _TMEM_STAT_H
#define _TMEM_STAT_H

#include <linux/kobject.h>
#include <linux/percpu.h>
#include <linux/sysfs.h>

/**
 * tmem_percpu_sum() - the sum of a counter over all processors
 * @_counter: as for this_cpu_inc(); unsigned, at most a long
 *
 * Context: any; others may count meanwhile.
 * Return: the sum, an unsigned long.
 */
#define tmem_percpu_sum(_counter) ({						\
	unsigned long _sum = 0;							\
	int _cpu;								\
										\
	for_each_possible_cpu(_cpu)						\
		_sum += READ_ONCE(*per_cpu_ptr(&(_counter), _cpu));		\
	_sum;									\
})

/**
 * TMEM_COUNTER_ATTR() - a file with one number
 * @_id: the attribute is called @_id_attr
 * @_file: name of the file
 * @_value: an unsigned long; may look at kobj
 */
#define TMEM_COUNTER_ATTR(_id, _file, _value)						\
static ssize_t _id##_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)	\
{											\
	return sysfs_emit(buf, "%lu\n", _value);					\
}											\
static struct kobj_attribute _id##_attr = {						\
	.attr = { .name = #_file, .mode = 0400 }, .show = _id##_show,			\
}

#endif /* _TMEM_STAT_H */
