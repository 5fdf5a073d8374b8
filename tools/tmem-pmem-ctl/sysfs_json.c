// SPDX-License-Identifier: GPL-2.0
/*
 * Files below /sys/kernel/mm as JSON.
 */
#include <dirent.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "paths.h"
#include "say.h"
#include "sysfs_json.h"

/* What its owner has chosen is text, digits too. */
static bool is_text(const char *name)
{
	return !strcmp(name, "label");
}

/* Its number; NULL if @text is something else. */
static struct json_object *number_of(const char *text)
{
	unsigned long long positive;
	long long value;
	char *end;

	errno = 0;
	value = strtoll(text, &end, 10);
	if (end == text || *end)
		return NULL;
	if (!errno)
		return json_object_new_int64(value);
	errno = 0;
	positive = strtoull(text, &end, 10);
	return errno || *text == '-' ? NULL : json_u64(positive);
}

/* A number as a number, anything else as text; nothing if it cannot be read. */
static void add_attr(struct json_object *object, const char *name, const char *path)
{
	struct json_object *number;
	char text[ATTR_TEXT_BYTES];

	if (attr_read(path, text) < 0)
		return;
	number = is_text(name) ? NULL : number_of(text);
	json_object_object_add(object, name, number ?: json_text(text));
}

void sysfs_add(struct json_object *object, const char *name, const char *file)
{
	char path[PATH_MAX];

	path_sys(path, "kernel/mm/%s", file);
	add_attr(object, name, path);
}

struct json_object *sysfs_lines(const char *file)
{
	struct json_object *array = json_object_new_array();
	char path[PATH_MAX], text[ATTR_TEXT_BYTES], *line, *state;

	path_sys(path, "kernel/mm/%s", file);
	if (attr_read(path, text) < 0)
		return array;
	for (line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state))
		json_object_array_add(array, json_text(line));
	return array;
}

struct json_object *sysfs_directory(const char *name)
{
	struct json_object *object = json_object_new_object();
	struct dirent **entries;
	char path[PATH_MAX];
	int count, i;

	path_sys(path, "kernel/mm/%s", name);
	count = scandir(path, &entries, NULL, alphasort);
	for (i = 0; i < count; i++) {
		path_sys(path, "kernel/mm/%s/%s", name, entries[i]->d_name);
		if (entries[i]->d_type != DT_DIR)
			add_attr(object, entries[i]->d_name, path);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return object;
}
