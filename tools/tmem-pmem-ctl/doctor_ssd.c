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

/* What to do about a filesystem that is not cached, NULL if nothing can or need be done. */
static const char *advice(const char *state)
{
	static const struct {
		const char *state, *advice;
	} known[] = {
		{ "not_rotational", "its disk does not rotate; \"tmem-pmem-ctl ssd enable\" if it is slow all the same" },
		{ "removable", "its medium can be removed; \"tmem-pmem-ctl ssd enable\" if it stays where it is" },
		{ "stacked", "it is not directly on a disk; \"tmem-pmem-ctl ssd enable\" if it may be cached" },
		{ "crypt", "it is encrypted below and no SSD is; attach one, with tmem_ssd loaded without encrypt=0, then \"tmem-pmem-ctl ssd enable\"" },
		{ "no_memory", "memory ran out; \"tmem-pmem-ctl ssd enable\" begins again" },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(state, known[i].state))
			return known[i].advice;
	return NULL;
}

static void check_filesystems(void)
{
	char path[PATH_MAX], text[ATTR_TEXT_BYTES], name[64], type[64], state[64];
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
		} else if (advice(state)) {
			report(FINDING_OK, "filesystem", "%s (%s) is not cached: %s", name, type,
			       advice(state));
		}
	}
	if (!cached)
		report(FINDING_WARN, "filesystem", "no filesystem that was read is cached: ext4 and xfs on "
		       "spinning disks are by themselves, others after \"tmem-pmem-ctl ssd enable\"");
}

void doctor_ssd(void)
{
	if (!kernel_has_module(MODULE_SSD))
		return;
	check_devices();
	check_filesystems();
}
