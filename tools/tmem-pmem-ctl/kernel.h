/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's side: the files below /sys/kernel/mm that the modules own.
 */
#ifndef _CTL_KERNEL_H
#define _CTL_KERNEL_H

#include <stdbool.h>

#define MODULE_CORE	"tmem"
#define MODULE_PMEM	"tmem_pmem"
#define MODULE_SSD	"tmem_ssd"

bool kernel_has_module(const char *name);
bool kernel_is_attached(const char *device_name);
bool kernel_is_attached_ssd(const char *device_name);

/* Is the module loaded? 0, or non-zero after fail(), which names the module that one wants then. */
int kernel_core_check(void);
int kernel_pmem_check(void);
int kernel_ssd_check(void);

/* Read a number below /sys/kernel/mm. Returns 0 or negative errno. */
int kernel_read_u64(const char *file, unsigned long long *value);

/**
 * kernel_write() - write a control file
 * @file: below /sys/kernel/mm
 * @text: what to write
 *
 * Return: 0 or negative errno; kernel_why() has the sentence then.
 */
int kernel_write(const char *file, const char *text);

/* Why the last kernel_write() failed with @error: the kernel's sentence, or the errno's text. */
const char *kernel_why(int error);

/* Attach a device that is formatted. Return 0, or non-zero after fail(). */
int kernel_attach(const char *path, const char *name);
int kernel_detach(const char *name);

/* Visit the attached devices, until @visit returns other than 0. Returns its last result. */
int kernel_each_device(int (*visit)(const char *name, void *data), void *data);

#endif /* _CTL_KERNEL_H */
