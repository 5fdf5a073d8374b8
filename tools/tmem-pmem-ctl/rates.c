// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel counts, looked at again and again.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "kernel.h"
#include "paths.h"
#include "rates.h"
#include "say.h"

/* What a file said when it was looked at last. */
struct sample {
	struct sample *next;
	unsigned long long last;
	char file[];
};

static struct sample *samples;

unsigned long long rates_value(const char *file)
{
	unsigned long long sum = 0, value;
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *directory;

	if (!kernel_read_u64(file, &value))
		return value;
	path_sys(path, "kernel/mm/%s", file);
	directory = opendir(path);
	while (directory && (entry = readdir(directory))) {
		if (entry->d_name[0] == '.' ||
		    snprintf(path, sizeof(path), "%s/%s", file, entry->d_name) >= (int)sizeof(path))
			continue;
		if (!kernel_read_u64(path, &value))
			sum += value;
	}
	if (directory)
		closedir(directory);
	return sum;
}

static struct sample *sample_of(const char *file)
{
	struct sample *sample;

	for (sample = samples; sample; sample = sample->next)
		if (!strcmp(sample->file, file))
			return sample;
	sample = malloc(sizeof(*sample) + strlen(file) + 1);
	if (!sample)
		return NULL;
	strcpy(sample->file, file);
	sample->last = rates_value(file);
	sample->next = samples;
	samples = sample;
	return sample;
}

double rates_per_second(const char *file, double seconds)
{
	struct sample *sample = sample_of(file);
	unsigned long long before, value = rates_value(file);

	if (!sample)
		return 0;
	before = sample->last;
	sample->last = value;
	/* A device that went and came counts from 0 again. */
	return seconds > 0 && value > before ? (double)(value - before) / seconds : 0;
}

static void forget_samples(void)
{
	while (samples) {
		struct sample *next = samples->next;

		free(samples);
		samples = next;
	}
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Return: false if somebody wants out. */
static bool wait_until(double when, const struct rates_wake *wake)
{
	struct pollfd input = { .fd = wake ? wake->file : -1, .events = POLLIN };
	struct timespec ts;
	double left;

	while ((left = when - now()) > 0) {
		if (wake && wake->wants_out())
			return false;
		ts.tv_sec = (time_t)left;
		ts.tv_nsec = (long)((left - (double)ts.tv_sec) * 1e9);
		ppoll(&input, 1, &ts, wake ? wake->signals : NULL);
	}
	return true;
}

int rates_parse(const char *seconds_text, const char *times_text, double *seconds, unsigned long *times)
{
	char *end;

	*seconds = strtod(seconds_text, &end);
	if (*end || !(*seconds >= 0.1 && *seconds <= 86400)) {
		fail("\"%s\" is no interval: give seconds, 0.1 to 86400", seconds_text);
		return EXIT_USAGE;
	}
	*times = 0;
	if (!times_text)
		return 0;
	errno = 0;
	*times = strtoul(times_text, &end, 10);
	if (!isdigit((unsigned char)*times_text) || *end || !*times || errno) {
		fail("\"%s\" is no number of lines", times_text);
		return EXIT_USAGE;
	}
	return 0;
}

bool rates_run(double seconds, unsigned long times, const struct rates_wake *wake,
	       void (*show)(double seconds, unsigned long time))
{
	double last = now(), next = last + seconds;
	bool there = true;
	unsigned long time;

	show(0, 0);
	for (time = 0; !times || time < times; time++, next += seconds) {
		double before = last;

		if (!wait_until(next, wake))
			break;
		there = kernel_has_module(MODULE_CORE);
		if (!there)
			break;
		last = now();
		/* It was stopped for a while. */
		if (last > next + seconds)
			next = last;
		show(last - before, time);
		if (fflush(stdout) || ferror(stdout))
			break;
	}
	forget_samples();
	return there;
}
