// SPDX-License-Identifier: GPL-2.0
/*
 * The verb "format": writing superblocks to a device, after all questions have been asked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uuid/uuid.h>

#include "command.h"
#include "contents.h"
#include "format.h"
#include "say.h"
#include "units.h"

static bool force;
static const char *label = "";

const struct ctl_option format_options[] = {
	{ "force", 'f', CTL_FLAG, &force, NULL, "overwrite what the device holds" },
	{ "label", 'l', CTL_STRING, &label, "LABEL", "name for it, at most 31 characters" },
	{ 0 }
};

int format_label_check(const char *text)
{
	if (tmem_super_label_ok(text))
		return 0;
	fail("the label has to be at most %d printable ASCII characters",
	     TMEM_PMEM_LABEL_BYTES - 1);
	return EXIT_USAGE;
}

static int contents_check(const struct device *device, const struct media *media,
			  enum format_consent consent)
{
	struct contents contents;

	contents_probe(device, media, &contents);
	if (contents.kind == CONTENTS_BLANK || consent == FORMAT_FORCED)
		return 0;
	return fail("%s holds %s, give --force to overwrite it", device->path, contents.text);
}

static int super_prepare(const struct device *device, const struct tmem_super_kind *kind,
			 const char *text, struct tmem_super *super)
{
	char size[SIZE_TEXT_BYTES], least[SIZE_TEXT_BYTES], most[SIZE_TEXT_BYTES];

	if (tmem_super_layout(kind, device->bytes, super))
		return fail("%s has %s, it takes %s to %s", device->path,
			    format_size(device->bytes, size), format_size(kind->device_min_bytes, least),
			    format_size(kind->device_max_bytes, most));
	uuid_generate_random(super->uuid);
	snprintf(super->label, sizeof(super->label), "%s", text);
	super->created_seconds = time(NULL);
	return 0;
}

static int format_media(const struct device *device, const struct media *media,
			const struct tmem_super_kind *kind, const struct tmem_super *super,
			enum format_consent consent)
{
	int error = 0;

	if (contents_check(device, media, consent))
		return EXIT_FAILURE;
	/* signatures of others must not come back under our superblock */
	if (consent == FORMAT_FORCED)
		error = media_wipe_ends(media);
	if (!error)
		error = media_write_supers(media, kind, super);
	if (error)
		return fail("cannot write superblocks to %s: %s", device->path, strerror(-error));
	return 0;
}

int format_device(const struct device *device, const struct tmem_super_kind *kind,
		  const char *text, enum format_consent consent)
{
	char size[SIZE_TEXT_BYTES], uuid[UUID_TEXT_BYTES];
	struct tmem_super super;
	struct media media;
	int status;

	if (super_prepare(device, kind, text, &super) || use_check(device))
		return EXIT_FAILURE;
	if (media_open_exclusive(device, &media))
		return EXIT_FAILURE;
	status = format_media(device, &media, kind, &super, consent);
	media_close(&media);
	if (!status)
		tell("formatted %s: %s for pages, uuid %s", device->path,
		     format_size(super.data_bytes, size), format_uuid(super.uuid, uuid));
	return status;
}

int run_format(char **arguments)
{
	struct device device;
	int status;

	status = format_label_check(label);
	if (status)
		return status;
	if (device_find_fsdax(arguments[0], &device))
		return EXIT_FAILURE;
	return format_device(&device, &tmem_pmem_super_kind, label,
			     force ? FORMAT_FORCED : FORMAT_BLANK_ONLY);
}
