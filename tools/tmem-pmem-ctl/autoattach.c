// SPDX-License-Identifier: GPL-2.0
/*
 * The verb "autoattach", for udev and modprobe: attach what is ours, format what is meant for us.
 *
 * A namespace that its owner named "tmem" or "tmem-..." is meant for us: the name is the consent
 * to format it, but only while it is blank.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attach.h"
#include "command.h"
#include "contents.h"
#include "format.h"
#include "kernel.h"
#include "nd.h"
#include "paths.h"
#include "say.h"
#include "ssd.h"

bool autoattach_may_format(const struct nd_namespace *namespace)
{
	return !strcmp(namespace->alt_name, "tmem") || !strncmp(namespace->alt_name, "tmem-", strlen("tmem-"));
}

/* Not formatted: is it meant for us, and may it be formatted then? */
static int format_and_attach(const struct device *device, const struct contents *contents)
{
	struct nd_namespace namespace;
	const char *label;

	if (nd_find(NULL, device->name, &namespace) || strcmp(namespace.mode, "fsdax") ||
	    !autoattach_may_format(&namespace))
		return 0;
	if (contents->kind != CONTENTS_BLANK)
		return fail("%s (%s) is named %s but holds %s, so it is left alone", device->path,
			    namespace.name, namespace.alt_name, contents->text);
	label = tmem_super_label_ok(namespace.alt_name) ? namespace.alt_name : "tmem";
	if (format_device(device, &tmem_pmem_super_kind, label, FORMAT_BLANK_ONLY))
		return EXIT_FAILURE;
	return attach_device(device);
}

/* Is it persistent memory that the kernel can map? Others are none of our business. */
static bool is_candidate(const char *name)
{
	unsigned long long dax;
	char path[PATH_MAX];

	path_sys(path, "class/block/%s/partition", name);
	if (!access(path, F_OK))
		return false;
	path_sys(path, "class/block/%s/queue/dax", name);
	return !attr_read_u64(path, &dax) && dax;
}

static int autoattach_one(const char *name)
{
	struct contents contents;
	struct device device;
	struct media media;

	if (!is_candidate(name) || kernel_is_attached(name))
		return 0;
	if (device_find(name, &device) || media_open_read(&device, &media))
		return EXIT_FAILURE;
	contents_probe(&device, &media, &contents);
	media_close(&media);

	if (contents.kind == CONTENTS_OURS)
		return attach_device(&device);
	return format_and_attach(&device, &contents);
}

static int autoattach_visit(const char *name, void *data)
{
	int *status = data;

	if (autoattach_one(name))
		*status = EXIT_FAILURE;
	return 0;
}

int run_autoattach(char **arguments)
{
	const char *name = arguments[0];
	int status;

	if (name && !kernel_has_module(MODULE_PMEM))
		return 0;
	if (name)
		return autoattach_one(path_base(name));
	/* a share needs them, and nothing else may tell them on a machine without an SSD */
	status = ssd_restore_choices();
	/* without the module there is nobody to attach to, which is fine at boot */
	if (kernel_has_module(MODULE_PMEM))
		device_each_pmem(autoattach_visit, &status);
	return status;
}
