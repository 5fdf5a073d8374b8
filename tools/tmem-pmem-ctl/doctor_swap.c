// SPDX-License-Identifier: GPL-2.0
/*
 * The doctor's questions about swap: what areas there are, on what, and how swapping is set up.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "doctor.h"
#include "kernel.h"
#include "paths.h"
#include "units.h"

/* More than any kernel has. */
#define AREAS_MAX	32
#define VERDICT_BYTES	32

static bool starts_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

/* Sets @directory to the disk's directory in sysfs, for a device or the device of a file. */
static bool disk_directory(const char *area, char directory[PATH_MAX])
{
	char path[PATH_MAX];
	struct stat info;
	dev_t number;

	if (stat(area, &info))
		return false;
	number = S_ISBLK(info.st_mode) ? info.st_rdev : info.st_dev;
	path_sys(path, "dev/block/%u:%u", major(number), minor(number));
	return realpath(path, directory);
}

/*
 * What tmem says about the swap areas, when it is loaded: one word each, in the order of /proc/swaps.
 * Return: number of words, 0 also if they cannot be told apart.
 */
static unsigned int verdicts(char words[][VERDICT_BYTES], unsigned int areas)
{
	char path[PATH_MAX], text[ATTR_TEXT_BYTES], *line, *state;
	unsigned int count = 0;

	path_sys(path, "kernel/mm/tmem/areas");
	if (attr_read(path, text) < 0)
		return 0;
	for (line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state))
		if (count == areas || sscanf(line, "%*s %*s %*s %31s", words[count++]) != 1)
			return 0;
	return count == areas ? count : 0;
}

/* @verdict: tmem's word on the area, "" if not known */
static void check_area(const char *area, unsigned long long bytes, const char *verdict)
{
	char directory[PATH_MAX], size[SIZE_TEXT_BYTES];
	bool has_disk = disk_directory(area, directory);
	const char *disk = has_disk ? path_base(directory) : "";

	format_size(bytes, size);
	if (!strcmp(verdict, "crypt"))
		report(FINDING_WARN, "swap", "%s (%s) is encrypted by dm-crypt or may be, and persistent memory "
		       "is not, so its pages are not stored: load tmem_pmem without encrypt=0", area, size);
	else if (!strcmp(verdict, "fs_swapfile"))
		report(FINDING_WARN, "swap", "%s (%s) is written through its filesystem, so its pages are "
		       "not stored: swap to a partition or to a file on a local filesystem", area, size);
	else if (starts_with(disk, "zram") || starts_with(disk, "pmem") || starts_with(disk, "ram"))
		report(FINDING_WARN, "swap", "%s (%s) is memory itself, which the kernel swaps in from without "
		       "the swap cache, so no copy is kept after that: swap to an SSD instead", area, size);
	else
		report(FINDING_OK, "swap", "%s has %s", area, size);
}

#define OCTAL_DIGITS	3

/* The path in a line of /proc/swaps has spaces as "\040". */
static void unescape(char *text)
{
	char *to = text;
	unsigned int byte;

	for (; *text; text++) {
		if (*text == '\\' && strspn(text + 1, "01234567") >= OCTAL_DIGITS && sscanf(text + 1, "%3o", &byte) == 1) {
			*to++ = byte;
			text += OCTAL_DIGITS;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

struct area {
	char path[PATH_MAX];
	unsigned long long bytes;
};

/* Return: the number of swap areas in @areas. */
static unsigned int read_areas(struct area areas[AREAS_MAX])
{
	char path[PATH_MAX], *line = NULL;
	unsigned int count = 0;
	size_t size = 0;
	FILE *file;

	path_proc(path, "swaps");
	file = fopen(path, "re");
	while (file && count < AREAS_MAX && getline(&line, &size, file) > 0) {
		struct area *area = &areas[count];

		if (sscanf(line, "%4095s %*s %llu", area->path, &area->bytes) != 2)
			continue;	/* the heading */
		unescape(area->path);
		area->bytes <<= 10;
		count++;
	}
	free(line);
	if (file)
		fclose(file);
	return count;
}

static int add_usable(const char *name, void *data)
{
	unsigned long long slots, usable, percent, *bytes = data;
	char file[PATH_MAX];

	snprintf(file, sizeof(file), "tmem_pmem/devices/%s/slots_usable", name);
	if (kernel_read_u64(file, &usable))
		return 0;
	/* What files may have need not be in swap. */
	snprintf(file, sizeof(file), "tmem_pmem/devices/%s/slots", name);
	if (kernel_read_u64(file, &slots))
		slots = usable;
	snprintf(file, sizeof(file), "tmem_pmem/devices/%s/clean_percent", name);
	if (kernel_read_u64(file, &percent))
		percent = 0;
	if (usable > slots * percent / 100)
		*bytes += (usable - slots * percent / 100) * PAGE_BYTES;
	return 0;
}

/* A page is stored only if it has a slot in a swap area. */
static void check_sizes(const struct area *areas, unsigned int count)
{
	unsigned long long swap = 0, usable = 0;
	char swap_size[SIZE_TEXT_BYTES], usable_size[SIZE_TEXT_BYTES];
	unsigned int i;

	for (i = 0; i < count; i++)
		swap += areas[i].bytes;
	kernel_each_device(add_usable, &usable);
	if (swap && swap < 2 * usable)
		report(FINDING_WARN, "swap", "the swap areas have %s, and there is %s of persistent memory: make them twice as "
		       "large as that, since what is stored takes a slot there too", format_size(swap, swap_size),
		       format_size(usable, usable_size));
}

static void check_areas(void)
{
	static struct area areas[AREAS_MAX];
	static char words[AREAS_MAX][VERDICT_BYTES];
	unsigned int count = read_areas(areas);
	bool known = verdicts(words, count);
	unsigned int i;

	for (i = 0; i < count; i++)
		check_area(areas[i].path, areas[i].bytes, known ? words[i] : "");
	check_sizes(areas, count);
	if (!count)
		report(FINDING_WARN, "swap", "there is no swap area, and tmem stores only pages that have "
		       "a slot in one: make one with mkswap and swapon, twice as large as what is to be stored");
}

static void check_readahead(void)
{
	unsigned long long pages_log2;
	char path[PATH_MAX];

	path_proc(path, "sys/vm/page-cluster");
	if (attr_read_u64(path, &pages_log2))
		return;
	if (pages_log2)
		report(FINDING_WARN, "page-cluster", "swap-in reads %llu pages for each one asked for, which "
		       "pays on disks only: run \"sysctl vm.page-cluster=0\"", 1ULL << pages_log2);
	else
		report(FINDING_OK, "page-cluster", "swap-in reads one page at a time");
}

void doctor_swap(void)
{
	check_areas();
	check_readahead();
}
