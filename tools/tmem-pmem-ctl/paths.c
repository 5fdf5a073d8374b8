// SPDX-License-Identifier: GPL-2.0
/*
 * Where the system's files are, and reading and writing small ones.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "paths.h"

static const char *place(const char *variable, const char *standard)
{
#ifdef TMEM_TESTING
	const char *other = getenv(variable);

	if (other)
		return other;
#endif
	(void)variable;
	return standard;
}

static void join(char *path, const char *root, const char *format, va_list args)
{
	int length = snprintf(path, PATH_MAX, "%s/", root);

	if (length >= PATH_MAX ||
	    vsnprintf(path + length, PATH_MAX - length, format, args) >= PATH_MAX - length)
		path[0] = '\0';	/* opens nothing */
}

#define PATH_BELOW(name, variable, standard)				\
	void name(char path[PATH_MAX], const char *format, ...)		\
	{								\
		va_list args;						\
									\
		va_start(args, format);					\
		join(path, place(variable, standard), format, args);	\
		va_end(args);						\
	}

PATH_BELOW(path_sys, "TMEM_SYSFS", "/sys")
PATH_BELOW(path_dev, "TMEM_DEV", "/dev")
PATH_BELOW(path_proc, "TMEM_PROC", "/proc")
PATH_BELOW(path_modules, "TMEM_MODULES", "/lib/modules")
PATH_BELOW(path_run, "TMEM_RUN", "/run")
PATH_BELOW(path_etc, "TMEM_ETC", "/etc")

int path_each_sys(const char *directory, int (*visit)(const char *name, void *data), void *data)
{
	struct dirent **entries;
	char path[PATH_MAX];
	int count, i, result = 0;

	path_sys(path, "%s", directory);
	count = scandir(path, &entries, NULL, versionsort);
	for (i = 0; i < count; i++) {
		if (!result && entries[i]->d_name[0] != '.')
			result = visit(entries[i]->d_name, data);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return result;
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool path_is_root(void)
{
	const char *root = place("TMEM_ROOT", NULL);

	return root ? *root == '1' : geteuid() == 0;
}

const char *path_release(void)
{
	static struct utsname names;
	const char *release = place("TMEM_RELEASE", NULL);

	if (release)
		return release;
	uname(&names);
	return names.release;
}

bool path_files_are_devices(void)
{
	return place("TMEM_DEV", NULL) != NULL;
}

unsigned int path_lock_seconds(void)
{
	return atoi(place("TMEM_LOCK_SECONDS", "60"));
}

bool path_is_cgroup2(const char *path)
{
	const char *fake = place("TMEM_SYSFS", NULL);
	struct statfs info;

	if (fake)
		return !strncmp(path, fake, strlen(fake));
	return !statfs(path, &info) && info.f_type == CGROUP2_SUPER_MAGIC;
}

bool path_is_bad(unsigned long long offset, size_t length)
{
	const char *bad = place("TMEM_BAD", NULL);
	unsigned long long start, bytes;

	return bad && sscanf(bad, "%llu %llu", &start, &bytes) == 2 &&
	       offset < start + bytes && start < offset + length;
}

int attr_read(const char *path, char text[ATTR_TEXT_BYTES])
{
	ssize_t length;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	length = read(fd, text, ATTR_TEXT_BYTES - 1);
	if (length < 0)
		length = -errno;
	close(fd);
	if (length < 0)
		return length;
	while (length && text[length - 1] == '\n')
		length--;
	text[length] = '\0';
	return length;
}

int attr_read_u64(const char *path, unsigned long long *value)
{
	char text[ATTR_TEXT_BYTES], *end;
	int length = attr_read(path, text);

	if (length < 0)
		return length;
	errno = 0;
	*value = strtoull(text, &end, 0);
	return errno || end == text || *end ? -EINVAL : 0;
}

int attr_write(const char *path, const char *text)
{
	int fd, error = 0;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		error = -errno;
	close(fd);
	return error;
}
