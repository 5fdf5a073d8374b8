// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers with units, UUIDs and times, from text and to text.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uuid/uuid.h>

#include "units.h"

static const char suffixes[] = "KMGT";

int parse_size(const char *text, unsigned long long *bytes)
{
	unsigned long long value;
	unsigned int shift;
	const char *suffix;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, 10);
	suffix = *end ? strchr(suffixes, toupper((unsigned char)*end)) : NULL;
	if (errno || !suffix)
		return -EINVAL;
	shift = 10 * (suffix - suffixes + 1);
	end++;
	/* "64MiB" as well */
	if (!strcmp(end, "iB"))
		end += 2;
	if (*end || !value || value << shift >> shift != value)
		return -EINVAL;
	*bytes = value << shift;
	return 0;
}

int parse_pages(const char *text, unsigned long long *pages)
{
	unsigned long long bytes;

	if (parse_size(text, &bytes))
		return -EINVAL;
	if (bytes < PAGE_BYTES)
		return -ERANGE;
	*pages = bytes / PAGE_BYTES;
	return 0;
}

int parse_percent(const char *text)
{
	char *end;
	long value = strtol(text, &end, 10);

	return !isdigit((unsigned char)*text) || *end || value < 0 || value > 100 ? -EINVAL : (int)value;
}

char *format_size(unsigned long long bytes, char text[SIZE_TEXT_BYTES])
{
	double value = bytes;
	int unit = -1;

	while (value >= 1024 && suffixes[unit + 1]) {
		value /= 1024;
		unit++;
	}
	if (unit < 0)
		snprintf(text, SIZE_TEXT_BYTES, "%llu bytes", bytes);
	else
		snprintf(text, SIZE_TEXT_BYTES, "%.2f %ciB", value, suffixes[unit]);
	return text;
}

char *format_uuid(const unsigned char *uuid, char text[UUID_TEXT_BYTES])
{
	uuid_unparse_lower(uuid, text);
	return text;
}

char *format_time(unsigned long long seconds, char text[TIME_TEXT_BYTES])
{
	time_t when = seconds;
	struct tm parts;

	if (!gmtime_r(&when, &parts) ||
	    !strftime(text, TIME_TEXT_BYTES, "%Y-%m-%dT%H:%M:%SZ", &parts))
		snprintf(text, TIME_TEXT_BYTES, "%llu", seconds);
	return text;
}
