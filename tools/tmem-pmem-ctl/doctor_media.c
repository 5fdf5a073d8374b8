// SPDX-License-Identifier: GPL-2.0
/*
 * The doctor's questions about persistent memory: what there is and in which mode it is.
 */
#include <libpmem.h>
#include <string.h>

#include "attach.h"
#include "contents.h"
#include "doctor.h"
#include "kernel.h"
#include "nd.h"
#include "units.h"

struct survey {
	int regions;
	int usable;
	int raw;
	unsigned long long free_bytes;
};

static int region_visit(const struct nd_region *region, void *data)
{
	struct survey *survey = data;

	survey->regions++;
	if (region->largest_bytes > survey->free_bytes)
		survey->free_bytes = region->largest_bytes;
	if (!region->enabled)
		report(FINDING_WARN, "region", "%s is disabled, run \"ndctl enable-region %s\"",
		       region->name, region->name);
	return 0;
}

static void report_unusable(const struct nd_namespace *namespace)
{
	if (!strcmp(namespace->dax_mode, "system-ram"))
		report(FINDING_WARN, "namespace", "%s is ordinary memory (%s in system-ram mode), tmem "
		       "cannot use it: run \"daxctl reconfigure-device -m devdax -f %s\" and put it into "
		       "fsdax mode", namespace->name, namespace->dax, namespace->dax);
	else if (namespace->whole_region && !strcmp(namespace->mode, "raw"))
		report(FINDING_WARN, "namespace", "%s is raw, \"tmem-pmem-ctl create-namespace -r %s\" takes "
		       "it if it is blank", namespace->name, namespace->region);
	else
		report(FINDING_WARN, "namespace", "%s is in %s mode, tmem cannot use it: if nothing else "
		       "does, run \"ndctl create-namespace -f -e %s -m fsdax\"", namespace->name,
		       namespace->mode, namespace->name);
}

/* It could store pages, but will not by itself: says so, and what to do. */
static bool is_idle(const struct nd_namespace *namespace)
{
	bool loaded = kernel_has_module(MODULE_PMEM);
	const char *block = namespace->block;
	struct contents contents;
	struct device device;
	struct media media;

	if (device_find(block, &device) || media_open_read(&device, &media)) {
		report(FINDING_WARN, "namespace", "%s cannot be read, see the kernel log", block);
		return true;
	}
	contents_probe(&device, &media, &contents);
	media_close(&media);
	if (contents.kind == CONTENTS_OURS && loaded)
		report(FINDING_WARN, "namespace", "%s is formatted, not attached: run \"tmem-pmem-ctl attach %s\"",
		       block, block);
	else if (contents.kind == CONTENTS_BLANK && loaded)
		report(FINDING_WARN, "namespace", "%s is blank and not formatted: run \"tmem-pmem-ctl format %s\", "
		       "then \"tmem-pmem-ctl attach %s\"", block, block, block);
	else if (contents.kind == CONTENTS_BLANK && !autoattach_may_format(namespace))
		report(FINDING_WARN, "namespace", "%s is blank and not formatted: run \"tmem-pmem-ctl format %s\", "
		       "then \"modprobe tmem_pmem\"", block, block);
	else
		return false;
	return true;
}

static int namespace_visit(const struct nd_namespace *namespace, void *data)
{
	struct survey *survey = data;
	char size[SIZE_TEXT_BYTES];

	if (strcmp(namespace->mode, "fsdax")) {
		survey->raw += namespace->whole_region;
		report_unusable(namespace);
		return 0;
	}
	if (!namespace->block[0]) {
		report(FINDING_WARN, "namespace", "%s is disabled, run \"ndctl enable-namespace %s\"",
		       namespace->name, namespace->name);
		return 0;
	}
	survey->usable++;
	if (kernel_is_attached(namespace->block) || !is_idle(namespace))
		report(FINDING_OK, "namespace", "%s has %s on %s%s", namespace->name,
		       format_size(namespace->bytes, size), namespace->block,
		       kernel_is_attached(namespace->block) ? ", attached" : "");
	return 0;
}

/* Stored pages are void after a reboot, so this matters to others who use the medium. */
static void check_flush(void)
{
	int automatic = pmem_has_auto_flush();

	if (automatic == 1)
		report(FINDING_OK, "flush", "the platform flushes CPU caches to the medium on power loss");
	else if (!automatic)
		report(FINDING_OK, "flush", "CPU caches are lost with the power, which is fine: only "
		       "superblocks have to last, and they are flushed");
	else
		report(FINDING_OK, "flush", "nobody knows whether CPU caches survive a power loss, which "
		       "is fine: only superblocks have to last, and they are flushed");
}

void doctor_media(void)
{
	struct survey survey = { 0 };
	char size[SIZE_TEXT_BYTES];

	nd_each_region(region_visit, &survey);
	if (!survey.regions && kernel_has_module(MODULE_SSD)) {
		report(FINDING_OK, "region", "there is no persistent memory here, so swap stays as it is");
		return;
	}
	if (!survey.regions) {
		report(doctor_has_module(MODULE_SSD) ? FINDING_WARN : FINDING_FAIL, "region",
		       "there is no persistent memory here: install it, or "
		       "emulate it with memmap=SIZE!START on the kernel's command line%s",
		       doctor_has_module(MODULE_SSD) ? "; an SSD that caches files needs none, run \"modprobe tmem_ssd\"" : "");
		return;
	}
	nd_each_namespace(namespace_visit, &survey);
	if (!survey.usable && survey.free_bytes)
		report(FINDING_WARN, "namespace", "there is no fsdax namespace, run \"tmem-pmem-ctl "
		       "create-namespace\" for one of up to %s", format_size(survey.free_bytes, size));
	else if (!survey.usable && !survey.raw)
		report(FINDING_FAIL, "namespace", "there is no fsdax namespace and no room for one, free a "
		       "namespace with \"ndctl destroy-namespace\"");
	check_flush();
}
