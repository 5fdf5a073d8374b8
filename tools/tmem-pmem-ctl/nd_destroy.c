// SPDX-License-Identifier: GPL-2.0
/*
 * Freeing the capacity of a namespace, through libndctl.
 */
#include <errno.h>
#include <linux/ndctl.h>
#include <ndctl/libndctl.h>
#include <string.h>

#include "media.h"
#include "nd.h"
#include "nd_fsdax.h"
#include "say.h"

/*
 * Without the information block of fsdax the capacity is raw when it is used next. The page
 * structures behind it go as well, so that it is blank.
 */
static void raw_wipe(struct ndctl_namespace *ndns)
{
	struct device device;
	struct media media;

	ndctl_namespace_set_raw_mode(ndns, 1);
	if (ndctl_namespace_enable(ndns) >= 0 &&
	    !device_find(ndctl_namespace_get_block_device(ndns), &device) &&
	    !media_open_exclusive(&device, &media)) {
		if (media_wipe_ends(&media))
			hint("cannot wipe %s in raw mode", ndctl_namespace_get_devname(ndns));
		media_close(&media);
	}
	ndctl_namespace_set_raw_mode(ndns, 0);
	ndctl_namespace_disable_invalidate(ndns);
}

int nd_destroy(const char *name)
{
	struct ndctl_namespace *ndns;
	struct ndctl_ctx *context;
	int error = -ENOENT;

	if (nd_open(&context))
		return fail("cannot start libndctl, is nd_pmem loaded?");
	ndns = nd_by_name(context, name);
	if (ndns)
		error = ndctl_namespace_disable_safe(ndns);
	if (!error) {
		ndctl_namespace_set_enforce_mode(ndns, NDCTL_NS_MODE_RAW);
		raw_wipe(ndns);
		/* one without a label cannot be deleted, it goes back to raw mode */
		if (ndctl_namespace_get_type(ndns) == ND_DEVICE_NAMESPACE_PMEM)
			error = ndctl_namespace_delete(ndns);
		else
			ndctl_namespace_enable(ndns);
	}
	ndctl_unref(context);
	if (error)
		return fail("cannot destroy %s: %s", name, strerror(error < 0 ? -error : EIO));
	return 0;
}
