// SPDX-License-Identifier: GPL-2.0
/*
 * Regions and namespaces of persistent memory, as libndctl and libdaxctl see them.
 */
#include <daxctl/libdaxctl.h>
#include <errno.h>
#include <limits.h>
#include <linux/ndctl.h>
#include <ndctl/libndctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nd.h"
#include "nd_fsdax.h"

#define SET_TEXT(field, text) snprintf(field, sizeof(field), "%s", (text) ?: "")

int nd_open(struct ndctl_ctx **context)
{
	/* milliseconds; 0 would be for ever */
	setenv("NDCTL_TIMEOUT", "1", 0);
	return ndctl_new(context);
}

static const char *persistence_name(struct ndctl_region *region)
{
	switch (ndctl_region_get_persistence_domain(region)) {
	case PERSISTENCE_CPU_CACHE:
		return "cpu_cache";
	case PERSISTENCE_MEM_CTRL:
		return "memory_controller";
	case PERSISTENCE_NONE:
		return "none";
	default:
		return "unknown";
	}
}

static void region_info(struct ndctl_region *region, struct nd_region *info)
{
	memset(info, 0, sizeof(*info));
	SET_TEXT(info->name, ndctl_region_get_devname(region));
	SET_TEXT(info->type, ndctl_region_get_type_name(region));
	SET_TEXT(info->persistence, persistence_name(region));
	info->bytes = ndctl_region_get_size(region);
	info->available_bytes = ndctl_region_get_available_size(region);
	info->largest_bytes = ndctl_region_get_max_available_extent(region);
	if (info->largest_bytes == ULLONG_MAX)
		info->largest_bytes = info->available_bytes;
	info->numa_node = ndctl_region_get_numa_node(region);
	info->enabled = ndctl_region_is_enabled(region) == 1;
}

static const char *mode_name(struct ndctl_namespace *ndns)
{
	switch (ndctl_namespace_get_mode(ndns)) {
	case NDCTL_NS_MODE_FSDAX:
		return "fsdax";
	case NDCTL_NS_MODE_DEVDAX:
		return "devdax";
	case NDCTL_NS_MODE_SECTOR:
		return "sector";
	case NDCTL_NS_MODE_RAW:
		return "raw";
	default:
		return "unknown";
	}
}

/* What a namespace in devdax mode is used as; its first device is enough to tell. */
static void dax_info(struct ndctl_dax *dax, struct nd_namespace *info)
{
	struct daxctl_region *region = ndctl_dax_get_daxctl_region(dax);
	struct daxctl_dev *dev = region ? daxctl_dev_get_first(region) : NULL;

	if (!dev)
		return;
	SET_TEXT(info->dax, daxctl_dev_get_devname(dev));
	SET_TEXT(info->dax_mode, daxctl_dev_get_memory(dev) ? "system-ram" : "devdax");
}

static void namespace_info(struct ndctl_namespace *ndns, struct nd_namespace *info)
{
	struct ndctl_pfn *pfn = ndctl_namespace_get_pfn(ndns);
	struct ndctl_btt *btt = ndctl_namespace_get_btt(ndns);
	struct ndctl_dax *dax = ndctl_namespace_get_dax(ndns);

	memset(info, 0, sizeof(*info));
	SET_TEXT(info->name, ndctl_namespace_get_devname(ndns));
	SET_TEXT(info->region, ndctl_region_get_devname(ndctl_namespace_get_region(ndns)));
	SET_TEXT(info->alt_name, ndctl_namespace_get_alt_name(ndns));
	SET_TEXT(info->mode, mode_name(ndns));
	info->bytes = ndctl_namespace_get_size(ndns);
	info->numa_node = ndctl_namespace_get_numa_node(ndns);
	info->whole_region = ndctl_namespace_get_type(ndns) == ND_DEVICE_NAMESPACE_IO;
	if (pfn) {
		info->bytes = ndctl_pfn_get_size(pfn);
		SET_TEXT(info->block, ndctl_pfn_get_block_device(pfn));
		SET_TEXT(info->map,
			 ndctl_pfn_get_location(pfn) == NDCTL_PFN_LOC_RAM ? "mem" : "dev");
	} else if (btt) {
		info->bytes = ndctl_btt_get_size(btt);
		SET_TEXT(info->block, ndctl_btt_get_block_device(btt));
	} else if (dax) {
		info->bytes = ndctl_dax_get_size(dax);
		dax_info(dax, info);
	} else {
		SET_TEXT(info->block, ndctl_namespace_get_block_device(ndns));
	}
}

int nd_each_region(int (*visit)(const struct nd_region *region, void *data), void *data)
{
	struct ndctl_region *region;
	struct ndctl_ctx *context;
	struct nd_region info;
	struct ndctl_bus *bus;
	int result;

	result = nd_open(&context);
	if (result)
		return result;
	ndctl_bus_foreach(context, bus) {
		ndctl_region_foreach(bus, region) {
			region_info(region, &info);
			result = visit(&info, data);
			if (result)
				goto out;
		}
	}
out:
	ndctl_unref(context);
	return result;
}

int nd_each_namespace(int (*visit)(const struct nd_namespace *namespace, void *data), void *data)
{
	struct ndctl_namespace *ndns;
	struct ndctl_region *region;
	struct ndctl_ctx *context;
	struct nd_namespace info;
	struct ndctl_bus *bus;
	int result;

	result = nd_open(&context);
	if (result)
		return result;
	ndctl_bus_foreach(context, bus) {
		ndctl_region_foreach(bus, region) {
			ndctl_namespace_foreach(region, ndns) {
				/* the seed of the next namespace has no size yet */
				if (!ndctl_namespace_get_size(ndns))
					continue;
				namespace_info(ndns, &info);
				result = visit(&info, data);
				if (result)
					goto out;
			}
		}
	}
out:
	ndctl_unref(context);
	return result;
}
