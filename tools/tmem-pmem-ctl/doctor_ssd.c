// SPDX-License-Identifier: GPL-2.0
/*
 * The doctor's questions about the cache of files' pages: its SSDs, and the filesystems before it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "kernel.h"
#include "paths.h"
#include "units.h"

/* The kernel has its settings in the directory of the disk, which is the partition's parent. */
static bool rotates(const char *name)
{
	unsigned long long rotational;
	char path[PATH_MAX];

	path_sys(path, "class/block/%s/queue/rotational", name);
	if (!attr_read_u64(path, &rotational))
		return rotational;
	path_sys(path, "class/block/%s/../queue/rotational", name);
	return !attr_read_u64(path, &rotational) && rotational;
}

static void check_device(const char *name)
{
	unsigned long long segments = 0;
	char file[PATH_MAX], size[SIZE_TEXT_BYTES];

	snprintf(file, sizeof(file), "tmem_ssd/devices/%s/segments", name);
	kernel_read_u64(file, &segments);
	if (rotates(name))
		report(FINDING_WARN, "ssd", "%s is a rotating disk, or says so, and a cache there gains "
		       "nothing: format an SSD instead", name);
	else
		report(FINDING_OK, "ssd", "%s caches up to %s", name,
		       format_size(segments << 20, size));
}

static int visit_device(const char *name, void *data)
{
	bool *found = data;

	check_device(name);
	*found = true;
	return 0;
}

static void check_devices(void)
{
	bool found = false;

	path_each_sys("kernel/mm/tmem_ssd/devices", visit_device, &found);
	if (!found)
		report(FINDING_WARN, "ssd", "tmem_ssd is loaded but has no SSD, run \"tmem-pmem-ctl ssd "
		       "format DEVICE\" and \"tmem-pmem-ctl ssd attach DEVICE\"");
}

/* Why a filesystem is not cached, and what to do about it. What is not here is as it should be, or cannot be helped. */
struct verdict {
	const char *state, *advice;
	enum finding finding;
};

static const struct verdict *verdict_of(const char *state)
{
	static const struct verdict known[] = {
		{ "not_rotational", "its disk does not rotate; \"tmem-pmem-ctl ssd enable\" if it is slow all the same", FINDING_OK },
		{ "removable", "its medium can be removed; \"tmem-pmem-ctl ssd enable\" if it stays where it is", FINDING_OK },
		{ "stacked", "it is not directly on a disk; \"tmem-pmem-ctl ssd enable\" if it may be cached", FINDING_OK },
		{ "crypt", "it is encrypted below, and neither an SSD nor a share is; load tmem_ssd or tmem_pmem without encrypt=0, then \"tmem-pmem-ctl ssd enable\"", FINDING_OK },
		{ "no_memory", "memory ran out; \"tmem-pmem-ctl ssd enable\" begins again", FINDING_OK },
		{ "inline_data", "it has inline_data, or is mounted with sb=, and neither is ever cached; do without, or leave it", FINDING_OK },
		{ "errors", "something went wrong with it, see the kernel log; unmount it, run e2fsck if it is ext4, and mount it again", FINDING_WARN },
		{ "unwatched", "functions of ext4 could not be taken over, see the kernel log; remove a live patch that has one, and load the modules anew", FINDING_WARN },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(state, known[i].state))
			return &known[i];
	return NULL;
}

static int visit_share(const char *name, void *data)
{
	unsigned long long percent = 0;
	char file[PATH_MAX];
	bool *found = data;

	snprintf(file, sizeof(file), "tmem_pmem/devices/%s/clean_percent", name);
	*found |= !kernel_read_u64(file, &percent) && percent;
	return 0;
}

/* Is there anything that keeps pages of files? */
static bool has_cache(void)
{
	bool found = kernel_has_module(MODULE_SSD);

	kernel_each_device(visit_share, &found);
	return found;
}

static void check_filesystems(void)
{
	char path[PATH_MAX], text[ATTR_TEXT_BYTES], name[64], type[64], state[64];
	const struct verdict *verdict;
	char *line, *rest;
	int cached = 0;

	path_sys(path, "kernel/mm/tmem/filesystems");
	if (attr_read(path, text) < 0)
		return;
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (sscanf(line, "%63s %63s %63s", name, type, state) != 3)
			continue;
		if (!strcmp(state, "cached")) {
			report(FINDING_OK, "filesystem", "%s (%s) is cached", name, type);
			cached++;
			continue;
		}
		verdict = verdict_of(state);
		if (verdict)
			report(verdict->finding, "filesystem", "%s (%s) is not cached: %s", name, type,
			       verdict->advice);
	}
	if (!cached && has_cache())
		report(FINDING_WARN, "filesystem", "no filesystem that was read is cached: ext4 and xfs on "
		       "spinning disks are by themselves, others after \"tmem-pmem-ctl ssd enable\"");
}

void doctor_ssd(void)
{
	if (kernel_has_module(MODULE_SSD))
		check_devices();
	if (kernel_has_module(MODULE_CORE))
		check_filesystems();
}
