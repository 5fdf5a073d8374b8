/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files that use libndctl share: opening it, and putting a namespace into fsdax mode.
 */
#ifndef _CTL_ND_FSDAX_H
#define _CTL_ND_FSDAX_H

#include <stdbool.h>

struct ndctl_ctx;
struct ndctl_namespace;
struct ndctl_region;

/**
 * nd_open() - start libndctl
 * @context: set; given back by ndctl_unref()
 *
 * libndctl waits until udev has nothing to do, for seconds and at every enumeration. udev runs
 * us, and waits for our lock: it would never be done. We need no name that udev makes.
 *
 * Return: 0 or negative errno.
 */
int nd_open(struct ndctl_ctx **context);

/* Leaves the name of the first step that fails in *@step. Returns @error. */
static inline int nd_step(const char **step, const char *name, int error)
{
	if (error)
		*step = name;
	return error;
}

/* The alignment the kernel wants for fsdax, in bytes. */
unsigned long nd_fsdax_align(struct ndctl_region *region);

/**
 * nd_fsdax_enable() - put a namespace into fsdax mode
 * @region: its region
 * @ndns: the namespace: has a size, is not enabled
 * @map_in_memory: page structures in RAM instead of on the medium
 * @step: set to the name of the step that failed
 *
 * Return: 0 or what libndctl returned.
 */
int nd_fsdax_enable(struct ndctl_region *region, struct ndctl_namespace *ndns, bool map_in_memory,
		    const char **step);

/* The namespace "namespaceX.Y", or NULL. */
struct ndctl_namespace *nd_by_name(struct ndctl_ctx *context, const char *name);

#endif /* _CTL_ND_FSDAX_H */
