/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The findings of "doctor", and the groups of questions it asks.
 */
#ifndef _CTL_DOCTOR_H
#define _CTL_DOCTOR_H

#include <stdbool.h>

/* What a finding means for tmem: works; works, but look at it; does not work. */
enum finding {
	FINDING_OK,
	FINDING_WARN,
	FINDING_FAIL,
};

/**
 * report() - note one finding
 * @finding: how grave
 * @topic: what it is about, one word
 * @format: printf format of one sentence that says what to do if there is something to do
 */
void __attribute__((format(printf, 3, 4))) report(enum finding finding, const char *topic,
						  const char *format, ...);

/* doctor_kernel.c: the release, its module, the functions the module takes over. */
void doctor_kernel(void);
/* Is the module loaded, or there to be loaded? */
bool doctor_has_module(const char *name);
/* The function names for the running kernel, NULL-terminated; NULL if it is not supported. */
const char *const *doctor_hooks(void);
/* Those of the page cache and of ext4, on every kernel. */
extern const char *const doctor_file_hooks[], *const doctor_ext4_hooks[];

/* doctor_policy.c: what forbids the module or gets in its way. */
void doctor_policy(void);

/* doctor_swap.c: swap areas and how swapping is set up. */
void doctor_swap(void);

/* doctor_media.c: persistent memory. */
void doctor_media(void);

/* doctor_ssd.c: the cache of files' pages, if there is one: SSDs, and the filesystems before them or a share. */
void doctor_ssd(void);

#endif /* _CTL_DOCTOR_H */
