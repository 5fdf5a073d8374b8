/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is on a device, and who is using it: the questions before anything is written.
 */
#ifndef _CTL_CONTENTS_H
#define _CTL_CONTENTS_H

#include "media.h"

enum contents_kind {
	CONTENTS_BLANK,		/* first and last 16 MiB are all zero */
	CONTENTS_OURS,		/* a valid superblock of tmem_pmem */
	CONTENTS_SSD,		/* a valid superblock of tmem_ssd */
	CONTENTS_DAMAGED,	/* ours once, but not usable */
	CONTENTS_FOREIGN,	/* anything else */
};

/**
 * struct contents - what was found
 * @kind: in one word
 * @text: to be put behind "holds "
 * @super: the superblock, for CONTENTS_OURS and CONTENTS_SSD
 */
struct contents {
	enum contents_kind kind;
	char text[256];
	struct tmem_pmem_super super;
};

/* Look at a device that is open. Cannot fail: what cannot be read is foreign. */
void contents_probe(const struct device *device, const struct media *media,
		    struct contents *contents);

/**
 * use_check() - is anybody using the device?
 * @device: the device
 *
 * Attached, mounted, swap space, held by another device. No option overrides this.
 *
 * Return: 0 if nobody is, or non-zero after fail().
 */
int use_check(const struct device *device);

/* Is another device made of it? */
bool use_has_holder(const struct device *device);

#endif /* _CTL_CONTENTS_H */
