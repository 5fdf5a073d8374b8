// SPDX-License-Identifier: GPL-2.0
/*
 * The verb "marks": how full a device may be before the kernel writes pages back to their swap slots.
 */
#include <stdio.h>
#include <stdlib.h>

#include "attach.h"
#include "command.h"
#include "kernel.h"
#include "paths.h"
#include "say.h"
#include "units.h"

static int show(const char *name)
{
	char path[PATH_MAX], text[ATTR_TEXT_BYTES];
	int high, low;

	path_sys(path, "kernel/mm/tmem_pmem/devices/%s/marks", name);
	if (attr_read(path, text) <= 0 || sscanf(text, "%d %d", &high, &low) != 2)
		return fail("cannot read the marks of %s, see \"tmem-pmem-ctl status\"", name);
	printf("%s: above %d %% in use, pages are written back until %d %% are\n", name, high, low);
	return 0;
}

static int set(const char *name, const char *high, const char *low)
{
	char file[PATH_MAX], text[32];
	int error;

	if (parse_percent(high) < parse_percent(low) || parse_percent(low) < 0) {
		fail("\"%s\" \"%s\" are no marks: give two percentages, the high one first", high, low);
		return EXIT_USAGE;
	}
	snprintf(file, sizeof(file), "tmem_pmem/devices/%s/marks", name);
	snprintf(text, sizeof(text), "%d %d", parse_percent(high), parse_percent(low));
	error = kernel_write(file, text);
	if (error)
		return fail("cannot set the marks of %s: %s", name, kernel_why(error));
	return show(name);
}

int run_marks(char **arguments)
{
	struct device device;
	const char *name = attached_device(arguments[0], &device);

	if (!name)
		return EXIT_FAILURE;
	if (!arguments[1])
		return show(name);
	if (!arguments[2]) {
		fail("marks: give both marks, the high one first");
		return EXIT_USAGE;
	}
	return set(name, arguments[1], arguments[2]);
}
