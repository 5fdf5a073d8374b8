/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's RCU for user space: readers share a lock, and a grace period takes it alone.
 */
#ifndef _TOOLS_LINUX_RCUPDATE_H
#define _TOOLS_LINUX_RCUPDATE_H

#include <linux/compiler.h>

void rcu_read_lock(void);
void rcu_read_unlock(void);
void synchronize_rcu(void);

/* Free @object, from kmalloc(), when all readers of now are through. */
void tools_free_rcu(void *object);

#endif /* _TOOLS_LINUX_RCUPDATE_H */
