// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's side: the files below /sys/kernel/mm that the modules own.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel.h"
#include "paths.h"
#include "say.h"

bool kernel_has_module(const char *name)
{
	char path[PATH_MAX];

	path_sys(path, "module/%s", name);
	return !access(path, F_OK);
}

int kernel_core_check(void)
{
	if (kernel_has_module(MODULE_CORE))
		return 0;
	return fail("the module tmem is not loaded, run \"modprobe tmem_pmem\" or \"modprobe tmem_ssd\"");
}

int kernel_pmem_check(void)
{
	if (kernel_has_module(MODULE_PMEM))
		return 0;
	return fail("the module tmem_pmem is not loaded, run \"modprobe tmem_pmem\"");
}

int kernel_ssd_check(void)
{
	if (kernel_has_module(MODULE_SSD))
		return 0;
	return fail("the module tmem_ssd is not loaded, run \"modprobe tmem_ssd\"");
}

/* What the user typed may be a path, or nothing, which is no name of a device but leads to a directory, too. */
static bool has_device(const char *module, const char *name)
{
	char path[PATH_MAX];

	path_sys(path, "kernel/mm/%s/devices/%s", module, name);
	return *name && *name != '.' && !strchr(name, '/') && !access(path, F_OK);
}

bool kernel_is_attached(const char *device_name)
{
	return has_device(MODULE_PMEM, device_name);
}

bool kernel_is_attached_ssd(const char *device_name)
{
	return has_device(MODULE_SSD, device_name);
}

int kernel_read_u64(const char *file, unsigned long long *value)
{
	char path[PATH_MAX];

	path_sys(path, "kernel/mm/%s", file);
	return attr_read_u64(path, value);
}

/* Did the last write reach the kernel? Then last_error is about it. */
static bool write_reached;

int kernel_write(const char *file, const char *text)
{
	char path[PATH_MAX];

	path_sys(path, "kernel/mm/%s", file);
	write_reached = !access(path, W_OK);
	return attr_write(path, text);
}

const char *kernel_why(int error)
{
	static char text[ATTR_TEXT_BYTES];
	char path[PATH_MAX];

	path_sys(path, "kernel/mm/tmem/last_error");
	if (!write_reached || attr_read(path, text) <= 0)
		snprintf(text, sizeof(text), "%s", strerror(-error));
	return text;
}

int kernel_attach(const char *path, const char *name)
{
	int error;

	if (kernel_pmem_check())
		return EXIT_FAILURE;
	if (kernel_is_attached(name))
		return 0;
	error = kernel_write("tmem_pmem/attach", path);
	/* udev may have been faster */
	if (error && !kernel_is_attached(name))
		return fail("cannot attach %s: %s", path, kernel_why(error));
	return 0;
}

int kernel_detach(const char *name)
{
	char file[PATH_MAX];
	int error;

	if (kernel_pmem_check())
		return EXIT_FAILURE;
	if (!kernel_is_attached(name))
		return fail("%s is not attached, see \"tmem-pmem-ctl status\"", name);
	snprintf(file, sizeof(file), "tmem_pmem/devices/%s/detach", name);
	error = kernel_write(file, "1");
	if (error && kernel_is_attached(name))
		return fail("cannot detach %s: %s", name, kernel_why(error));
	return 0;
}

int kernel_each_device(int (*visit)(const char *name, void *data), void *data)
{
	return path_each_sys("kernel/mm/tmem_pmem/devices", visit, data);
}
