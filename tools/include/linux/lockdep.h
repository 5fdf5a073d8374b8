/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's lock assertions for user space: that somebody holds the lock.
 */
#ifndef _TOOLS_LINUX_LOCKDEP_H
#define _TOOLS_LINUX_LOCKDEP_H

#include <stdlib.h>
#include <linux/spinlock.h>

static inline void lockdep_assert_held(spinlock_t *lock)
{
	if (!__atomic_load_n(&lock->held, __ATOMIC_RELAXED))
		abort();
}

#endif /* _TOOLS_LINUX_LOCKDEP_H */
