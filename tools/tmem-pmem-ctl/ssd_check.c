// SPDX-License-Identifier: GPL-2.0
/*
 * The verb "ssd check": both superblocks, the layout, and the summaries of the segments.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "../../drivers/tmem_ssd/summary.h"
#include "../../drivers/tmem_ssd/superblock.h"
#include "check.h"
#include "command.h"
#include "media.h"
#include "say.h"
#include "ssd.h"

static bool as_json, human;

const struct ctl_option ssd_check_options[] = {
	{ "json", 'j', CTL_FLAG, &as_json, NULL, "print JSON" },
	{ "human", 'u', CTL_FLAG, &human, NULL, "print sizes with units" },
	{ 0 }
};

/* What the first two blocks of a segment may turn out to be. */
struct summaries {
	unsigned long long written;
	unsigned long long blank;
	unsigned long long other;	/* of an earlier formatting, say */
	unsigned long long damaged;
	unsigned long long unreadable;
};

static void look_at(const struct media *media, const struct tmem_super *super, u64 segment,
		    struct tmem_ssd_summary_onmedia *onmedia, struct summaries *summaries)
{
	static struct tmem_ssd_summary summary;

	if (media_read(media, onmedia, super->data_offset_bytes + segment * TMEM_SSD_SEGMENT_BYTES,
		       TMEM_SSD_SUMMARY_BYTES)) {
		summaries->unreadable++;
		return;
	}
	switch (tmem_ssd_summary_decode(onmedia, super->uuid, segment, 0, &summary)) {
	case 0:
		summaries->written++;
		break;
	case -ENODATA:
		summaries->blank++;
		break;
	case -EBADMSG:
	case -EUCLEAN:
		summaries->damaged++;
		break;
	default:
		summaries->other++;
	}
}

static int check_segments(struct json_object *object, const struct media *media,
			  const struct tmem_super *super, struct summaries *summaries)
{
	struct tmem_ssd_summary_onmedia *onmedia =
		aligned_alloc(TMEM_SSD_BLOCK_BYTES, sizeof(*onmedia));
	u64 segment;

	if (!onmedia)
		return fail("no memory to read the segments into, free some and check again");
	for (segment = 0; segment < tmem_ssd_super_segments(super); segment++) {
		look_at(media, super, segment, onmedia, summaries);
		check_progress((segment + 1) * TMEM_SSD_SEGMENT_BYTES, super->data_bytes);
	}
	free(onmedia);
	json_object_object_add(object, "segments", json_u64(tmem_ssd_super_segments(super)));
	json_object_object_add(object, "segments_written", json_u64(summaries->written));
	json_object_object_add(object, "segments_blank", json_u64(summaries->blank));
	json_object_object_add(object, "segments_other", json_u64(summaries->other));
	json_object_object_add(object, "segments_damaged", json_u64(summaries->damaged));
	json_object_object_add(object, "segments_unreadable", json_u64(summaries->unreadable));
	return 0;
}

static int check_media(const struct device *device, const struct media *media)
{
	struct json_object *object = json_object_new_object();
	struct summaries summaries = { 0 };
	struct media_supers supers;
	struct tmem_super super;
	const char *why;

	media_read_supers(media, &supers);
	json_object_object_add(object, "device", json_text(device->path));
	why = check_supers(object, media, &tmem_ssd_super_kind, &supers, &super, human);
	if (!tmem_super_choose(&tmem_ssd_super_kind, supers.copies[0], supers.copies[1],
			       media->bytes, &super) &&
	    check_segments(object, media, &super, &summaries)) {
		json_object_put(object);
		return EXIT_FAILURE;
	}
	if (!why && summaries.unreadable)
		why = "there are segments that cannot be read, look at the kernel's log and the disk's health";
	json_object_object_add(object, "result", json_text(why ? "bad" : "ok"));
	print_object(object, as_json);
	return why ? fail("%s: %s", device->path, why) : 0;
}

int run_ssd_check(char **arguments)
{
	struct device device;
	struct media media;
	int status;

	if (device_find_disk(arguments[0], &device) || media_open_read(&device, &media))
		return EXIT_FAILURE;
	status = check_media(&device, &media);
	media_close(&media);
	return status;
}
