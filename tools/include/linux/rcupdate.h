/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's RCU for user space: readers share a lock, and a grace period takes it alone.
 */
#ifndef _TOOLS_LINUX_RCUPDATE_H
#define _TOOLS_LINUX_RCUPDATE_H

#include <linux/compiler.h>

#define rcu_dereference(p)			__atomic_load_n(&(p), __ATOMIC_CONSUME)
#define rcu_dereference_protected(p, held)	(p)
#define rcu_assign_pointer(p, value)		__atomic_store_n(&(p), value, __ATOMIC_RELEASE)

void rcu_read_lock(void);
void rcu_read_unlock(void);
void synchronize_rcu(void);

/* Free @object, from kmalloc(), when all readers of now are through. */
void tools_free_rcu(void *object);

#endif /* _TOOLS_LINUX_RCUPDATE_H */
