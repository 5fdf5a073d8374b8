// SPDX-License-Identifier: GPL-2.0
/*
 * The verb "share": how much of a device clean pages of files may have, beside swapped-out pages.
 */
#include <stdio.h>
#include <stdlib.h>

#include "attach.h"
#include "command.h"
#include "kernel.h"
#include "say.h"
#include "ssd.h"
#include "units.h"

static int show(const char *name)
{
	unsigned long long percent, pages;
	char file[PATH_MAX], size[SIZE_TEXT_BYTES];

	snprintf(file, sizeof(file), "tmem_pmem/devices/%s/clean_percent", name);
	if (kernel_read_u64(file, &percent))
		return fail("cannot read the share of %s, see \"tmem-pmem-ctl status\"", name);
	snprintf(file, sizeof(file), "tmem_pmem/devices/%s/clean_pages", name);
	if (kernel_read_u64(file, &pages))
		return fail("cannot read the share of %s, see \"tmem-pmem-ctl status\"", name);
	printf("%s: clean pages of files may have %llu %%, and have %s\n", name, percent,
	       format_size(pages * PAGE_BYTES, size));
	return 0;
}

static int set(const char *name, const char *percent)
{
	char file[PATH_MAX], text[16];
	int error, status;

	if (parse_percent(percent) < 0) {
		fail("\"%s\" is no share: give a percentage, 0 for none", percent);
		return EXIT_USAGE;
	}
	snprintf(file, sizeof(file), "tmem_pmem/devices/%s/clean_percent", name);
	snprintf(text, sizeof(text), "%d", parse_percent(percent));
	/* before anything is cached */
	status = ssd_restore_choices();
	error = kernel_write(file, text);
	if (error)
		return fail("cannot set the share of %s: %s", name, kernel_why(error));
	return show(name) | status;
}

int run_share(char **arguments)
{
	struct device device;
	const char *name = attached_device(arguments[0], &device);

	if (!name)
		return EXIT_FAILURE;
	return arguments[1] ? set(name, arguments[1]) : show(name);
}
