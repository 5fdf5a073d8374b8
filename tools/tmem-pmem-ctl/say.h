/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tool says: one sentence for an error on stderr, results on stdout, JSON or text.
 */
#ifndef _CTL_SAY_H
#define _CTL_SAY_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;

/**
 * printable() - a name as a terminal, JSON and OpenMetrics can take it
 * @text: any bytes; who makes a cgroup, say, may choose them
 * @length: how many
 *
 * Return: a new string, in which what is not printable ASCII is \xNN; the caller frees it.
 */
char *printable(const char *text, size_t length);

/**
 * fail() - say why nothing was done and what to do about it
 * @format: printf format of one sentence without a newline, and its arguments
 *
 * Return: EXIT_FAILURE, so that a verb can return it.
 */
int __attribute__((format(printf, 1, 2))) fail(const char *format, ...);

/* Say something on stderr that is not an error: progress, a hint. */
void __attribute__((format(printf, 1, 2))) hint(const char *format, ...);

/* Say on stdout, in one line, what was done. */
void __attribute__((format(printf, 1, 2))) tell(const char *format, ...);

/* From now on fail() and hint() go to the system log as well, for use without a terminal. */
void say_to_syslog(void);

/**
 * print_object() - print a result and free it
 * @object: owned
 * @json: as JSON; else as indented "name: value" lines
 */
void print_object(struct json_object *object, bool json);

/* New JSON values. A size is a number, or a string with a unit if @human; text is printable(). */
struct json_object *json_size(unsigned long long bytes, bool human);
struct json_object *json_u64(unsigned long long value);
struct json_object *json_text(const char *text);

#endif /* _CTL_SAY_H */
