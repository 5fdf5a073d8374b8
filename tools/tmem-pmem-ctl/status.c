// SPDX-License-Identifier: GPL-2.0
/*
 * The verbs "status" and "stats": what the kernel holds and what it has counted.
 */
#include <dirent.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "kernel.h"
#include "paths.h"
#include "say.h"

static bool as_json, human;

const struct ctl_option status_options[] = {
	{ "json", 'j', CTL_FLAG, &as_json, NULL, "print JSON" },
	{ "human", 'u', CTL_FLAG, &human, NULL, "print sizes with units" },
	{ 0 }
};

const struct ctl_option stats_options[] = {
	{ "json", 'j', CTL_FLAG, &as_json, NULL, "print JSON" },
	{ 0 }
};

/* A number as a number, anything else as text; nothing if it cannot be read. */
static void add_attr(struct json_object *object, const char *name, const char *path)
{
	char text[ATTR_TEXT_BYTES], *end;
	long long value;

	if (attr_read(path, text) < 0)
		return;
	errno = 0;
	value = strtoll(text, &end, 10);
	if (!errno && end != text && !*end)
		json_object_object_add(object, name, json_object_new_int64(value));
	else
		json_object_object_add(object, name, json_text(text));
}

static void add_mm(struct json_object *object, const char *name, const char *file)
{
	char path[PATH_MAX];

	path_sys(path, "kernel/mm/%s", file);
	add_attr(object, name, path);
}

/* A file of lines as an array. */
static struct json_object *lines(const char *file)
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

/* A directory of one-value files as an object, in the order of the alphabet. */
static struct json_object *directory(const char *name)
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

static int device_visit(const char *name, void *data)
{
	static const char *const attrs[] = { "label", "uuid", "state", "numa_node", "slots_used",
					     "slots_quarantined", "poisoned_pages" };
	struct json_object *device = json_object_new_object();
	unsigned long long slots;
	char file[PATH_MAX];
	size_t i;

	json_object_object_add(device, "device", json_text(name));
	for (i = 0; i < sizeof(attrs) / sizeof(attrs[0]); i++) {
		snprintf(file, sizeof(file), "tmem_pmem/devices/%s/%s", name, attrs[i]);
		add_mm(device, attrs[i], file);
	}
	snprintf(file, sizeof(file), "tmem_pmem/devices/%s/slots", name);
	add_mm(device, "slots", file);
	if (!kernel_read_u64(file, &slots))
		json_object_object_add(device, "size", json_size(slots * 4096, human));
	json_object_array_add(data, device);
	return 0;
}

static struct json_object *modules(void)
{
	static const char *const names[] = { MODULE_CORE, MODULE_PMEM };
	struct json_object *object = json_object_new_object();
	char path[PATH_MAX], version[ATTR_TEXT_BYTES];
	const char *text;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		path_sys(path, "module/%s/version", names[i]);
		text = "not loaded";
		if (kernel_has_module(names[i]))
			text = attr_read(path, version) > 0 ? version : "loaded";
		json_object_object_add(object, names[i], json_text(text));
	}
	return object;
}

int run_status(char **arguments)
{
	struct json_object *object = json_object_new_object();
	struct json_object *devices = json_object_new_array();
	unsigned long long pages = 0, lost = 0;

	(void)arguments;
	json_object_object_add(object, "modules", modules());
	if (kernel_has_module(MODULE_CORE)) {
		add_mm(object, "state", "tmem/state");
		json_object_object_add(object, "hooks", lines("tmem/hooks"));
		json_object_object_add(object, "areas", lines("tmem/areas"));
		kernel_read_u64("frontswap/curr_pages", &pages);
		json_object_object_add(object, "pages", json_u64(pages));
		json_object_object_add(object, "pages_size", json_size(pages * 4096, human));
		kernel_read_u64("tmem/lost_pages", &lost);
		json_object_object_add(object, "lost_pages", json_u64(lost));
		kernel_each_device(device_visit, devices);
	}
	json_object_object_add(object, "devices", devices);
	print_object(object, as_json);
	if (pages)
		hint("pages are stored: run \"tmem-pmem-ctl drain\" before unloading the modules");
	if (lost)
		hint("pages were lost and their owners have not been told: tmem stays loaded until they end, then run \"tmem-pmem-ctl drain\"");
	return 0;
}

int run_stats(char **arguments)
{
	struct json_object *object;

	(void)arguments;
	if (!kernel_has_module(MODULE_CORE))
		return fail("the module tmem is not loaded, run \"modprobe tmem_pmem\"");
	object = json_object_new_object();
	json_object_object_add(object, "frontswap", directory("frontswap"));
	json_object_object_add(object, "stats", directory("tmem/stats"));
	json_object_object_add(object, "refused", directory("tmem/refused"));
	print_object(object, as_json);
	return 0;
}
