/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the verbs that check a device share.
 */
#ifndef _CTL_CHECK_H
#define _CTL_CHECK_H

#include "media.h"

struct json_object;

/**
 * check_supers() - report on both superblocks and the layout
 * @object: gets what was found
 * @media: the device
 * @kind: what it should be
 * @supers: as read
 * @super: set if one of them is good
 * @human: sizes with units
 *
 * Return: what is wrong and what to do, or NULL.
 */
const char *check_supers(struct json_object *object, const struct media *media,
			 const struct tmem_super_kind *kind, const struct media_supers *supers,
			 struct tmem_super *super, bool human);

/* Show on a terminal how far the reading of a device is. */
void check_progress(unsigned long long done_bytes, unsigned long long all_bytes);

#endif /* _CTL_CHECK_H */
