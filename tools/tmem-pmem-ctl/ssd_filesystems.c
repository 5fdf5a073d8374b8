// SPDX-License-Identifier: GPL-2.0
/*
 * The verbs "ssd enable", "ssd disable" and "ssd forget": which filesystems are cached, and remembering it.
 *
 * The kernel remembers a choice by the filesystem's UUID until the core is unloaded. The file
 * /etc/tmem/filesystems has it for later: a line for each filesystem, its UUID and "enable" or
 * "disable"; "ssd autoattach" tells the kernel again.
 */
#include <errno.h>
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

#define NO_UUID	"00000000-0000-0000-0000-000000000000"

/* The kernel's name of the device of a filesystem ("sda1", "dm-3"), "" if it has none. */
static void device_of(const char *path, char name[PATH_MAX])
{
	char link[PATH_MAX], target[PATH_MAX];
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
}

/* Its UUID, as the kernel knows it, NO_UUID if it has none. Returns false if the kernel has not seen it. */
static bool listed(const char *path, char uuid[UUID_TEXT_BYTES])
{
	char file[PATH_MAX], text[ATTR_TEXT_BYTES], wanted[PATH_MAX], name[PATH_MAX];
	char *line, *state;

	device_of(path, wanted);
	path_sys(file, "kernel/mm/tmem/filesystems");
	if (!*wanted || attr_read(file, text) < 0)
		return false;
	for (line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state))
		if (sscanf(line, "%4095s %*s %*s %36s", name, uuid) == 2 && !strcmp(name, wanted))
			return true;
	return false;
}

static bool uuid_of(const char *path, char uuid[UUID_TEXT_BYTES])
{
	return listed(path, uuid) && strcmp(uuid, NO_UUID);
}

/* Copy the lines that are not about @uuid, then its new one, if @choice is not NULL. */
static bool rewrite(FILE *old, FILE *new, const char *uuid, const char *choice)
{
	char *line = NULL;
	size_t size = 0;

	if (!old)
		fputs("# Filesystems that tmem_ssd is to cache or not, see tmem-pmem-ctl(8).\n", new);
	while (old && getline(&line, &size, old) > 0)
		if (strncmp(line, uuid, strlen(uuid)))
			fputs(line, new);
	free(line);
	if (choice)
		fprintf(new, "%s %s\n", uuid, choice);
	return !fflush(new) && !fsync(fileno(new));
}

/* Returns 0 or non-zero after fail(). */
static int save(const char *uuid, const char *choice)
{
	char directory[PATH_MAX], path[PATH_MAX], fresh[PATH_MAX];
	FILE *old, *new;
	bool done;

	path_etc(directory, "tmem");
	path_etc(path, "tmem/filesystems");
	path_etc(fresh, "tmem/filesystems.new");
	if (mkdir(directory, 0755) && errno != EEXIST)
		return fail("cannot make %s, so the choice is not kept: %s", directory,
			    strerror(errno));
	new = fopen(fresh, "we");
	if (!new)
		return fail("cannot write %s, so the choice is not kept: %s", fresh, strerror(errno));
	old = fopen(path, "re");
	done = rewrite(old, new, uuid, choice);
	if (old)
		fclose(old);
	done = !fclose(new) && done && !rename(fresh, path);
	return done ? 0 : fail("cannot write %s, so the choice is not kept", path);
}

static int choose(const char *path, const char *choice)
{
	char file[PATH_MAX], full[PATH_MAX], uuid[UUID_TEXT_BYTES];
	int error;

	/* A share of persistent memory caches them, too. */
	if (!kernel_has_module(MODULE_CORE) && ssd_module_check())
		return EXIT_FAILURE;
	if (!realpath(path, full))
		return fail("there is no %s, give a directory or file on the filesystem", path);
	snprintf(file, sizeof(file), "tmem/filesystems_%s", choice);
	error = kernel_write(file, full);
	if (error)
		return fail("cannot %s %s: %s", choice, full, kernel_why(error));
	tell("%sd %s", choice, full);
	if (uuid_of(full, uuid))
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
	char full[PATH_MAX], path[PATH_MAX], uuid[UUID_TEXT_BYTES], line[UUID_TEXT_BYTES + sizeof(" forget")];
	int error;

	if (!kernel_has_module(MODULE_CORE) && ssd_module_check())
		return EXIT_FAILURE;
	if (!realpath(arguments[0], full))
		return fail("there is no %s, give a directory or file on the filesystem", arguments[0]);
	if (!listed(full, uuid))
		return fail("the kernel does not know the filesystem of %s now: load tmem_ssd, or delete its line from "
			    "/etc/tmem/filesystems", full);
	if (!strcmp(uuid, NO_UUID))
		return fail("%s: nothing was chosen that lasts, since its filesystem has no UUID", full);
	snprintf(line, sizeof(line), "%s forget", uuid);
	error = kernel_write("tmem/filesystem_choices", line);
	if (error)
		return fail("cannot forget the choice for %s: %s", full, kernel_why(error));
	tell("forgot the choice for %s", full);
	path_etc(path, "tmem/filesystems");
	return access(path, F_OK) ? 0 : save(uuid, NULL);
}

/* A line that the kernel refuses is named, the others count all the same. */
int ssd_restore_choices(void)
{
	char path[PATH_MAX], *line = NULL;
	int status = 0, error;
	size_t size = 0;
	FILE *file;

	path_etc(path, "tmem/filesystems");
	file = fopen(path, "re");
	while (file && getline(&line, &size, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (!*line || *line == '#')
			continue;
		error = kernel_write("tmem/filesystem_choices", line);
		if (error)
			status = fail("%s: \"%s\" was not understood: %s", path, line,
				      kernel_why(error));
	}
	free(line);
	if (file)
		fclose(file);
	return status;
}
