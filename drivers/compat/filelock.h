/* SPDX-License-Identifier: GPL-2.0 */
/* Teaches older kernels what a lease is. */
#ifndef _TMEM_COMPAT_FILELOCK_H
#define _TMEM_COMPAT_FILELOCK_H

#include <linux/fs.h>

/* Leases have been a type of their own since 6.9. Goes with 6.1. */
#if TMEM_LINUX_SERIES == TMEM_SERIES(6, 1)

typedef struct file_lock tmem_lease_t;
#define tmem_lease_list		fl_list
#define tmem_lease_flags	fl_flags

#else

#include <linux/filelock.h>

typedef struct file_lease tmem_lease_t;
#define tmem_lease_list		c.flc_list
#define tmem_lease_flags	c.flc_flags

#endif

#endif /* _TMEM_COMPAT_FILELOCK_H */
