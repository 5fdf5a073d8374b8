// SPDX-License-Identifier: GPL-2.0
/*
 * Where the page cache enters the core: the functions of the kernel that are replaced.
 *
 * Only while a backend of clean pages is registered. All work is in the files next to this one:
 * file_read.c, file_evict.c, file_forget.c, file_direct.c, file_exchange.c.
 */
#include <linux/falloc.h>
#include <linux/fs_context.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/uio.h>

#include "../compat/iomap.h"
#include "file.h"
#include "redirect.h"

DEFINE_TMEM_ORIGINAL(read_pages, void, (struct readahead_control *));
DEFINE_TMEM_ORIGINAL(filemap_read_folio, int, (struct file *, filler_t *, struct folio *));
DEFINE_TMEM_ORIGINAL(__filemap_remove_folio, void, (struct folio *, void *));
DEFINE_TMEM_ORIGINAL(generic_perform_write, ssize_t, (struct kiocb *, struct iov_iter *));
DEFINE_TMEM_ORIGINAL(iomap_file_buffered_write, ssize_t, (struct kiocb *, struct iov_iter *, TMEM_IOMAP_WRITE_TYPES));
DEFINE_TMEM_ORIGINAL(__folio_mark_dirty, void, (struct folio *, struct address_space *, int));
DEFINE_TMEM_ORIGINAL(truncate_inode_pages_range, void, (struct address_space *, loff_t, tmem_truncate_end_t));
DEFINE_TMEM_ORIGINAL(invalidate_inode_pages2_range, int, (struct address_space *, unsigned long, unsigned long));
DEFINE_TMEM_ORIGINAL(pagecache_isize_extended, void, (struct inode *, loff_t, loff_t));
DEFINE_TMEM_ORIGINAL(vfs_fallocate, int, (struct file *, int, loff_t, loff_t));
DEFINE_TMEM_ORIGINAL(bmap, int, (struct inode *, sector_t *));
DEFINE_TMEM_ORIGINAL(__filemap_set_wb_err, void, (struct address_space *, int));
DEFINE_TMEM_ORIGINAL(iomap_dio_complete, ssize_t, (struct iomap_dio *));
DEFINE_TMEM_ORIGINAL(lock_two_nondirectories, void, (struct inode *, struct inode *));
DEFINE_TMEM_ORIGINAL(unlock_two_nondirectories, void, (struct inode *, struct inode *));
DEFINE_TMEM_ORIGINAL(vfs_get_tree, int, (struct fs_context *));
DEFINE_TMEM_ORIGINAL(reconfigure_super, int, (struct fs_context *));
DEFINE_TMEM_ORIGINAL(generic_shutdown_super, void, (struct super_block *));

static void original_read_pages(struct readahead_control *rac)
{
	TMEM_ORIGINAL(read_pages)(rac);
}

/* Readahead. The folios are locked, in the page cache, and empty; the invalidate lock is held shared. */
static void hook_read_pages(struct readahead_control *rac)
{
	tmem_redirect_enter(TMEM_FILE_HOOKS);
	tmem_read_pages(rac, original_read_pages);
	tmem_redirect_leave(TMEM_FILE_HOOKS);
}

/* A folio that readahead did not bring. Another filler than the filesystem's own reads something else. */
static int hook_filemap_read_folio(struct file *file, filler_t filler, struct folio *folio)
{
	int err = -ENOENT;

	tmem_redirect_enter(TMEM_FILE_HOOKS);
	if (file && filler == folio->mapping->a_ops->read_folio)
		err = tmem_read_folio(folio);
	if (err && err != -EINTR)
		err = TMEM_ORIGINAL(filemap_read_folio)(file, filler, folio);
	tmem_redirect_leave(TMEM_FILE_HOOKS);
	return err;
}

/* The page cache's lock is held, interrupts are off. Only reclaim leaves a shadow. */
static void hook_filemap_remove_folio(struct folio *folio, void *shadow)
{
	tmem_redirect_enter(TMEM_FILE_HOOKS);
	tmem_folio_leaves(folio->mapping, folio, shadow);
	TMEM_ORIGINAL(__filemap_remove_folio)(folio, shadow);
	tmem_redirect_leave(TMEM_FILE_HOOKS);
}

/* Any context. The folio is marked dirty already. */
static void hook_folio_mark_dirty(struct folio *folio, struct address_space *mapping, int warn)
{
	tmem_redirect_enter(TMEM_FILE_HOOKS);
	if (!tmem_fault(TMEM_FAULT_NO_DIRTY_FORGET))
		tmem_forget_range(mapping, folio->index,
				  folio->index + folio_nr_pages(folio) - 1);
	TMEM_ORIGINAL(__folio_mark_dirty)(folio, mapping, warn);
	tmem_folio_dirtied(folio, mapping);
	tmem_redirect_leave(TMEM_FILE_HOOKS);
}

/* Writing through the page cache: of ext4, among others, and of xfs. */
static ssize_t hook_generic_perform_write(struct kiocb *iocb, struct iov_iter *from)
{
	size_t wanted = iov_iter_count(from);
	loff_t start = iocb->ki_pos;
	ssize_t ret;

	tmem_redirect_enter(TMEM_FILE_HOOKS);
	ret = TMEM_ORIGINAL(generic_perform_write)(iocb, from);
	tmem_file_written(iocb, start, wanted, ret);
	tmem_redirect_leave(TMEM_FILE_HOOKS);
	return ret;
}

static ssize_t hook_iomap_file_buffered_write(struct kiocb *iocb, struct iov_iter *from,
					      TMEM_IOMAP_WRITE_PARAMETERS)
{
	size_t wanted = iov_iter_count(from);
	loff_t start = iocb->ki_pos;
	ssize_t ret;

	tmem_redirect_enter(TMEM_FILE_HOOKS);
	ret = TMEM_ORIGINAL(iomap_file_buffered_write)(iocb, from, TMEM_IOMAP_WRITE_ARGUMENTS);
	tmem_file_written(iocb, start, wanted, ret);
	tmem_redirect_leave(TMEM_FILE_HOOKS);
	return ret;
}

static void forget_truncated(struct address_space *mapping, loff_t start,
			     tmem_truncate_end_t end)
{
	if (tmem_fault(TMEM_FAULT_NO_TRUNCATE_FORGET))
		return;
	if (!start && end == TMEM_TRUNCATE_TO_END)
		tmem_forget_all(mapping);
	else
		tmem_forget_many(mapping, start >> PAGE_SHIFT, end == TMEM_TRUNCATE_TO_END ?
				 ULONG_MAX : (pgoff_t)end >> PAGE_SHIFT);
}

/*
 * Truncation, hole punching and all that moves extents; also an inode that leaves memory. Before, so that
 * no get finds what is removed; and after, because reclaim may have put meanwhile.
 */
static void hook_truncate_inode_pages_range(struct address_space *mapping, loff_t start,
					    tmem_truncate_end_t end)
{
	tmem_redirect_enter(TMEM_FILE_HOOKS);
	if (mapping_exiting(mapping)) {
		tmem_inode_leaves(mapping);
		TMEM_ORIGINAL(truncate_inode_pages_range)(mapping, start, end);
	} else {
		forget_truncated(mapping, start, end);
		TMEM_ORIGINAL(truncate_inode_pages_range)(mapping, start, end);
		tmem_file_holed(mapping, start, end);
		tmem_file_truncated(mapping, start, end);
		forget_truncated(mapping, start, end);
	}
	tmem_redirect_leave(TMEM_FILE_HOOKS);
}

static void forget_invalidated(struct address_space *mapping, pgoff_t first, pgoff_t last)
{
	if (tmem_fault(TMEM_FAULT_NO_INVALIDATE_FORGET))
		return;
	if (!first && last == (pgoff_t)-1)
		tmem_forget_all(mapping);
	else
		tmem_forget_range(mapping, first, last);
}

/* Before and after a direct write, and whenever something else changed the disk. */
static int hook_invalidate_inode_pages2_range(struct address_space *mapping, pgoff_t first,
					      pgoff_t last)
{
	int err;

	tmem_redirect_enter(TMEM_FILE_HOOKS);
	if (!first && last == (pgoff_t)-1 && tmem_file_has_layout(mapping->host))
		tmem_file_exposed(mapping);
	forget_invalidated(mapping, first, last);
	err = TMEM_ORIGINAL(invalidate_inode_pages2_range)(mapping, first, last);
	forget_invalidated(mapping, first, last);
	if (err && !tmem_fault(TMEM_FAULT_NO_DOUBT))
		tmem_file_doubt(mapping);
	if (S_ISREG(mapping->host->i_mode))
		tmem_fault_delay(TMEM_FAULT_DELAY_INVALIDATED);
	tmem_redirect_leave(TMEM_FILE_HOOKS);
	return err;
}

/* A file has become longer by truncation or by a write behind its end. */
static void hook_pagecache_isize_extended(struct inode *inode, loff_t from, loff_t to)
{
	tmem_redirect_enter(TMEM_FILE_HOOKS);
	TMEM_ORIGINAL(pagecache_isize_extended)(inode, from, to);
	if (from < to)
		tmem_file_grew(inode, from);
	tmem_redirect_leave(TMEM_FILE_HOOKS);
}

/* Likewise, by getting blocks, of which 6.1 tells nobody: little by little, and perhaps it fails on the way. */
static int hook_vfs_fallocate(struct file *file, int mode, loff_t offset, loff_t len)
{
	struct inode *inode = file_inode(file);
	bool grows = !(mode & (FALLOC_FL_KEEP_SIZE | FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_INSERT_RANGE)) &&
		     tmem_growing_matters(inode);
	int err;

	tmem_redirect_enter(TMEM_FILE_HOOKS);
	if (grows)
		tmem_direct_hold(inode);
	err = TMEM_ORIGINAL(vfs_fallocate)(file, mode, offset, len);
	if (grows) {
		tmem_file_doubt(inode->i_mapping);
		tmem_direct_release(inode);
	}
	tmem_redirect_leave(TMEM_FILE_HOOKS);
	return err;
}

/* Somebody wants to know where a file is on the disk. */
static int hook_bmap(struct inode *inode, sector_t *block)
{
	int err;

	tmem_redirect_enter(TMEM_FILE_HOOKS);
	tmem_file_exposed(inode->i_mapping);
	err = TMEM_ORIGINAL(bmap)(inode, block);
	tmem_redirect_leave(TMEM_FILE_HOOKS);
	return err;
}

/*
 * Writing failed. Any context; DAX calls it under the page cache's lock, and the swap cache has no inode. What was put
 * before counts for nothing, and nothing is put from now on. In the page cache of its device are the metadata of ext4:
 * where it has no journal it reads there what the disk had before, once the memory is reclaimed.
 */
static void hook_filemap_set_wb_err(struct address_space *mapping, int err)
{
	tmem_redirect_enter(TMEM_FILE_HOOKS);
	TMEM_ORIGINAL(__filemap_set_wb_err)(mapping, err);
	if (mapping->host && S_ISBLK(mapping->host->i_mode) && !tmem_fault(TMEM_FAULT_NO_EXT4_WATCH))
		tmem_pools_device_failed(mapping->host->i_rdev);
	if (mapping->host && !IS_DAX(mapping->host) && !tmem_fault(TMEM_FAULT_NO_ERROR_CHECK))
		tmem_forget_all(mapping);
	tmem_redirect_leave(TMEM_FILE_HOOKS);
}

/* Private to iomap: no header has it. */
static struct tmem_signature iomap_dio_layout = TMEM_FIRST_MEMBER(iomap_dio, struct kiocb *, iocb);

/*
 * Direct I/O of iomap has ended: in the task that asked for it, in a worker, or in an interrupt. What describes it is
 * freed by the original and begins with the kiocb. Nothing says whether it was a write, except that a file that is not
 * open for writing was not written.
 */
static ssize_t hook_iomap_dio_complete(struct iomap_dio *dio)
{
	struct kiocb *iocb = *(struct kiocb **)dio;
	struct file *file = iocb->ki_filp;
	struct inode *inode = file_inode(file);
	loff_t pos = iocb->ki_pos, size = i_size_read(inode);
	ssize_t ret;

	tmem_redirect_enter(TMEM_FILE_HOOKS);
	if (file->f_mode & FMODE_WRITE && !tmem_fault(TMEM_FAULT_NO_DIO_FORGET)) {
		tmem_direct_hold(inode);
		ret = TMEM_ORIGINAL(iomap_dio_complete)(dio);
		tmem_direct_written(inode->i_mapping, pos, ret);
		if (ret > 0 && pos + ret > size)
			tmem_file_grew(inode, size);
		tmem_direct_release(inode);
	} else {
		ret = TMEM_ORIGINAL(iomap_dio_complete)(dio);
	}
	tmem_redirect_leave(TMEM_FILE_HOOKS);
	return ret;
}

static void hook_lock_two_nondirectories(struct inode *a, struct inode *b)
{
	tmem_redirect_enter(TMEM_FILE_HOOKS);
	TMEM_ORIGINAL(lock_two_nondirectories)(a, b);
	if (!tmem_fault(TMEM_FAULT_NO_EXCHANGE_FORGET))
		tmem_exchange_begins(a, b);
	tmem_redirect_leave(TMEM_FILE_HOOKS);
}

static void hook_unlock_two_nondirectories(struct inode *a, struct inode *b)
{
	tmem_redirect_enter(TMEM_FILE_HOOKS);
	if (!tmem_fault(TMEM_FAULT_NO_EXCHANGE_FORGET))
		tmem_exchange_ends(a, b);
	TMEM_ORIGINAL(unlock_two_nondirectories)(a, b);
	tmem_redirect_leave(TMEM_FILE_HOOKS);
}

/* Mounting. */
static int hook_vfs_get_tree(struct fs_context *fc)
{
	int err;

	tmem_redirect_enter(TMEM_FILE_HOOKS);
	tmem_ext4_watch(fc->fs_type);
	err = TMEM_ORIGINAL(vfs_get_tree)(fc);
	if (!err)
		tmem_pool_mounted(fc->root->d_sb);
	tmem_redirect_leave(TMEM_FILE_HOOKS);
	return err;
}

/* Remounting. */
static int hook_reconfigure_super(struct fs_context *fc)
{
	int err;

	tmem_redirect_enter(TMEM_FILE_HOOKS);
	err = TMEM_ORIGINAL(reconfigure_super)(fc);
	tmem_pool_reconfigured(fc->root->d_sb);
	tmem_redirect_leave(TMEM_FILE_HOOKS);
	return err;
}

/* Unmount: nobody uses the filesystem any more. */
static void hook_generic_shutdown_super(struct super_block *sb)
{
	tmem_redirect_enter(TMEM_FILE_HOOKS);
	tmem_pool_unmount(sb);
	TMEM_ORIGINAL(generic_shutdown_super)(sb);
	tmem_pool_unmounted(sb);
	tmem_redirect_leave(TMEM_FILE_HOOKS);
}

static_assert(__same_type(hook_filemap_remove_folio, __filemap_remove_folio));
static_assert(__same_type(hook_folio_mark_dirty, __folio_mark_dirty));
static_assert(__same_type(hook_generic_perform_write, generic_perform_write));
static_assert(__same_type(hook_iomap_file_buffered_write, iomap_file_buffered_write));
static_assert(__same_type(hook_truncate_inode_pages_range, truncate_inode_pages_range));
static_assert(__same_type(hook_invalidate_inode_pages2_range, invalidate_inode_pages2_range));
static_assert(__same_type(hook_pagecache_isize_extended, pagecache_isize_extended));
static_assert(__same_type(hook_vfs_fallocate, vfs_fallocate));
static_assert(__same_type(hook_bmap, bmap));
static_assert(__same_type(hook_filemap_set_wb_err, __filemap_set_wb_err));
static_assert(__same_type(hook_iomap_dio_complete, iomap_dio_complete));
static_assert(__same_type(hook_lock_two_nondirectories, lock_two_nondirectories));
static_assert(__same_type(hook_unlock_two_nondirectories, unlock_two_nondirectories));
static_assert(__same_type(hook_vfs_get_tree, vfs_get_tree));
static_assert(__same_type(hook_generic_shutdown_super, generic_shutdown_super));

/* What forgets is armed first, what gets last. */
static struct tmem_redirect hooks[] = {
	TMEM_REDIRECT(generic_shutdown_super, hook_generic_shutdown_super),
	TMEM_REDIRECT(vfs_get_tree, hook_vfs_get_tree),
	TMEM_REDIRECT(reconfigure_super, hook_reconfigure_super),
	TMEM_REDIRECT(unlock_two_nondirectories, hook_unlock_two_nondirectories),
	TMEM_REDIRECT(lock_two_nondirectories, hook_lock_two_nondirectories),
	TMEM_REDIRECT(truncate_inode_pages_range, hook_truncate_inode_pages_range),
	TMEM_REDIRECT(invalidate_inode_pages2_range, hook_invalidate_inode_pages2_range),
	TMEM_REDIRECT(pagecache_isize_extended, hook_pagecache_isize_extended),
	TMEM_REDIRECT(vfs_fallocate, hook_vfs_fallocate),
	TMEM_REDIRECT(bmap, hook_bmap),
	TMEM_REDIRECT(__filemap_set_wb_err, hook_filemap_set_wb_err),
	TMEM_REDIRECT(iomap_dio_complete, hook_iomap_dio_complete),
	TMEM_REDIRECT(generic_perform_write, hook_generic_perform_write),
	TMEM_REDIRECT(iomap_file_buffered_write, hook_iomap_file_buffered_write),
	TMEM_REDIRECT(__folio_mark_dirty, hook_folio_mark_dirty),
	TMEM_REDIRECT(__filemap_remove_folio, hook_filemap_remove_folio),
	TMEM_REDIRECT(filemap_read_folio, hook_filemap_read_folio),
	TMEM_REDIRECT(read_pages, hook_read_pages),
};

static void watch_mounted(struct super_block *sb, void *unused)
{
	tmem_ext4_watch(sb->s_type);
}

int tmem_file_hooks_arm(void)
{
	int err;

	if (!tmem_signature_holds(&iomap_dio_layout))
		return -EOPNOTSUPP;
	err = tmem_redirects_arm(TMEM_FILE_HOOKS, hooks, ARRAY_SIZE(hooks));
	/* Before anything is served: what is judged while it is read cannot be watched from there. */
	if (!err)
		err = tmem_for_each_mounted(watch_mounted);
	if (err)
		tmem_file_hooks_disarm();
	return err;
}

void tmem_file_hooks_disarm(void)
{
	tmem_redirects_disarm(TMEM_FILE_HOOKS, hooks, ARRAY_SIZE(hooks));
	tmem_ext4_unwatch();
	tmem_exchanges_exit();
}

const char *tmem_file_hook_name(unsigned int i)
{
	return i < ARRAY_SIZE(hooks) ? hooks[i].name : NULL;
}

struct tmem_signature *tmem_file_hook_signature(unsigned int i)
{
	if (i < ARRAY_SIZE(hooks))
		return hooks[i].signature;
	return i == ARRAY_SIZE(hooks) ? &iomap_dio_layout : NULL;
}

bool tmem_file_hooks_armed(void)
{
	return hooks[0].armed;
}
