// SPDX-License-Identifier: GPL-2.0
/* Loading and unloading tmem_ssd.ko. */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <tmem/device.h>
#include <tmem/hibernation.h>

#include "ssd.h"

static char *devices = "";
module_param(devices, charp, 0400);
MODULE_PARM_DESC(devices, "Formatted block devices to attach, separated by commas");

module_param_named(encrypt, tmem_ssd_encrypt, bool, 0400);
MODULE_PARM_DESC(encrypt,
		 "Encrypt what is written, with a key that only memory has (default: 1); what is above dm-crypt already is not encrypted twice");

struct tmem_index tmem_ssd_index;

static int ssd_pool_init(u32 pool, unsigned int flags)
{
	return (flags & TMEM_POOL_SECRET) && !tmem_ssd_any_encrypted() ? -EPERM : 0;
}

static void ssd_pool_exit(u32 pool)
{
	tmem_index_forget_pool(&tmem_ssd_index, pool);
}

static pgoff_t ssd_forget(const struct tmem_file_id *file, pgoff_t first, pgoff_t last)
{
	unsigned long dropped = 0;

	return tmem_index_forget_part(&tmem_ssd_index, file, first, last, &dropped);
}

static void ssd_forget_file(const struct tmem_file_id *file)
{
	tmem_index_forget_file(&tmem_ssd_index, file);
}

static const struct tmem_clean_ops ssd_ops = {
	.pool_init	= ssd_pool_init,
	.pool_exit	= ssd_pool_exit,
	.put		= tmem_ssd_put,
	.get		= tmem_ssd_get,
	.submit		= tmem_ssd_submit,
	.forget		= ssd_forget,
	.forget_file	= ssd_forget_file,
};

static struct tmem_clean_backend ssd_backend = {
	.name	= "tmem_ssd",
	.ops	= &ssd_ops,
};

/* A copy went from the index: its segment has one page less to keep. */
static void on_drop(struct tmem_index *index, u32 slot)
{
	struct tmem_ssd_device *device;

	rcu_read_lock();
	device = tmem_ssd_device_of(slot);
	if (device)
		tmem_ssd_log_drop(&device->log, slot);
	rcu_read_unlock();
}

static void reap(struct work_struct *work)
{
	tmem_index_reap(&tmem_ssd_index);
}

static DECLARE_WORK(reap_work, reap);

/* Files were forgotten whole, in a context where nothing can wait. */
static void on_dead(struct tmem_index *index)
{
	queue_work(system_dfl_wq, &reap_work);
}

/*
 * The end of a read may run in a task of dm-crypt, or of a network below the SSD, and be preempted after the last step
 * that is waited for, while it still runs our code.
 */
static void detach_all(void)
{
	tmem_ssd_detach_all();
	synchronize_rcu_tasks();
}

static const struct tmem_index_ops index_ops = { .on_drop = on_drop, .on_dead = on_dead };

static int __init tmem_ssd_init(void)
{
	int err;

	tmem_index_init(&tmem_ssd_index, &index_ops);
	err = tmem_ssd_policy_init();
	if (err)
		goto err_index;
	err = tmem_ssd_put_init();
	if (err)
		goto err_policy;
	err = tmem_ssd_get_init();
	if (err)
		goto err_put;
	err = tmem_ssd_health_init();
	if (err)
		goto err_get;
	err = tmem_ssd_shrink_init();
	if (err)
		goto err_health;
	tmem_sleeper_add(&tmem_ssd_sleeper);
	err = tmem_ssd_sysfs_init();
	if (err)
		goto err_sleeper;
	err = tmem_device_each(devices, tmem_ssd_attach);
	if (!err)
		err = tmem_register_clean_backend(&ssd_backend);
	if (err)
		goto err_devices;
	return 0;

err_devices:
	tmem_ssd_sysfs_close();
	detach_all();
	tmem_ssd_sysfs_exit();
err_sleeper:
	tmem_sleeper_remove(&tmem_ssd_sleeper);
	tmem_ssd_shrink_exit();
err_health:
	tmem_ssd_health_exit();
err_get:
	tmem_ssd_get_exit();
err_put:
	tmem_ssd_put_exit();
err_policy:
	tmem_ssd_policy_exit();
err_index:
	flush_work(&reap_work);
	tmem_index_exit(&tmem_ssd_index);
	return err;
}

static void __exit tmem_ssd_exit(void)
{
	tmem_ssd_sysfs_close();
	tmem_unregister_clean_backend(&ssd_backend);
	detach_all();
	tmem_ssd_sysfs_exit();
	tmem_sleeper_remove(&tmem_ssd_sleeper);
	tmem_ssd_shrink_exit();
	tmem_ssd_health_exit();
	tmem_ssd_get_exit();
	tmem_ssd_put_exit();
	tmem_ssd_policy_exit();
	flush_work(&reap_work);
	tmem_index_exit(&tmem_ssd_index);
}

module_init(tmem_ssd_init);
module_exit(tmem_ssd_exit);
MODULE_DESCRIPTION("Transcendent memory: clean page-cache pages on an SSD");
MODULE_VERSION(TMEM_VERSION);
MODULE_LICENSE("GPL");
