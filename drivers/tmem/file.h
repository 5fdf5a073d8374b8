/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the page-cache side share: pools, files, the doors of a clean page.
 *
 * Why no stale page is ever served. At any time each page of a file is in one of two states:
 *
 * - A folio of the page cache covers it. Then nobody gets it, except who fills that very folio, under
 *   its lock, while it holds nothing yet.
 * - No folio covers it. Then the backend's copy, if there is one, is what the filesystem would read.
 *
 * A page goes from the first state to the second through one of the doors that remove a folio from
 * the page cache. Each of them puts the page, which replaces an older copy, or forgets it
 * (file_evict.c; truncation removes in batches and forgets by the range, file_forget.c). Folios that are
 * split, merged, migrated or replaced stay in the page cache. So an older copy may well lie in
 * the backend while its page is changed in memory; it cannot be got before it was replaced.
 *
 * In the second state the disk must not change unseen. Whatever changes it under the page cache invalidates
 * the page cache first, by truncation or invalidation, and these are doors. What remains is where
 * the kernel's own page cache is not exact, because a page that is wrong for a moment does no harm
 * if it is dropped later, whereas a copy of it would stay:
 *
 * - Direct writes (file_direct.c). While one is in flight nothing of its file is put or got. Once its bytes are on
 *   the disk, but before it counts as done, its range is forgotten. Nothing is forgotten where nothing is got: in a
 *   pool that is not live, and of a file that is not known. So a get looks for direct writes first, and then at
 *   these; and a file becomes unknown after its copies went.
 * - A page in memory that could not be invalidated, and any page of a file after a failed direct
 *   write. Such a file is doubtful: nothing of it is put until nothing of it is left in the page
 *   cache (tmem_file_doubt()).
 * - A folio that was dirtied in part and written, but never wholly up to date: it may be filled while
 *   the backend has an older copy. Therefore dirtying forgets.
 * - Swap files: swapped-out pages do not go through the page cache. Nothing of them is put or got, and
 *   one that ceases to be one is forgotten and doubtful (tmem_swap_ends()).
 * - Readahead beyond the end of a file that was shortened while it waited: ext4 may read a block of the file into a
 *   page behind the end. That is what the page holds when the file grows. Such folios are read one by
 *   one, by which they become zero (file_read.c).
 * - Blocks smaller than a page: what a program stored behind the end through a mapping has no block, and stays in the
 *   page, clean after writing, when the file grows past it. Such a file is doubtful (tmem_file_grew()). So is one
 *   with a hole in part of a page, whatever its blocks (tmem_file_holed()): 6.1's ext4 lets programs store there
 *   likewise, and if making the hole fails after that, the page has zeros and the disk has not.
 * - A file whose blocks somebody has asked for may be written past the page cache: md does, which keeps a bitmap in a
 *   file (bmap()), and so do clients of an NFS server that gives them layouts of blocks. Nothing of it is put until
 *   its inode leaves memory (tmem_file_exposed()), if it was asked since there is a backend, and there was one ever
 *   since.
 * - A dirty large folio may survive truncation, zeroed in part. Other blocks may come into the place of those that it
 *   covered (clones, or others of the file that move); and who was about to store to it, through a mapping or by a
 *   direct read from elsewhere, stores where it has no block, which is dropped when it is written. Such a file is
 *   doubtful (tmem_file_truncated()).
 * - A write error that is noted after its folio was released: all of the file is forgotten when it is noted.
 * - Hibernation: the boot loader may write before the image is resumed. Nothing is put or got from before it is made;
 *   after it the cache begins again (tmem_pools_sleep()).
 * - Files that exchange blocks (file_exchange.c): ext4's EXT4_IOC_MOVE_EXT leaves the donor's pages in
 *   memory. Nothing of either is put or got meanwhile, then both are forgotten and doubtful.
 * - What happened before the hooks were armed, or to the disk below a filesystem that was read-only or not cached: all
 *   that the page cache has of the filesystem is let go of before it is cached (file_before.c).
 *
 * - Of a folio with several blocks only those are written that are dirty. Who has pinned a page of it (direct reads
 *   into mapped files, process_vm_writev()), and finds the folio dirty when done, leaves it at that. Such a file is
 *   doubtful when its folio is dirtied (tmem_folio_dirtied()). It is not seen where pages are held otherwise: by
 *   direct I/O of 6.1, and of NFS on any kernel, that reads into a mapped file.
 * - A write that could not be copied in whole from the program, because its memory went away meanwhile or it was
 *   killed, leaves a part of it in a page that is not dirty. Such a file is doubtful (tmem_file_written()).
 * - Pages of ext4 whose blocks were written and could not be marked as such are clean, no error is noted, and the
 *   disk has zeros. Such a file counts as exposed. When the journal was aborted, or metadata could not be written,
 *   nothing of the filesystem is cached until it is unmounted (file_hooks_ext4.c). Whether that happened while there
 *   was no backend is looked at before it is cached (pool_ext4.c).
 *
 * Who stores to a page in the page cache without saying so, from a reference alone (9p over virtio, AF_ALG, kernel
 * TLS), and who reads into it without the invalidate lock (uprobes, EROFS mounted from an image in a file), when a
 * hole is made there. Not covered.
 *
 * xfs may write to blocks that two files share when a page of one was pinned before it was cloned: what is read of the
 * other one changes, and a copy of it does not. Not covered.
 *
 * Quota files, which the kernel writes past the page cache while quotas are on, are not cached, nor is ext4 with
 * inline_data, which moves a file from its inode to a block past the page cache.
 *
 * Where there are two backends, tiers.h says why they are as good as one.
 *
 * "Nothing is put any more, then forget" needs that puts decided before are over: each is
 * decided and done under the page cache's lock, so taking and releasing that lock waits for them.
 * "Forget, then invalidate the page cache" covers gets in the same way: their folio is locked and in the
 * page cache, so it is found there and waited for.
 */
#ifndef _TMEM_FILE_H
#define _TMEM_FILE_H

#include <linux/fs.h>
#include <linux/pagemap.h>
#include <linux/srcu.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <tmem/clean.h>

#include "counters.h"
#include "fault.h"
#include "tiers.h"

struct attribute_group;
struct readahead_control;

/* Names as in /sys/kernel/mm/tmem/filesystems; pool_policy.c has a sentence for each. */
#define TMEM_FS_STATES(X)		\
	X(cached)			\
	X(type)				\
	X(no_device)			\
	X(not_rotational)		\
	X(removable)			\
	X(stacked)			\
	X(crypt)			\
	X(dax)				\
	X(realtime)			\
	X(inline_data)			\
	X(unwatched)			\
	X(errors)			\
	X(disabled)			\
	X(unmounting)			\
	X(backend)			\
	X(no_memory)

#define TMEM_ENUM(_name)	TMEM_FS_##_name,
enum tmem_fs_state { TMEM_FS_STATES(TMEM_ENUM) };
#undef TMEM_ENUM

/* What the administrator said about a filesystem. */
enum tmem_choice { TMEM_CHOICE_NONE, TMEM_CHOICE_ENABLE, TMEM_CHOICE_DISABLE };

/**
 * struct tmem_pool - a mounted filesystem that was seen
 * @node: in the table by superblock
 * @sb: the superblock; it is there as long as this is
 * @state: cached, or why not
 * @live: pages of it are put and got
 * @took: the tiers that know @id, a bit each, see tiers.h
 * @tiers: those that are asked and told
 * @unmounting: it does not become live again
 * @since_mount: everything that failed since it was mounted was seen
 * @failed: nor does it, until it is unmounted; see file_hooks_ext4.c
 * @read_only: as it was mounted when @live was set
 * @choice: of the administrator
 * @shared: a filesystem that asked for it itself, see cleancache_init_shared_fs()
 * @secret: dm-crypt is below it
 * @distrusted: what the page cache has of it is let go of before it is cached, see file_before.c
 * @id: the backend's name for it; another one each time it is cached anew
 * @files: by inode number, what is known of files that may have copies, see file_identity.c
 * @renew: drops the contents, from process context
 */
struct tmem_pool {
	struct hlist_node node;
	struct super_block *sb;
	enum tmem_fs_state state;
	bool live;
	u8 took;
	u8 tiers;
	bool unmounting;
	bool since_mount;
	bool failed;
	bool read_only;
	enum tmem_choice choice;
	bool shared;
	bool secret;
	bool distrusted;
	u32 id;
	struct xarray files;
	struct delayed_work renew;
};

/* Read side: every use of a pool and every call of the backend, but for ->submit(). No I/O is waited for inside. */
extern struct srcu_struct tmem_clean_srcu;

/* Read side: ->submit(). */
extern struct srcu_struct tmem_submit_srcu;

/* Gets are allowed. Off before anything else is taken away. */
extern bool tmem_clean_serving;

/* clean.c */

/* For tmem_clean_batch: a single folio is got. Return: NULL without memory, for which nobody waits. */
struct tmem_clean_wait *tmem_clean_wait_new(void);

/* It was a miss. */
void tmem_clean_wait_free(struct tmem_clean_wait *wait);

/**
 * tmem_clean_wait_for() - wait until a folio that the backend has taken is filled
 * @wait: freed by this, or by whoever ends the get
 *
 * Context: process, may sleep.
 * Return: 0 if it is, -EIO if it could not be: the caller has it locked as before. -EINTR if the caller was killed:
 * whoever ends the get unlocks it.
 */
int tmem_clean_wait_for(struct tmem_clean_wait *wait);

/* pools.c */

/**
 * tmem_pool() - the pool of a filesystem from which pages may be put and got now
 * @sb: superblock
 *
 * Context: any but NMI, inside tmem_clean_srcu.
 * Return: NULL if it is not cached.
 */
struct tmem_pool *tmem_pool(struct super_block *sb);

/* As tmem_pool(), live or not, or with the pools locked. */
struct tmem_pool *tmem_pool_seen(struct super_block *sb);

/* Make the pool of a filesystem that is read for the first time. Context: process, may sleep. */
void tmem_pool_ensure(struct super_block *sb);

void tmem_pool_reconfigured(struct super_block *sb);

/* @sb has failed; if it is the superblock of a pool, which nobody but the pool says. Context: any but NMI. */
void tmem_pool_failed(const void *sb);

/* What was written to a device past its files did not get there. Context: any but NMI. */
void tmem_pools_device_failed(dev_t device);

/* A superblock was mounted, perhaps not for the first time. Context: its s_umount is held. */
void tmem_pool_mounted(struct super_block *sb);
void tmem_pool_unmount(struct super_block *sb);
void tmem_pool_unmounted(struct super_block *sb);
int tmem_pools_init(void);
void tmem_pools_exit(void);
void tmem_pools_for_each(void (*fn)(struct super_block *sb));
int tmem_pools_list(char *buf);

/* For ->pool_init(): is it shared, with this UUID? */
bool tmem_pool_shared(u32 id, uuid_t *uuid);

/* pool_life.c */

/* Until tmem_pools_wake() nothing is put or got. Context: process. Return: 0; -EINTR, then it is not so. */
int tmem_pools_sleep(void);
void tmem_pools_wake(void);

/* Something is wrong with what the pool holds: none of it is served, and it is dropped soon. Any context. */
void tmem_pool_drop(struct tmem_pool *pool, enum tmem_fs_state state);

/* pool_policy.c */
enum tmem_fs_state tmem_fs_judge(struct tmem_pool *pool);
bool tmem_fs_known_type(const struct super_block *sb);
bool tmem_fs_is_ext4(const struct file_system_type *type);
const char *tmem_fs_state_name(enum tmem_fs_state state);
const char *tmem_fs_state_sentence(enum tmem_fs_state state);

/* pool_choices.c */
int tmem_pool_choose(struct super_block *sb, enum tmem_choice choice);
int tmem_pool_choose_uuid(const uuid_t *uuid, enum tmem_choice choice);
void tmem_pool_choose_shared(struct super_block *sb);
void tmem_choices_exit(void);

/* pool_tiers.c */
void tmem_pools_tier_comes(enum tmem_tier tier);
void tmem_pools_tier_goes(enum tmem_tier tier);

/* file_identity.c */

/*
 * A filesystem may keep things of its own in the page cache, of an inode whose mode nobody has set: ext4 has
 * its free blocks there, and i_mode is what the last user of that memory left. Nothing of them is ever read.
 */
static inline bool tmem_is_file(const struct address_space *mapping)
{
	return S_ISREG(mapping->host->i_mode) && mapping->a_ops->read_folio;
}

/* Is it a file of a kind that may be cached? Return: TMEM_CLEAN_REFUSED_NONE, or why not. */
enum tmem_clean_refusal tmem_file_refusal(const struct address_space *mapping);

/**
 * tmem_file_known() - the name under which a file has copies
 * @pool: live
 * @inode: the file
 * @id: filled in
 *
 * Return: false if it has none.
 */
bool tmem_file_known(struct tmem_pool *pool, const struct inode *inode, struct tmem_file_id *id);

/**
 * tmem_file_learn() - the name under which a file will have copies
 * @pool: live
 * @inode: the file
 * @id: filled in
 *
 * Context: the page cache's lock of the file.
 * Return: TMEM_CLEAN_REFUSED_NONE, or why it must have none.
 */
enum tmem_clean_refusal tmem_file_learn(struct tmem_pool *pool, const struct inode *inode,
					struct tmem_file_id *id);

/* All copies of a file are forgotten. Context: any but NMI, inside tmem_clean_srcu. */
void tmem_file_forget(struct tmem_pool *pool, struct address_space *mapping);

/* What the page cache has of a file may not be what the disk has. Context: any but NMI. */
void tmem_file_doubt(struct address_space *mapping);

/*
 * The last page of a file leaves the page cache: no doubt is left.
 * Context: the page cache's lock, inside tmem_clean_srcu.
 */
void tmem_file_emptied(const struct inode *inode);

/* Its inode leaves memory: none at all is left. Context: inside tmem_clean_srcu. */
void tmem_file_left(struct inode *inode);

/*
 * Somebody was told which blocks a file has. Nothing of it is put until its inode leaves memory.
 * Context: any but NMI.
 */
void tmem_file_exposed(struct address_space *mapping);

/* Has an NFS server given the blocks of a file to a client? Context: process. */
bool tmem_file_has_layout(const struct inode *inode);

/* @entry: what is known of a file. */
bool tmem_file_is_doubtful(const void *entry);

/* file_forget.c */
void tmem_forget_range(struct address_space *mapping, pgoff_t first, pgoff_t last);
void tmem_forget_many(struct address_space *mapping, pgoff_t first, pgoff_t last);
void tmem_forget_all(struct address_space *mapping);
void tmem_inode_leaves(struct address_space *mapping);
void tmem_swap_ends(unsigned int type);

/* file_evict.c */
void tmem_folio_leaves(struct address_space *mapping, struct folio *folio, bool reclaimed);

/* file_direct.c */
bool tmem_direct_io(const struct inode *inode);
void tmem_direct_hold(const struct inode *inode);
void tmem_direct_release(const struct inode *inode);
void tmem_direct_written(struct address_space *mapping, loff_t pos, ssize_t bytes);

/* file_forget.c: does it matter when a file grows? An end that was at @from has moved up. Context: any but NMI. */
bool tmem_growing_matters(const struct inode *inode);
void tmem_file_grew(struct inode *inode, loff_t from);

/* Likewise: pages that are in memory otherwise than anybody will write them. */
void tmem_folio_dirtied(struct folio *folio, struct address_space *mapping);
void tmem_file_written(const struct kiocb *iocb, loff_t start, size_t wanted, ssize_t written);

/* Likewise: bytes @start to @end were made a hole. */
void tmem_file_holed(struct address_space *mapping, loff_t start, tmem_truncate_end_t end);

/* Likewise: they were truncated, and should have left memory. */
void tmem_file_truncated(struct address_space *mapping, loff_t start, tmem_truncate_end_t end);

/* file_exchange.c */
void tmem_exchange_begins(struct inode *a, struct inode *b);
void tmem_exchange_ends(struct inode *a, struct inode *b);
void tmem_exchanges_exit(void);

/* file_before.c */
int tmem_for_each_mounted(void (*fn)(struct super_block *sb, void *arg));
void tmem_let_go(struct super_block *sb);

/* file_read.c */
typedef void (tmem_read_pages_t)(struct readahead_control *rac);
void tmem_read_pages(struct readahead_control *rac, tmem_read_pages_t *original);
int tmem_read_folio(struct folio *folio);

/* file_hooks.c */
int tmem_file_hooks_arm(void);
void tmem_file_hooks_disarm(void);
const char *tmem_file_hook_name(unsigned int i);
bool tmem_file_hooks_armed(void);

/* pool_ext4.c */
enum tmem_fs_state tmem_ext4_judge(struct super_block *sb);
bool tmem_ext4_failed_before(struct super_block *sb, bool since_mount);

/* file_hooks_ext4.c */
void tmem_ext4_watch(struct file_system_type *type);
void tmem_ext4_unwatch(void);
bool tmem_ext4_watched(void);
const char *tmem_ext4_hook_name(unsigned int i);

/* clean_sysfs.c */
extern const struct attribute_group tmem_clean_group, tmem_clean_stats_group;
extern const struct attribute_group tmem_clean_refused_group, tmem_cleancache_group;

#endif /* _TMEM_FILE_H */
