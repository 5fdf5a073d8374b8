// SPDX-License-Identifier: GPL-2.0
/*
 * Which filesystems of ext4 are fit to be cached. Their superblocks say so, of the filesystem and of its journal.
 *
 * Both are in memory while it is mounted. They are only looked at there: reading them from the disk would undo what
 * ext4 changed.
 */
#include <linux/buffer_head.h>
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/jbd2.h>
#include <linux/kdev_t.h>
#include <linux/pagemap.h>

#include "../compat/blkdev.h"
#include "core.h"
#include "file.h"

#define EXT4_SUPERBLOCK		1024
#define EXT4_MAGIC_OFFSET	0x38
#define EXT4_MAGIC		0xef53
#define EXT4_STATE_OFFSET	0x3a
#define EXT4_ERRORS		0x0002
#define EXT4_COMPAT_OFFSET	0x5c
#define EXT4_HAS_JOURNAL	0x0004
#define EXT4_INCOMPAT_OFFSET	0x60
#define EXT4_INLINE_DATA	0x8000
#define EXT4_JOURNAL_INODE	0xe0
#define EXT4_JOURNAL_DEVICE	0xe4
#define EXT4_FIRST_VISIBLE	11

/* Blocks that are just being moved in memory are not found; every 10 ms. */
#define FIND_TRIES		20

static u16 field16(const char *raw, unsigned int offset)
{
	return le16_to_cpup((const __le16 *)(raw + offset));
}

static u32 field32(const char *raw, unsigned int offset)
{
	return le32_to_cpup((const __le32 *)(raw + offset));
}

/* Return: NULL if it is not in memory, or not what the disk should have. The caller calls brelse(). */
static struct buffer_head *find_buffer(struct block_device *bdev, sector_t block, unsigned int bytes,
				       unsigned int tries)
{
	struct buffer_head *bh;

	while (!(bh = __find_get_block(bdev, block, bytes)) && --tries)
		msleep(10);
	if (!bh || buffer_uptodate(bh))
		return bh;
	brelse(bh);
	return NULL;
}

/* Likewise. */
static struct buffer_head *superblock_of(struct super_block *sb, const char **raw, unsigned int tries)
{
	struct buffer_head *bh = find_buffer(sb->s_bdev, EXT4_SUPERBLOCK / sb->s_blocksize, sb->s_blocksize, tries);

	if (!bh)
		return NULL;
	*raw = bh->b_data + EXT4_SUPERBLOCK % sb->s_blocksize;
	if (field16(*raw, EXT4_MAGIC_OFFSET) == EXT4_MAGIC)
		return bh;
	brelse(bh);
	return NULL;
}

/**
 * tmem_ext4_judge() - may a filesystem of ext4 be cached?
 * @sb: mounted
 *
 * - inline_data keeps small files in their inodes: one that grows gets a block, which is written as metadata, and
 *   until that was done a read of the file gets what the block had before.
 * - After an error its journal may have been aborted before we were there to see it.
 *
 * Context: process; does not wait for a disk.
 * Return: TMEM_FS_cached, or why not.
 */
enum tmem_fs_state tmem_ext4_judge(struct super_block *sb)
{
	enum tmem_fs_state state = TMEM_FS_cached;
	struct buffer_head *bh;
	const char *raw;

	if (!tmem_ext4_watched())
		return TMEM_FS_unwatched;
	bh = superblock_of(sb, &raw, 1);
	if (!bh || field32(raw, EXT4_INCOMPAT_OFFSET) & EXT4_INLINE_DATA)
		state = TMEM_FS_inline_data;
	else if (field16(raw, EXT4_STATE_OFFSET) & EXT4_ERRORS)
		state = TMEM_FS_errors;
	brelse(bh);
	return state;
}

/*
 * jbd2 notes there that it aborted a journal, and keeps that in memory also when it cannot be written; but not if
 * somebody asked for a shutdown, after which files cannot be read.
 */
static bool says_aborted(struct buffer_head *bh)
{
	const journal_superblock_t *journal;

	if (!bh)
		return true;
	journal = (const journal_superblock_t *)bh->b_data;
	return journal->s_header.h_magic != cpu_to_be32(JBD2_MAGIC_NUMBER) || journal->s_errno;
}

static bool inode_aborted(struct super_block *sb, unsigned long ino)
{
	struct inode *inode = ilookup(sb, ino);
	struct buffer_head *bh = NULL;
	sector_t block = 0;
	bool aborted;

	/* Mounted without its journal, which would have it. */
	if (!inode)
		return false;
	/* It may be a file that can be read, as on what was ext2 once, and is written past the page cache. */
	if (ino >= EXT4_FIRST_VISIBLE)
		tmem_file_exposed(inode->i_mapping);
	if (!bmap(inode, &block) && block)
		bh = find_buffer(sb->s_bdev, block, sb->s_blocksize, FIND_TRIES);
	aborted = says_aborted(bh);
	brelse(bh);
	iput(inode);
	return aborted;
}

/* It is behind a superblock of ext4 there. */
static bool device_aborted(struct super_block *sb, dev_t dev)
{
	struct buffer_head *bh = NULL;
	struct tmem_bdev open;
	bool aborted;

	if (tmem_bdev_look(dev, &open))
		return true;
	if (open.bdev->bd_holder == sb)
		bh = find_buffer(open.bdev, EXT4_SUPERBLOCK / sb->s_blocksize + 1, sb->s_blocksize, FIND_TRIES);
	aborted = says_aborted(bh);
	brelse(bh);
	tmem_bdev_look_end(&open);
	return aborted;
}

/**
 * tmem_ext4_failed_before() - has a filesystem of ext4 failed since it was mounted, when nobody watched it?
 * @sb: mounted, and not unmounted meanwhile; watched from now on
 * @since_mount: and since it was mounted; what failed on its device before that counts for nothing
 *
 * Context: process; may wait for the filesystem.
 * Return: true also if it cannot be known.
 */
bool tmem_ext4_failed_before(struct super_block *sb, bool since_mount)
{
	struct buffer_head *bh;
	u32 ino, compat, dev;
	const char *raw;
	bool failed;

	if (tmem_fault(TMEM_FAULT_NO_EXT4_WATCH))
		return false;
	/* ext4 may not have tried to write since, which would be when it notices. */
	if (!since_mount && filemap_check_wb_err(tmem_bdev_mapping(sb->s_bdev), 0))
		return true;
	bh = superblock_of(sb, &raw, FIND_TRIES);
	if (!bh)
		return true;
	failed = field16(raw, EXT4_STATE_OFFSET) & EXT4_ERRORS;
	compat = field32(raw, EXT4_COMPAT_OFFSET);
	ino = field32(raw, EXT4_JOURNAL_INODE);
	dev = field32(raw, EXT4_JOURNAL_DEVICE);
	brelse(bh);
	if (failed || !(compat & EXT4_HAS_JOURNAL))
		return failed;
	return ino ? inode_aborted(sb, ino) : device_aborted(sb, new_decode_dev(dev));
}
