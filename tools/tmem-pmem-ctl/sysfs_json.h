/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files below /sys/kernel/mm as JSON.
 */
#ifndef _CTL_SYSFS_JSON_H
#define _CTL_SYSFS_JSON_H

struct json_object;

/* Add a file's value to @object: a number as a number, anything else as text; nothing if unreadable. */
void sysfs_add(struct json_object *object, const char *name, const char *file);

/* A file of lines as an array. */
struct json_object *sysfs_lines(const char *file);

/* A directory of one-value files as an object, in the order of the alphabet. */
struct json_object *sysfs_directory(const char *name);

#endif /* _CTL_SYSFS_JSON_H */
