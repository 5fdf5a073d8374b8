// SPDX-License-Identifier: GPL-2.0
/* Loading and unloading tmem_pmem.ko. */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "pmem.h"

static char *devices = "";
module_param(devices, charp, 0400);
MODULE_PARM_DESC(devices,
	"Block devices to attach, separated by commas; a blank one is formatted first. Without it every formatted namespace is attached and none is formatted.");

struct tmem_backend tmem_pmem_backend = {
	.name	= "tmem_pmem",
	.owner	= THIS_MODULE,
	.ops	= &tmem_pmem_ops,
};

static int attach_listed(void)
{
	char *list = kstrdup(devices, GFP_KERNEL);
	char *rest = list;
	char *path;
	int err = 0;

	if (!list)
		return -ENOMEM;
	while (!err && (path = strsep(&rest, ",")))
		if (*path)
			err = tmem_pmem_attach_path(path, TMEM_PMEM_FORMAT_BLANK);
	kfree(list);
	return err;
}

static int __init tmem_pmem_init(void)
{
	int err;

	err = tmem_pmem_sysfs_init();
	if (err)
		return err;
	err = tmem_register_backend(&tmem_pmem_backend);
	if (err)
		goto err_sysfs;
	if (*devices)
		err = attach_listed();
	else
		tmem_pmem_attach_all();
	if (err)
		goto err_backend;
	return 0;

err_backend:
	tmem_unregister_backend(&tmem_pmem_backend);
	tmem_pmem_detach_all();
err_sysfs:
	tmem_pmem_sysfs_exit();
	return err;
}

static void __exit tmem_pmem_exit(void)
{
	tmem_unregister_backend(&tmem_pmem_backend);
	tmem_pmem_detach_all();
	tmem_pmem_sysfs_exit();
}

module_init(tmem_pmem_init);
module_exit(tmem_pmem_exit);
MODULE_DESCRIPTION("Transcendent memory: swapped-out pages on persistent memory");
MODULE_LICENSE("GPL");
