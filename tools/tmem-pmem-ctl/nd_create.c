// SPDX-License-Identifier: GPL-2.0
/*
 * Making a namespace out of free capacity, through libndctl.
 */
#include <errno.h>
#include <limits.h>
#include <linux/ndctl.h>
#include <ndctl/libndctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uuid/uuid.h>

#include "nd.h"
#include "nd_fsdax.h"
#include "say.h"
#include "units.h"

#define NAMESPACE_MIN_BYTES	(16ULL << 20)

static unsigned long long region_room_bytes(struct ndctl_region *region)
{
	unsigned long long bytes = ndctl_region_get_max_available_extent(region);

	return bytes == ULLONG_MAX ? ndctl_region_get_available_size(region) : bytes;
}

/* A region without labels has one namespace of fixed size, which is already there. */
static bool region_divides(struct ndctl_region *region)
{
	return ndctl_region_get_nstype(region) == ND_DEVICE_NAMESPACE_PMEM;
}

static bool region_fits(struct ndctl_region *region, unsigned long long bytes)
{
	return ndctl_region_is_enabled(region) == 1 && region_divides(region) &&
	       !ndctl_region_get_ro(region) && ndctl_region_get_pfn_seed(region) &&
	       region_room_bytes(region) >= (bytes ?: NAMESPACE_MIN_BYTES);
}

/* Why the region the user named will not do. Returns 0 if it will. */
static int region_refusal(struct ndctl_region *region, unsigned long long bytes)
{
	const char *name = ndctl_region_get_devname(region);
	char room[SIZE_TEXT_BYTES];

	if (ndctl_region_is_enabled(region) != 1)
		return fail("%s is disabled, run \"ndctl enable-region %s\"", name, name);
	if (!region_divides(region))
		return fail("%s has no labels and its only namespace is not raw, free that with "
			    "\"ndctl destroy-namespace\" or run \"tmem-pmem-ctl format\"", name);
	if (ndctl_region_get_ro(region))
		return fail("%s is read-only, clear its read_only attribute first", name);
	if (!ndctl_region_get_pfn_seed(region))
		return fail("%s cannot have fsdax namespaces on this kernel", name);
	if (!region_fits(region, bytes))
		return fail("%s has only %s free in one piece, ask for less or destroy a namespace",
			    name, format_size(region_room_bytes(region), room));
	return 0;
}

/* Returns the region, or NULL after fail(). */
static struct ndctl_region *region_pick(struct ndctl_ctx *context, const struct nd_request *request)
{
	struct ndctl_region *region;
	char room[SIZE_TEXT_BYTES];
	struct ndctl_bus *bus;
	int regions = 0;

	ndctl_bus_foreach(context, bus) {
		ndctl_region_foreach(bus, region) {
			regions++;
			if (!request->region && region_fits(region, request->bytes))
				return region;
			if (request->region &&
			    !strcmp(request->region, ndctl_region_get_devname(region)))
				return region_refusal(region, request->bytes) ? NULL : region;
		}
	}
	if (request->region)
		fail("there is no %s, see \"tmem-pmem-ctl list\"", request->region);
	else if (!regions)
		fail("there is no persistent memory here, see \"tmem-pmem-ctl doctor\"");
	else
		fail("no region has %s free in one piece, see \"tmem-pmem-ctl list\"",
		     format_size(request->bytes ?: NAMESPACE_MIN_BYTES, room));
	return NULL;
}

static struct ndctl_namespace *region_idle_namespace(struct ndctl_region *region)
{
	struct ndctl_namespace *ndns;

	ndctl_namespace_foreach(region, ndns)
		if (ndctl_namespace_is_configuration_idle(ndns))
			return ndns;
	return ndctl_region_get_namespace_seed(region);
}

/*
 * The size to ask for: what the user said, which has to be aligned, or all that is free. Returns
 * 0 after fail().
 */
static unsigned long long size_pick(struct ndctl_region *region, unsigned long align,
				    unsigned long long asked)
{
	unsigned long region_align = ndctl_region_get_align(region);
	unsigned long long step = (unsigned long long)align *
				  ndctl_region_get_interleave_ways(region);
	char less[SIZE_TEXT_BYTES], more[SIZE_TEXT_BYTES];
	unsigned long long room = region_room_bytes(region);

	if (region_align != ULONG_MAX && region_align > step)
		step = region_align;
	if (!asked)
		asked = room - room % step;
	if (asked % step) {
		fail("the size on %s has to be a multiple of %s, the next one is %lluM",
		     ndctl_region_get_devname(region), format_size(step, less),
		     ((asked / step + 1) * step) >> 20);
		return 0;
	}
	if (asked < NAMESPACE_MIN_BYTES) {
		fail("%s is too small for a namespace, it takes at least %s",
		     format_size(asked, less), format_size(NAMESPACE_MIN_BYTES, more));
		return 0;
	}
	return asked;
}

/* Returns 0, or the negative errno of the step that failed, with its name in *@step. */
static int namespace_configure(struct ndctl_namespace *ndns, const struct nd_request *request,
			       unsigned long long bytes, const char **step)
{
	uuid_t uuid;

	uuid_generate(uuid);
	return nd_step(step, "its UUID", ndctl_namespace_set_uuid(ndns, uuid)) ?:
	       nd_step(step, "its name", ndctl_namespace_set_alt_name(ndns, request->alt_name)) ?:
	       nd_step(step, "its size", ndctl_namespace_set_size(ndns, bytes)) ?:
	       nd_step(step, "its sector size", ndctl_namespace_get_num_sector_sizes(ndns) <= 0 ?
		       0 : ndctl_namespace_set_sector_size(ndns, 512));
}

static int create_in(struct ndctl_ctx *context, const struct nd_request *request, char *name)
{
	unsigned long long bytes;
	struct ndctl_namespace *ndns;
	struct ndctl_region *region;
	const char *step = "";
	int error;

	region = region_pick(context, request);
	if (!region)
		return EXIT_FAILURE;
	bytes = size_pick(region, nd_fsdax_align(region), request->bytes);
	if (!bytes)
		return EXIT_FAILURE;
	ndns = region_idle_namespace(region);
	if (!ndns)
		return fail("%s has no idle namespace to configure",
			    ndctl_region_get_devname(region));

	snprintf(name, ND_NAME_BYTES, "%s", ndctl_namespace_get_devname(ndns));
	error = namespace_configure(ndns, request, bytes, &step);
	if (!error)
		error = nd_fsdax_enable(region, ndns, request->map_in_memory, &step);
	if (!error)
		return 0;
	ndctl_namespace_set_enforce_mode(ndns, NDCTL_NS_MODE_RAW);
	ndctl_namespace_delete(ndns);
	return fail("cannot set %s on %s: %s, nothing was created", step,
		    name, strerror(error < 0 ? -error : EIO));
}

bool nd_has_room(const struct nd_request *request)
{
	struct ndctl_region *region;
	struct ndctl_ctx *context;
	struct ndctl_bus *bus;
	bool found = false;

	if (nd_open(&context))
		return false;
	ndctl_bus_foreach(context, bus)
		ndctl_region_foreach(bus, region)
			if (!request->region ||
			    !strcmp(request->region, ndctl_region_get_devname(region)))
				found |= region_fits(region, request->bytes);
	ndctl_unref(context);
	return found;
}

int nd_create(const struct nd_request *request, struct nd_namespace *namespace)
{
	struct ndctl_ctx *context;
	char name[ND_NAME_BYTES];
	int status;

	if (nd_open(&context))
		return fail("cannot start libndctl, is nd_pmem loaded?");
	status = create_in(context, request, name);
	ndctl_unref(context);
	if (!status && nd_find(name, NULL, namespace))
		return fail("%s has gone again", name);
	return status;
}
