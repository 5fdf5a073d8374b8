// SPDX-License-Identifier: GPL-2.0
/*
 * The verb "resize": how much of a device pages are stored on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attach.h"
#include "command.h"
#include "kernel.h"
#include "say.h"
#include "units.h"


/* Slots that @text says, of @all: a size, a percentage or "max". Return: 0, or non-zero for something else. */
static int parse_share(const char *text, unsigned long long all, unsigned long long *share)
{
	unsigned long long bytes;
	char *end;

	if (!strcmp(text, "max")) {
		*share = all;
		return 0;
	}
	if (strchr(text, '%')) {
		unsigned long percent = strtoul(text, &end, 10);

		if (*text < '0' || *text > '9' || strcmp(end, "%") || percent > 100)
			return -1;
		*share = all * percent / 100;
		return 0;
	}
	if (parse_size(text, &bytes))
		return -1;
	*share = bytes / PAGE_BYTES;
	return 0;
}

static int show(const char *name)
{
	char share_file[128], all_file[128], text[SIZE_TEXT_BYTES];
	unsigned long long share, all;

	snprintf(share_file, sizeof(share_file), "tmem_pmem/devices/%s/slots_usable", name);
	snprintf(all_file, sizeof(all_file), "tmem_pmem/devices/%s/slots", name);
	if (kernel_read_u64(share_file, &share) || kernel_read_u64(all_file, &all) || !all)
		return fail("cannot read the share of %s", name);
	printf("%s: pages are stored on %s of it, %llu %%\n", name,
	       format_size(share * PAGE_BYTES, text), share * 100 / all);
	return 0;
}

static int set(const char *name, const char *typed)
{
	char file[128], number[24], size[SIZE_TEXT_BYTES];
	unsigned long long all, share;
	int error;

	snprintf(file, sizeof(file), "tmem_pmem/devices/%s/slots", name);
	if (kernel_read_u64(file, &all))
		return fail("cannot read the size of %s", name);
	if (parse_share(typed, all, &share))
		return fail("%s is no share: give a size such as 12G, a percentage such as 50%%, or max", typed);
	if (share > all)
		return fail("%s has no more than %s, give that or less, or max", name,
			    format_size(all * PAGE_BYTES, size));
	snprintf(file, sizeof(file), "tmem_pmem/devices/%s/slots_usable", name);
	snprintf(number, sizeof(number), "%llu", share);
	error = kernel_write(file, number);
	if (error)
		return fail("cannot resize the share of %s: %s", name, kernel_why(error));
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
