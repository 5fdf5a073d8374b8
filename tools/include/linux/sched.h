/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's cond_resched() for user space, where nobody needs it.
 */
#ifndef _TOOLS_LINUX_SCHED_H
#define _TOOLS_LINUX_SCHED_H

static inline void cond_resched(void)
{
}

#endif /* _TOOLS_LINUX_SCHED_H */
