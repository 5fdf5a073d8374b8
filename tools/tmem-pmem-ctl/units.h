/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers with units, UUIDs and times, from text and to text.
 */
#ifndef _CTL_UNITS_H
#define _CTL_UNITS_H

/* Of a page, and of a slot. */
#define PAGE_BYTES	4096ULL

#define SIZE_TEXT_BYTES	32
#define UUID_TEXT_BYTES	37
#define TIME_TEXT_BYTES	32

/* "64M" -> bytes, powers of 1024; not without a unit. Returns 0, or -EINVAL; *@bytes is set only on success. */
int parse_size(const char *text, unsigned long long *bytes);

/* As parse_size(), in whole pages; -ERANGE for less than one. */
int parse_pages(const char *text, unsigned long long *pages);

/* A whole number from 0 to 100. Returns it, or -EINVAL. */
int parse_percent(const char *text);

/* "250.00 MiB". Returns @text. */
char *format_size(unsigned long long bytes, char text[SIZE_TEXT_BYTES]);

/* The 16 bytes of a UUID in their usual form. Returns @text. */
char *format_uuid(const unsigned char *uuid, char text[UUID_TEXT_BYTES]);

/* "2025-01-31T12:00:00Z". Returns @text. */
char *format_time(unsigned long long seconds, char text[TIME_TEXT_BYTES]);

#endif /* _CTL_UNITS_H */
