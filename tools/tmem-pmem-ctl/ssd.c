// SPDX-License-Identifier: GPL-2.0
/*
 * The verbs "ssd format", "attach", "detach" and "status": SSDs that cache clean pages of files.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../drivers/tmem_ssd/superblock.h"
#include "command.h"
#include "format.h"
#include "kernel.h"
#include "media.h"
#include "paths.h"
#include "say.h"
#include "ssd.h"
#include "sysfs_json.h"
#include "units.h"
#include "uuid_file.h"

static bool force, as_json;
static const char *label = "";

const struct ctl_option ssd_format_options[] = {
	{ "force", 'f', CTL_FLAG, &force, NULL, "overwrite what the device holds" },
	{ "label", 'l', CTL_STRING, &label, "LABEL", "name for it, at most 31 characters" },
	{ 0 }
};

const struct ctl_option ssd_status_options[] = {
	{ "json", 'j', CTL_FLAG, &as_json, NULL, "print JSON" },
	{ 0 }
};

/* The consent to attach a device by itself. A superblock alone may be that of a virtual machine, which uses it. */
static const struct uuid_file ssds = {
	"tmem/ssds", "SSDs that tmem may attach by itself, by the UUID of their superblock, see tmem-pmem-ctl(8)."
};

int ssd_is_noted(const char *uuid)
{
	return uuid_file_has(&ssds, uuid);
}

/* Returns 0 or negative errno. */
static int read_uuid(const struct device *device, char uuid[UUID_TEXT_BYTES])
{
	struct media_supers supers;
	struct tmem_super super;
	struct media media;
	int error;

	if (media_open_read(device, &media))
		return -EIO;
	media_read_supers(&media, &supers);
	error = tmem_super_choose(&tmem_ssd_super_kind, supers.copies[0], supers.copies[1], media.bytes, &super);
	media_close(&media);
	if (!error)
		format_uuid(super.uuid, uuid);
	return error;
}

/* Whoever formats or attaches it wants it attached next time, too. */
static void note(const struct device *device)
{
	char uuid[UUID_TEXT_BYTES];
	int error = read_uuid(device, uuid);

	if (!error && ssd_is_noted(uuid) != 1)
		error = uuid_file_set(&ssds, uuid, uuid);
	if (error)
		hint("cannot note %s in /etc/%s (%s), so it is not attached by itself when tmem_ssd is loaded or it appears: "
		     "run \"tmem-pmem-ctl ssd attach %s\" then", device->path, ssds.name, strerror(-error), device->path);
}

/* What had this UUID is no more. */
static void forget(const char *uuid)
{
	int error = ssd_is_noted(uuid) == 1 ? uuid_file_set(&ssds, uuid, NULL) : 0;

	if (error)
		hint("cannot delete %s, which the device had before, from /etc/%s: %s", uuid, ssds.name,
		     strerror(-error));
}

int run_ssd_format(char **arguments)
{
	char before[UUID_TEXT_BYTES];
	struct device device;
	bool had_uuid;
	int status;

	status = format_label_check(label);
	if (status)
		return status;
	if (device_find_disk(arguments[0], &device))
		return EXIT_FAILURE;
	had_uuid = force && !read_uuid(&device, before);
	status = format_device(&device, &tmem_ssd_super_kind, label,
			       force ? FORMAT_FORCED : FORMAT_BLANK_ONLY);
	if (status)
		return status;
	if (had_uuid)
		forget(before);
	note(&device);
	return 0;
}

int ssd_attach(const struct device *device, bool by_hand)
{
	char path[PATH_MAX];
	int status, error;

	if (device_kernel_path(device, path))
		return EXIT_FAILURE;
	status = ssd_restore_choices();
	error = kernel_write("tmem_ssd/attach", path);
	if (error)
		return fail("cannot attach %s: %s", device->path, kernel_why(error));
	tell("attached %s", device->path);
	if (by_hand)
		note(device);
	/* again, since what is above dm-crypt can be enabled only with an SSD that is encrypted */
	return status | ssd_restore_choices();
}

int run_ssd_attach(char **arguments)
{
	struct device device;

	if (kernel_ssd_check() || device_find_disk(arguments[0], &device))
		return EXIT_FAILURE;
	return ssd_attach(&device, true);
}

int run_ssd_detach(char **arguments)
{
	/* The kernel's name is the last part of a path that is not a link. */
	const char *name = path_base(arguments[0]);
	struct device device;
	char file[PATH_MAX];
	int error;

	if (kernel_ssd_check())
		return EXIT_FAILURE;
	/* A disk that was pulled out has no node any more, and can be detached all the same. */
	if (!kernel_is_attached_ssd(name)) {
		if (device_find_disk(arguments[0], &device))
			return EXIT_FAILURE;
		name = device.name;
	}
	if (!kernel_is_attached_ssd(name))
		return fail("%s is not attached, see \"tmem-pmem-ctl ssd status\"", name);
	snprintf(file, sizeof(file), "tmem_ssd/devices/%s/detach", name);
	error = kernel_write(file, "1");
	if (error && kernel_is_attached_ssd(name))
		return fail("cannot detach %s: %s", name, kernel_why(error));
	tell("detached %s", name);
	return 0;
}

static int add_device(const char *name, void *array)
{
	struct json_object *device;
	char directory[PATH_MAX];

	snprintf(directory, sizeof(directory), "tmem_ssd/devices/%s", name);
	device = sysfs_directory(directory);
	json_object_object_add(device, "device", json_text(name));
	snprintf(directory, sizeof(directory), "tmem_ssd/devices/%s/stats", name);
	json_object_object_add(device, "stats", sysfs_directory(directory));
	json_object_array_add(array, device);
	return 0;
}

struct json_object *ssd_devices(void)
{
	struct json_object *array = json_object_new_array();

	path_each_sys("kernel/mm/tmem_ssd/devices", add_device, array);
	return array;
}

int run_ssd_status(char **arguments)
{
	struct json_object *object;

	(void)arguments;
	if (kernel_ssd_check())
		return EXIT_FAILURE;
	object = sysfs_directory("tmem_ssd");
	json_object_object_add(object, "refused", sysfs_directory("tmem_ssd/refused"));
	json_object_object_add(object, "clean_stats", sysfs_directory("tmem/clean_stats"));
	json_object_object_add(object, "clean_refused", sysfs_directory("tmem/clean_refused"));
	json_object_object_add(object, "filesystems", sysfs_lines("tmem/filesystems"));
	json_object_object_add(object, "devices", ssd_devices());
	print_object(object, as_json);
	return 0;
}
