// SPDX-License-Identifier: GPL-2.0
/*
 * The verb "ssd autoattach", for udev and modprobe: choices made earlier, and SSDs that are formatted.
 *
 * A superblock alone is no consent: a disk of a virtual machine may have it, which was formatted there and is
 * attached there. /etc/tmem/ssds has what was formatted or attached here.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../drivers/tmem_ssd/superblock.h"
#include "command.h"
#include "contents.h"
#include "kernel.h"
#include "paths.h"
#include "say.h"
#include "ssd.h"
#include "units.h"

/* Some have no node, or no medium. */
static bool can_open(const char *name)
{
	char path[PATH_MAX];
	int fd;

	device_node(name, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* What holds no cache, or must not be opened just to look: it would load a medium or a driver. */
static bool is_candidate(const char *name)
{
	static const char *const others[] = { "loop", "ram", "zram", "sr", "fd", "nbd", "pmem" };
	unsigned long long sectors;
	char path[PATH_MAX];
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (!strncmp(name, others[i], strlen(others[i])))
			return false;
	path_sys(path, "class/block/%s/size", name);
	return !attr_read_u64(path, &sectors) && sectors && can_open(name);
}

/* The device is ours, and nothing else is known to be on it or to stand on it. */
static bool is_ours(const struct device *device, char uuid[UUID_TEXT_BYTES])
{
	struct contents contents = { .kind = CONTENTS_FOREIGN };
	struct media_supers supers;
	struct tmem_super super;
	struct media media;

	if (use_has_holder(device) || media_open_read(device, &media))
		return false;
	media_read_supers(&media, &supers);
	if (!tmem_super_choose(&tmem_ssd_super_kind, supers.copies[0], supers.copies[1],
			       media.bytes, &super))
		contents_probe(device, &media, &contents);
	media_close(&media);
	format_uuid(contents.super.uuid, uuid);
	return contents.kind == CONTENTS_SSD;
}

/* modprobe runs it for all devices, once; udev for one after the other, which is no occasion to say what is left alone. */
static bool for_all;

/* Nobody has formatted or attached it here. @error: why that is not known, or 0. */
static int leave_alone(const struct device *device, int error)
{
	if (!for_all)
		return 0;
	if (error)
		return fail("cannot read /etc/tmem/ssds, so %s is left alone: %s", device->path, strerror(-error));
	hint("%s holds the superblock of a page-cache SSD that this machine has not used, so it is left alone: run "
	     "\"tmem-pmem-ctl ssd attach %s\" if nobody else uses it", device->path, device->path);
	return 0;
}

static int autoattach_one(const char *name)
{
	char uuid[UUID_TEXT_BYTES];
	struct device device;
	int noted;

	if (!is_candidate(name) || kernel_is_attached_ssd(name))
		return 0;
	if (device_find(name, &device))
		return EXIT_FAILURE;
	if (!is_ours(&device, uuid))
		return 0;
	noted = ssd_is_noted(uuid);
	return noted > 0 ? ssd_attach(&device, false) : leave_alone(&device, noted);
}

/* udev gives "/dev/cciss/c0d0" for what the kernel calls "cciss!c0d0". */
static int autoattach_typed(const char *typed)
{
	char *slash, name[NAME_MAX + 1];

	if (!strncmp(typed, "/dev/", strlen("/dev/")))
		typed += strlen("/dev/");
	snprintf(name, sizeof(name), "%s", typed);
	while ((slash = strchr(name, '/')))
		*slash = '!';
	return autoattach_one(name);
}

static int autoattach_visit(const char *name, void *data)
{
	int *status = data;

	if (autoattach_one(name))
		*status = EXIT_FAILURE;
	return 0;
}

int run_ssd_autoattach(char **arguments)
{
	const char *name = arguments[0];
	int status;

	if (name && !kernel_has_module(MODULE_SSD))
		return 0;
	if (name)
		return autoattach_typed(name);
	for_all = true;
	status = ssd_restore_choices();
	/* without the module there is nobody to attach to, which is fine at boot */
	if (kernel_has_module(MODULE_SSD))
		path_each_sys("class/block", autoattach_visit, &status);
	return status;
}
