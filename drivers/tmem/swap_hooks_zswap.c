// SPDX-License-Identifier: GPL-2.0
/*
 * Where swap enters the core on kernels whose swap path calls zswap directly (6.12, 7.2).
 *
 * We stand in front of zswap. A page that we store is forgotten by zswap; a page that we refuse
 * goes on to zswap and from there to the swap device, as if we were not there.
 */
#include <linux/jump_label.h>
#include <linux/pagemap.h>
#include <linux/zswap.h>

#include "core.h"
#include "fault.h"
#include "file.h"
#include "redirect.h"
#include "swap_hooks.h"
#include "swap_in.h"
#include "symbols.h"

DEFINE_TMEM_ORIGINAL(zswap_store, bool, (struct folio *));
DEFINE_TMEM_ORIGINAL(zswap_load, tmem_zswap_load_t, (struct folio *));
DEFINE_TMEM_ORIGINAL(zswap_invalidate, void, (swp_entry_t));
DEFINE_TMEM_ORIGINAL(zswap_swapon, int, (int, unsigned long));
DEFINE_TMEM_ORIGINAL(zswap_swapoff, void, (int));

static tmem_zswap_count_t *zswap_count;

/*
 * A page that zswap holds was counted before the folio lock of its store was released, and stays
 * counted until it is gone. So whoever holds that lock, or frees the slot, sees it here.
 */
static bool zswap_has_pages(void)
{
	return tmem_zswap_count_read(zswap_count);
}

static noinline void zswap_forget(struct folio *folio)
{
	swp_entry_t first = tmem_folio_swap(folio);
	unsigned long i;

	if (tmem_fault(TMEM_FAULT_NO_ZSWAP_FORGET))
		return;
	for (i = 0; i < folio_nr_pages(folio); i++)
		TMEM_ORIGINAL(zswap_invalidate)(swp_entry(swp_type(first), swp_offset(first) + i));
}

static bool hook_store(struct folio *folio)
{
	bool stored;

	tmem_redirect_enter(TMEM_SWAP_HOOKS);
	stored = !tmem_store(tmem_folio_swap(folio), folio);
	if (unlikely(!stored))
		stored = TMEM_ORIGINAL(zswap_store)(folio);
	else if (unlikely(zswap_has_pages()))
		zswap_forget(folio);
	tmem_redirect_leave(TMEM_SWAP_HOOKS);
	return stored;
}

static tmem_zswap_load_t load(struct folio *folio)
{
	int err = tmem_load(tmem_folio_swap(folio), folio);

	if (likely(!err))
		folio_mark_uptodate(folio);
	else if (err == -ENOENT)
		return zswap_has_pages() ? TMEM_ORIGINAL(zswap_load)(folio) : TMEM_ZSWAP_LOAD_MISS;
	/* Handled: without the mark the fault ends in SIGBUS, which is what a lost page is. */
	return tmem_zswap_load_end(folio, err);
}

static tmem_zswap_load_t hook_load(struct folio *folio)
{
	tmem_zswap_load_t ret;

	tmem_redirect_enter(TMEM_SWAP_HOOKS);
	ret = load(folio);
	tmem_redirect_leave(TMEM_SWAP_HOOKS);
	return ret;
}

static void hook_invalidate(swp_entry_t swp)
{
	tmem_redirect_enter(TMEM_SWAP_HOOKS);
	tmem_invalidate(swp_type(swp), swp_offset(swp), 1);
	if (unlikely(zswap_has_pages()))
		TMEM_ORIGINAL(zswap_invalidate)(swp);
	tmem_redirect_leave(TMEM_SWAP_HOOKS);
}

static int hook_swapon(int type, unsigned long nr_pages)
{
	int err;

	tmem_redirect_enter(TMEM_SWAP_HOOKS);
	err = TMEM_ORIGINAL(zswap_swapon)(type, nr_pages);
	if (!err)
		tmem_area_create(type);
	tmem_redirect_leave(TMEM_SWAP_HOOKS);
	return err;
}

static void hook_swapoff(int type)
{
	tmem_redirect_enter(TMEM_SWAP_HOOKS);
	tmem_area_destroy(type);
	tmem_swap_ends(type);
	TMEM_ORIGINAL(zswap_swapoff)(type);
	tmem_redirect_leave(TMEM_SWAP_HOOKS);
}

#ifdef TMEM_HAVE_SWAP_ENTRY_RANGE_FREE

DEFINE_TMEM_ORIGINAL(swap_entry_range_free, void, (struct swap_info_struct *, swp_entry_t, unsigned int));

/* The slots of a large folio that leaves the swap cache whole are freed without zswap_invalidate(). */
static void hook_range_free(struct swap_info_struct *si, swp_entry_t entry, unsigned int nr_pages)
{
	tmem_redirect_enter(TMEM_SWAP_HOOKS);
	if (nr_pages > 1 && !tmem_fault(TMEM_FAULT_NO_RANGE_FREE))
		tmem_invalidate(swp_type(entry), swp_offset(entry), nr_pages);
	TMEM_ORIGINAL(swap_entry_range_free)(si, entry, nr_pages);
	tmem_redirect_leave(TMEM_SWAP_HOOKS);
}

#endif

#ifdef TMEM_HAVE_SWAP_IN

DEFINE_TMEM_ORIGINAL(swapin_readahead, struct folio *, (swp_entry_t, gfp_t, struct vm_fault *));

static struct folio *hook_swap_in(swp_entry_t entry, gfp_t gfp, struct vm_fault *vmf)
{
	struct folio *folio;

	tmem_redirect_enter(TMEM_SWAP_HOOKS);
	folio = tmem_swap_in(entry, gfp, vmf);
	if (!folio)
		folio = TMEM_ORIGINAL(swapin_readahead)(entry, gfp, vmf);
	tmem_redirect_leave(TMEM_SWAP_HOOKS);
	return folio;
}

#endif

static_assert(__same_type(hook_store, zswap_store));
static_assert(__same_type(hook_load, zswap_load));
static_assert(__same_type(hook_invalidate, zswap_invalidate));
static_assert(__same_type(hook_swapon, zswap_swapon));
static_assert(__same_type(hook_swapoff, zswap_swapoff));

/* What forgets is armed first, what stores last. */
static struct tmem_redirect hooks[] = {
	TMEM_REDIRECT(zswap_invalidate, hook_invalidate),
#ifdef TMEM_HAVE_SWAP_ENTRY_RANGE_FREE
	TMEM_REDIRECT(swap_entry_range_free, hook_range_free),
#endif
	TMEM_REDIRECT(zswap_swapoff, hook_swapoff),
	TMEM_REDIRECT(zswap_swapon, hook_swapon),
	TMEM_REDIRECT(zswap_load, hook_load),
#ifdef TMEM_HAVE_SWAP_IN
	TMEM_REDIRECT(swapin_readahead, hook_swap_in),
#endif
	TMEM_REDIRECT(zswap_store, hook_store),
};

int tmem_swap_hooks_arm(void)
{
	unsigned long ever_enabled = tmem_symbol("zswap_ever_enabled");
	int err;

	if (!ever_enabled) {
		pr_err("this kernel has no zswap_ever_enabled, so it is not supported\n");
		return -EOPNOTSUPP;
	}
	zswap_count = (tmem_zswap_count_t *)tmem_symbol("zswap_stored_pages");
	if (!zswap_count) {
		pr_err("this kernel has no zswap (CONFIG_ZSWAP), so it is not supported\n");
		return -EOPNOTSUPP;
	}
	err = tmem_swap_in_init();
	if (err)
		return err;
	err = tmem_redirects_arm(TMEM_SWAP_HOOKS, hooks, ARRAY_SIZE(hooks));
	if (err)
		return err;
	/*
	 * The kernel swaps in a large folio only as long as zswap has never been enabled, because
	 * part of one may be in zswap. Part of one may be here just as well, so say that it has
	 * been. The key cannot be cleared again, and costs one taken branch. Not before the hooks
	 * are armed: zswap fails a large load that was begun before the key changed, we do not.
	 */
	static_branch_enable((struct static_key_false *)ever_enabled);
	return 0;
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
