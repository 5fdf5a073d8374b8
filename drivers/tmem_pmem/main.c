// SPDX-License-Identifier: GPL-2.0
/* Loading and unloading tmem_pmem.ko. */
#include <linux/module.h>
#include <tmem/device.h>
#include <tmem/hibernation.h>

#include "pmem.h"

static char *devices = "";
module_param(devices, charp, 0400);
MODULE_PARM_DESC(devices,
	"Block devices to attach, separated by commas; a blank one is formatted first. Without it every formatted namespace is attached and none is formatted");

bool tmem_pmem_encrypt = true;
module_param_named(encrypt, tmem_pmem_encrypt, bool, 0400);
MODULE_PARM_DESC(encrypt,
	"Encrypt what is stored, with a key that only memory has (default: 1)");

struct tmem_backend tmem_pmem_backend = {
	.name	= "tmem_pmem",
	.owner	= THIS_MODULE,
	.ops	= &tmem_pmem_ops,
};

static int attach_named(dev_t dev)
{
	return tmem_pmem_attach(dev, true);
}

/* Registers last: a device that cannot be attached fails the load before a page is stored. */
static int __init tmem_pmem_init(void)
{
	int err;

	err = tmem_pmem_failure_init();
	if (err)
		return err;
	err = tmem_pmem_room_init();
	if (err)
		goto err_failure;
	err = tmem_pmem_clean_init();
	if (err)
		goto err_room;
	tmem_sleeper_add(&tmem_pmem_sleeper);
	err = tmem_pmem_sysfs_init();
	if (err)
		goto err_sleeper;
	if (*devices)
		err = tmem_device_each(devices, attach_named);
	else
		tmem_pmem_attach_all();
	tmem_pmem_backend.encrypts = tmem_pmem_encrypt;
	if (!err)
		err = tmem_register_backend(&tmem_pmem_backend);
	if (err)
		goto err_devices;
	return 0;

err_devices:
	tmem_pmem_sysfs_close();
	tmem_pmem_clean_close();
	tmem_pmem_close_all();
	tmem_sleeper_remove(&tmem_pmem_sleeper);
	tmem_pmem_failure_exit();
	tmem_pmem_sysfs_exit();
	tmem_pmem_clean_exit();
	tmem_pmem_room_exit();
	return err;
err_sleeper:
	tmem_sleeper_remove(&tmem_pmem_sleeper);
	tmem_pmem_clean_exit();
err_room:
	tmem_pmem_room_exit();
err_failure:
	tmem_pmem_failure_exit();
	return err;
}

/* Nothing is stored, or the module could not be unloaded. */
static void __exit tmem_pmem_exit(void)
{
	tmem_pmem_sysfs_close();
	tmem_pmem_clean_close();
	tmem_unregister_backend(&tmem_pmem_backend);
	tmem_pmem_close_all();
	tmem_sleeper_remove(&tmem_pmem_sleeper);
	tmem_pmem_failure_exit();
	tmem_pmem_sysfs_exit();
	tmem_pmem_clean_exit();
	tmem_pmem_room_exit();
}

module_init(tmem_pmem_init);
module_exit(tmem_pmem_exit);
MODULE_DESCRIPTION("Transcendent memory: swapped-out pages on persistent memory");
MODULE_VERSION(TMEM_VERSION);
MODULE_LICENSE("GPL");
