// SPDX-License-Identifier: GPL-2.0
/*
 * Files below /etc/tmem that have a line for each UUID, beside comments.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uuid/uuid.h>

#include "paths.h"
#include "units.h"
#include "uuid_file.h"

bool uuid_is_whole(const char *text)
{
	uuid_t uuid;

	return strlen(text) == UUID_TEXT_BYTES - 1 && !uuid_parse(text, uuid);
}

static bool is_about(const char *line, const char *uuid)
{
	size_t length = UUID_TEXT_BYTES - 1;

	return !strncasecmp(line, uuid, length) && (!line[length] || isspace((unsigned char)line[length]));
}

/* NULL with errno ENOENT if there is none. */
static FILE *open_file(const struct uuid_file *file)
{
	char path[PATH_MAX];

	path_etc(path, "%s", file->name);
	return fopen(path, "re");
}

/* Copy the lines that are not about @uuid; the last one may have no end. Returns 0 or negative errno. */
static int copy(FILE *old, FILE *new, const char *uuid)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t length;

	errno = 0;
	while ((length = getline(&line, &size, old)) > 0)
		if (!is_about(line, uuid))
			fprintf(new, "%s%s", line, line[length - 1] == '\n' ? "" : "\n");
	free(line);
	return ferror(old) || !feof(old) ? -(errno ?: EIO) : 0;
}

/* Returns 0 or negative errno. */
static int rewrite(const struct uuid_file *file, FILE *new, const char *uuid, const char *line)
{
	FILE *old = open_file(file);
	int error = 0;

	if (!old && errno != ENOENT)
		return -errno;
	if (old) {
		error = copy(old, new, uuid);
		fclose(old);
	} else {
		fprintf(new, "# %s\n", file->heading);
	}
	if (line)
		fprintf(new, "%s\n", line);
	if (!error && (fflush(new) || ferror(new) || fsync(fileno(new))))
		error = -(errno ?: EIO);
	return error;
}

/* Where it is, behind links. Returns 0 or negative errno. */
static int find_file(const struct uuid_file *file, char path[PATH_MAX])
{
	char link[PATH_MAX];
	struct stat info;

	path_etc(link, "%s", file->name);
	if (realpath(link, path))
		return 0;
	/* A link that leads nowhere is not replaced. */
	if (errno != ENOENT || !lstat(link, &info))
		return -errno;
	strcpy(path, link);
	return 0;
}

/* Open a file to take the place of @path, with its owner and mode. NULL with errno. */
static FILE *open_fresh(const char *path, const char *fresh)
{
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct stat info = { .st_mode = 0644, .st_uid = geteuid(), .st_gid = getegid() };

	if (fd < 0)
		return NULL;
	stat(path, &info);
	/* It stays its owner's where that is possible; who may read it counts more. */
	if (!fchown(fd, info.st_uid, info.st_gid) || errno == EPERM)
		if (!fchmod(fd, info.st_mode & 07777))
			return fdopen(fd, "w");
	close(fd);
	return NULL;
}

/* Returns 0 or negative errno. */
static int sync_directory(char *path)
{
	int fd, error = 0;

	*strrchr(path, '/') = '\0';
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* Some filesystems have nothing to do for that. */
	if (fsync(fd) && errno != EINVAL)
		error = -errno;
	close(fd);
	return error;
}

int uuid_file_set(const struct uuid_file *file, const char *uuid, const char *line)
{
	char path[PATH_MAX], fresh[PATH_MAX];
	FILE *new;
	int error;

	path_etc(path, "tmem");
	if (mkdir(path, 0755) && errno != EEXIST)
		return -errno;
	error = find_file(file, path);
	if (error)
		return error;
	if (snprintf(fresh, sizeof(fresh), "%s.new", path) >= (int)sizeof(fresh))
		return -ENAMETOOLONG;
	new = open_fresh(path, fresh);
	if (!new)
		return -errno;
	error = rewrite(file, new, uuid, line);
	if (fclose(new) && !error)
		error = -errno;
	if (!error && rename(fresh, path))
		error = -errno;
	if (error)
		unlink(fresh);
	return error ?: sync_directory(path);
}

int uuid_file_each(const struct uuid_file *file, int (*visit)(const char *line, void *data), void *data)
{
	FILE *lines = open_file(file);
	char *line = NULL;
	size_t size = 0;
	int result = 0;

	if (!lines)
		return errno == ENOENT ? 0 : -errno;
	errno = 0;
	while (!result && getline(&line, &size, lines) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (*line && *line != '#')
			result = visit(line, data);
	}
	if (!result && ferror(lines))
		result = -(errno ?: EIO);
	free(line);
	fclose(lines);
	return result;
}

static int visit_line(const char *line, void *uuid)
{
	return is_about(line, uuid);
}

int uuid_file_has(const struct uuid_file *file, const char *uuid)
{
	return uuid_file_each(file, visit_line, (void *)uuid);
}
