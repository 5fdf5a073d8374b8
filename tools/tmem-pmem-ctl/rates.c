// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel counts, looked at again and again.
 */
#include <dirent.h>
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

/* Or until there is something to read, or a signal. */
static void wait_until(double when, int wake)
{
	struct pollfd input = { .fd = wake, .events = POLLIN };
	double left = when - now();
	struct timespec ts;

	if (left <= 0)
		return;
	ts.tv_sec = (time_t)left;
	ts.tv_nsec = (long)((left - (double)ts.tv_sec) * 1e9);
	ppoll(&input, 1, &ts, NULL);
}

int rates_parse(const char *seconds_text, const char *times_text, double *seconds, unsigned long *times)
{
	char *end;

	*seconds = strtod(seconds_text, &end);
	if (*end || !(*seconds >= 0.1 && *seconds <= 86400)) {
		fail("%s is no interval: give seconds, 0.1 or more", seconds_text);
		return EXIT_USAGE;
	}
	*times = 0;
	if (!times_text)
		return 0;
	*times = strtoul(times_text, &end, 10);
	if (*end || !*times || *times_text == '-') {
		fail("%s is no number of lines", times_text);
		return EXIT_USAGE;
	}
	return 0;
}

int rates_run(double seconds, unsigned long times, int wake,
	      bool (*show)(double seconds, unsigned long time))
{
	double last = now(), next = last + seconds;
	unsigned long time;
	int status = 0;

	show(0, 0);
	for (time = 0; !times || time < times; time++, next += seconds) {
		double before = last;

		wait_until(next, wake);
		if (!kernel_has_module(MODULE_CORE)) {
			status = fail("the module tmem has gone");
			break;
		}
		last = now();
		if (last < next)
			next = last;
		if (!show(last - before, time))
			break;
		fflush(stdout);
	}
	forget_samples();
	return status;
}
