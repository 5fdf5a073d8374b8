// SPDX-License-Identifier: GPL-2.0
/*
 * The verbs "cgroups" and "limit": what each memory cgroup has stored, and how much it may.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"
#include "kernel.h"
#include "paths.h"
#include "say.h"
#include "sysfs_json.h"
#include "units.h"

#define CGROUPS		"tmem/cgroups"

static bool as_json, human;

const struct ctl_option cgroups_options[] = {
	{ "json", 'j', CTL_FLAG, &as_json, NULL, "print JSON" },
	{ "human", 'u', CTL_FLAG, &human, NULL, "print sizes with units" },
	{ 0 }
};

/* What is known of one, the size of what it has stored beside the number of pages. */
static struct json_object *cgroup_object(const char *id)
{
	struct json_object *object, *pages;
	char file[PATH_MAX];

	snprintf(file, sizeof(file), CGROUPS "/%s", id);
	object = sysfs_directory(file);
	json_object_object_add(object, "id", json_u64(strtoull(id, NULL, 10)));
	if (human && json_object_object_get_ex(object, "pages", &pages))
		json_object_object_add(object, "size",
				       json_size(json_object_get_int64(pages) * PAGE_BYTES, true));
	return object;
}

static int add_cgroup(const char *name, void *array)
{
	if (strspn(name, "0123456789") == strlen(name))
		json_object_array_add(array, cgroup_object(name));
	return 0;
}

int run_cgroups(char **arguments)
{
	struct json_object *object, *array;

	(void)arguments;
	if (kernel_core_check())
		return EXIT_FAILURE;
	object = json_object_new_object();
	array = json_object_new_array();
	path_each_sys("kernel/mm/" CGROUPS, add_cgroup, array);
	json_object_object_add(object, "cgroups", array);
	print_object(object, as_json);
	return 0;
}

/* "." and ".." are said of where the shell is, not of the root. */
static bool begins_here(const char *typed)
{
	size_t dots = strspn(typed, ".");

	return (dots == 1 || dots == 2) && (!typed[dots] || typed[dots] == '/');
}

/* The id of a cgroup is the inode number of its directory. Returns 0, or an exit status after fail(). */
static int id_of(const char *typed, unsigned long long *id)
{
	char path[PATH_MAX], file[PATH_MAX];
	struct stat info;

	if (!*typed) {
		fail("name a cgroup, / for the root");
		return EXIT_USAGE;
	}
	/* As in /proc/PID/cgroup, or a path in the file system. */
	path_sys(path, "fs/cgroup%s%s", *typed == '/' ? "" : "/", typed);
	if ((begins_here(typed) || stat(path, &info)) &&
	    (!realpath(typed, path) || stat(path, &info)))
		return fail("there is no cgroup %s, give its directory below /sys/fs/cgroup", typed);
	if (snprintf(file, sizeof(file), "%s/cgroup.procs", path) >= (int)sizeof(file) ||
	    !S_ISDIR(info.st_mode) || stat(file, &(struct stat){ 0 }) || !path_is_cgroup2(path))
		return fail("%s is not a cgroup, give its directory below /sys/fs/cgroup", path);
	*id = info.st_ino;
	return 0;
}

static int show_limit(const char *typed, unsigned long long id)
{
	char path[PATH_MAX], text[ATTR_TEXT_BYTES], size[SIZE_TEXT_BYTES];

	path_sys(path, "kernel/mm/" CGROUPS "/%llu/limit_pages", id);
	if (attr_read(path, text) <= 0 || !strcmp(text, "max"))
		tell("%s: no limit", typed);
	else
		tell("%s: at most %s may be stored", typed,
		     format_size(strtoull(text, NULL, 10) * PAGE_BYTES, size));
	return 0;
}

/* Pages that @text says, a size or 0. Return: 0, or an exit status after fail(). */
static int parse_limit(const char *text, unsigned long long *pages)
{
	int error = strcmp(text, "0") ? parse_pages(text, pages) : 0;

	if (!error)
		return 0;
	if (error == -ERANGE)
		fail("%s is less than a page, 4096 bytes: give more, such as 512M, or 0", text);
	else
		fail("\"%s\" is no limit: give a size with K, M, G or T, such as 512M, 0 or max", text);
	return EXIT_USAGE;
}

static int set_limit(const char *typed, unsigned long long id, const char *limit)
{
	bool limited = strcmp(limit, "max");
	char text[64], size[SIZE_TEXT_BYTES];
	unsigned long long pages = 0;
	int error = limited ? parse_limit(limit, &pages) : 0;

	if (error)
		return error;
	if (limited)
		snprintf(text, sizeof(text), "%llu %llu", id, pages);
	else
		snprintf(text, sizeof(text), "%llu max", id);
	error = kernel_write(CGROUPS "/limit", text);
	if (error)
		return fail("cannot limit %s: %s", typed, kernel_why(error));
	if (limited)
		tell("%s: at most %s may be stored", typed, format_size(pages * PAGE_BYTES, size));
	else
		tell("%s: no limit", typed);
	return 0;
}

int run_limit(char **arguments)
{
	unsigned long long id;
	int status;

	if (kernel_core_check())
		return EXIT_FAILURE;
	status = id_of(arguments[0], &id);
	if (status)
		return status;
	return arguments[1] ? set_limit(arguments[0], id, arguments[1]) :
			      show_limit(arguments[0], id);
}
