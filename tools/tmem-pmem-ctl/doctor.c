// SPDX-License-Identifier: GPL-2.0
/*
 * The verb "doctor": asks all questions and prints one line for each answer.
 */
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "doctor.h"
#include "say.h"

static bool as_json;

const struct ctl_option doctor_options[] = {
	{ "json", 'j', CTL_FLAG, &as_json, NULL, "print JSON" },
	{ 0 }
};

static const char *const finding_words[] = {
	[FINDING_OK] = "ok",
	[FINDING_WARN] = "warn",
	[FINDING_FAIL] = "fail",
};

static struct json_object *findings;
static enum finding worst;

void report(enum finding finding, const char *topic, const char *format, ...)
{
	struct json_object *object;
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	if (finding > worst)
		worst = finding;
	if (!as_json)
		tell("%-4s %s: %s", finding_words[finding], topic, text);
	object = json_object_new_object();
	json_object_object_add(object, "finding", json_text(finding_words[finding]));
	json_object_object_add(object, "topic", json_text(topic));
	json_object_object_add(object, "text", json_text(text));
	json_object_array_add(findings, object);
	free(text);
}

int run_doctor(char **arguments)
{
	(void)arguments;
	findings = json_object_new_array();
	doctor_kernel();
	doctor_policy();
	doctor_swap();
	doctor_media();
	doctor_ssd();
	if (as_json)
		print_object(findings, true);
	else
		json_object_put(findings);
	return worst == FINDING_FAIL ? EXIT_FAILURE : EXIT_SUCCESS;
}
