/* SPDX-License-Identifier: GPL-2.0 */
/* How much is brought in when a page is missed that is stored here. */
#ifndef _TMEM_SWAP_IN_H
#define _TMEM_SWAP_IN_H

#include <linux/swapops.h>

struct folio;
struct vm_fault;

#ifdef TMEM_HAVE_SWAP_IN

/* Finds what this file needs in the kernel. Return: 0 or -EOPNOTSUPP, having said what is missing. */
int tmem_swap_in_init(void);

/**
 * tmem_swap_in() - bring in a page, and its neighbours only if that is cheap
 * @entry: its slot
 * @gfp: for a folio of one page
 * @vmf: the fault; swapoff has one, too, without a page table entry
 *
 * Context: as swapin_readahead(): process, the vma and the swap device are held.
 * Return: as swapin_readahead(): the folio that has the page, with a reference; it is being read, or up to
 * date, or will not be. NULL: swapin_readahead() is to be asked.
 */
struct folio *tmem_swap_in(swp_entry_t entry, gfp_t gfp, struct vm_fault *vmf);

#else

static inline int tmem_swap_in_init(void)
{
	return 0;
}

#endif

#endif /* _TMEM_SWAP_IN_H */
