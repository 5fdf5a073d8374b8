// SPDX-License-Identifier: GPL-2.0
/*
 * Putting a namespace into fsdax mode, through libndctl.
 */
#include <errno.h>
#include <linux/ndctl.h>
#include <ndctl/libndctl.h>
#include <string.h>
#include <uuid/uuid.h>

#include "nd.h"
#include "nd_fsdax.h"
#include "say.h"

#define ALIGN_DEFAULT_BYTES	(2UL << 20)

unsigned long nd_fsdax_align(struct ndctl_region *region)
{
	struct ndctl_pfn *pfn = ndctl_region_get_pfn_seed(region);

	return ndctl_pfn_has_align(pfn) ? ndctl_pfn_get_align(pfn) : ALIGN_DEFAULT_BYTES;
}

int nd_fsdax_enable(struct ndctl_region *region, struct ndctl_namespace *ndns, bool map_in_memory,
		    const char **step)
{
	enum ndctl_pfn_loc location = map_in_memory ? NDCTL_PFN_LOC_RAM : NDCTL_PFN_LOC_PMEM;
	struct ndctl_pfn *pfn = ndctl_region_get_pfn_seed(region);
	uuid_t uuid;
	int error;

	/* keeps other kernels and tools from using it raw; not all kernels have it */
	ndctl_namespace_set_enforce_mode(ndns, NDCTL_NS_MODE_FSDAX);
	uuid_generate(uuid);
	error = nd_step(step, "the UUID of fsdax", ndctl_pfn_set_uuid(pfn, uuid)) ?:
		nd_step(step, "the place of the page map", ndctl_pfn_set_location(pfn, location)) ?:
		nd_step(step, "the alignment", !ndctl_pfn_has_align(pfn) ? 0 :
			ndctl_pfn_set_align(pfn, nd_fsdax_align(region))) ?:
		nd_step(step, "the namespace of fsdax", ndctl_pfn_set_namespace(pfn, ndns));
	if (error)
		return error;
	error = nd_step(step, "fsdax mode", ndctl_pfn_enable(pfn));
	if (error)
		ndctl_pfn_set_namespace(pfn, NULL);
	return error;
}

struct ndctl_namespace *nd_by_name(struct ndctl_ctx *context, const char *name)
{
	struct ndctl_namespace *ndns;
	struct ndctl_region *region;
	struct ndctl_bus *bus;

	ndctl_bus_foreach(context, bus)
		ndctl_region_foreach(bus, region)
			ndctl_namespace_foreach(region, ndns)
				if (!strcmp(ndctl_namespace_get_devname(ndns), name))
					return ndns;
	return NULL;
}

static int convert(struct ndctl_namespace *ndns, bool map_in_memory)
{
	struct ndctl_region *region = ndctl_namespace_get_region(ndns);
	const char *name = ndctl_namespace_get_devname(ndns);
	const char *step = "raw mode aside";
	int error;

	if (!ndctl_region_get_pfn_seed(region))
		return fail("%s cannot have fsdax namespaces on this kernel",
			    ndctl_region_get_devname(region));
	error = ndctl_namespace_disable_safe(ndns);
	if (!error)
		error = nd_fsdax_enable(region, ndns, map_in_memory, &step);
	if (!error)
		return 0;
	ndctl_namespace_set_enforce_mode(ndns, NDCTL_NS_MODE_RAW);
	ndctl_namespace_enable(ndns);
	return fail("cannot set %s on %s: %s, it is in raw mode as before", step, name,
		    strerror(error < 0 ? -error : EIO));
}

int nd_convert(const char *name, bool map_in_memory, struct nd_namespace *namespace)
{
	struct ndctl_namespace *ndns;
	struct ndctl_ctx *context;
	int status;

	if (nd_open(&context))
		return fail("cannot start libndctl, is nd_pmem loaded?");
	ndns = nd_by_name(context, name);
	status = ndns ? convert(ndns, map_in_memory) : fail("%s has gone", name);
	ndctl_unref(context);
	if (!status && nd_find(name, NULL, namespace))
		return fail("%s has gone again", name);
	return status;
}
