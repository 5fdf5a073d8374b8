// SPDX-License-Identifier: GPL-2.0
/* Loading and unloading tmem.ko: hooks, core and their user-space interface. */
#include <linux/crash_dump.h>
#include <linux/module.h>
#include <linux/utsname.h>

#include "core.h"
#include "fault.h"
#include "file.h"
#include "signatures.h"
#include "swap_device.h"
#include "swap_hooks.h"
#include "symbols.h"
#include "write_out.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

/* The module's symbol checksums do not cover everything the hooks know about the kernel. */
static int check_kernel(void)
{
	unsigned int major, minor;

	if (is_kdump_kernel()) {
		pr_err("this is a kdump kernel: nothing is attached here, so that the dump stays true\n");
		return -ENODEV;
	}
	if (sscanf(init_utsname()->release, "%u.%u", &major, &minor) != 2 ||
	    TMEM_SERIES(major, minor) != TMEM_LINUX_SERIES) {
		pr_err("built for Linux %u.%u, this is %s: build it again for this kernel\n",
		       TMEM_LINUX_SERIES >> 8, TMEM_LINUX_SERIES & 0xff, init_utsname()->release);
		return -EINVAL;
	}
	return 0;
}

static int __init tmem_init(void)
{
	int err;

	err = check_kernel();
	if (err)
		return err;
	err = tmem_symbols_init();
	if (err)
		return err;
	err = tmem_signatures_init();
	if (err)
		return err;
	err = tmem_swap_devices_init();
	if (err)
		goto err_signatures;
	err = tmem_write_out_init();
	if (err)
		goto err_signatures;
	err = tmem_sysfs_init();
	if (err)
		goto err_write_out;
	err = tmem_owners_init();
	if (err)
		goto err_sysfs;
	err = tmem_hibernation_init();
	if (err)
		goto err_owners;
	tmem_faults_init();
	err = tmem_swap_hooks_arm();
	if (err)
		goto err_hibernation;
	return 0;

err_hibernation:
	tmem_faults_exit();
	tmem_hibernation_exit();
err_owners:
	tmem_owners_stop();
err_sysfs:
	tmem_sysfs_exit();
	tmem_choices_exit();
	tmem_owners_idle();
	tmem_owners_exit();
err_write_out:
	tmem_write_out_exit();
err_signatures:
	tmem_signatures_exit();
	return err;
}

/*
 * Nothing is stored and nothing is lost: backends pin their modules while they hold pages, theirs pin
 * this one, and backend.c keeps it when they are gone.
 */
static void __exit tmem_exit(void)
{
	tmem_owners_stop();
	/* Before the hooks, because its readers look at the areas. */
	tmem_sysfs_exit();
	tmem_swap_hooks_disarm();
	tmem_owners_idle();
	tmem_age_exit();
	tmem_areas_exit();
	tmem_owners_exit();
	tmem_choices_exit();
	tmem_faults_exit();
	tmem_hibernation_exit();
	tmem_write_out_exit();
	tmem_signatures_exit();
}

module_init(tmem_init);
module_exit(tmem_exit);
MODULE_DESCRIPTION("Transcendent memory: frontswap and cleancache for kernels that dropped them");
MODULE_VERSION(TMEM_VERSION);
MODULE_LICENSE("GPL");
