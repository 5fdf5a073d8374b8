// SPDX-License-Identifier: GPL-2.0
/*
 * From what the user typed to a device that the kernel stores pages on.
 */
#include <stddef.h>

#include "attached.h"
#include "kernel.h"
#include "say.h"

const char *attached_find(const char *typed, struct device *device)
{
	if (!kernel_has_module(MODULE_PMEM)) {
		fail("the module tmem_pmem is not loaded, run \"modprobe tmem_pmem\"");
		return NULL;
	}
	if (kernel_is_attached(typed))
		return typed;
	if (device_find(typed, device))
		return NULL;
	if (kernel_is_attached(device->name))
		return device->name;
	fail("%s is not attached, see \"tmem-pmem-ctl status\"", device->name);
	return NULL;
}
