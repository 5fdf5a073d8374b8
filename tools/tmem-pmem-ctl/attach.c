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
	if (kernel_pmem_check())
		return NULL;
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
	char path[PATH_MAX];

	if (device_kernel_path(device, path) || kernel_attach(path, device->name))
		return EXIT_FAILURE;
	tell("attached %s", device->path);
	return 0;
}

/* What came of all devices. */
struct outcome {
	int tried;
	int status;
};

/* Attach what is formatted. Asks the medium itself; the kernel will check all of it again. */
static int attach_visit(const char *name, void *data)
{
	struct outcome *outcome = data;
	struct contents contents;
	struct device device;
	struct media media;

	if (kernel_is_attached(name))
		return 0;
	if (device_find(name, &device) || media_open_read(&device, &media)) {
		outcome->status = EXIT_FAILURE;
		return 0;
	}
	contents_probe(&device, &media, &contents);
	media_close(&media);
	if (contents.kind != CONTENTS_OURS)
		return 0;
	outcome->tried++;
	if (attach_device(&device))
		outcome->status = EXIT_FAILURE;
	return 0;
}

static int attach_all(void)
{
	struct outcome outcome = { 0 };

	if (kernel_pmem_check())
		return EXIT_FAILURE;
	device_each_pmem(attach_visit, &outcome);
	if (!outcome.tried && !outcome.status)
		hint("there is nothing to attach: no device is formatted that is not attached, see \"tmem-pmem-ctl list\"");
	return outcome.status;
}

int run_attach(char **arguments)
{
	struct device device;
	int status;

	status = one_or_all("attach", attach_everything, arguments[0]);
	if (status)
		return status;
	if (attach_everything)
		return attach_all();
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
	struct outcome *outcome = data;

	outcome->tried++;
	if (detach_one(name))
		outcome->status = EXIT_FAILURE;
	return 0;
}

static int detach_all(void)
{
	struct outcome outcome = { 0 };

	if (kernel_pmem_check())
		return EXIT_FAILURE;
	kernel_each_device(detach_visit, &outcome);
	if (!outcome.tried)
		hint("there is nothing to detach: no device is attached");
	return outcome.status;
}

int run_detach(char **arguments)
{
	struct device device;
	int status;

	status = one_or_all("detach", detach_everything, arguments[0]);
	if (status)
		return status;
	if (detach_everything)
		return detach_all();
	/* what has gone already can be detached too: then only its name is left */
	if (kernel_is_attached(arguments[0]))
		return detach_one(arguments[0]);
	if (device_find(arguments[0], &device))
		return EXIT_FAILURE;
	return detach_one(device.name);
}
