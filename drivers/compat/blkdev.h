/* SPDX-License-Identifier: GPL-2.0 */
/* Teaches older kernels how a block device is opened, and what is asked about it. */
#ifndef _TMEM_COMPAT_BLKDEV_H
#define _TMEM_COMPAT_BLKDEV_H

#include <linux/badblocks.h>
#include <linux/blkdev.h>
#include <linux/version.h>

/*
 * An exclusive, writable open of a block device, and one to look at what is in memory of it. Since 6.9 that is a struct
 * file; before, it was the block device itself. Its page cache is named directly since 6.10. Since 6.5 its holder is
 * told when the device is taken away; before, the holder noticed when requests failed. Goes with 6.1.
 */
#if TMEM_LINUX_SERIES == TMEM_SERIES(6, 1)

struct tmem_bdev {
	struct block_device *bdev;
};

struct blk_holder_ops {
	void (*mark_dead)(struct block_device *bdev, bool surprise);
};

static inline void tmem_bdev_dead_heard(struct block_device *bdev)
{
}

static inline int tmem_bdev_open(dev_t dev, void *holder, const struct blk_holder_ops *ops,
				 struct tmem_bdev *open)
{
	open->bdev = blkdev_get_by_dev(dev, FMODE_READ | FMODE_WRITE | FMODE_EXCL, holder);
	return PTR_ERR_OR_ZERO(open->bdev);
}

static inline void tmem_bdev_close(struct tmem_bdev *open)
{
	blkdev_put(open->bdev, FMODE_READ | FMODE_WRITE | FMODE_EXCL);
}

static inline int tmem_bdev_look(dev_t dev, struct tmem_bdev *open)
{
	open->bdev = blkdev_get_by_dev(dev, FMODE_READ, NULL);
	return PTR_ERR_OR_ZERO(open->bdev);
}

static inline void tmem_bdev_look_end(struct tmem_bdev *open)
{
	blkdev_put(open->bdev, FMODE_READ);
}

static inline struct address_space *tmem_bdev_mapping(struct block_device *bdev)
{
	return bdev->bd_inode->i_mapping;
}

#else

struct tmem_bdev {
	struct block_device *bdev;
	struct file *file;
};

/* To be called at the end of ->mark_dead(), which is called with this lock held. */
static inline void tmem_bdev_dead_heard(struct block_device *bdev)
{
	mutex_unlock(&bdev->bd_holder_lock);
}

static inline int tmem_bdev_open_as(dev_t dev, blk_mode_t mode, void *holder,
				    const struct blk_holder_ops *ops, struct tmem_bdev *open)
{
	open->file = bdev_file_open_by_dev(dev, mode, holder, ops);
	if (IS_ERR(open->file))
		return PTR_ERR(open->file);
	open->bdev = file_bdev(open->file);
	return 0;
}

static inline int tmem_bdev_open(dev_t dev, void *holder, const struct blk_holder_ops *ops,
				 struct tmem_bdev *open)
{
	return tmem_bdev_open_as(dev, BLK_OPEN_READ | BLK_OPEN_WRITE, holder, ops, open);
}

static inline void tmem_bdev_close(struct tmem_bdev *open)
{
	bdev_fput(open->file);
}

static inline int tmem_bdev_look(dev_t dev, struct tmem_bdev *open)
{
	return tmem_bdev_open_as(dev, BLK_OPEN_READ, NULL, NULL, open);
}

static inline void tmem_bdev_look_end(struct tmem_bdev *open)
{
	bdev_fput(open->file);
}

static inline struct address_space *tmem_bdev_mapping(struct block_device *bdev)
{
	return bdev->bd_mapping;
}

#endif

/* By 7.2 bdev_nonrot() had become bdev_rot(), which says the opposite. Goes with 6.12. */
#if TMEM_LINUX_SERIES < TMEM_SERIES(7, 2)
#define bdev_rot(bdev)	(!bdev_nonrot(bdev))
#endif

/* By 7.2 badblocks_check() took and returned sector_t; before, int. Goes with 6.12. */
#if TMEM_LINUX_SERIES < TMEM_SERIES(7, 2)
typedef int tmem_badblocks_len_t;
#else
typedef sector_t tmem_badblocks_len_t;
#endif

#endif /* _TMEM_COMPAT_BLKDEV_H */
