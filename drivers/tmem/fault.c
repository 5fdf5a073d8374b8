// SPDX-License-Identifier: GPL-2.0
/* Fault points: their switches in debugfs. Built with TMEM_FAULTS=y only. */
#include <linux/atomic.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/string.h>

#include "fault.h"

u32 tmem_fault_values[TMEM_FAULT_COUNT];
EXPORT_SYMBOL_GPL(tmem_fault_values);

static struct dentry *fault_dir;

/* In steps, so that switching the point off ends a delay that is under way. */
void tmem_fault_delay(enum tmem_fault point)
{
	unsigned long end = jiffies + msecs_to_jiffies(tmem_fault(point));

	while (time_before(jiffies, end) && tmem_fault(point))
		msleep(20);
}

bool tmem_fault_one_in(enum tmem_fault point)
{
	static atomic_t calls[TMEM_FAULT_COUNT];
	u32 n = tmem_fault(point);

	return n && !(atomic_inc_return(&calls[point]) % n);
}
EXPORT_SYMBOL_GPL(tmem_fault_one_in);

void tmem_faults_init(void)
{
#define TMEM_NAME(_name)	#_name,
	static const char * const names[] = { TMEM_FAULTS(TMEM_NAME) };
#undef TMEM_NAME
	unsigned int i;

	fault_dir = debugfs_create_dir("tmem", NULL);
	for (i = 0; i < TMEM_FAULT_COUNT; i++)
		debugfs_create_u32(names[i], 0600, fault_dir, &tmem_fault_values[i]);
}

void tmem_faults_exit(void)
{
	debugfs_remove(fault_dir);
}
