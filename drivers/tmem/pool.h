/* SPDX-License-Identifier: GPL-2.0 */
/* What the files that are about pools share: the table, its locks, and the parts of a pool's life. */
#ifndef _TMEM_POOL_H
#define _TMEM_POOL_H

#include <linux/hashtable.h>
#include <linux/mutex.h>

#include "file.h"

/* pools.c */
#define TMEM_POOLS_BITS	6
extern DECLARE_HASHTABLE(tmem_pools, TMEM_POOLS_BITS);
extern struct mutex tmem_pools_mutex;
extern struct mutex tmem_pool_begin_lock;

/* Take tmem_pools_mutex. Return: for tmem_pools_unlock(). */
unsigned int tmem_pools_lock(void);
void tmem_pools_unlock(unsigned int nofs);

/* Of a filesystem that has none; nothing is cached yet. Return: NULL without memory. */
struct tmem_pool *tmem_pool_create(struct super_block *sb);

/* pool_life.c; tmem_pools_mutex is held, but in the last two. */
void tmem_pool_start(struct tmem_pool *pool);
void tmem_pool_empty(struct tmem_pool *pool);
void tmem_pool_forget_files(struct tmem_pool *pool);
void tmem_pool_note_refusal(struct tmem_pool *pool);
void tmem_pool_begin(struct tmem_pool *pool);
void tmem_pool_renew(struct work_struct *work);

/* It is being let go of what the page cache has; NULL otherwise. Changed under tmem_pools_mutex. */
extern struct tmem_pool *tmem_pool_begins;

/* pool_choices.c; tmem_pools_mutex is held. */
enum tmem_choice tmem_choice_of(const uuid_t *uuid);

/* pool_tiers.c; tmem_pools_mutex is held. */

/* Ask a tier, unless it has taken the pool. */
void tmem_pool_offer(struct tmem_pool *pool, enum tmem_tier tier);

/* Has every backend there is taken the pool? */
bool tmem_pool_all_took(const struct tmem_pool *pool);

#endif
