/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long stores and loads take, as the kernel's histograms have it.
 */
#ifndef _CTL_LATENCY_H
#define _CTL_LATENCY_H

#include <stdbool.h>

#define LATENCY_BUCKETS	32

/**
 * struct latency - one histogram
 * @buckets: how many
 * @bound_ns: of each; HUGE_VAL for the last one
 * @count: in each, below its bound and not below the one before
 * @total: in all
 * @sum_ns: of all
 */
struct latency {
	unsigned int buckets;
	double bound_ns[LATENCY_BUCKETS];
	unsigned long long count[LATENCY_BUCKETS];
	unsigned long long total;
	unsigned long long sum_ns;
};

/* @what: "store" or "load". Return: false if the kernel has no such histogram. */
bool latency_read(const char *what, struct latency *latency);

/* The bound below which so much of all took, 0.5 for a half; 0 if there is nothing. */
double latency_below_ns(const struct latency *latency, double share);

/* "1.02 us". Returns @text. */
#define LATENCY_TEXT_BYTES	24
char *latency_format(double ns, char text[LATENCY_TEXT_BYTES]);

#endif /* _CTL_LATENCY_H */
