/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The classic cleancache API of Linux 5.15, on top of the tmem core.
 *
 * A backend written for that kernel compiles against this header instead of <linux/cleancache.h>.
 * What it could rely on then, it can rely on now: put_page is called with interrupts off, get_page
 * with the page locked, and a put replaces an older copy or drops it. More pages than named may be
 * invalidated. New is cleancache_unregister_ops().
 *
 * Which filesystems are cached is the core's decision; a filesystem need not call anything. One that
 * shares its disk with other machines calls cleancache_init_shared_fs() itself when it is mounted.
 */
#ifndef _TMEM_CLEANCACHE_H
#define _TMEM_CLEANCACHE_H

#ifdef _LINUX_CLEANCACHE_H
#error "Include <tmem/cleancache.h> instead of <linux/cleancache.h>, not beside it."
#endif
#define _LINUX_CLEANCACHE_H

#include <linux/types.h>
#include <linux/uuid.h>

struct page;
struct super_block;

#define CLEANCACHE_KEY_MAX	6

/**
 * struct cleancache_filekey - names a file within a pool, as in Linux 5.15
 * @u: compared as a whole; unused words are 0
 */
struct cleancache_filekey {
	union {
		ino_t ino;
		__u32 fh[CLEANCACHE_KEY_MAX];
		u32 key[CLEANCACHE_KEY_MAX];
	} u;
};

/**
 * struct cleancache_ops - a backend, as in Linux 5.15
 * @init_fs: a filesystem is cached; @pagesize bytes a page. Returns the pool, or a negative number.
 * @init_shared_fs: likewise, one that other machines write too, with its UUID
 * @get_page: fill the page; 0, or -1 for a miss. May sleep.
 * @put_page: copy the page away, or drop an older copy of it. Must not sleep.
 * @invalidate_page: forget the page. Must not sleep.
 * @invalidate_inode: forget the file. Must not sleep.
 * @invalidate_fs: the pool is gone. May sleep.
 */
struct cleancache_ops {
	int (*init_fs)(size_t pagesize);
	int (*init_shared_fs)(uuid_t *uuid, size_t pagesize);
	int (*get_page)(int pool, struct cleancache_filekey key, pgoff_t index, struct page *page);
	void (*put_page)(int pool, struct cleancache_filekey key, pgoff_t index,
			 struct page *page);
	void (*invalidate_page)(int pool, struct cleancache_filekey key, pgoff_t index);
	void (*invalidate_inode)(int pool, struct cleancache_filekey key);
	void (*invalidate_fs)(int pool);
};

/**
 * cleancache_register_ops() - offer a backend
 * @ops: stays valid until cleancache_unregister_ops() returns
 *
 * Context: process, may sleep.
 * Return: 0; -EBUSY if there is a backend of clean pages already; -EINVAL for missing operations;
 * -EOPNOTSUPP if this kernel lacks a function.
 */
int cleancache_register_ops(const struct cleancache_ops *ops);

/**
 * cleancache_unregister_ops() - take the backend away
 * @ops: as registered
 *
 * Context: process, may sleep.
 */
void cleancache_unregister_ops(const struct cleancache_ops *ops);

/**
 * cleancache_init_shared_fs() - a filesystem that other machines write too wants to be cached
 * @sb: mounted, with its UUID set; the filesystem itself sees to it that what others write is
 *	invalidated here
 *
 * Context: process, may sleep.
 */
void cleancache_init_shared_fs(struct super_block *sb);

#endif /* _TMEM_CLEANCACHE_H */
