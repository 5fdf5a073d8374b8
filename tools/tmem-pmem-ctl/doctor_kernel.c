// SPDX-License-Identifier: GPL-2.0
/*
 * The doctor's questions about the kernel: its release, its module, the functions to take over.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "kernel.h"
#include "paths.h"

#define SYMBOLS_MAX	64

static const char *const hooks_6_1[] = {
	"__frontswap_store", "swap_readpage", "__frontswap_invalidate_page",
	"__frontswap_invalidate_area", "frontswap_init", NULL
};

static const char *const hooks_6_12[] = {
	"zswap_store", "zswap_load", "zswap_invalidate", "zswap_swapon", "zswap_swapoff",
	"swap_entry_range_free", "swapin_readahead", NULL
};

static const char *const hooks_7_2[] = {
	"zswap_store", "zswap_load", "zswap_invalidate", "zswap_swapon", "zswap_swapoff", NULL
};

/* What is taken over for the page cache, on all of them. */
const char *const doctor_file_hooks[] = {
	"generic_shutdown_super", "truncate_inode_pages_range", "invalidate_inode_pages2_range",
	"pagecache_isize_extended", "vfs_fallocate", "bmap", "__filemap_set_wb_err",
	"iomap_dio_complete", "generic_perform_write", "iomap_file_buffered_write",
	"__folio_mark_dirty", "__filemap_remove_folio", "filemap_read_folio", "read_pages",
	"vfs_get_tree", "reconfigure_super", "lock_two_nondirectories",
	"unlock_two_nondirectories", NULL
};

/* What is taken over of ext4, which may be a module. */
const char *const doctor_ext4_hooks[] = {
	"jbd2_journal_abort", "ext4_convert_unwritten_extents", NULL
};

/* What the core looks up besides the functions it takes over. */
static const char *const symbols[] = {
	"kallsyms_lookup_name", "register_kprobe", "ftrace_location", "swap_info",
	"swap_cache_get_folio", "zswap_stored_pages", "mm_kobj", "block_class",
	"iterate_supers", NULL
};

static const char *const symbols_6_1[] = { "frontswap_enabled_key", NULL };
static const char *const symbols_6_12[] = {
	"zswap_ever_enabled", "read_swap_cache_async", "add_to_swap_cache", "swapcache_prepare",
	"swapcache_clear", "mem_cgroup_swapin_charge_folio", "mem_cgroup_swapin_uncharge_swap",
	"lookup_swap_cgroup_id", "workingset_refault", "vma_thp_gfp_mask",
	"__thp_vma_allowable_orders", "transparent_hugepage_flags", "huge_anon_orders_always",
	"huge_anon_orders_madvise", "huge_anon_orders_inherit", "mthp_stats", "page_cluster", NULL
};

static const char *const symbols_7_2[] = { "zswap_ever_enabled", NULL };

static const struct series {
	const char *name;
	const char *const *hooks;
	const char *const *symbols;
} supported[] = {
	{ "6.1", hooks_6_1, symbols_6_1 },
	{ "6.12", hooks_6_12, symbols_6_12 },
	{ "7.2", hooks_7_2, symbols_7_2 },
};

/* "6.1" is the series of "6.1.0-44-amd64" and not of "6.12.57". */
static bool in_series(const char *release, const char *series)
{
	size_t length = strlen(series);

	return !strncmp(release, series, length) && !(release[length] >= '0' &&
						      release[length] <= '9');
}

static const struct series *running_series(void)
{
	size_t i;

	for (i = 0; i < sizeof(supported) / sizeof(supported[0]); i++)
		if (in_series(path_release(), supported[i].name))
			return &supported[i];
	return NULL;
}

const char *const *doctor_hooks(void)
{
	const struct series *series = running_series();

	return series ? series->hooks : NULL;
}

static bool file_has(const char *path, const char *wanted)
{
	bool found = false;
	char *line = NULL;
	size_t size = 0;
	FILE *file = fopen(path, "re");

	if (!file)
		return false;
	while (!found && getline(&line, &size, file) > 0)
		found = strstr(line, wanted);
	free(line);
	fclose(file);
	return found;
}

bool doctor_has_module(const char *name)
{
	char path[PATH_MAX], file[64];

	path_modules(path, "%s/modules.dep", path_release());
	snprintf(file, sizeof(file), "/%s.ko", name);
	return kernel_has_module(name) || file_has(path, file);
}

static bool check_module(const char *name)
{
	if (kernel_has_module(name))
		report(FINDING_OK, "module", "%s is loaded", name);
	else if (doctor_has_module(name))
		report(FINDING_OK, "module", "%s is there for this kernel, \"modprobe %s\" loads it", name, name);
	else
		return false;
	return true;
}

/* One of them is enough: there may be only persistent memory, or only an SSD. */
static void check_modules(void)
{
	bool pmem = check_module(MODULE_PMEM), ssd = check_module(MODULE_SSD);

	if (!pmem && !ssd)
		report(FINDING_FAIL, "module", "there is neither tmem_pmem nor tmem_ssd for this kernel, "
		       "build and install them (dkms does both)");
}

/* Names wanted, and which of them a file has shown. */
struct wanted {
	const char *names[SYMBOLS_MAX];
	bool seen[SYMBOLS_MAX];
	size_t count;
};

static void wanted_add(struct wanted *wanted, const char *const *names)
{
	while (*names && wanted->count < SYMBOLS_MAX)
		wanted->names[wanted->count++] = *names++;
}

static void wanted_mark(struct wanted *wanted, const char *name)
{
	size_t i;

	for (i = 0; i < wanted->count; i++)
		if (!strcmp(wanted->names[i], name))
			wanted->seen[i] = true;
}

/* First name that was not seen, or NULL. */
static const char *wanted_missing(const struct wanted *wanted)
{
	size_t i;

	for (i = 0; i < wanted->count; i++)
		if (!wanted->seen[i])
			return wanted->names[i];
	return NULL;
}

/* Marks the names in a file whose lines are read by @format. Returns false if it has no lines. */
static bool wanted_scan(struct wanted *wanted, const char *path, const char *format)
{
	char *line = NULL, name[256];
	bool any = false;
	size_t size = 0;
	FILE *file = fopen(path, "re");

	if (!file)
		return false;
	while (getline(&line, &size, file) > 0) {
		any = true;
		if (sscanf(line, format, name) == 1)
			wanted_mark(wanted, name);
	}
	free(line);
	fclose(file);
	return any;
}

static void check_symbols(const struct series *series)
{
	struct wanted wanted = { .count = 0 };
	const char *missing;
	char path[PATH_MAX];

	wanted_add(&wanted, series->hooks);
	wanted_add(&wanted, doctor_file_hooks);
	wanted_add(&wanted, series->symbols);
	wanted_add(&wanted, symbols);
	path_proc(path, "kallsyms");
	wanted_scan(&wanted, path, "%*s %*s %255s");
	missing = wanted_missing(&wanted);
	if (missing)
		report(FINDING_FAIL, "symbols", "this kernel has no %s, use a distribution's kernel "
		       "of a supported series", missing);
	else
		report(FINDING_OK, "symbols", "all %zu functions and variables needed are there",
		       wanted.count);
}

/* What the core, once it is loaded, has found out about how functions are called. */
static void check_signatures(void)
{
	char path[PATH_MAX], name[128], state[16], different[128] = "";
	size_t same = 0;
	FILE *file;

	path_sys(path, "kernel/mm/tmem/signatures");
	file = fopen(path, "re");
	if (!file)
		return;
	while (fscanf(file, "%127s %15s", name, state) == 2) {
		same += !strcmp(state, "same");
		if (!strcmp(state, "different"))
			strcpy(different, name);
	}
	fclose(file);
	if (*different)
		report(FINDING_FAIL, "signatures", "%s is called otherwise on this kernel and not used, boot the "
		       "kernel from before or get a newer tmem", different);
	else if (!same)
		report(FINDING_WARN, "signatures", "this kernel does not say how its functions are called "
		       "(CONFIG_DEBUG_INFO_BTF), use a distribution's kernel");
	else
		report(FINDING_OK, "signatures", "%zu functions are called as tmem was built for", same);
}

/* Without ext4 there is nothing to say. */
static void check_ext4(void)
{
	struct wanted there = { .count = 0 }, traced = { .count = 0 };
	char path[PATH_MAX];

	wanted_add(&there, doctor_ext4_hooks);
	wanted_add(&traced, doctor_ext4_hooks);
	path_proc(path, "kallsyms");
	wanted_scan(&there, path, "%*s %*s %255s");
	path_sys(path, "kernel/tracing/available_filter_functions");
	if (there.seen[0] && wanted_scan(&traced, path, "%255s") && wanted_missing(&traced))
		report(FINDING_WARN, "ext4", "%s cannot be traced, so no page of ext4 is cached: use a "
		       "distribution's kernel", wanted_missing(&traced));
}

static void check_tracing(const char *const *hooks)
{
	struct wanted wanted = { .count = 0 };
	unsigned long long enabled;
	char path[PATH_MAX];

	path_proc(path, "sys/kernel/ftrace_enabled");
	if (attr_read_u64(path, &enabled) || !enabled) {
		report(FINDING_FAIL, "ftrace", "function tracing is off, "
		       "run \"sysctl kernel.ftrace_enabled=1\"");
		return;
	}
	wanted_add(&wanted, hooks);
	wanted_add(&wanted, doctor_file_hooks);
	path_sys(path, "kernel/tracing/available_filter_functions");
	if (!wanted_scan(&wanted, path, "%255s"))
		report(FINDING_WARN, "ftrace", "tracefs is not mounted, so nobody can tell whether the "
		       "functions can be traced: run \"mount -t tracefs tracefs /sys/kernel/tracing\"");
	else if (wanted_missing(&wanted))
		report(FINDING_FAIL, "ftrace", "%s cannot be traced, use a distribution's kernel",
		       wanted_missing(&wanted));
	else
		report(FINDING_OK, "ftrace", "all %zu functions to take over can be traced",
		       wanted.count);
}

void doctor_kernel(void)
{
	const struct series *series = running_series();

	if (!series) {
		report(FINDING_FAIL, "kernel", "%s is not supported, boot 6.1, 6.12 or 7.2",
		       path_release());
		return;
	}
	report(FINDING_OK, "kernel", "%s is supported", path_release());
	check_modules();
	check_symbols(series);
	check_tracing(series->hooks);
	check_signatures();
	check_ext4();
}
