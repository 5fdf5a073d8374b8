/* SPDX-License-Identifier: GPL-2.0 */
/* Pages on their way to their own swap slots: bounce pages, and bios of neighbouring slots. */
#ifndef _TMEM_WRITE_OUT_H
#define _TMEM_WRITE_OUT_H

#include <tmem/tmem.h>

#include "counters.h"

struct page;
struct swap_info_struct;

/*
 * One caller at a time, who begins with tmem_write_out_page(), copies the page that is to be written into
 * what that returned, and goes on with tmem_write_out_add(); or does not, and begins anew. Pages of
 * neighbouring slots go in one bio, which is submitted when the next page is no neighbour, at the latest
 * by tmem_write_out_submit(): nothing may be waited for before, because somebody may wait for the pages
 * in it.
 */

/**
 * tmem_write_out_page() - where to copy the next page
 * @device: of its swap area, held
 * @offset: its slot
 *
 * Context: process; may wait for bios that are under way.
 * Return: a bounce page.
 */
struct page *tmem_write_out_page(struct swap_info_struct *device, pgoff_t offset);

/**
 * tmem_write_out_add() - write what was copied
 * @key: of the page
 * @entry: of its slot, marked INFLIGHT; that is taken over
 * @place: where it was read from; left when it has been written, if the entry still names it
 * @event: to be counted then
 *
 * Return: false if the swap device has no block for it; INFLIGHT is still the caller's then.
 */
bool tmem_write_out_add(struct tmem_key key, u32 *entry, u32 place, enum tmem_event event);

/* Send what was added. */
void tmem_write_out_submit(void);

/*
 * Send it, and wait until everything has been written or has failed.
 * Return: pages that failed since the last call.
 */
unsigned int tmem_write_out_wait(void);

/* Pages that were added and are not written yet. */
unsigned int tmem_write_out_pages(void);

/* The mark of a page that is being moved goes, and who waits for that goes on. */
void tmem_write_out_unmark(u32 *entry);

int tmem_write_out_init(void);
void tmem_write_out_exit(void);

#endif /* _TMEM_WRITE_OUT_H */
