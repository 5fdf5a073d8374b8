/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Teaches older kernels the names the code is written for (Linux 7.2); nearly all version tests.
 *
 * Force-included before every source file. Each shim says what changed, in which release, and
 * when it can go.
 */
#ifndef _TMEM_COMPAT_H
#define _TMEM_COMPAT_H

#include <linux/version.h>

#define TMEM_LINUX_SERIES	(LINUX_VERSION_CODE >> 8)
#define TMEM_SERIES(a, b)	(((a) << 8) | (b))

#if TMEM_LINUX_SERIES != TMEM_SERIES(6, 1) && TMEM_LINUX_SERIES != TMEM_SERIES(6, 12) && \
	TMEM_LINUX_SERIES != TMEM_SERIES(7, 2)
#error "tmem supports Linux 6.1, 6.12 and 7.2 only; docs/porting.md says how to add a kernel."
#endif

#include <linux/ftrace.h>
#include <linux/mm.h>
#include <linux/swap.h>
#include <linux/swapops.h>

/*
 * 6.2 renamed ftrace_instruction_pointer_set(); same arguments, same meaning.
 * Goes with 6.1.
 */
#if TMEM_LINUX_SERIES == TMEM_SERIES(6, 1)
#define ftrace_regs_set_instruction_pointer(fregs, ip)	ftrace_instruction_pointer_set(fregs, ip)
#endif

/*
 * 6.6 gave folios a field for their swap entry; before, it was the private word of
 * each page. Only read while the folio is locked and in the swap cache, or being filled by the
 * kernel's own swap-in, when both are set the same way. Goes with 6.1.
 */
#if TMEM_LINUX_SERIES == TMEM_SERIES(6, 1)
static inline swp_entry_t tmem_folio_swap(struct folio *folio)
{
	return (swp_entry_t){ .val = page_private(&folio->page) };
}
#else
static inline swp_entry_t tmem_folio_swap(struct folio *folio)
{
	return folio->swap;
}
#endif

/*
 * By 7.2 the kernel had dropped the readahead arguments of swap_cache_get_folio(), and what it did with them: without a
 * mapping it still takes a page that was read ahead for one that was wanted. Goes with 6.12.
 */
#if TMEM_LINUX_SERIES < TMEM_SERIES(7, 2)
#define TMEM_SWAP_CACHE_TYPES		(swp_entry_t, struct vm_area_struct *, unsigned long)
#define tmem_swap_cache_args(entry)	(entry), NULL, 0
#else
#define TMEM_SWAP_CACHE_TYPES		(swp_entry_t)
#define tmem_swap_cache_args(entry)	(entry)
#endif

/*
 * 7.x counts zswap pages in an atomic_long_t, older kernels in an atomic_t. Goes with 6.12.
 */
#if TMEM_LINUX_SERIES == TMEM_SERIES(7, 2)
typedef atomic_long_t tmem_zswap_count_t;
#define tmem_zswap_count_read(count)	atomic_long_read(count)
#else
typedef atomic_t tmem_zswap_count_t;
#define tmem_zswap_count_read(count)	atomic_read(count)
#endif

/*
 * Between 6.12 and 7.2 the kernel made zswap_load() return 0 (folio unlocked), -ENOENT or an error (folio unlocked);
 * before, it returned true for "handled" and the caller unlocked. These two say "handled" in either tongue.
 */
#if TMEM_LINUX_SERIES == TMEM_SERIES(7, 2)
#define tmem_zswap_load_t	int
#define TMEM_ZSWAP_LOAD_MISS	(-ENOENT)
static inline tmem_zswap_load_t tmem_zswap_load_end(struct folio *folio, int err)
{
	folio_unlock(folio);
	return err;
}
#elif TMEM_LINUX_SERIES == TMEM_SERIES(6, 12)
#define tmem_zswap_load_t	bool
#define TMEM_ZSWAP_LOAD_MISS	false
static inline tmem_zswap_load_t tmem_zswap_load_end(struct folio *folio, int err)
{
	return true;
}
#endif

/*
 * 6.8 gave memory cgroups memory.zswap.writeback; before, nothing could be forbidden. Goes with 6.1.
 */
#if TMEM_LINUX_SERIES == TMEM_SERIES(6, 1)
#define tmem_compat_zswap_writeback(memcg)	true
#else
#define tmem_compat_zswap_writeback(memcg)	READ_ONCE((memcg)->zswap_writeback)
#endif

/*
 * By 7.2 the end that truncate_inode_pages_range() takes had become unsigned; -1 is the end of the file
 * in either case. Goes with 6.12.
 */
#if TMEM_LINUX_SERIES < TMEM_SERIES(7, 2)
#define tmem_truncate_end_t	loff_t
#else
#define tmem_truncate_end_t	uoff_t
#endif
#define TMEM_TRUNCATE_TO_END	((tmem_truncate_end_t)-1)

/*
 * Between 6.12 and 7.2 the workqueue whose work runs on any processor got this name; under the old one
 * 7.2 takes work with a complaint in the log. Goes with 6.12.
 */
#if TMEM_LINUX_SERIES < TMEM_SERIES(7, 2)
#define system_dfl_wq	system_unbound_wq
#endif

/*
 * By 7.2 the state of an inode had its own type and this accessor; before, it was a plain word. Goes with 6.12.
 */
#if TMEM_LINUX_SERIES < TMEM_SERIES(7, 2)
#define inode_state_read_once(inode)	READ_ONCE((inode)->i_state)
#endif

#endif /* _TMEM_COMPAT_H */
