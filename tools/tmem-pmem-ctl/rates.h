/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel counts, looked at again and again.
 */
#ifndef _CTL_RATES_H
#define _CTL_RATES_H

#include <stdbool.h>

/**
 * rates_parse() - read the options of a verb that shows rates
 * @seconds_text: between two looks
 * @times_text: how often, NULL for no end
 * @seconds: set
 * @times: set, 0 for no end
 *
 * Return: 0, or an exit status after fail().
 */
int rates_parse(const char *seconds_text, const char *times_text, double *seconds, unsigned long *times);

/**
 * rates_run() - show something until interrupted
 * @seconds: between two times
 * @times: how often, 0 for no end
 * @wake: a file that may be read when somebody wants to be heard before that, -1 for none
 * @show: gets the seconds since it was called last; 0 at first, when it is to print nothing yet. Returns
 *	false to end
 *
 * Return: exit status; ends early when the modules go.
 */
int rates_run(double seconds, unsigned long times, int wake,
	      bool (*show)(double seconds, unsigned long time));

/* The number in a file below /sys/kernel/mm, or the sum over a directory's files; 0 for what cannot be read. */
unsigned long long rates_value(const char *file);

/* How much that grew a second, since the last call with the same @file; 0 at the first. */
double rates_per_second(const char *file, double seconds);

#endif /* _CTL_RATES_H */
