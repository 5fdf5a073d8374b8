// SPDX-License-Identifier: GPL-2.0
/*
 * What is on a device: signatures of others, our superblock, or nothing.
 */
#include <blkid/blkid.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../drivers/tmem_ssd/superblock.h"
#include "contents.h"
#include "units.h"

/* Words for what libblkid calls @usage ("filesystem", "raid", "crypto", "other"). */
static void signature_text(const char *usage, const char *type, char *text, size_t size)
{
	if (!strcmp(usage, "filesystem"))
		snprintf(text, size, "a filesystem (%s)", type);
	else if (!strcmp(type, "swap"))
		snprintf(text, size, "swap space");
	else if (!strcmp(usage, "crypto"))
		snprintf(text, size, "an encrypted volume (%s)", type);
	else if (!strcmp(usage, "raid"))
		snprintf(text, size, "a member of a RAID or volume group (%s)", type);
	else
		snprintf(text, size, "something else (%s)", type);
}

/* Looks for any signature, also for a damaged one. Returns true if there is one. */
static bool signature_find(blkid_probe probe, char *text, size_t size)
{
	const char *type, *usage;
	int result;

	blkid_probe_enable_superblocks(probe, 1);
	blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_USAGE |
						 BLKID_SUBLKS_BADCSUM);
	blkid_probe_enable_partitions(probe, 1);
	blkid_probe_set_partitions_flags(probe, BLKID_PARTS_FORCE_GPT);
	while (!(result = blkid_do_probe(probe))) {
		if (!blkid_probe_lookup_value(probe, "TYPE", &type, NULL)) {
			if (blkid_probe_lookup_value(probe, "USAGE", &usage, NULL))
				usage = "other";
			signature_text(usage, type, text, size);
			return true;
		}
		if (!blkid_probe_lookup_value(probe, "PTTYPE", &type, NULL)) {
			snprintf(text, size, "a partition table (%s)", type);
			return true;
		}
	}
	return result < 0;
}

/* libblkid reads in small pieces, so it gets a descriptor that goes through the page cache. */
static bool signature_probe(const struct device *device, char *text, size_t size)
{
	blkid_probe probe;
	bool found = true;
	int fd;

	snprintf(text, size, "something that libblkid cannot look at");
	fd = device_open(device, O_RDONLY);
	if (fd < 0)
		return true;
	probe = blkid_new_probe();
	if (probe && !blkid_probe_set_device(probe, fd, 0, 0))
		found = signature_find(probe, text, size);
	blkid_free_probe(probe);
	close(fd);
	return found;
}

static bool has_magic(const struct media_supers *supers)
{
	int i;

	for (i = 0; i < TMEM_PMEM_SUPER_COPIES; i++)
		if (supers->copies[i] &&
		    (!memcmp(supers->copies[i]->magic, TMEM_PMEM_MAGIC, TMEM_SUPER_MAGIC_BYTES) ||
		     !memcmp(supers->copies[i]->magic, TMEM_SSD_MAGIC, TMEM_SUPER_MAGIC_BYTES)))
			return true;
	return false;
}

static void ours_text(struct contents *contents, const char *what)
{
	char uuid[UUID_TEXT_BYTES];

	snprintf(contents->text, sizeof(contents->text), "%s (%s%s%s)", what,
		 format_uuid(contents->super.uuid, uuid), contents->super.label[0] ? ", " : "",
		 contents->super.label);
}

void contents_probe(const struct device *device, const struct media *media,
		    struct contents *contents)
{
	const size_t size = sizeof(contents->text);
	unsigned long long offset;
	struct media_supers supers;
	int result, gap;

	memset(contents, 0, sizeof(*contents));
	contents->kind = CONTENTS_FOREIGN;
	if (signature_probe(device, contents->text, size))
		return;

	media_read_supers(media, &supers);
	result = tmem_pmem_super_choose(supers.copies[0], supers.copies[1], media->bytes,
					&contents->super);
	gap = result ? 0 : media_gap_data(media, &contents->super, &offset);
	if (gap) {
		snprintf(contents->text, size, gap < 0 ? "something that cannot be read, at byte %llu" :
			 "something written over a tmem superblock, at byte %llu", offset);
		return;
	}
	if (!result) {
		contents->kind = CONTENTS_OURS;
		ours_text(contents, "a tmem superblock");
		return;
	}
	if (!tmem_super_choose(&tmem_ssd_super_kind, supers.copies[0], supers.copies[1],
			       media->bytes, &contents->super)) {
		contents->kind = CONTENTS_SSD;
		ours_text(contents, "the superblock of a page-cache SSD");
		return;
	}
	if (has_magic(&supers)) {
		contents->kind = result == -EMEDIUMTYPE ? CONTENTS_FOREIGN : CONTENTS_DAMAGED;
		snprintf(contents->text, size, "a tmem superblock that is not usable (%s)",
			 tmem_pmem_super_choose_why(supers.copies[0], supers.copies[1],
						    media->bytes));
		return;
	}
	result = media_first_data(media, &offset);
	if (result < 0) {
		snprintf(contents->text, size, "sectors that cannot be read, at byte %llu", offset);
	} else if (result) {
		snprintf(contents->text, size,
			 "data without a known signature, byte %llu is not zero", offset);
	} else {
		contents->kind = CONTENTS_BLANK;
		snprintf(contents->text, size, "nothing");
	}
}
