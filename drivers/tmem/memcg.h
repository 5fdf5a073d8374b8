/* SPDX-License-Identifier: GPL-2.0 */
/* What the core asks about memory cgroups: whose a folio is, what that is called, and whether it is still there. */
#ifndef _TMEM_MEMCG_H
#define _TMEM_MEMCG_H

#include <linux/types.h>

struct folio;
struct mem_cgroup;

/* Are there memory cgroups at all? */
bool tmem_memcg_enabled(void);

/* Id of the cgroup a folio is charged to, 0 if to none. The folio is locked. Never used again for another cgroup. */
u64 tmem_memcg_id_of_folio(struct folio *folio);

/* Is a folio charged to this very cgroup? The folio is locked. */
bool tmem_memcg_has_folio(const struct mem_cgroup *memcg, struct folio *folio);

/*
 * The cgroup a folio is charged to (or one above, where cgroups are nested more than 32 deep), the parent of one,
 * the root, and the one with an id: with a reference, for tmem_memcg_put(); NULL if there is none. The last only
 * knows cgroups of the unified hierarchy.
 */
struct mem_cgroup *tmem_memcg_get(struct folio *folio);
struct mem_cgroup *tmem_memcg_get_parent(struct mem_cgroup *memcg);
struct mem_cgroup *tmem_memcg_get_root(void);
struct mem_cgroup *tmem_memcg_find(u64 id);
void tmem_memcg_put(struct mem_cgroup *memcg);

u64 tmem_memcg_id(struct mem_cgroup *memcg);

/* False once it has been removed. */
bool tmem_memcg_online(struct mem_cgroup *memcg);

/* False if memory.zswap.writeback forbids to write its pages to a swap device behind the back of reclaim. */
bool tmem_memcg_writes_back(struct mem_cgroup *memcg);

/* Its path below the root of the hierarchy. Return: length, or a negative errno. */
int tmem_memcg_path(struct mem_cgroup *memcg, char *buf, size_t size);

#endif /* _TMEM_MEMCG_H */
