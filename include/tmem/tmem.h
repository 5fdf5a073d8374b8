/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The contract between tmem and a backend: what a store of swapped-out pages has to do.
 *
 * The core owns keys. It keeps one 32-bit entry for every slot of every swap area, decides
 * which copy of a page is the current one and never lets an older one be seen. A backend owns
 * room: it takes a page, hands out a number for the place it put it (the handle), gives the
 * page back for that number and frees it. A backend therefore cannot serve a stale page by
 * mistake, only the wrong bytes for a handle.
 */
#ifndef _TMEM_TMEM_H
#define _TMEM_TMEM_H

#include <linux/bits.h>
#include <linux/types.h>

struct module;
struct page;

/**
 * struct tmem_key - names one swapped-out page
 * @type: number of the swap area, as in swp_type()
 * @offset: slot in that area in pages, as in swp_offset()
 */
struct tmem_key {
	unsigned long type;
	pgoff_t offset;
};

/* A handle is below this: 2^28 places less the values the core uses itself (1 TiB of pages). */
#define TMEM_HANDLE_MAX		(BIT(28) - 8192)
/* "No older copy", for ->store(). */
#define TMEM_NO_HANDLE		U32_MAX

/**
 * struct tmem_backend_ops - what a backend of swapped-out pages implements
 *
 * @store: copy @page away. @old is TMEM_NO_HANDLE, or the place of the older copy of the same
 *	key: the backend may overwrite that in place, or free it and take another. Returns the
 *	handle of the copy, below TMEM_HANDLE_MAX, or a negative errno; then the older copy is
 *	freed too and the core sends the page to the swap device. -ENOSPC: full. -ENODEV:
 *	nothing attached. -ENXIO: what has room is going away. -ENOMEM. -EPERM: it would not be encrypted,
 *	and its swap area is. Any other: a reason of its own. Each has a counter in
 *	/sys/kernel/mm/tmem/refused.
 *	The page is locked, in the swap cache and not changing; reclaim: may sleep,
 *	allocates with GFP_NOIO at most. Never called twice at once for one key.
 * @load: fill @page from @handle. Does not remove. Returns 0, or -EIO if the contents are
 *	lost (media error): the core then reports the loss to the page's owner and calls @free;
 *	@page may hold anything.
 *	May sleep. May run at the same time as a @free of the same handle: the result
 *	is thrown away then, but the access itself must be safe.
 * @free: give a place back. Cannot fail.
 *	Called in any context but NMI; interrupts may be off. Must not sleep.
 * @store_run: copy @count pages away that follow one another in memory and by key (optional: what a large
 *	folio takes; without it, each goes by @store). @old is TMEM_NO_HANDLE, or the first of @count
 *	handles that follow one another: the places of the older copies, to be overwritten or left
 *	alone. Returns how many pages are stored, from the first on, and in *@handle where the first
 *	is; the handles of the others follow it. The rest, all if it returns 0, is as before: still
 *	without a place, or still in the place of its older copy, which may hold anything. The core
 *	then calls @store for each.
 *	Called as @store is.
 * @load_run: fill @count pages, which follow one another in memory and by key, from as many handles that
 *	follow one another (optional). Returns how many are filled, from the first on; the others may
 *	hold anything. The core then calls @load for each.
 *	Called as @load is.
 * @area_init: a swap area with @slots slots appeared (optional; may sleep).
 * @area_exit: the area is gone; every place in it has been freed (optional; may sleep).
 */
struct tmem_backend_ops {
	int (*store)(struct tmem_key key, struct page *page, u32 old);
	int (*load)(struct tmem_key key, u32 handle, struct page *page);
	void (*free)(struct tmem_key key, u32 handle);
	unsigned int (*store_run)(struct tmem_key key, struct page *page, unsigned int count, u32 old,
				  u32 *handle);
	unsigned int (*load_run)(struct tmem_key key, u32 handle, struct page *page, unsigned int count);
	void (*area_init)(unsigned int type, unsigned long slots);
	void (*area_exit)(unsigned int type);
};

/**
 * struct tmem_backend - a backend as registered
 * @name: shown in messages
 * @owner: module that cannot be unloaded while pages are stored
 * @ops: see struct tmem_backend_ops
 * @exclusive_loads: a load removes the copy and leaves the page dirty in memory (the
 *	"exclusive gets" of frontswap). Pages that are not in the swap cache are left stored.
 * @encrypts: nothing of a page can be read from where it is stored, by whoever has that. Only
 *	then it gets pages of swap areas above dm-crypt.
 */
struct tmem_backend {
	const char *name;
	struct module *owner;
	const struct tmem_backend_ops *ops;
	bool exclusive_loads;
	bool encrypts;
	/* private: of the core */
	unsigned int id;
	unsigned long pinned;	/* bit 0: @owner is held because pages are stored */
	bool closing;		/* no new page */
};

/**
 * tmem_register_backend() - offer a place for swapped-out pages
 * @backend: stays valid until tmem_unregister_backend() returns
 *
 * Swap areas that are already on are announced by ->area_init() before this returns. Backends
 * are tried in the order they registered.
 *
 * Context: process, may sleep.
 * Return: 0; -EBUSY if two backends are registered already; -EINVAL for missing operations.
 */
int tmem_register_backend(struct tmem_backend *backend);

/**
 * tmem_unregister_backend() - take a backend away
 * @backend: as registered; holds no page (its module was not pinned, or it was drained)
 *
 * When this returns no operation of @backend is running or will run.
 *
 * Context: process, may sleep.
 */
void tmem_unregister_backend(struct tmem_backend *backend);

/**
 * tmem_evacuate() - move every page out of some places of a backend
 * @backend: whose pages
 * @match: true for a handle to be emptied; the backend already hands out none of them
 * @data: for @match
 * @lose: a page that can go nowhere is given up (its owner gets SIGBUS when it touches it)
 *	and counted, instead of staying
 *
 * A page goes to another place of any backend if one takes it, else to its own swap slot.
 * When this returns no load or store that could see a matching handle is running.
 *
 * Context: process, may sleep, does I/O.
 * Return: 0 if no matching handle is left, else the reason the last page stayed (-EIO, -EBUSY,
 * -EINTR).
 */
int tmem_evacuate(struct tmem_backend *backend, bool (*match)(u32 handle, void *data), void *data,
		  bool lose);

/**
 * tmem_write_back() - take the pages away that are least worth their place
 * @backend: whose pages
 * @match: true for a handle that may be emptied
 * @data: for @match
 * @pages: to take away at most
 *
 * First copies go whose page is in memory too, which is marked dirty. Then the pages that were neither
 * stored nor loaded for longest are written to their own swap slots.
 *
 * Context: process, may sleep, does I/O.
 * Return: pages that went; 0 if there is nothing to be had, or no memory to look for it.
 */
unsigned long tmem_write_back(struct tmem_backend *backend, bool (*match)(u32 handle, void *data),
			      void *data, unsigned long pages);

/**
 * tmem_poison() - the contents of some places are lost
 * @backend: whose places
 * @match: true for a lost handle; the backend already hands out none of them
 * @data: for @match
 *
 * A copy whose page is still in memory is replaced by that page; any other is reported to its
 * owner with SIGBUS when touched. The handles are freed, and nothing reads them any more.
 *
 * Context: process, may sleep.
 * Return: number of pages lost.
 */
unsigned long tmem_poison(struct tmem_backend *backend, bool (*match)(u32 handle, void *data),
			  void *data);

/**
 * tmem_synchronize() - wait for operations that are running
 *
 * Every ->store(), ->load() and ->free() that began before the call has returned after it.
 *
 * Context: process, may sleep.
 */
void tmem_synchronize(void);

/**
 * tmem_last_error() - say why a control write failed
 * @fmt: printf format of one sentence without a newline, and its arguments
 *
 * Goes to the kernel log and to /sys/kernel/mm/tmem/last_error.
 *
 * Context: process, may sleep.
 */
__printf(1, 2) void tmem_last_error(const char *fmt, ...);

#endif /* _TMEM_TMEM_H */
