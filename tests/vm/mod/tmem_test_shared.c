// SPDX-License-Identifier: GPL-2.0
/* Asks for a mounted filesystem to be cached as one that other machines write too, as it would itself. */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/namei.h>
#include <tmem/cleancache.h>

static char *path = "";
module_param(path, charp, 0400);
MODULE_PARM_DESC(path, "A path on the filesystem");

static int __init test_init(void)
{
	struct path where;
	int err = kern_path(path, LOOKUP_FOLLOW, &where);

	if (err)
		return err;
	cleancache_init_shared_fs(where.dentry->d_sb);
	path_put(&where);
	return 0;
}

static void __exit test_exit(void)
{
}

module_init(test_init);
module_exit(test_exit);
MODULE_DESCRIPTION("Test aid: a filesystem that shares its disk");
MODULE_LICENSE("GPL");
