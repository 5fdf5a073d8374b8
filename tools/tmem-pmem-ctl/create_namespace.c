// SPDX-License-Identifier: GPL-2.0
/*
 * The verb "create-namespace": from free capacity to an attached device in one step.
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
#include "units.h"

static struct nd_request request = { .alt_name = "tmem" };
static const char *mode = "fsdax";
static const char *map = "dev";

const struct ctl_option create_namespace_options[] = {
	{ "region", 'r', CTL_STRING, &request.region, "REGION", "where (the first one with room)" },
	{ "size", 's', CTL_SIZE, &request.bytes, "SIZE", "how much, with its unit (all that is free in one piece)" },
	{ "name", 'n', CTL_STRING, &request.alt_name, "NAME", "name of the namespace (tmem)" },
	{ "mode", 'm', CTL_STRING, &mode, "MODE", "fsdax, the only one the kernel can map" },
	{ "map", 'M', CTL_STRING, &map, "WHERE", "page structures: mem or dev (dev)" },
	{ 0 }
};

#define NODE_WAIT_ROUNDS	50
#define NODE_WAIT_US		100000

static int request_check(void)
{
	if (strcmp(mode, "fsdax"))
		fail("the mode has to be fsdax, the kernel does not map the others");
	else if (strcmp(map, "mem") && strcmp(map, "dev"))
		fail("--map takes mem or dev, not \"%s\"", map);
	else if (!request.alt_name[0] || strlen(request.alt_name) >= ND_NAME_BYTES)
		fail("the name has to have 1 to %d characters", ND_NAME_BYTES - 1);
	else
		return 0;
	return EXIT_USAGE;
}

/* devtmpfs makes the node a moment after the kernel made the device. */
static void node_wait(const char *block)
{
	char path[PATH_MAX];
	int i;

	path_dev(path, "%s", block);
	for (i = 0; i < NODE_WAIT_ROUNDS && access(path, F_OK); i++)
		usleep(NODE_WAIT_US);
}

/*
 * A region without labels has one namespace, raw until somebody changes that. It may be somebody's
 * data, so it has to be blank.
 */
static int convert_check(const struct nd_namespace *whole)
{
	struct contents contents;
	struct device device;
	struct media media;

	if (request.bytes)
		return fail("%s has no labels and cannot be divided, leave --size out",
			    whole->region);
	if (device_find(whole->block, &device) || use_check(&device) ||
	    media_open_exclusive(&device, &media))
		return EXIT_FAILURE;
	contents_probe(&device, &media, &contents);
	media_close(&media);
	if (contents.kind == CONTENTS_BLANK)
		return 0;
	return fail("%s has no labels and its namespace %s holds %s: if nobody needs that, run "
		    "\"ndctl create-namespace -f -e %s -m fsdax\"", whole->region, whole->name,
		    contents.text, whole->name);
}

static int create_or_convert(struct nd_namespace *namespace)
{
	struct nd_namespace whole;

	if (nd_has_room(&request) || nd_find_whole(request.region, &whole))
		return nd_create(&request, namespace);
	if (convert_check(&whole))
		return EXIT_FAILURE;
	return nd_convert(whole.name, request.map_in_memory, namespace);
}

int run_create_namespace(char **arguments)
{
	struct nd_namespace namespace;
	char size[SIZE_TEXT_BYTES];
	struct device device;
	const char *label;
	int status;

	(void)arguments;
	status = request_check();
	if (status)
		return status;
	request.map_in_memory = !strcmp(map, "mem");
	if (create_or_convert(&namespace))
		return EXIT_FAILURE;
	tell("created %s: %s, %s", namespace.name, namespace.block,
	     format_size(namespace.bytes, size));

	node_wait(namespace.block);
	label = tmem_super_label_ok(request.alt_name) ? request.alt_name : "tmem";
	/* what is left in capacity that was free belongs to nobody */
	if (device_find_fsdax(namespace.block, &device) ||
	    format_device(&device, &tmem_pmem_super_kind, label, FORMAT_FORCED))
		return EXIT_FAILURE;
	if (kernel_has_module(MODULE_PMEM))
		return attach_device(&device);
	hint("the module is not loaded, \"modprobe tmem_pmem\" will attach %s", device.path);
	return 0;
}
