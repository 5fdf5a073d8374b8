// SPDX-License-Identifier: GPL-2.0
/*
 * The verb "resize": how much of a device pages are stored on.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach.h"
#include "command.h"
#include "kernel.h"
#include "say.h"
#include "units.h"

/* Slots that @text says, of @all: a size, a percentage or "max". Return: 0 or negative errno as parse_pages(). */
static int parse_usable(const char *text, unsigned long long all, unsigned long long *usable)
{
	char *end;

	if (!strcmp(text, "max")) {
		*usable = all;
		return 0;
	}
	if (strchr(text, '%')) {
		unsigned long percent = strtoul(text, &end, 10);

		if (*text < '0' || *text > '9' || strcmp(end, "%") || percent > 100)
			return -EINVAL;
		*usable = all * percent / 100;
		return 0;
	}
	return parse_pages(text, usable);
}

/* Returns an exit status, after fail(). */
static int not_usable(const char *text, int error)
{
	if (error == -ERANGE)
		fail("%s is less than a page, 4096 bytes: give more, such as 12G, or a percentage such as 50%%", text);
	else
		fail("\"%s\" is no size: give one with K, M, G or T, such as 12G, a percentage such as 50%%, or max",
		     text);
	return EXIT_USAGE;
}

static int show(const char *name)
{
	char usable_file[128], all_file[128], text[SIZE_TEXT_BYTES];
	unsigned long long usable, all;

	snprintf(usable_file, sizeof(usable_file), "tmem_pmem/devices/%s/slots_usable", name);
	snprintf(all_file, sizeof(all_file), "tmem_pmem/devices/%s/slots", name);
	if (kernel_read_u64(usable_file, &usable) || kernel_read_u64(all_file, &all) || !all)
		return fail("cannot read how much of %s is used, see \"tmem-pmem-ctl status\"", name);
	printf("%s: pages are stored on %s of it, %llu %%\n", name,
	       format_size(usable * PAGE_BYTES, text), usable * 100 / all);
	return 0;
}

static int set(const char *name, const char *typed)
{
	char file[128], number[24], size[SIZE_TEXT_BYTES];
	unsigned long long all, usable;
	int error;

	snprintf(file, sizeof(file), "tmem_pmem/devices/%s/slots", name);
	if (kernel_read_u64(file, &all))
		return fail("cannot read the size of %s, see \"tmem-pmem-ctl status\"", name);
	error = parse_usable(typed, all, &usable);
	if (error)
		return not_usable(typed, error);
	if (usable > all)
		return fail("%s has no more than %s, give that or less, or max", name,
			    format_size(all * PAGE_BYTES, size));
	snprintf(file, sizeof(file), "tmem_pmem/devices/%s/slots_usable", name);
	snprintf(number, sizeof(number), "%llu", usable);
	error = kernel_write(file, number);
	if (error)
		return fail("cannot resize %s: %s", name, kernel_why(error));
	return show(name);
}

int run_resize(char **arguments)
{
	struct device device;
	const char *name = attached_device(arguments[0], &device);

	if (!name)
		return EXIT_FAILURE;
	return arguments[1] ? set(name, arguments[1]) : show(name);
}
