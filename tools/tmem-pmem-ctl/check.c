// SPDX-License-Identifier: GPL-2.0
/*
 * The verb "check": both superblocks, the layout, known bad blocks, and on demand all the data.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "command.h"
#include "media.h"
#include "paths.h"
#include "say.h"
#include "units.h"

static bool as_json, human, scrub;

const struct ctl_option check_options[] = {
	{ "scrub", 's', CTL_FLAG, &scrub, NULL, "read everything and count what cannot be read" },
	{ "json", 'j', CTL_FLAG, &as_json, NULL, "print JSON" },
	{ "human", 'u', CTL_FLAG, &human, NULL, "print sizes with units" },
	{ 0 }
};

/* badblocks: one "sector count" a line, in sectors of 512 bytes. */
static unsigned long long badblocks_bytes(const struct device *device)
{
	unsigned long long sector, count, bytes = 0;
	char path[PATH_MAX];
	FILE *file;

	path_sys(path, "class/block/%s/badblocks", device->name);
	file = device->block ? fopen(path, "re") : NULL;
	if (!file)
		return 0;
	while (fscanf(file, "%llu %llu", &sector, &count) == 2)
		bytes += count * 512;
	fclose(file);
	return bytes;
}

void check_progress(unsigned long long done_bytes, unsigned long long all_bytes)
{
	if (isatty(STDERR_FILENO) && (!(done_bytes & ((64 << 20) - 1)) || done_bytes == all_bytes))
		fprintf(stderr, "\r%llu%% read%s", done_bytes * 100 / all_bytes,
			done_bytes == all_bytes ? "\n" : "");
}

static void add_layout(struct json_object *object, const struct tmem_super *super, bool with_units)
{
	char uuid[UUID_TEXT_BYTES], when[TIME_TEXT_BYTES];

	json_object_object_add(object, "uuid", json_text(format_uuid(super->uuid, uuid)));
	json_object_object_add(object, "label", json_text(super->label));
	json_object_object_add(object, "created",
			       json_text(format_time(super->created_seconds, when)));
	json_object_object_add(object, "sequence", json_u64(super->sequence));
	json_object_object_add(object, "size", json_size(super->device_bytes, with_units));
	json_object_object_add(object, "data_offset",
			       json_size(super->data_offset_bytes, with_units));
	json_object_object_add(object, "data_size", json_size(super->data_bytes, with_units));
}

const char *check_supers(struct json_object *object, const struct media *media,
			 const struct tmem_super_kind *kind, const struct media_supers *supers,
			 struct tmem_super *super, bool with_units)
{
	static const char *const names[] = { "first_superblock", "second_superblock" };
	const char *damaged = NULL;
	unsigned long long offset;
	int i, gap;

	if (media->bytes < TMEM_SUPER_COPIES * TMEM_SUPER_BYTES)
		return "too small: a device has at least 16 MiB";
	for (i = 0; i < TMEM_SUPER_COPIES; i++) {
		const char *why = tmem_super_why(kind, supers->copies[i], i, media->bytes);

		json_object_object_add(object, names[i], json_text(why ?: "ok"));
		if (why)
			damaged = "one of the two superblocks is damaged, detach and format it again";
	}
	if (tmem_super_choose(kind, supers->copies[0], supers->copies[1], media->bytes, super))
		return tmem_super_choose_why(kind, supers->copies[0], supers->copies[1],
					     media->bytes);
	add_layout(object, super, with_units);
	gap = damaged ? 0 : media_gap_data(media, super, &offset);
	if (gap > 0)
		damaged = "something else was written beside the superblocks, so it is not used; "
			  "format it again if that is of no use";
	else if (gap)
		damaged = "what is beside the superblocks cannot be read, see the kernel log";
	return damaged;
}

/* What else is wrong, or NULL. */
static const char *data_verdict(unsigned long long bad_bytes)
{
	if (bad_bytes)
		return "there are bad blocks, their slots are not used; "
		       "\"ndctl clear-errors\" may clear them";
	return NULL;
}

static int check_media(const struct device *device, const struct media *media)
{
	struct json_object *object = json_object_new_object();
	unsigned long long bad_bytes = badblocks_bytes(device), unreadable_bytes = 0;
	struct tmem_pmem_super super;
	struct media_supers supers;
	const char *why;

	media_read_supers(media, &supers);
	json_object_object_add(object, "device", json_text(device->path));
	why = check_supers(object, media, &tmem_pmem_super_kind, &supers, &super, human);
	if (!why)
		json_object_object_add(object, "slots",
				       json_u64(super.data_bytes / super.slot_bytes));
	json_object_object_add(object, "bad_blocks", json_size(bad_bytes, human));
	if (scrub) {
		if (media_scan(media, check_progress, &unreadable_bytes)) {
			json_object_put(object);
			return fail("cannot read %s to its end: see the kernel log, it may have been taken away",
				    device->path);
		}
		json_object_object_add(object, "unreadable", json_size(unreadable_bytes, human));
	}
	if (!why)
		why = data_verdict(bad_bytes + unreadable_bytes);
	json_object_object_add(object, "result", json_text(why ? "bad" : "ok"));
	print_object(object, as_json);
	return why ? fail("%s: %s", device->path, why) : 0;
}

int run_check(char **arguments)
{
	struct device device;
	struct media media;
	int status;

	if (device_find(arguments[0], &device) || media_open_read(&device, &media))
		return EXIT_FAILURE;
	status = check_media(&device, &media);
	media_close(&media);
	return status;
}
