// SPDX-License-Identifier: GPL-2.0
/* Forgetting: pages of a file that were changed, a file that is gone. */
#include <linux/fs.h>
#include <linux/swap.h>
#include <linux/xarray.h>

#include "file.h"
#include "swap_device.h"
#include "trace.h"

/* A put that was decided before is over after this. */
static void wait_for_puts(struct address_space *mapping)
{
	unsigned long flags;

	xa_lock_irqsave(&mapping->i_pages, flags);
	xa_unlock_irqrestore(&mapping->i_pages, flags);
}

static void forget_range(struct address_space *mapping, pgoff_t first, pgoff_t last, bool may_sleep)
{
	struct tmem_file_id id;
	struct tmem_pool *pool;
	int srcu;

	srcu = srcu_read_lock(&tmem_clean_srcu);
	pool = tmem_pool(mapping->host->i_sb);
	if (pool && S_ISREG(mapping->host->i_mode)) {
		wait_for_puts(mapping);
		if (tmem_file_known(pool, mapping->host, &id)) {
			tmem_tiers_forget(pool, &id, first, last, may_sleep);
			tmem_count_clean(TMEM_CLEAN_ranges_forgotten, 1);
			trace_tmem_forget(&id, first, last);
		}
	}
	srcu_read_unlock(&tmem_clean_srcu, srcu);
}

/**
 * tmem_forget_range() - pages of a file are not served any more
 * @mapping: of any file
 * @first: page
 * @last: page, inclusive
 *
 * Context: any but NMI. Not under the page cache's lock.
 */
void tmem_forget_range(struct address_space *mapping, pgoff_t first, pgoff_t last)
{
	forget_range(mapping, first, last, false);
}

/* As tmem_forget_range() for what may be most of a huge file. Context: process, may sleep. */
void tmem_forget_many(struct address_space *mapping, pgoff_t first, pgoff_t last)
{
	forget_range(mapping, first, last, true);
}

/* As tmem_forget_range() for all pages of a file. */
void tmem_forget_all(struct address_space *mapping)
{
	struct tmem_pool *pool;
	int srcu;

	srcu = srcu_read_lock(&tmem_clean_srcu);
	pool = tmem_pool(mapping->host->i_sb);
	if (pool && S_ISREG(mapping->host->i_mode))
		tmem_file_forget(pool, mapping);
	srcu_read_unlock(&tmem_clean_srcu, srcu);
}

/**
 * tmem_inode_leaves() - an inode is about to leave memory
 * @mapping: exiting, so that nothing of it is put any more
 *
 * Its copies stay if it lives on: what the backend has is then what is on the disk, because the page
 * cache is empty. Else everything is forgotten, since what is left there is dropped without a look.
 */
void tmem_inode_leaves(struct address_space *mapping)
{
	struct inode *inode = mapping->host;
	struct tmem_pool *pool;
	int srcu;

	srcu = srcu_read_lock(&tmem_clean_srcu);
	pool = tmem_pool(inode->i_sb);
	if (pool && S_ISREG(inode->i_mode)) {
		wait_for_puts(mapping);
		if (!inode->i_nlink || mapping->nrpages)
			tmem_file_forget(pool, mapping);
	}
	if (S_ISREG(inode->i_mode))
		tmem_file_left(inode);
	srcu_read_unlock(&tmem_clean_srcu, srcu);
}

/*
 * What was stored through a mapping in the rest of the last page, behind the end, has no block if blocks are smaller
 * than pages: it is dropped when the page is written, and yet part of what memory says the file is when that grows.
 */
bool tmem_growing_matters(const struct inode *inode)
{
	return inode->i_blkbits < PAGE_SHIFT && S_ISREG(inode->i_mode) && !tmem_fault(TMEM_FAULT_NO_GROW_DOUBT);
}

/*
 * 6.1 maps a large folio as a whole, what is behind the end of the file included, and what is stored there has no
 * block, whatever its size. It may be so large since before the file was shortened.
 *
 * Return: true if the file is doubtful now.
 */
static bool doubt_behind_end(struct address_space *mapping, pgoff_t index)
{
	struct folio *folio;
	bool large;

	if (TMEM_LINUX_SERIES != TMEM_SERIES(6, 1) || !mapping_large_folio_support(mapping))
		return false;
	folio = filemap_get_folio(mapping, index);
	large = !IS_ERR_OR_NULL(folio) && folio_test_large(folio);
	if (!IS_ERR_OR_NULL(folio))
		folio_put(folio);
	if (large)
		tmem_file_doubt(mapping);
	else	/* It may have been evicted since the end has moved, up to which it was put then. */
		tmem_forget_range(mapping, index, ULONG_MAX);
	return large;
}

/**
 * tmem_file_grew() - the end of a file has moved up
 * @inode: of any file
 * @from: where it was
 *
 * Context: any but NMI.
 */
void tmem_file_grew(struct inode *inode, loff_t from)
{
	struct address_space *mapping = inode->i_mapping;
	pgoff_t index = from >> PAGE_SHIFT;
	void *entry;

	if (!S_ISREG(inode->i_mode) || tmem_fault(TMEM_FAULT_NO_GROW_DOUBT))
		return;
	if (doubt_behind_end(mapping, index))
		return;
	/* In the last block of its page none is missing. */
	if (!tmem_growing_matters(inode) || !offset_in_page(round_up(from, i_blocksize(inode))))
		return;
	entry = xa_load(&mapping->i_pages, index);
	if (entry && !xa_is_value(entry))
		tmem_file_doubt(mapping);
	else
		tmem_forget_range(mapping, index, index);
}

/**
 * tmem_folio_dirtied() - a folio was clean, and is dirty now
 * @folio: of any file
 * @mapping: the file
 *
 * A task that has pinned it may still store there. When it is done it finds the folio dirty, and does not see to it
 * that all of it is written. Nor does ext4 write what it has no buffers for.
 *
 * Context: any but NMI.
 */
void tmem_folio_dirtied(struct folio *folio, struct address_space *mapping)
{
	const struct inode *inode = mapping->host;
	bool parts = folio_size(folio) > i_blocksize(inode);

	if (!S_ISREG(inode->i_mode) || tmem_fault(TMEM_FAULT_NO_DOUBT))
		return;
	if ((parts && folio_maybe_dma_pinned(folio)) ||
	    (!folio_test_private(folio) && tmem_fs_is_ext4(inode->i_sb->s_type)))
		tmem_file_doubt(mapping);
}

/**
 * tmem_file_written() - a write through the page cache has ended
 * @iocb: of the write
 * @start: where it began; not every kernel has moved on @iocb by now
 * @wanted: bytes
 * @written: bytes, or an error
 *
 * If the program's memory could not be read in whole, a part of it may be in a page that is not dirty. Not so if the
 * write was asked not to wait, as io_uring does first, and would have had to: then no page is in memory yet.
 *
 * Context: process.
 */
void tmem_file_written(const struct kiocb *iocb, loff_t start, size_t wanted, ssize_t written)
{
	struct address_space *mapping = iocb->ki_filp->f_mapping;

	if (written == (ssize_t)wanted || !S_ISREG(mapping->host->i_mode) ||
	    tmem_fault(TMEM_FAULT_NO_DOUBT))
		return;
	if (iocb->ki_flags & IOCB_NOWAIT && (written > 0 || written == -EAGAIN) &&
	    !xa_load(&mapping->i_pages, (start + max_t(ssize_t, written, 0)) >> PAGE_SHIFT))
		return;
	tmem_file_doubt(mapping);
}

void tmem_file_holed(struct address_space *mapping, loff_t start, tmem_truncate_end_t end)
{
	if (end == TMEM_TRUNCATE_TO_END || !S_ISREG(mapping->host->i_mode) ||
	    tmem_fault(TMEM_FAULT_NO_GROW_DOUBT))
		return;
	if (offset_in_page(start) || offset_in_page(end + 1))
		tmem_file_doubt(mapping);
}

void tmem_file_truncated(struct address_space *mapping, loff_t start, tmem_truncate_end_t end)
{
	unsigned long behind = end == TMEM_TRUNCATE_TO_END ? ULONG_MAX : (end + 1) >> PAGE_SHIFT;
	unsigned long first = DIV_ROUND_UP(start, PAGE_SIZE), index;
	void *entry;

	if (!S_ISREG(mapping->host->i_mode) || behind <= first || tmem_fault(TMEM_FAULT_NO_DOUBT))
		return;
	xa_for_each_range(&mapping->i_pages, index, entry, first, behind - 1) {
		if (xa_is_value(entry))
			continue;
		tmem_file_doubt(mapping);
		break;
	}
}

/* A swap file cannot go, and is not looked at any more than to see that it is none. */
static void forget_swap_files(struct super_block *sb)
{
	struct inode *inode;

	spin_lock(&sb->s_inode_list_lock);
	list_for_each_entry(inode, &sb->s_inodes, i_sb_list)
		if (IS_SWAPFILE(inode))
			tmem_file_doubt(inode->i_mapping);
	spin_unlock(&sb->s_inode_list_lock);
}

/**
 * tmem_swap_ends() - nothing is swapped to an area any more
 * @type: of the area, which may be a file that still counts as a swap file
 *
 * The disk changed without the page cache knowing. Nothing of a swap file is put or got; but what was
 * put before, and what is in the page cache now, is of no use afterwards. On 7.2 nothing names
 * the file at this point, nor when it begins, so all swap files are looked up.
 *
 * Context: process.
 */
void tmem_swap_ends(unsigned int type)
{
	struct swap_info_struct *device = tmem_swap_device(type);

	if (device && !(device->flags & SWP_BLKDEV) && !tmem_fault(TMEM_FAULT_NO_SWAP_FORGET))
		tmem_pools_for_each(forget_swap_files);
}
