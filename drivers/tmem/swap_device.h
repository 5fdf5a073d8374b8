/* SPDX-License-Identifier: GPL-2.0 */
/* What the core asks the kernel about a swap device: hold it, where a slot lies, what is cached. */
#ifndef _TMEM_SWAP_DEVICE_H
#define _TMEM_SWAP_DEVICE_H

#include <linux/swap.h>
#include <tmem/tmem.h>

/* Finds what this file needs in the kernel. Return: 0 or -EOPNOTSUPP, having said what is missing. */
int tmem_swap_devices_init(void);

/**
 * tmem_swap_device() - the swap area of a type, on or being turned on or off
 * @type: as in swp_type()
 *
 * Return: NULL if there never was one. The memory is never freed, the contents are valid only
 * for who holds the device or is called by swapon or swapoff for it.
 */
struct swap_info_struct *tmem_swap_device(unsigned int type);

/**
 * tmem_swap_device_get() - keep a swap area from being turned off
 * @type: as in swp_type()
 *
 * Swapoff goes on moving pages in, and waits for tmem_swap_device_put() before it takes anything
 * apart.
 *
 * Return: NULL if the area is not on.
 */
struct swap_info_struct *tmem_swap_device_get(unsigned int type);
void tmem_swap_device_put(struct swap_info_struct *device);

/* Once more, by who holds it. */
static inline void tmem_swap_device_hold(struct swap_info_struct *device)
{
	percpu_ref_get(&device->users);
}

/**
 * tmem_swap_device_sector() - where a slot lies on the device's block device
 * @device: held
 * @offset: slot, at least 1 and in the area
 *
 * Return: in units of 512 bytes; 0 if the slot has no place that may be written: slot 0 is the
 * area's header, so no slot of a page ever lies at sector 0.
 */
sector_t tmem_swap_device_sector(struct swap_info_struct *device, pgoff_t offset);

/**
 * tmem_swap_cached_folio() - the folio in memory that holds a swapped-out page, locked
 * @key: in an area that is held
 *
 * Return: locked, up to date, in the swap cache for @key, with a reference; -ENOENT if there is
 * none, -EAGAIN if somebody else has locked it.
 */
struct folio *tmem_swap_cached_folio(struct tmem_key key);

#endif /* _TMEM_SWAP_DEVICE_H */
