/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel counts, looked at again and again.
 */
#ifndef _CTL_RATES_H
#define _CTL_RATES_H

#include <signal.h>
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
 * struct rates_wake - who may end it early
 * @file: may be read when somebody may want that
 * @signals: blocked but while it waits, as ppoll() takes them
 * @wants_out: asked before each wait and when it was disturbed
 */
struct rates_wake {
	int file;
	const sigset_t *signals;
	bool (*wants_out)(void);
};

/**
 * rates_run() - show something again and again
 * @seconds: between two times
 * @times: how often, 0 for no end
 * @wake: NULL if only a signal that kills ends it
 * @show: gets the seconds since it was called last, and how often it was; the first call, with 0 seconds, is
 *	one more, to look only
 *
 * It ends, too, when what is shown cannot be written to stdout.
 *
 * Return: false if it ended because the modules have gone.
 */
bool rates_run(double seconds, unsigned long times, const struct rates_wake *wake,
	       void (*show)(double seconds, unsigned long time));

/* The number in a file below /sys/kernel/mm, or the sum over a directory's files; 0 for what cannot be read. */
unsigned long long rates_value(const char *file);

/* How much that grew a second, since the last call with the same @file; 0 at the first. */
double rates_per_second(const char *file, double seconds);

#endif /* _CTL_RATES_H */
