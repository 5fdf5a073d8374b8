/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel counts, as rates, a line each so many seconds.
 */
#ifndef _CTL_WATCH_H
#define _CTL_WATCH_H

/**
 * watch_run() - print rates until interrupted
 * @seconds: between two lines, more than 0
 * @lines: to print, 0 for no end
 *
 * Return: exit status; ends early when the modules go.
 */
int watch_run(double seconds, unsigned long lines);

#endif /* _CTL_WATCH_H */
