// SPDX-License-Identifier: GPL-2.0
/*
 * The verbs "attach" and "detach": telling the kernel to use a formatted device, or to let it go.
 */
#include <stdlib.h>

#include "attach.h"
#include "command.h"
#include "contents.h"
#include "kernel.h"
#include "say.h"

static bool attach_everything, detach_everything;

const struct ctl_option attach_options[] = {
	{ "all", 'a', CTL_FLAG, &attach_everything, NULL, "every formatted device" },
	{ 0 }
};

const struct ctl_option detach_options[] = {
	{ "all", 'a', CTL_FLAG, &detach_everything, NULL, "every attached device" },
	{ 0 }
};

/* Either one device or --all. Returns 0, or non-zero after fail(). */
static int one_or_all(const char *verb, bool all, const char *argument)
{
	if (all != !!argument)
		return 0;
	fail(all ? "%s: give a device or --all, not both" : "%s: name a device or give --all", verb);
	return EXIT_USAGE;
}

const char *attached_device(const char *typed, struct device *device)
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

int attach_device(const struct device *device)
{
	if (kernel_attach(device->path, device->name))
		return EXIT_FAILURE;
	tell("attached %s", device->path);
	return 0;
}

/* Is @device formatted? Asks the medium itself; the kernel will check all of it again. */
static bool is_formatted(const struct device *device)
{
	struct contents contents;
	struct media media;

	if (media_open_read(device, &media))
		return false;
	contents_probe(device, &media, &contents);
	media_close(&media);
	return contents.kind == CONTENTS_OURS;
}

static int attach_visit(const char *name, void *data)
{
	struct device device;
	int *status = data;

	if (kernel_is_attached(name))
		return 0;
	if (device_find(name, &device) || !is_formatted(&device))
		return 0;
	if (attach_device(&device))
		*status = EXIT_FAILURE;
	return 0;
}

int run_attach(char **arguments)
{
	struct device device;
	int status;

	status = one_or_all("attach", attach_everything, arguments[0]);
	if (status)
		return status;
	if (attach_everything) {
		if (!kernel_has_module(MODULE_PMEM))
			return fail("the module tmem_pmem is not loaded, run "
				    "\"modprobe tmem_pmem\"");
		device_each_pmem(attach_visit, &status);
		return status;
	}
	if (device_find_fsdax(arguments[0], &device))
		return EXIT_FAILURE;
	return attach_device(&device);
}

static int detach_one(const char *name)
{
	if (kernel_detach(name))
		return EXIT_FAILURE;
	tell("detached %s", name);
	return 0;
}

static int detach_visit(const char *name, void *data)
{
	int *status = data;

	if (detach_one(name))
		*status = EXIT_FAILURE;
	return 0;
}

int run_detach(char **arguments)
{
	struct device device;
	int status;

	status = one_or_all("detach", detach_everything, arguments[0]);
	if (status)
		return status;
	if (detach_everything) {
		kernel_each_device(detach_visit, &status);
		return status;
	}
	/* what has gone already can be detached too: then only its name is left */
	if (kernel_is_attached(arguments[0]))
		return detach_one(arguments[0]);
	if (device_find(arguments[0], &device))
		return EXIT_FAILURE;
	return detach_one(device.name);
}
