// SPDX-License-Identifier: GPL-2.0
/* What the core asks about memory cgroups; the only file that looks into them. */
#include <linux/cgroup.h>
#include <linux/memcontrol.h>
#include <linux/rcupdate.h>

#include "memcg.h"

/* Cgroups that are nested deeper are not told apart: each page counts for all above. */
#define LEVELS_MAX	32

/* Inside RCU, or with a reference, which keeps those above, too. */
static struct mem_cgroup *not_too_deep(struct mem_cgroup *memcg)
{
	while (unlikely(memcg && memcg->css.cgroup->level > LEVELS_MAX))
		memcg = parent_mem_cgroup(memcg);
	return memcg;
}

bool tmem_memcg_enabled(void)
{
	return !mem_cgroup_disabled();
}

u64 tmem_memcg_id(struct mem_cgroup *memcg)
{
	return cgroup_id(memcg->css.cgroup);
}

u64 tmem_memcg_id_of_folio(struct folio *folio)
{
	struct mem_cgroup *memcg;
	u64 id = 0;

	/* The folio keeps what it is charged to, but on 7.2 that may change to the parent. */
	rcu_read_lock();
	memcg = not_too_deep(folio_memcg(folio));
	if (likely(memcg))
		id = tmem_memcg_id(memcg);
	rcu_read_unlock();
	return id;
}

bool tmem_memcg_has_folio(const struct mem_cgroup *memcg, struct folio *folio)
{
	bool has;

	rcu_read_lock();
	has = folio_memcg(folio) == memcg;
	rcu_read_unlock();
	return has;
}

static struct mem_cgroup *get_memcg(struct mem_cgroup *memcg)
{
	return memcg && css_tryget(&memcg->css) ? memcg : NULL;
}

struct mem_cgroup *tmem_memcg_get(struct folio *folio)
{
	struct mem_cgroup *memcg;

	rcu_read_lock();
	memcg = get_memcg(not_too_deep(folio_memcg(folio)));
	rcu_read_unlock();
	return memcg;
}

/* A cgroup keeps its parent. */
struct mem_cgroup *tmem_memcg_get_parent(struct mem_cgroup *memcg)
{
	return get_memcg(parent_mem_cgroup(memcg));
}

struct mem_cgroup *tmem_memcg_get_root(void)
{
	struct mem_cgroup *memcg = get_mem_cgroup_from_mm(NULL), *parent;

	while (memcg && (parent = tmem_memcg_get_parent(memcg))) {
		tmem_memcg_put(memcg);
		memcg = parent;
	}
	return memcg;
}

struct mem_cgroup *tmem_memcg_find(u64 id)
{
	struct cgroup_subsys_state *css;
	struct mem_cgroup *memcg = NULL;
	struct cgroup *cgroup;

	if (mem_cgroup_disabled() || !cgroup_subsys_on_dfl(memory_cgrp_subsys))
		return NULL;
	cgroup = cgroup_get_from_id(id);
	if (IS_ERR_OR_NULL(cgroup))
		return NULL;
	/* Where the controller is not enabled this is the nearest ancestor's. */
	css = cgroup_get_e_css(cgroup, &memory_cgrp_subsys);
	if (css->cgroup == cgroup && cgroup->level <= LEVELS_MAX)
		memcg = mem_cgroup_from_css(css);
	else
		css_put(css);
	cgroup_put(cgroup);
	return memcg;
}

void tmem_memcg_put(struct mem_cgroup *memcg)
{
	if (memcg)
		css_put(&memcg->css);
}

bool tmem_memcg_online(struct mem_cgroup *memcg)
{
	return mem_cgroup_online(memcg);
}

bool tmem_memcg_writes_back(struct mem_cgroup *memcg)
{
	for (; memcg; memcg = parent_mem_cgroup(memcg))
		if (!tmem_compat_zswap_writeback(memcg))
			return false;
	return true;
}

int tmem_memcg_path(struct mem_cgroup *memcg, char *buf, size_t size)
{
	return cgroup_path(memcg->css.cgroup, buf, size);
}
