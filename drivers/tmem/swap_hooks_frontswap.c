// SPDX-License-Identifier: GPL-2.0
/*
 * Where swap enters the core on kernels that still have frontswap inside (6.1).
 *
 * We stand in front of the kernel's frontswap, whose one user is zswap. The load is taken one
 * level higher, at swap_readpage(): any failure of __frontswap_load() makes that read the swap
 * slot, which was never written, so a lost page could not be reported there.
 */
#include <linux/frontswap.h>
#include <linux/jump_label.h>
#include <linux/pagemap.h>
#include <linux/psi.h>

#include "core.h"
#include "fault.h"
#include "file.h"
#include "redirect.h"
#include "swap_hooks.h"
#include "symbols.h"

struct swap_iocb;

DEFINE_TMEM_ORIGINAL(__frontswap_store, int, (struct page *));
DEFINE_TMEM_ORIGINAL(swap_readpage, int, (struct page *, bool, struct swap_iocb **));
DEFINE_TMEM_ORIGINAL(__frontswap_invalidate_page, void, (unsigned int, unsigned long));
DEFINE_TMEM_ORIGINAL(__frontswap_invalidate_area, void, (unsigned int));
DEFINE_TMEM_ORIGINAL(frontswap_init, void, (unsigned int, unsigned long *));

static tmem_zswap_count_t *zswap_count;

/* See swap_hooks_zswap.c: whoever may ask about a page sees it counted. */
static bool zswap_has_pages(void)
{
	return tmem_zswap_count_read(zswap_count);
}

static void zswap_forget(swp_entry_t first, unsigned long count)
{
	unsigned long i;

	if (likely(!zswap_has_pages()) || tmem_fault(TMEM_FAULT_NO_ZSWAP_FORGET))
		return;
	for (i = 0; i < count; i++)
		TMEM_ORIGINAL(__frontswap_invalidate_page)(swp_type(first), swp_offset(first) + i);
}

static int hook_store(struct page *page)
{
	struct folio *folio = page_folio(page);
	swp_entry_t first = tmem_folio_swap(folio);
	int err;

	tmem_redirect_enter(TMEM_SWAP_HOOKS);
	err = tmem_store(first, folio);
	if (!err)
		zswap_forget(first, folio_nr_pages(folio));
	else
		err = TMEM_ORIGINAL(__frontswap_store)(page);
	tmem_redirect_leave(TMEM_SWAP_HOOKS);
	return err;
}

static int readpage(struct page *page, bool synchronous, struct swap_iocb **plug)
{
	struct folio *folio = page_folio(page);
	bool workingset = folio_test_workingset(folio);
	unsigned long pflags;
	int err;

	if (workingset)
		psi_memstall_enter(&pflags);
	err = tmem_load(tmem_folio_swap(folio), folio);
	if (workingset)
		psi_memstall_leave(&pflags);
	if (err == -ENOENT)
		return TMEM_ORIGINAL(swap_readpage)(page, synchronous, plug);
	/* As the end of a read does it: a page that is unlocked but not up to date was lost. */
	if (!err)
		folio_mark_uptodate(folio);
	folio_unlock(folio);
	return 0;
}

static int hook_readpage(struct page *page, bool synchronous, struct swap_iocb **plug)
{
	int err;

	tmem_redirect_enter(TMEM_SWAP_HOOKS);
	err = readpage(page, synchronous, plug);
	tmem_redirect_leave(TMEM_SWAP_HOOKS);
	return err;
}

static void hook_invalidate_page(unsigned int type, pgoff_t offset)
{
	tmem_redirect_enter(TMEM_SWAP_HOOKS);
	tmem_invalidate(type, offset, 1);
	TMEM_ORIGINAL(__frontswap_invalidate_page)(type, offset);
	tmem_redirect_leave(TMEM_SWAP_HOOKS);
}

static void hook_invalidate_area(unsigned int type)
{
	tmem_redirect_enter(TMEM_SWAP_HOOKS);
	tmem_area_destroy(type);
	tmem_swap_ends(type);
	TMEM_ORIGINAL(__frontswap_invalidate_area)(type);
	tmem_redirect_leave(TMEM_SWAP_HOOKS);
}

static void hook_init(unsigned int type, unsigned long *map)
{
	tmem_redirect_enter(TMEM_SWAP_HOOKS);
	TMEM_ORIGINAL(frontswap_init)(type, map);
	tmem_area_create(type);
	tmem_redirect_leave(TMEM_SWAP_HOOKS);
}

static_assert(__same_type(hook_store, __frontswap_store));
static_assert(__same_type(hook_invalidate_page, __frontswap_invalidate_page));
static_assert(__same_type(hook_invalidate_area, __frontswap_invalidate_area));
static_assert(__same_type(hook_init, frontswap_init));

/* What forgets is armed first, what stores last. */
static struct tmem_redirect hooks[] = {
	TMEM_REDIRECT(__frontswap_invalidate_page, hook_invalidate_page),
	TMEM_REDIRECT(__frontswap_invalidate_area, hook_invalidate_area),
	TMEM_REDIRECT(frontswap_init, hook_init),
	TMEM_REDIRECT(swap_readpage, hook_readpage),
	TMEM_REDIRECT(__frontswap_store, hook_store),
};

int tmem_swap_hooks_arm(void)
{
	struct static_key *enabled = (struct static_key *)tmem_symbol("frontswap_enabled_key");

	zswap_count = (tmem_zswap_count_t *)tmem_symbol("zswap_stored_pages");
	if (!zswap_count || !enabled) {
		pr_err("this kernel has no frontswap and zswap (CONFIG_FRONTSWAP, CONFIG_ZSWAP), so it is not supported\n");
		return -EOPNOTSUPP;
	}
	if (!static_key_enabled(enabled)) {
		pr_err("zswap did not start on this kernel, so its frontswap is off and cannot be used\n");
		return -EOPNOTSUPP;
	}
	return tmem_redirects_arm(TMEM_SWAP_HOOKS, hooks, ARRAY_SIZE(hooks));
}

void tmem_swap_hooks_disarm(void)
{
	tmem_redirects_disarm(TMEM_SWAP_HOOKS, hooks, ARRAY_SIZE(hooks));
}

const char *tmem_swap_hook_name(unsigned int i)
{
	return i < ARRAY_SIZE(hooks) ? hooks[i].name : NULL;
}

struct tmem_signature *tmem_swap_hook_signature(unsigned int i)
{
	return i < ARRAY_SIZE(hooks) ? hooks[i].signature : NULL;
}
