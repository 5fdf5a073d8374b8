// SPDX-License-Identifier: GPL-2.0
/*
 * What the tool says: one sentence for an error on stderr, results on stdout, JSON or text.
 */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "say.h"
#include "units.h"

static bool use_syslog;

void say_to_syslog(void)
{
	openlog("tmem-pmem-ctl", 0, LOG_DAEMON);
	use_syslog = true;
}

char *printable(const char *text, size_t length)
{
	char *clean = malloc(4 * length + 1), *end = clean;

	if (!clean)
		abort();
	for (; length; length--, text++) {
		if (*text < ' ' || *text > '~')
			end += sprintf(end, "\\x%02x", (unsigned char)*text);
		else
			*end++ = *text;
	}
	*end = '\0';
	return clean;
}

static char *sentence(const char *format, va_list args)
{
	char *text, *clean;

	if (vasprintf(&text, format, args) < 0)
		abort();
	clean = printable(text, strlen(text));
	free(text);
	return clean;
}

static void say(int priority, const char *format, va_list args)
{
	char *text = sentence(format, args);

	fprintf(stderr, "tmem-pmem-ctl: %s\n", text);
	if (use_syslog)
		syslog(priority, "%s", text);
	free(text);
}

int fail(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	va_start(args, format);
	say(LOG_ERR, format, args);
	va_end(args);
	return EXIT_FAILURE;
}

void hint(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	va_start(args, format);
	say(LOG_INFO, format, args);
	va_end(args);
}

void tell(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = sentence(format, args);
	va_end(args);
	puts(text);
	free(text);
}

static void print_text(struct json_object *object, int depth);

static void print_member(const char *name, struct json_object *value, int depth)
{
	enum json_type type = json_object_get_type(value);
	bool nested = type == json_type_object || type == json_type_array;

	printf("%*s%s:", 2 * depth, "", name);
	if (nested) {
		putchar('\n');
		print_text(value, depth + 1);
	} else {
		printf(" %s\n", json_object_get_string(value));
	}
}

/* The first member of an object in an array gets a dash, the others are aligned with it. */
static void print_item(struct json_object *item, int depth)
{
	bool first = true;

	if (!json_object_is_type(item, json_type_object)) {
		printf("%*s%s\n", 2 * depth, "", json_object_get_string(item));
		return;
	}
	json_object_object_foreach(item, name, value) {
		if (first)
			printf("%*s- ", 2 * depth, "");
		print_member(name, value, first ? 0 : depth + 1);
		first = false;
	}
}

static void print_text(struct json_object *object, int depth)
{
	size_t i;

	if (json_object_is_type(object, json_type_array)) {
		for (i = 0; i < json_object_array_length(object); i++)
			print_item(json_object_array_get_idx(object, i), depth);
		return;
	}
	json_object_object_foreach(object, name, value)
		print_member(name, value, depth);
}

void print_object(struct json_object *object, bool json)
{
	if (json)
		puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
						    JSON_C_TO_STRING_NOSLASHESCAPE));
	else
		print_text(object, 0);
	json_object_put(object);
}

struct json_object *json_size(unsigned long long bytes, bool human)
{
	char text[SIZE_TEXT_BYTES];

	if (!human)
		return json_u64(bytes);
	return json_text(format_size(bytes, text));
}

struct json_object *json_u64(unsigned long long value)
{
	return json_object_new_uint64(value);
}

struct json_object *json_text(const char *text)
{
	char *clean = printable(text, strlen(text));
	struct json_object *value = json_object_new_string(clean);

	free(clean);
	return value;
}
