// SPDX-License-Identifier: GPL-2.0
/* Holds a layout of a file, as an NFS server does for a client that writes the file's blocks by itself. */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/pagemap.h>

#include "../../../drivers/compat/filelock.h"

static char *path = "";
module_param(path, charp, 0400);
MODULE_PARM_DESC(path, "The file");

static struct file *file;

#if TMEM_LINUX_SERIES == TMEM_SERIES(6, 1)
#define lease_manager_operations	lock_manager_operations
#define kernel_setlease			vfs_setlease
#endif

static bool keep(tmem_lease_t *lease)
{
	return false;
}

#if TMEM_LINUX_SERIES == TMEM_SERIES(7, 2)
static int no_conflict(struct file *opened, int arg)
{
	return 0;
}
#endif

static const struct lease_manager_operations layout_ops = {
	.lm_break = keep,
	.lm_change = lease_modify,
#if TMEM_LINUX_SERIES == TMEM_SERIES(7, 2)
	.lm_open_conflict = no_conflict,
#endif
};

#if TMEM_LINUX_SERIES == TMEM_SERIES(6, 1)

static int take(void)
{
	struct file_lock *lease = locks_alloc_lock();
	int err;

	if (!lease)
		return -ENOMEM;
	locks_init_lock(lease);
	lease->fl_lmops = &layout_ops;
	lease->fl_flags = FL_LAYOUT;
	lease->fl_type = F_RDLCK;
	lease->fl_owner = &file;
	lease->fl_end = OFFSET_MAX;
	lease->fl_pid = current->tgid;
	lease->fl_file = file;
	err = vfs_setlease(file, F_RDLCK, &lease, NULL);
	if (err)
		locks_free_lock(lease);
	return err;
}

#else

static int take(void)
{
	struct file_lease *lease = locks_alloc_lease();
	int err;

	if (!lease)
		return -ENOMEM;
	locks_init_lease(lease);
	lease->fl_lmops = &layout_ops;
	lease->c.flc_flags = FL_LAYOUT;
	lease->c.flc_type = F_RDLCK;
	lease->c.flc_owner = &file;
	lease->c.flc_pid = current->tgid;
	lease->c.flc_file = file;
	err = kernel_setlease(file, F_RDLCK, &lease, NULL);
	if (err)
		locks_free_lease(lease);
	return err;
}

#endif

static void leave(void)
{
	void *owner = &file;

	kernel_setlease(file, F_UNLCK, NULL, &owner);
}

static int __init test_init(void)
{
	int err;

	file = filp_open(path, O_RDONLY, 0);
	if (IS_ERR(file))
		return PTR_ERR(file);
	err = take();
	if (err)
		goto err_close;
	/* As each of the filesystems does that have layouts of blocks. */
	err = invalidate_inode_pages2(file->f_mapping);
	if (err)
		goto err_leave;
	return 0;

err_leave:
	leave();
err_close:
	filp_close(file, NULL);
	return err;
}

static void __exit test_exit(void)
{
	leave();
	filp_close(file, NULL);
}

module_init(test_init);
module_exit(test_exit);
MODULE_DESCRIPTION("Test aid: holds a layout of a file");
MODULE_LICENSE("GPL");
