/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory for what may fail, taken where nothing may wait.
 *
 * Compiles for user space too.
 */
#ifndef _TMEM_GFP_H
#define _TMEM_GFP_H

#include <linux/slab.h>

/* Reclaim may use the reserves, which this is not worth. GFP_NOWAIT of 6.1 lacks __GFP_NOWARN. */
#define TMEM_GFP_NOWAIT		(GFP_NOWAIT | __GFP_NOWARN | __GFP_NOMEMALLOC)

#endif /* _TMEM_GFP_H */
