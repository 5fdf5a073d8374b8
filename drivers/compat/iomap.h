/* SPDX-License-Identifier: GPL-2.0 */
/* Teaches older kernels what a buffered write of iomap takes. */
#ifndef _TMEM_COMPAT_IOMAP_H
#define _TMEM_COMPAT_IOMAP_H

#include <linux/iomap.h>

/*
 * iomap_file_buffered_write() was given a pointer for the filesystem between 6.1 and 6.12, and operations for
 * writing between 6.12 and 7.2. Goes with 6.12.
 */
#if TMEM_LINUX_SERIES == TMEM_SERIES(6, 1)
#define TMEM_IOMAP_WRITE_PARAMETERS	const struct iomap_ops *ops
#define TMEM_IOMAP_WRITE_TYPES		const struct iomap_ops *
#define TMEM_IOMAP_WRITE_ARGUMENTS	ops
#elif TMEM_LINUX_SERIES == TMEM_SERIES(6, 12)
#define TMEM_IOMAP_WRITE_PARAMETERS	const struct iomap_ops *ops, void *private
#define TMEM_IOMAP_WRITE_TYPES		const struct iomap_ops *, void *
#define TMEM_IOMAP_WRITE_ARGUMENTS	ops, private
#else
#define TMEM_IOMAP_WRITE_PARAMETERS	\
	const struct iomap_ops *ops, const struct iomap_write_ops *write_ops, void *private
#define TMEM_IOMAP_WRITE_TYPES		\
	const struct iomap_ops *, const struct iomap_write_ops *, void *
#define TMEM_IOMAP_WRITE_ARGUMENTS	ops, write_ops, private
#endif

#endif /* _TMEM_COMPAT_IOMAP_H */
