// SPDX-License-Identifier: GPL-2.0
/*
 * The verb "list": regions, their namespaces, and what tmem makes of each.
 */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "contents.h"
#include "kernel.h"
#include "nd.h"
#include "say.h"
#include "units.h"

static bool as_json, human, as_text;

const struct ctl_option list_options[] = {
	{ "json", 'j', CTL_FLAG, &as_json, NULL, "print JSON (the default)" },
	{ "human", 'u', CTL_FLAG, &human, NULL, "print sizes with units" },
	{ "text", 't', CTL_FLAG, &as_text, NULL, "print text instead of JSON" },
	{ 0 }
};

static void add_super(struct json_object *object, const struct tmem_pmem_super *super)
{
	char uuid[UUID_TEXT_BYTES], when[TIME_TEXT_BYTES];

	json_object_object_add(object, "tmem_uuid", json_text(format_uuid(super->uuid, uuid)));
	json_object_object_add(object, "tmem_label", json_text(super->label));
	json_object_object_add(object, "tmem_size", json_size(super->data_bytes, human));
	json_object_object_add(object, "tmem_created",
			       json_text(format_time(super->created_seconds, when)));
}

/* One word for what tmem can do with the namespace, and what is in the way. */
static void add_contents(struct json_object *object, const char *block, int *status)
{
	static const char *const words[] = {
		[CONTENTS_BLANK] = "blank",
		[CONTENTS_OURS] = "formatted",
		[CONTENTS_SSD] = "ssd",
		[CONTENTS_DAMAGED] = "damaged",
		[CONTENTS_FOREIGN] = "foreign",
	};
	struct contents contents;
	struct device device;
	struct media media;

	if (device_find(block, &device) || media_open_read(&device, &media)) {
		json_object_object_add(object, "tmem", json_text("unreadable"));
		*status = EXIT_FAILURE;
		return;
	}
	contents_probe(&device, &media, &contents);
	media_close(&media);
	json_object_object_add(object, "tmem", json_text(kernel_is_attached(block) ? "attached" :
							 words[contents.kind]));
	if (contents.kind == CONTENTS_OURS)
		add_super(object, &contents.super);
	else if (contents.kind != CONTENTS_BLANK)
		json_object_object_add(object, "tmem_holds", json_text(contents.text));
}

struct listing {
	struct json_object *regions;
	struct json_object *namespaces;	/* of the region being visited */
	const char *region;
	int status;
};

static void add_text(struct json_object *object, const char *name, const char *text)
{
	if (text[0])
		json_object_object_add(object, name, json_text(text));
}

static int namespace_visit(const struct nd_namespace *namespace, void *data)
{
	struct listing *listing = data;
	struct json_object *object;

	if (strcmp(namespace->region, listing->region))
		return 0;
	object = json_object_new_object();
	add_text(object, "dev", namespace->name);
	add_text(object, "name", namespace->alt_name);
	add_text(object, "mode", namespace->mode);
	add_text(object, "map", namespace->map);
	json_object_object_add(object, "size", json_size(namespace->bytes, human));
	json_object_object_add(object, "numa_node", json_object_new_int(namespace->numa_node));
	add_text(object, "blockdev", namespace->block);
	add_text(object, "chardev", namespace->dax);
	add_text(object, "chardev_mode", namespace->dax_mode);
	if (!strcmp(namespace->mode, "fsdax") && namespace->block[0])
		add_contents(object, namespace->block, &listing->status);
	else
		add_text(object, "tmem", "unusable: not in fsdax mode");
	json_object_array_add(listing->namespaces, object);
	return 0;
}

static int region_visit(const struct nd_region *region, void *data)
{
	struct listing *listing = data;
	struct json_object *object = json_object_new_object();

	add_text(object, "dev", region->name);
	add_text(object, "type", region->type);
	json_object_object_add(object, "size", json_size(region->bytes, human));
	json_object_object_add(object, "available_size", json_size(region->available_bytes, human));
	json_object_object_add(object, "max_available_extent",
			       json_size(region->largest_bytes, human));
	json_object_object_add(object, "numa_node", json_object_new_int(region->numa_node));
	add_text(object, "persistence_domain", region->persistence);
	add_text(object, "state", region->enabled ? "enabled" : "disabled");

	listing->region = region->name;
	listing->namespaces = json_object_new_array();
	nd_each_namespace(namespace_visit, listing);
	json_object_object_add(object, "namespaces", listing->namespaces);
	json_object_array_add(listing->regions, object);
	return 0;
}

int run_list(char **arguments)
{
	struct listing listing = { .regions = json_object_new_array() };

	(void)arguments;
	if (as_json && as_text) {
		json_object_put(listing.regions);
		fail("list: give one of --json and --text");
		return EXIT_USAGE;
	}
	nd_each_region(region_visit, &listing);
	print_object(listing.regions, !as_text);
	return listing.status;
}
