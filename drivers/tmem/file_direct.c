// SPDX-License-Identifier: GPL-2.0
/*
 * Direct I/O: nothing of a file is put or got while it is in flight, and what it wrote is forgotten.
 *
 * The kernel counts direct I/O in flight in the inode, and stops counting inside the function in which
 * it also invalidates the page cache. Copies of the old contents may have been put just before
 * it began to count, and whether the kernel invalidates depends on what is in the page cache, so we
 * forget on our own afterwards. Until that is done the file is held.
 *
 * A hold is a counter in a small table, by a hash of the inode: files that share one are not put or
 * got for the same moment, which does no harm, and a completion in an interrupt needs no memory.
 */
#include <linux/atomic.h>
#include <linux/fs.h>
#include <linux/hash.h>

#include "file.h"

#define HOLD_BITS	8

static atomic_t holds[1 << HOLD_BITS];

static atomic_t *hold_of(const struct inode *inode)
{
	return &holds[hash_ptr(inode, HOLD_BITS)];
}

void tmem_direct_hold(const struct inode *inode)
{
	atomic_inc(hold_of(inode));
	/* Before the kernel's count falls, and before it looks into the page cache. Pairs with tmem_direct_io(). */
	smp_mb__after_atomic();
}

void tmem_direct_release(const struct inode *inode)
{
	/* Whoever sees the hold gone, in tmem_direct_io(), sees that the range is forgotten, too. */
	smp_mb__before_atomic();
	atomic_dec(hold_of(inode));
}

/**
 * tmem_direct_io() - is direct I/O of a file under way?
 * @inode: the file
 *
 * For a get: the folio is in the page cache already, so that direct I/O which is not seen here finds
 * it there when it ends.
 *
 * Return: true if any is.
 */
bool tmem_direct_io(const struct inode *inode)
{
	/* For a get: its folio is in the page cache before the counts are looked at; pairs with tmem_direct_hold(). */
	smp_mb();
	if (atomic_read(&inode->i_dio_count) && !tmem_fault(TMEM_FAULT_NO_DIO_COUNT))
		return true;
	/* In this order: the hold begins before the count falls. Pairs with tmem_direct_hold(), too. */
	smp_rmb();
	return atomic_read(hold_of(inode));
}

/**
 * tmem_direct_written() - a direct write has ended
 * @mapping: of the file; held
 * @pos: first byte
 * @bytes: written, or why it failed
 *
 * After a failure nobody has invalidated the page cache, and any part may have been written.
 *
 * Context: any but NMI.
 */
void tmem_direct_written(struct address_space *mapping, loff_t pos, ssize_t bytes)
{
	if (bytes > 0)
		tmem_forget_range(mapping, pos >> PAGE_SHIFT, (pos + bytes - 1) >> PAGE_SHIFT);
	else if (tmem_fault(TMEM_FAULT_NO_DOUBT))
		tmem_forget_all(mapping);
	else
		tmem_file_doubt(mapping);
}
