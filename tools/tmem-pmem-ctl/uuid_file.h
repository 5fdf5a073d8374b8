/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files below /etc/tmem that have a line for each UUID, beside comments.
 */
#ifndef _CTL_UUID_FILE_H
#define _CTL_UUID_FILE_H

#include <stdbool.h>

/**
 * struct uuid_file - one of them
 * @name: below /etc
 * @heading: the comment that it begins with
 */
struct uuid_file {
	const char *name;
	const char *heading;
};

/* Is @text a whole UUID, and nothing behind it? */
bool uuid_is_whole(const char *text);

/**
 * uuid_file_set() - have one line about a UUID, or none
 * @file: made if it is not there; all of it changes at once, or nothing, and it stays where it is, whose it is and
 *	who may read it
 * @uuid: lines that begin with it, in upper or lower case, go
 * @line: comes to the end, without a newline; NULL for none
 *
 * Return: 0 or negative errno.
 */
int uuid_file_set(const struct uuid_file *file, const char *uuid, const char *line);

/**
 * uuid_file_each() - look at the lines that are no comments
 * @file: nothing is found if it is not there
 * @visit: called with each, without its newline; other than 0 ends it
 * @data: for @visit
 *
 * Return: what @visit returned last, or 0; negative errno if the file cannot be read.
 */
int uuid_file_each(const struct uuid_file *file, int (*visit)(const char *line, void *data), void *data);

/* Does a line begin with @uuid? As uuid_file_each(): 1, 0 or negative errno. */
int uuid_file_has(const struct uuid_file *file, const char *uuid);

#endif /* _CTL_UUID_FILE_H */
