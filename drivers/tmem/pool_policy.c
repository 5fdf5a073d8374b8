// SPDX-License-Identifier: GPL-2.0
/*
 * Which filesystems may be cached.
 *
 * Without being asked: ext4 and xfs on a rotational disk or a partition of one. With the administrator's
 * word: also on other disks, and above device-mapper or md; with dm-crypt below only if the backend's
 * medium is encrypted too. Never a filesystem of which it is not known that inode number and generation
 * name a file, nor one that bypasses the page cache.
 */
#include <linux/fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "../compat/blkdev.h"
#include "core.h"
#include "file.h"

const char *tmem_fs_state_name(enum tmem_fs_state state)
{
#define TMEM_NAME(_name)	[TMEM_FS_##_name] = #_name,
	static const char * const names[] = { TMEM_FS_STATES(TMEM_NAME) };
#undef TMEM_NAME

	return names[state];
}

const char *tmem_fs_state_sentence(enum tmem_fs_state state)
{
	static const char * const sentences[] = {
		[TMEM_FS_cached] = "it is cached",
		[TMEM_FS_type] = "only ext4 and xfs are, since for others it is not proved that a copy stays with its file",
		[TMEM_FS_no_device] = "it is not on a block device",
		[TMEM_FS_not_rotational] = "it is not on a rotational disk; enable it if you want it cached all the same",
		[TMEM_FS_removable] = "its medium can be removed, and may be changed elsewhere; enable it if you want it cached all the same",
		[TMEM_FS_stacked] = "it is not directly on a disk; enable it if you want it cached all the same",
		[TMEM_FS_crypt] = "there is dm-crypt below it, and no device of the cache is encrypted too; attach one that is (tmem_ssd without encrypt=0, or above dm-crypt), then enable it again",
		[TMEM_FS_dax] = "its device can be accessed directly (DAX), past the page cache",
		[TMEM_FS_realtime] = "it keeps files on a real-time device or in zones, of which nothing is known",
		[TMEM_FS_inline_data] = "it has inline_data, or its first superblock is not in memory to say; a file that leaves its inode is not on the disk at once",
		[TMEM_FS_unwatched] = "what goes wrong in ext4 cannot be seen on this kernel, whose log says why",
		[TMEM_FS_errors] = "errors were found in it, its journal was aborted, its metadata could not be written, or memory ran out for what must not be forgotten of it; unmount it, run e2fsck and mount it again",
		[TMEM_FS_disabled] = "it was disabled",
		[TMEM_FS_unmounting] = "it is being unmounted",
		[TMEM_FS_backend] = "the backend refused it",
		[TMEM_FS_no_memory] = "memory ran out while a file of it had to be remembered",
	};

	return sentences[state];
}

static bool is_xfs(const struct super_block *sb)
{
	return !strcmp(sb->s_type->name, "xfs");
}

bool tmem_fs_is_ext4(const struct file_system_type *type)
{
	return !strcmp(type->name, "ext4");
}

bool tmem_fs_known_type(const struct super_block *sb)
{
	return is_xfs(sb) || tmem_fs_is_ext4(sb->s_type);
}

/*
 * Files of such a filesystem may lie elsewhere than on its device, or in zones that it cleans by itself. Only its mount
 * options say so: zones always have a limit of how many are open.
 */
static bool has_realtime_device(struct super_block *sb)
{
	struct seq_file options = { .size = PAGE_SIZE };
	bool found = true;

	if (!is_xfs(sb))
		return false;
	options.buf = kzalloc(options.size, GFP_NOFS);
	if (options.buf && sb->s_op->show_options &&
	    !sb->s_op->show_options(&options, sb->s_root) && !seq_has_overflowed(&options))
		found = strnstr(options.buf, ",rtdev=", options.count) ||
			strnstr(options.buf, ",max_open_zones=", options.count);
	kfree(options.buf);
	return found;
}

/* Hardware has a parent device; device-mapper, md, loop and the like have none. */
static bool is_direct(struct block_device *bdev)
{
	return disk_to_dev(bdev->bd_disk)->parent;
}

/**
 * tmem_fs_judge() - may a filesystem be cached?
 * @pool: its pool; @pool->secret is set
 *
 * Context: process, may sleep.
 * Return: TMEM_FS_cached, or why not.
 */
enum tmem_fs_state tmem_fs_judge(struct tmem_pool *pool)
{
	struct super_block *sb = pool->sb;
	struct block_device *bdev = sb->s_bdev;
	bool asked = pool->choice == TMEM_CHOICE_ENABLE || pool->shared;
	enum tmem_fs_state state;

	if (pool->choice == TMEM_CHOICE_DISABLE)
		return TMEM_FS_disabled;
	if (READ_ONCE(pool->failed))
		return TMEM_FS_errors;
	if (!tmem_fs_known_type(sb) && !pool->shared)
		return TMEM_FS_type;
	if (!bdev)
		return TMEM_FS_no_device;
	if (blk_queue_dax(bdev_get_queue(bdev)))
		return TMEM_FS_dax;
	if (has_realtime_device(sb))
		return TMEM_FS_realtime;
	state = tmem_fs_is_ext4(sb->s_type) ? tmem_ext4_judge(sb) : TMEM_FS_cached;
	if (state != TMEM_FS_cached)
		return state;
	if (!asked && !is_direct(bdev))
		return TMEM_FS_stacked;
	if (!asked && bdev->bd_disk->flags & GENHD_FL_REMOVABLE)
		return TMEM_FS_removable;
	if (!asked && !bdev_rot(bdev))
		return TMEM_FS_not_rotational;
	pool->secret = !is_direct(bdev) && tmem_above_dm_crypt(bdev);
	return TMEM_FS_cached;
}
