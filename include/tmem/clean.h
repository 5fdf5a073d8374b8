/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The contract between the tmem core and a backend that keeps clean page-cache pages.
 *
 * Reclaim evicts a clean page of a file: the core offers it (->put). The file is read again: the
 * core asks for it (->get) before the filesystem does. A backend may drop any page at any time, and
 * may refuse any; what it must never do is serve a page after it was told to forget it. The rule
 * comes from cleancache (Documentation/vm/cleancache.rst, Linux 3.0 to 5.16).
 *
 * There may be two: a fast one, and the main one behind it. The fast one is asked first, and may hand on to
 * the other what it has no room for any more (tmem_clean_demote()). They know nothing of each other.
 *
 * Backends know neither superblocks nor inodes: the core has decided that a file may be cached, and
 * names it by a struct tmem_file_id that no other file ever has while the backend knows it.
 */
#ifndef _TMEM_CLEAN_H
#define _TMEM_CLEAN_H

#include <linux/types.h>

struct block_device;
struct folio;
struct page;
struct tmem_clean_wait;

/**
 * struct tmem_file_id - names one file
 * @pool: one mounted filesystem; not used after ->pool_exit(), unless ->pool_init() is called for it again
 * @generation: of the inode number, as in i_generation
 * @ino: inode number
 */
struct tmem_file_id {
	u32 pool;
	u32 generation;
	u64 ino;
};

/**
 * enum tmem_pool_flags - for ->pool_init(): what is known of the filesystem
 * @TMEM_POOL_SECRET: dm-crypt is below it: refuse, unless what is kept is encrypted
 */
enum tmem_pool_flags {
	TMEM_POOL_SECRET	= 1 << 0,
};

/**
 * enum tmem_put_flags - for ->put(): what is known of the page
 * @TMEM_PUT_WORKINGSET: it was evicted before and came back soon
 * @TMEM_PUT_SECRET: of a pool with TMEM_POOL_SECRET
 * @TMEM_PUT_ELSEWHERE: to the main tier only: the fast one has it, so keep a copy that is the same, make none
 * @TMEM_PUT_DEMOTED: likewise: it comes from the fast tier, and its eviction was TMEM_PUT_ELSEWHERE
 */
enum tmem_put_flags {
	TMEM_PUT_WORKINGSET	= 1 << 0,
	TMEM_PUT_SECRET		= 1 << 1,
	TMEM_PUT_ELSEWHERE	= 1 << 2,
	TMEM_PUT_DEMOTED	= 1 << 3,
};

/**
 * struct tmem_clean_batch - the gets of one readahead window, kept together
 * @wait: NULL for readahead: each folio is ended on its own. Else the one folio of the batch is
 *	waited for, until the reader is killed.
 * @end: the first page behind the window; all of its pages are locked, in the page cache
 * @private: of the main backend, what is to be submitted; NULL at first
 */
struct tmem_clean_batch {
	struct tmem_clean_wait *wait;
	pgoff_t end;
	void *private;
};

/**
 * struct tmem_clean_ops - what a backend of clean pages implements
 *
 * @pool_init: a filesystem may be cached from now on (optional; may sleep). Return 0 or -errno; then
 *	nothing of it is offered. Without it no pool with TMEM_POOL_SECRET is.
 * @pool_exit: the filesystem is gone, forget all of it. Nothing else is called for @pool any more.
 *	May sleep.
 * @put: copy @page away. Returns 0, or a negative errno for "refused"; in both cases an older copy
 *	is never served again. -EPERM: not worth it (admission). -ENOSPC: no room now. -ENOMEM.
 *	Any other: a reason of its own. Each has a counter in /sys/kernel/mm/tmem/clean_refused.
 *	Called with the page cache's lock held and interrupts off: must not sleep. With TMEM_PUT_DEMOTED:
 *	process context with nothing held, and at the same time the page may be put by somebody else or
 *	forgotten; the core sees to it that it is then forgotten in the end.
 * @get: fill @folio, whose first page is page @index of the file, whole or not at all. Returns 0
 *	when the backend has taken it: it calls tmem_clean_end_get() exactly once, perhaps before
 *	this returns, perhaps from a completion. Returns -ENOENT for a miss, at the price of a
 *	lookup in memory, never of I/O.
 *	@folio is locked, not up to date; may sleep, but waits for no I/O, whose device may not answer: unmounting any
 *	filesystem waits for this.
 *	That of a fast backend fills the folio, and ends the get, before it returns.
 * @submit: the window is complete: start what ->get() has gathered in @batch (optional; not for a fast one). May
 *	sleep as long as it takes. Called if @private of @batch is set; the backend may have been told to forget what
 *	it gathered.
 * @forget: pages @first to @last (inclusive) are never served again, whatever ->get() or ->put() of
 *	them ended before this was called. Cannot fail.
 *	Called in any context but NMI; interrupts may be off. Must not sleep. Costs what is cached, not what
 *	the range spans. What takes more than some milliseconds is done in parts: returns the page to be
 *	called again with as @first, or 0 when all is done.
 * @forget_file: as @forget for all pages of the file. Costs about the same for any file.
 */
struct tmem_clean_ops {
	int (*pool_init)(u32 pool, unsigned int flags);
	void (*pool_exit)(u32 pool);
	int (*put)(const struct tmem_file_id *file, pgoff_t index, struct page *page,
		   unsigned int flags);
	int (*get)(const struct tmem_file_id *file, pgoff_t index, struct folio *folio,
		   struct tmem_clean_batch *batch);
	void (*submit)(struct tmem_clean_batch *batch);
	pgoff_t (*forget)(const struct tmem_file_id *file, pgoff_t first, pgoff_t last);
	void (*forget_file)(const struct tmem_file_id *file);
};

/**
 * struct tmem_clean_backend - a backend as registered
 * @name: shown in messages
 * @ops: see struct tmem_clean_ops
 * @fast: it is asked first
 */
struct tmem_clean_backend {
	const char *name;
	const struct tmem_clean_ops *ops;
	bool fast;
};

/**
 * tmem_copy_evicted() - copy a page that is put
 * @to: PAGE_SIZE bytes of memory, or of persistent memory
 * @page: as ->put() was given it
 *
 * Nothing else of the kernel reads a page that is evicted, so a machine check is survived where the processor can. Puts
 * read pages with this and tmem_look_at_evicted() only.
 *
 * Context: any.
 * Return: 0; -EIO if the memory of @page is bad. Then @to may hold anything, and the page is refused.
 */
int __must_check tmem_copy_evicted(void *to, struct page *page);

/**
 * tmem_look_at_evicted() - the contents of a page that is put, to be looked at
 * @page: as ->put() was given it
 * @buffer: PAGE_SIZE bytes, to copy it to if that is of any use
 *
 * Context: any.
 * Return: where the contents are, @buffer or the page itself; NULL if the memory of @page is bad.
 */
const void *tmem_look_at_evicted(struct page *page, void *buffer);

/**
 * tmem_register_clean_backend() - offer a place for clean page-cache pages
 * @backend: stays valid until tmem_unregister_clean_backend() returns
 *
 * The first one arms the hooks of the page cache. There is one at a time that is @fast, and one that is not.
 *
 * Context: process, may sleep.
 * Return: 0; -EBUSY if there is such a one already or a live patch holds a function; -EINVAL for missing
 * operations; -EOPNOTSUPP if this kernel lacks a function.
 */
int tmem_register_clean_backend(struct tmem_clean_backend *backend);

/**
 * tmem_unregister_clean_backend() - take a backend away
 * @backend: as registered
 *
 * When this returns no operation of @backend is running or will run; gets that it had taken may
 * still end.
 *
 * Context: process, may sleep.
 */
void tmem_unregister_clean_backend(struct tmem_clean_backend *backend);

/**
 * tmem_clean_synchronize() - wait for operations of backends of clean pages
 *
 * When this returns, all have ended that had begun before it was called, but ->submit(): a place that nothing names
 * any more is not read. They wait for no I/O.
 *
 * Context: process, may sleep; not inside such an operation.
 */
void tmem_clean_synchronize(void);

/**
 * tmem_clean_end_get() - a folio that ->get() took is filled, or could not be
 * @folio: as given to ->get(); not to be touched after this
 * @wait: @wait of its batch, as it was at ->get()
 * @err: 0 if every byte of it is what was put; else it is read from the filesystem. The backend has
 *	forgotten its pages already then.
 *
 * Context: any but NMI.
 */
void tmem_clean_end_get(struct folio *folio, struct tmem_clean_wait *wait, int err);

/**
 * typedef tmem_demote_read_t - fill a page with what the fast tier has of it now
 * @data: as given to tmem_clean_demote()
 * @page: to be filled
 *
 * Context: process, may sleep.
 * Return: 0, or -errno if it has it no more: it was forgotten, put anew, or is lost.
 */
typedef int (tmem_demote_read_t)(void *data, struct page *page);

/**
 * tmem_clean_demote() - offer a page of the fast tier to the main one
 * @file: of the page
 * @index: of the page in the file
 * @flags: as at ->put() of it
 * @page: room for its contents, of the caller
 * @read: called inside, when whatever forgets the page will be noticed; see there
 * @data: for it
 *
 * Whatever this returns, what the fast tier has is as it was; it may be dropped now.
 *
 * Context: process, may sleep.
 * Return: 0 if the main tier has it; -ENODEV if there is none for it, then @read was not called; -ECANCELED
 * if it was forgotten or put meanwhile; else what @read or the main tier said.
 */
int tmem_clean_demote(const struct tmem_file_id *file, pgoff_t index, unsigned int flags,
		      struct page *page, tmem_demote_read_t *read, void *data);

/**
 * tmem_encrypted() - does everything that is written to a block device go through dm-crypt?
 * @bdev: open
 *
 * Context: process, may sleep.
 * Return: false also if that cannot be told.
 */
bool tmem_encrypted(struct block_device *bdev);

/**
 * tmem_above_loop() - is a block device a loop device, a partition of one, or made of one?
 * @bdev: open
 *
 * Context: process, may sleep.
 * Return: true also if that cannot be told.
 */
bool tmem_above_loop(struct block_device *bdev);

#endif /* _TMEM_CLEAN_H */
