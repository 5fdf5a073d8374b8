// SPDX-License-Identifier: GPL-2.0
/*
 * The doctor's questions about policy: Secure Boot, lockdown, signatures, live patches, zswap.
 */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "kernel.h"
#include "paths.h"

#define SECURE_BOOT_VARIABLE	"SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

/* The variable is four bytes of attributes and one of value. */
static bool secure_boot(void)
{
	unsigned char bytes[5];
	char path[PATH_MAX];
	bool on;
	int fd;

	path_sys(path, "firmware/efi/efivars/%s", SECURE_BOOT_VARIABLE);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	on = read(fd, bytes, sizeof(bytes)) == sizeof(bytes) && bytes[4] == 1;
	close(fd);
	return on;
}

static bool parameter_is_yes(const char *module, const char *parameter)
{
	char path[PATH_MAX], text[ATTR_TEXT_BYTES];

	path_sys(path, "module/%s/parameters/%s", module, parameter);
	return attr_read(path, text) > 0 && (text[0] == 'Y' || text[0] == '1');
}

/* "none [integrity] confidentiality": the one in brackets counts. */
static void check_lockdown(void)
{
	char path[PATH_MAX], text[ATTR_TEXT_BYTES];
	bool known, signatures;

	path_sys(path, "kernel/security/lockdown");
	known = attr_read(path, text) > 0;
	if (known && strstr(text, "[confidentiality]")) {
		report(FINDING_FAIL, "lockdown", "the kernel is locked down for confidentiality, which "
		       "forbids kprobes: boot with lockdown=integrity or less");
		return;
	}
	signatures = (known && strstr(text, "[integrity]")) ||
		     parameter_is_yes("module", "sig_enforce");
	if (!signatures)
		report(FINDING_OK, "lockdown", "modules load without a signature%s",
		       secure_boot() ? ", although Secure Boot is on" : "");
	else if (kernel_has_module(MODULE_CORE))
		report(FINDING_OK, "lockdown", "only signed modules load, and tmem has loaded");
	else
		report(FINDING_WARN, "lockdown", "%s, only signed modules load: let dkms sign them with a "
		       "key enrolled by mokutil",
		       secure_boot() ? "Secure Boot is on" : "the kernel is locked down");
}

/* Does a live patch replace this function? Objects, the kernel and its modules, are directories. */
static bool is_patched(const char *patch, const char *function)
{
	static const char *const objects[] = { "vmlinux", "jbd2", "ext4" };
	char path[PATH_MAX];
	size_t object;
	int i;

	for (object = 0; object < sizeof(objects) / sizeof(objects[0]); object++) {
		/* one function can occur several times under one name */
		for (i = 0; i < 2; i++) {
			path_sys(path, "kernel/livepatch/%s/%s/%s,%d", patch, objects[object], function, i);
			if (!access(path, F_OK))
				return true;
		}
	}
	return false;
}

/* The first of these functions that a live patch replaces, or NULL. */
static const char *patched_of(const char *patch, const char *const *hook)
{
	for (; hook && *hook; hook++)
		if (is_patched(patch, *hook))
			return *hook;
	return NULL;
}

static const char *patched_hook(const char *patch)
{
	const char *hook = patched_of(patch, doctor_hooks());

	return hook ? hook : patched_of(patch, doctor_file_hooks);
}

static void check_patch(const char *patch)
{
	const char *hook = patched_hook(patch), *of_ext4 = patched_of(patch, doctor_ext4_hooks);

	if (hook)
		report(FINDING_FAIL, "livepatch", "%s replaces %s, which tmem needs: remove the "
		       "patch or wait for a kernel that has the fix", patch, hook);
	else if (of_ext4)
		report(FINDING_WARN, "livepatch", "%s replaces %s, so no page of ext4 is cached: remove the "
		       "patch or wait for a kernel that has the fix", patch, of_ext4);
	else
		report(FINDING_OK, "livepatch", "%s is loaded and leaves tmem's functions alone", patch);
}

static void check_livepatch(void)
{
	struct dirent *entry;
	char path[PATH_MAX];
	int patches = 0;
	DIR *dir;

	path_sys(path, "kernel/livepatch");
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		patches++;
		check_patch(entry->d_name);
	}
	if (dir)
		closedir(dir);
	if (!patches)
		report(FINDING_OK, "livepatch", "no live patches");
}

static void check_zswap(void)
{
	if (parameter_is_yes("zswap", "enabled"))
		report(FINDING_OK, "zswap", "zswap is on: it gets the pages that tmem refuses, and pages "
		       "that are in it already stay there");
	else
		report(FINDING_OK, "zswap", "zswap is off");
}

void doctor_policy(void)
{
	check_lockdown();
	check_livepatch();
	check_zswap();
}
