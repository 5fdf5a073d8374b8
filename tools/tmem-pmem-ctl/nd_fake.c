// SPDX-License-Identifier: GPL-2.0
/*
 * Regions and namespaces for tests: one region, one namespace for each block device of the tree.
 *
 * The file class/block/NAME/namespace holds "name mode" of the namespace; without it the device
 * belongs to none. One named "whole" is all of a region without labels.
 */
#include <stdio.h>
#include <string.h>

#include "device.h"
#include "nd.h"
#include "paths.h"
#include "say.h"

int nd_each_region(int (*visit)(const struct nd_region *region, void *data), void *data)
{
	static const struct nd_region region = {
		.name = "region0", .type = "pmem", .persistence = "memory_controller",
		.bytes = 1ULL << 30, .available_bytes = 1ULL << 29, .largest_bytes = 1ULL << 28,
		.enabled = true,
	};
	char path[PATH_MAX], text[ATTR_TEXT_BYTES];

	path_sys(path, "no_regions");
	return attr_read(path, text) >= 0 ? 0 : visit(&region, data);
}

struct walk {
	int (*visit)(const struct nd_namespace *namespace, void *data);
	void *data;
};

static int walk_visit(const char *name, void *data)
{
	struct nd_namespace namespace = { .region = "region0", .map = "dev", .bytes = 1 << 28 };
	char path[PATH_MAX], text[ATTR_TEXT_BYTES];
	struct walk *walk = data;

	path_sys(path, "class/block/%s/namespace", name);
	if (attr_read(path, text) < 0 ||
	    sscanf(text, "%63s %15s", namespace.alt_name, namespace.mode) != 2)
		return 0;
	namespace.whole_region = !strcmp(namespace.alt_name, "whole");
	snprintf(namespace.name, sizeof(namespace.name), "namespace0.%s", name + strlen("pmem"));
	snprintf(namespace.block, sizeof(namespace.block), "%s", name);
	return walk->visit(&namespace, walk->data);
}

int nd_each_namespace(int (*visit)(const struct nd_namespace *namespace, void *data), void *data)
{
	struct walk walk = { visit, data };

	return device_each_pmem(walk_visit, &walk);
}

bool nd_has_room(const struct nd_request *request)
{
	return !request->region;
}

int nd_convert(const char *name, bool map_in_memory, struct nd_namespace *namespace)
{
	char path[PATH_MAX];

	(void)map_in_memory;
	path_sys(path, "class/block/pmem%s/namespace", strrchr(name, '.') + 1);
	return attr_write(path, "any fsdax\n") || nd_find(name, NULL, namespace);
}

int nd_create(const struct nd_request *request, struct nd_namespace *namespace)
{
	(void)namespace;
	return fail("there is no %s, see \"tmem-pmem-ctl list\"",
		    request->region ? request->region : "region");
}

int nd_destroy(const char *name)
{
	(void)name;
	return 0;
}
