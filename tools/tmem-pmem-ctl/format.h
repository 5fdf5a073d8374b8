/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writing superblocks to a device, after all questions have been asked.
 */
#ifndef _CTL_FORMAT_H
#define _CTL_FORMAT_H

#include "media.h"

enum format_consent {
	FORMAT_BLANK_ONLY,	/* only what is blank */
	FORMAT_FORCED,		/* whatever is there goes; what is in use stays refused */
};

/* A label that the superblock can hold? Returns 0, or non-zero after fail(). */
int format_label_check(const char *label);

/**
 * format_device() - check and format
 * @device: as from device_find_fsdax() or device_find()
 * @kind: of superblock
 * @label: label to give it, may be ""
 * @consent: what may be overwritten
 *
 * Return: 0, or non-zero after fail(); nothing was written if the checks failed.
 */
int format_device(const struct device *device, const struct tmem_super_kind *kind,
		  const char *label, enum format_consent consent);

#endif /* _CTL_FORMAT_H */
