// SPDX-License-Identifier: GPL-2.0
/*
 * Finding one namespace among all.
 */
#include <errno.h>
#include <string.h>

#include "nd.h"

struct search {
	const char *name;
	const char *block;
	const char *whole_region;	/* "" for any */
	struct nd_namespace *found;
};

static int search_visit(const struct nd_namespace *namespace, void *data)
{
	struct search *search = data;

	if (search->name && strcmp(search->name, namespace->name))
		return 0;
	if (search->block && strcmp(search->block, namespace->block))
		return 0;
	if (search->whole_region && (!namespace->whole_region || strcmp(namespace->mode, "raw") ||
				     (search->whole_region[0] &&
				      strcmp(search->whole_region, namespace->region))))
		return 0;
	*search->found = *namespace;
	return 1;
}

int nd_find(const char *name, const char *block, struct nd_namespace *namespace)
{
	struct search search = { name, block, NULL, namespace };

	return nd_each_namespace(search_visit, &search) == 1 ? 0 : -ENOENT;
}

int nd_find_whole(const char *region, struct nd_namespace *namespace)
{
	struct search search = { NULL, NULL, region ?: "", namespace };

	return nd_each_namespace(search_visit, &search) == 1 ? 0 : -ENOENT;
}
