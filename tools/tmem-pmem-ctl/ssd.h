/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the verbs "ssd ..." share.
 */
#ifndef _CTL_SSD_H
#define _CTL_SSD_H

#include "device.h"

struct json_object;

/**
 * ssd_attach() - attach a device that is formatted, after the choices were told
 * @device: the device
 * @by_hand: it is noted, to be attached by itself from now on
 *
 * Return: 0, or non-zero after fail().
 */
int ssd_attach(const struct device *device, bool by_hand);

/* May a device with this UUID be attached without being asked for? Returns 1, 0, or negative errno. */
int ssd_is_noted(const char *uuid);

/* All attached devices, each with its files and its counters. */
struct json_object *ssd_devices(void);

/*
 * Tell the kernel, if tmem is loaded, what was chosen for filesystems. Returns 0, or non-zero after fail(), which says
 * it once.
 */
int ssd_restore_choices(void);

#endif /* _CTL_SSD_H */
