// SPDX-License-Identifier: GPL-2.0
/*
 * Who is using a device: tmem itself, a mount, swap, or a device above it.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "contents.h"
#include "kernel.h"
#include "paths.h"
#include "say.h"

/* Is @path this device, by its number, or by its path where it has none? */
static bool is_device(const struct device *device, const char *path)
{
	struct stat info;

	if (device->number)
		return !stat(path, &info) && S_ISBLK(info.st_mode) &&
		       info.st_rdev == device->number;
	return !strcmp(path, device->path);
}

/*
 * A line of mountinfo: "36 35 98:0 /root /mountpoint options [optional fields] - type source
 * options". The number of a filesystem that has no device of its own is made up, so the source
 * is looked at too.
 */
static bool mount_matches(const struct device *device, const char *line, char *mountpoint)
{
	unsigned int major_number, minor_number;
	char source[PATH_MAX] = "";
	const char *rest;

	if (sscanf(line, "%*d %*d %u:%u %*s %4095s", &major_number, &minor_number,
		   mountpoint) != 3)
		return false;
	if (device->number && device->number == makedev(major_number, minor_number))
		return true;
	rest = strstr(line, " - ");
	return rest && sscanf(rest, " - %*s %4095s", source) == 1 && is_device(device, source);
}

static bool is_mounted(const struct device *device, char mountpoint[PATH_MAX])
{
	char path[PATH_MAX], *line = NULL;
	bool found = false;
	size_t size = 0;
	FILE *file;

	path_proc(path, "self/mountinfo");
	file = fopen(path, "re");
	if (!file)
		return false;
	while (!found && getline(&line, &size, file) > 0)
		found = mount_matches(device, line, mountpoint);
	free(line);
	fclose(file);
	return found;
}

static bool is_swap(const struct device *device)
{
	char path[PATH_MAX], *line = NULL;
	bool found = false;
	size_t size = 0;
	FILE *file;

	path_proc(path, "swaps");
	file = fopen(path, "re");
	if (!file)
		return false;
	while (!found && getline(&line, &size, file) > 0)
		found = sscanf(line, "%4095s", path) == 1 && is_device(device, path);
	free(line);
	fclose(file);
	return found;
}

static bool find_holder(const struct device *device, char holder[DEVICE_NAME_BYTES])
{
	struct dirent *entry;
	char path[PATH_MAX];
	bool found = false;
	DIR *dir;

	path_sys(path, "class/block/%s/holders", device->name);
	dir = opendir(path);
	if (!dir)
		return false;
	while (!found && (entry = readdir(dir))) {
		found = entry->d_name[0] != '.';
		snprintf(holder, DEVICE_NAME_BYTES, "%.*s", DEVICE_NAME_BYTES - 1, entry->d_name);
	}
	closedir(dir);
	return found;
}

bool use_has_holder(const struct device *device)
{
	char holder[DEVICE_NAME_BYTES];

	return find_holder(device, holder);
}

int use_check(const struct device *device)
{
	char mountpoint[PATH_MAX], holder[DEVICE_NAME_BYTES];

	if (kernel_is_attached(device->name))
		return fail("%s is attached, run \"tmem-pmem-ctl detach %s\" first", device->path,
			    device->name);
	if (kernel_is_attached_ssd(device->name))
		return fail("%s is attached, run \"tmem-pmem-ctl ssd detach %s\" first", device->path,
			    device->name);
	if (is_mounted(device, mountpoint))
		return fail("%s is mounted on %s, unmount it first", device->path, mountpoint);
	if (is_swap(device))
		return fail("%s is swap space, run \"swapoff %s\" first", device->path,
			    device->path);
	if (find_holder(device, holder))
		return fail("%s is part of %s, remove that first", device->path, holder);
	return 0;
}
