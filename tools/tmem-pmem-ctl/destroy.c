// SPDX-License-Identifier: GPL-2.0
/*
 * The verb "destroy": the ends of the device are wiped, the namespace's capacity becomes free.
 */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "contents.h"
#include "nd.h"
#include "say.h"

static bool force;

const struct ctl_option destroy_options[] = {
	{ "force", 'f', CTL_FLAG, &force, NULL, "also if it holds something that is not ours" },
	{ 0 }
};

static int wipe(const struct device *device)
{
	struct contents contents;
	struct media media;
	int error;

	if (media_open_exclusive(device, &media))
		return EXIT_FAILURE;
	contents_probe(device, &media, &contents);
	if (contents.kind != CONTENTS_OURS && contents.kind != CONTENTS_BLANK && !force) {
		media_close(&media);
		return fail("%s holds %s, give --force to destroy it", device->path,
			    contents.text);
	}
	error = media_wipe_ends(&media);
	media_close(&media);
	if (error)
		return fail("cannot wipe %s: %s", device->path, strerror(-error));
	return 0;
}

int run_destroy(char **arguments)
{
	struct nd_namespace namespace;
	struct device device;

	if (device_find_fsdax(arguments[0], &device))
		return EXIT_FAILURE;
	if (nd_find(NULL, device.name, &namespace))
		return fail("%s belongs to no namespace, give one of \"tmem-pmem-ctl list\"",
			    device.path);
	if (use_check(&device) || wipe(&device))
		return EXIT_FAILURE;
	if (nd_destroy(namespace.name))
		return EXIT_FAILURE;
	tell("destroyed %s", namespace.name);
	return 0;
}
