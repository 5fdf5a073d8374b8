// SPDX-License-Identifier: GPL-2.0
/*
 * The verbs "ssd enable", "ssd disable" and "ssd forget": which filesystems are cached, and remembering it.
 *
 * The kernel remembers a choice by the filesystem's UUID until the core is unloaded. The file
 * /etc/tmem/filesystems has it for later: a line for each filesystem, its UUID and "enable" or
 * "disable"; whatever begins to cache files tells the kernel again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "command.h"
#include "kernel.h"
#include "paths.h"
#include "say.h"
#include "ssd.h"
#include "units.h"
#include "uuid_file.h"

#define NO_UUID	"00000000-0000-0000-0000-000000000000"

static const struct uuid_file filesystems = {
	"tmem/filesystems", "Filesystems that tmem is to cache or not, see tmem-pmem-ctl(8)."
};

/* The kernel's name of the device of a filesystem ("sda1", "dm-3"), "" if it has none. sysfs has ! for a slash in it. */
static void device_of(const char *path, char name[PATH_MAX])
{
	char *mark, link[PATH_MAX], target[PATH_MAX];
	struct stat info;
	ssize_t length;

	*name = '\0';
	if (stat(path, &info))
		return;
	path_sys(link, "dev/block/%u:%u", major(info.st_dev), minor(info.st_dev));
	length = readlink(link, target, sizeof(target) - 1);
	if (length < 0)
		return;
	target[length] = '\0';
	strcpy(name, path_base(target));
	while ((mark = strchr(name, '!')))
		*mark = '/';
}

/* "sda1 ext4 cached UUID", and nothing else: the kernel's list may end in the middle of a line. */
static bool is_line_of(const char *line, const char *wanted, char uuid[UUID_TEXT_BYTES])
{
	char name[PATH_MAX], id[UUID_TEXT_BYTES + 1];

	if (sscanf(line, "%4095s %*s %*s %37s", name, id) != 2 || strcmp(name, wanted) || !uuid_is_whole(id))
		return false;
	strcpy(uuid, id);
	return true;
}

/* Its UUID, as the kernel knows it, NO_UUID if it has none. Returns false if the kernel does not list it. */
static bool listed(const char *path, char uuid[UUID_TEXT_BYTES])
{
	char file[PATH_MAX], text[ATTR_TEXT_BYTES], wanted[PATH_MAX];
	char *line, *state;

	device_of(path, wanted);
	path_sys(file, "kernel/mm/tmem/filesystems");
	if (!*wanted || attr_read(file, text) < 0)
		return false;
	for (line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state))
		if (is_line_of(line, wanted, uuid))
			return true;
	return false;
}

/* Returns 0 or non-zero after fail(). */
static int save(const char *uuid, const char *choice)
{
	char line[UUID_TEXT_BYTES + sizeof(" disable")];
	int error;

	snprintf(line, sizeof(line), "%s %s", uuid, choice ?: "");
	error = uuid_file_set(&filesystems, uuid, choice ? line : NULL);
	return error ? fail("cannot write /etc/%s, so the choice is not kept: %s", filesystems.name,
			    strerror(-error)) : 0;
}

static int choose(const char *path, const char *choice)
{
	char file[PATH_MAX], full[PATH_MAX], uuid[UUID_TEXT_BYTES];
	int error;

	/* A share of persistent memory caches them, too. */
	if (kernel_core_check())
		return EXIT_FAILURE;
	if (!realpath(path, full))
		return fail("there is no \"%s\", give a directory or file on the filesystem", path);
	if (strchr(full, '\n'))
		return fail("\"%s\" has a newline in it, which the kernel takes for its end: give another directory", full);
	snprintf(file, sizeof(file), "tmem/filesystems_%s", choice);
	error = kernel_write(file, full);
	if (error)
		return fail("cannot %s %s: %s", choice, full, kernel_why(error));
	tell("%sd %s", choice, full);
	if (!listed(full, uuid))
		return fail("the kernel's list of filesystems does not show that of %s (it has room for those of one page), so "
			    "this lasts until the modules are unloaded; to keep it, write its UUID and \"%s\" to /etc/%s",
			    full, choice, filesystems.name);
	if (strcmp(uuid, NO_UUID))
		return save(uuid, choice);
	hint("the filesystem has no UUID, so this lasts until it is unmounted");
	return 0;
}

int run_ssd_enable(char **arguments)
{
	return choose(arguments[0], "enable");
}

int run_ssd_disable(char **arguments)
{
	return choose(arguments[0], "disable");
}

int run_ssd_forget(char **arguments)
{
	char full[PATH_MAX], uuid[UUID_TEXT_BYTES], line[UUID_TEXT_BYTES + sizeof(" forget")];
	int error;

	if (kernel_core_check())
		return EXIT_FAILURE;
	if (!realpath(arguments[0], full))
		return fail("there is no \"%s\", give a directory or file on the filesystem", arguments[0]);
	if (!listed(full, uuid))
		return fail("the kernel does not know the filesystem of %s now, or does not list it: load tmem_ssd, or "
			    "delete its line from /etc/%s", full, filesystems.name);
	if (!strcmp(uuid, NO_UUID))
		return fail("%s: nothing was chosen that lasts, since its filesystem has no UUID", full);
	snprintf(line, sizeof(line), "%s forget", uuid);
	error = kernel_write("tmem/filesystem_choices", line);
	if (error)
		return fail("cannot forget the choice for %s: %s", full, kernel_why(error));
	tell("forgot the choice for %s", full);
	return uuid_file_has(&filesystems, uuid) ? save(uuid, NULL) : 0;
}

/* What is wrong with the file was said already. */
static bool told;

/* A line that the kernel refuses is named, the others count all the same. */
static int restore(const char *line, void *data)
{
	int error = kernel_write("tmem/filesystem_choices", line), *status = data;

	if (error)
		*status = EXIT_FAILURE;
	if (error && !told)
		fail("/etc/%s: \"%s\" was not understood: %s", filesystems.name, line, kernel_why(error));
	return 0;
}

int ssd_restore_choices(void)
{
	int status = 0, error;

	if (!kernel_has_module(MODULE_CORE))
		return 0;
	error = uuid_file_each(&filesystems, restore, &status);
	if (error && !told)
		fail("cannot read /etc/%s, so its choices do not count: %s", filesystems.name, strerror(-error));
	told = true;
	return error ? EXIT_FAILURE : status;
}
