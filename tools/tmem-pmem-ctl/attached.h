/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From what the user typed to a device that the kernel stores pages on.
 */
#ifndef _CTL_ATTACHED_H
#define _CTL_ATTACHED_H

#include "device.h"

/* The kernel's name of an attached device, which may be in @device; NULL after fail(). */
const char *attached_find(const char *typed, struct device *device);

#endif /* _CTL_ATTACHED_H */
