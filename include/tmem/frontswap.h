/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The classic frontswap API of Linux 5.15, on top of the tmem core.
 *
 * A backend written for that kernel compiles against this header instead of <linux/frontswap.h>.
 * What it could rely on then, it can rely on now, with one exception: store, load and invalidate_page
 * are called only for pages of areas that init() announced, load and invalidate_page only for pages
 * that store() took, and a store never beside another call for the same page. The exception: while
 * pages are pushed out (a write to curr_pages, frontswap_shrink()), a page may be loaded twice at
 * once, or invalidated while it is being loaded; what such a load returns is thrown away, but it must
 * not use freed memory. In Linux 5.15 shrinking swapped pages in, one call at a time. New is
 * frontswap_unregister_ops().
 */
#ifndef _TMEM_FRONTSWAP_H
#define _TMEM_FRONTSWAP_H

#ifdef _LINUX_FRONTSWAP_H
#error "Include <tmem/frontswap.h> instead of <linux/frontswap.h>, not beside it."
#endif
#define _LINUX_FRONTSWAP_H

#include <linux/module.h>
#include <linux/types.h>

struct page;

/**
 * struct frontswap_ops - a backend, as in Linux 5.15
 * @init: a swap area was turned on
 * @store: copy the page away; 0, or -1 to refuse. May sleep (GFP_NOIO).
 * @load: fill the page; 0, or -1 if that is not possible. May sleep.
 * @invalidate_page: forget the page. Must not sleep.
 * @invalidate_area: the swap area is gone
 * @next: not used here
 */
struct frontswap_ops {
	void (*init)(unsigned int type);
	int (*store)(unsigned int type, pgoff_t offset, struct page *page);
	int (*load)(unsigned int type, pgoff_t offset, struct page *page);
	void (*invalidate_page)(unsigned int type, pgoff_t offset);
	void (*invalidate_area)(unsigned int type);
	struct frontswap_ops *next;
};

/**
 * tmem_frontswap_register() - what frontswap_register_ops() is made of
 * @ops: see there
 * @owner: the module of the backend, which cannot be unloaded while pages are stored
 *
 * Context: process, may sleep.
 * Return: as frontswap_register_ops().
 */
int tmem_frontswap_register(struct frontswap_ops *ops, struct module *owner);

/**
 * frontswap_register_ops() - offer a backend
 * @ops: stays valid until frontswap_unregister_ops() returns, or for ever
 *
 * Context: process, may sleep.
 * Return: 0; -EBUSY if two backends of any kind are registered; -EINVAL for missing operations.
 * (In Linux 5.15 there was no return value.)
 */
#define frontswap_register_ops(ops)	tmem_frontswap_register(ops, THIS_MODULE)

/**
 * frontswap_unregister_ops() - take a backend away
 * @ops: as registered
 *
 * Pages it still holds are pushed out to the swap device first.
 *
 * Context: process, may sleep, does I/O.
 */
void frontswap_unregister_ops(struct frontswap_ops *ops);

/**
 * frontswap_tmem_exclusive_gets() - choose what a load does
 * @enable: it removes the copy and leaves the page dirty in memory; for all backends of this kind
 *
 * Context: process, may sleep.
 */
void frontswap_tmem_exclusive_gets(bool enable);

/**
 * frontswap_curr_pages() - how much is stored now
 *
 * Context: any.
 * Return: pages, of all backends of any kind.
 */
unsigned long frontswap_curr_pages(void);

/**
 * frontswap_shrink() - push pages out to their own swap slots
 * @target_pages: until at most so many are stored, by all backends of any kind
 *
 * Context: process, may sleep, does I/O.
 */
void frontswap_shrink(unsigned long target_pages);

#endif /* _TMEM_FRONTSWAP_H */
