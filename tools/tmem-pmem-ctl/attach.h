/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Telling the kernel to use a formatted device.
 */
#ifndef _CTL_ATTACH_H
#define _CTL_ATTACH_H

#include "device.h"

/* Attach and say so; one that is attached already is fine. 0, or non-zero after fail(). */
int attach_device(const struct device *device);

/*
 * The kernel's name of an attached device: what the user typed, or @device, which that names.
 * Returns NULL after fail().
 */
const char *attached_device(const char *typed, struct device *device);

struct nd_namespace;

/* Has its owner said, by its name, that it is meant for us? */
bool autoattach_may_format(const struct nd_namespace *namespace);

#endif /* _CTL_ATTACH_H */
