/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the system's files are, and reading and writing small ones.
 *
 * The product knows one place for each. The build for tests (TMEM_TESTING) takes them from the
 * environment, so that the tool can be run against a fake tree without root.
 */
#ifndef _CTL_PATHS_H
#define _CTL_PATHS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define ATTR_TEXT_BYTES	4096

/* Set @path from a printf format below /sys, /dev, /proc, /lib/modules, /run or /etc. */
void __attribute__((format(printf, 2, 3))) path_sys(char path[PATH_MAX], const char *format, ...);
void __attribute__((format(printf, 2, 3))) path_dev(char path[PATH_MAX], const char *format, ...);
void __attribute__((format(printf, 2, 3))) path_proc(char path[PATH_MAX], const char *format, ...);
void __attribute__((format(printf, 2, 3))) path_modules(char path[PATH_MAX], const char *format,
							...);
void __attribute__((format(printf, 2, 3))) path_run(char path[PATH_MAX], const char *format, ...);
void __attribute__((format(printf, 2, 3))) path_etc(char path[PATH_MAX], const char *format, ...);

/**
 * path_each_sys() - look at what is in a directory
 * @directory: below /sys
 * @visit: called with each name, in the order of the alphabet, numbers in them by value; non-zero ends it
 * @data: for @visit
 *
 * Return: what @visit returned last, 0 if there is nothing.
 */
int path_each_sys(const char *directory, int (*visit)(const char *name, void *data), void *data);

/* The last part of a path. */
const char *path_base(const char *path);

/* May we do what only root may? */
bool path_is_root(void);

/* Release of the running kernel. */
const char *path_release(void);

/* Do regular files stand in for block devices? Only in the build for tests. */
bool path_files_are_devices(void);

/* How long who is run by udev, which gives up too, waits for the lock; less in the build for tests. */
unsigned int path_lock_seconds(void);

/* Is this directory in the unified hierarchy of cgroups? In the build for tests that is below TMEM_SYSFS. */
bool path_is_cgroup2(const char *path);

/* Shall reading these bytes of a device fail? Only in the build for tests. */
bool path_is_bad(unsigned long long offset, size_t length);

/**
 * attr_read() - read a small file
 * @path: of the file
 * @text: NUL-terminated on success, without a newline at its end
 *
 * Return: length, or negative errno.
 */
int attr_read(const char *path, char text[ATTR_TEXT_BYTES]);

/* Read a number from a small file. Returns 0 or negative errno. */
int attr_read_u64(const char *path, unsigned long long *value);

/* Write @text into a file that exists, in one write. Returns 0 or negative errno. */
int attr_write(const char *path, const char *text);

#endif /* _CTL_PATHS_H */
