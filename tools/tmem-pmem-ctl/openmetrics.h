/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel counts and is set to, as OpenMetrics text.
 */
#ifndef _CTL_OPENMETRICS_H
#define _CTL_OPENMETRICS_H

/* Print everything of the modules that are loaded to stdout. */
void openmetrics_print(void);

#endif /* _CTL_OPENMETRICS_H */
