// SPDX-License-Identifier: GPL-2.0
/*
 * From what the user typed to a device: /dev/pmem0, pmem0, namespace0.0 or a regular file.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "device.h"
#include "nd.h"
#include "paths.h"
#include "say.h"

void device_node(const char *name, char path[PATH_MAX])
{
	char *mark, node[NAME_MAX + 1];

	snprintf(node, sizeof(node), "%s", name);
	while ((mark = strchr(node, '!')))
		*mark = '/';
	path_dev(path, "%s", node);
}

/* Set @path for what was typed. Returns 0, or non-zero after fail(). */
static int typed_path(const char *typed, char path[PATH_MAX])
{
	struct nd_namespace namespace;

	if (strchr(typed, '/')) {
		snprintf(path, PATH_MAX, "%s", typed);
		return 0;
	}
	if (strncmp(typed, "namespace", strlen("namespace"))) {
		device_node(typed, path);
		return 0;
	}
	if (nd_find(typed, NULL, &namespace))
		return fail("there is no %s, see \"tmem-pmem-ctl list\"", typed);
	if (!namespace.block[0])
		return fail("%s has no block device, it has to be enabled in fsdax mode", typed);
	path_dev(path, "%s", namespace.block);
	return 0;
}

static int open_size(int fd, bool is_block, const struct stat *info, unsigned long long *bytes)
{
	if (!is_block) {
		*bytes = info->st_size;
		return 0;
	}
	return ioctl(fd, BLKGETSIZE64, bytes);
}

/* The kernel's name: udev's links and odd node names do not matter then. */
static void device_name(struct device *device, bool is_block)
{
	char path[PATH_MAX], target[PATH_MAX];
	ssize_t length = -1;

	if (is_block) {
		path_sys(path, "dev/block/%u:%u", major(device->number), minor(device->number));
		length = readlink(path, target, sizeof(target) - 1);
	}
	if (length < 0)
		length = snprintf(target, sizeof(target), "%s", device->path);
	target[length] = '\0';
	snprintf(device->name, sizeof(device->name), "%.*s", DEVICE_NAME_BYTES - 1,
		 path_base(target));
}

/* A block device is known by its number, whatever its node. */
static bool is_same(const struct device *device, const struct stat *info)
{
	if (device->number)
		return S_ISBLK(info->st_mode) && info->st_rdev == device->number;
	return info->st_dev == device->filesystem && info->st_ino == device->inode;
}

int device_open(const struct device *device, int flags)
{
	struct stat info;
	int fd = open(device->path, flags | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (!fstat(fd, &info) && is_same(device, &info))
		return fd;
	close(fd);
	return -ESTALE;
}

int device_kernel_path(const struct device *device, char path[PATH_MAX])
{
	struct stat info;

	device_node(device->name, path);
	if (!stat(path, &info) && is_same(device, &info))
		return 0;
	if (realpath(device->path, path) && !stat(path, &info) && is_same(device, &info))
		return 0;
	return fail("%s is another device than a moment ago, so it is left alone", device->path);
}

/* @all: the command that shows what there is */
static int find(const char *typed, struct device *device, const char *all)
{
	struct stat info;
	bool is_block;
	int fd, error;

	memset(device, 0, sizeof(*device));
	if (!*typed)
		return fail("\"\" is no device, see \"%s\"", all);
	if (typed_path(typed, device->path))
		return EXIT_FAILURE;
	if (stat(device->path, &info))
		return fail("cannot find %s: %s, see \"%s\"", device->path, strerror(errno), all);
	is_block = S_ISBLK(info.st_mode);
	if (!is_block && !S_ISREG(info.st_mode))
		return fail("%s is not a block device, give one like /dev/pmem0", device->path);
	device->number = is_block ? info.st_rdev : 0;
	device->filesystem = info.st_dev;
	device->inode = info.st_ino;

	fd = device_open(device, O_RDONLY);
	if (fd < 0)
		return fail("cannot open %s: %s", device->path, strerror(-fd));
	error = open_size(fd, is_block, &info, &device->bytes);
	close(fd);
	if (error)
		return fail("cannot find the size of %s: see the kernel log, it may have been taken away",
			    device->path);

	device->block = is_block || path_files_are_devices();
	device_name(device, is_block);
	return 0;
}

int device_find(const char *typed, struct device *device)
{
	return find(typed, device, "tmem-pmem-ctl list");
}

int device_find_disk(const char *typed, struct device *device)
{
	if (find(typed, device, "lsblk"))
		return EXIT_FAILURE;
	if (!device->block)
		return fail("%s is not a block device, give one like /dev/nvme0n1p3", device->path);
	return 0;
}

int device_find_fsdax(const char *typed, struct device *device)
{
	unsigned long long dax = 0;
	struct nd_namespace namespace;
	char path[PATH_MAX];

	if (device_find(typed, device))
		return EXIT_FAILURE;
	if (!device->block)
		return fail("%s is not a block device, give one like /dev/pmem0", device->path);
	path_sys(path, "class/block/%s/partition", device->name);
	if (!access(path, F_OK))
		return fail("%s is a partition, give the whole namespace", device->path);
	path_sys(path, "class/block/%s/queue/dax", device->name);
	if (strncmp(device->name, "pmem", 4) || attr_read_u64(path, &dax) || !dax)
		return fail("%s is not persistent memory that the kernel maps, "
			    "it takes a namespace in fsdax mode", device->path);
	if (!nd_find(NULL, device->name, &namespace) && strcmp(namespace.mode, "fsdax"))
		return fail("%s is in %s mode and has to be in fsdax mode, run "
			    "\"ndctl create-namespace -f -e %s -m fsdax\"", device->path,
			    namespace.mode, namespace.name);
	return 0;
}

struct pmem_visit {
	int (*visit)(const char *name, void *data);
	void *data;
};

static int visit_pmem(const char *name, void *data)
{
	const struct pmem_visit *pmem = data;

	return strncmp(name, "pmem", 4) ? 0 : pmem->visit(name, pmem->data);
}

int device_each_pmem(int (*visit)(const char *name, void *data), void *data)
{
	struct pmem_visit pmem = { .visit = visit, .data = data };

	return path_each_sys("block", visit_pmem, &pmem);
}
