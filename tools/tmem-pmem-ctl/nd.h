/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Regions and namespaces of persistent memory, as libndctl and libdaxctl see them.
 */
#ifndef _CTL_ND_H
#define _CTL_ND_H

#include <stdbool.h>

#define ND_NAME_BYTES	64

/**
 * struct nd_region - a region: capacity that namespaces are cut from
 * @name: "region0"
 * @type: "pmem", "volatile", ...
 * @persistence: "memory_controller", "cpu_cache", "none" or "unknown"
 * @bytes: its size
 * @available_bytes: not used by a namespace
 * @largest_bytes: of that, in one piece
 * @numa_node: -1 if unknown
 * @enabled: its driver runs
 */
struct nd_region {
	char name[ND_NAME_BYTES];
	char type[16];
	char persistence[24];
	unsigned long long bytes;
	unsigned long long available_bytes;
	unsigned long long largest_bytes;
	int numa_node;
	bool enabled;
};

/**
 * struct nd_namespace - a namespace that is configured
 * @name: "namespace0.0"
 * @region: name of its region
 * @alt_name: the name its owner gave it, or ""
 * @mode: "fsdax", "devdax", "sector", "raw" or "unknown"
 * @map: where the page structures of fsdax are: "mem", "dev" or ""
 * @block: name of its block device, "" if it has none
 * @dax: name of its character device in devdax mode, or ""
 * @dax_mode: "devdax", "system-ram" or ""
 * @bytes: its size
 * @numa_node: -1 if unknown
 * @whole_region: the only one of a region without labels: always there, has no name
 */
struct nd_namespace {
	char name[ND_NAME_BYTES];
	char region[ND_NAME_BYTES];
	char alt_name[ND_NAME_BYTES];
	char mode[16];
	char map[8];
	char block[ND_NAME_BYTES];
	char dax[ND_NAME_BYTES];
	char dax_mode[16];
	unsigned long long bytes;
	int numa_node;
	bool whole_region;
};

/* Visit all, until @visit returns other than 0. Returns its last result, or negative errno. */
int nd_each_region(int (*visit)(const struct nd_region *region, void *data), void *data);
int nd_each_namespace(int (*visit)(const struct nd_namespace *namespace, void *data), void *data);

/**
 * nd_find() - find a namespace
 * @name: its name, or NULL
 * @block: name of its block device, or NULL
 * @namespace: filled on success
 *
 * Return: 0, or -ENOENT.
 */
int nd_find(const char *name, const char *block, struct nd_namespace *namespace);

/* Find the raw namespace of a region without labels; of any if @region is NULL. As nd_find(). */
int nd_find_whole(const char *region, struct nd_namespace *namespace);

/**
 * struct nd_request - a namespace to be made
 * @region: name of the region, NULL for the first one with room
 * @alt_name: name to give it
 * @bytes: its size, 0 for all that is free in one piece
 * @map_in_memory: page structures in RAM instead of on the medium
 */
struct nd_request {
	const char *region;
	const char *alt_name;
	unsigned long long bytes;
	bool map_in_memory;
};

/* Is there a region with labels and enough room? */
bool nd_has_room(const struct nd_request *request);

/* Make an fsdax namespace and enable it. Returns 0, or non-zero after fail(). */
int nd_create(const struct nd_request *request, struct nd_namespace *namespace);

/* Put a raw namespace of a region without labels into fsdax mode. As nd_create(). */
int nd_convert(const char *name, bool map_in_memory, struct nd_namespace *namespace);

/* Disable a namespace and free its capacity. Returns 0, or non-zero after fail(). */
int nd_destroy(const char *name);

#endif /* _CTL_ND_H */
