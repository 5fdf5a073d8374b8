/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From what the user typed to a device: /dev/pmem0, pmem0, namespace0.0 or a regular file.
 */
#ifndef _CTL_DEVICE_H
#define _CTL_DEVICE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#define DEVICE_NAME_BYTES	64

/**
 * struct device - a device that exists
 * @name: kernel's name ("pmem0"); last part of the path for a regular file
 * @path: to open it
 * @bytes: its size
 * @number: its device number, 0 for a regular file
 * @filesystem: where the node or file is
 * @inode: its number there
 * @block: a block device, or what stands for one in tests
 */
struct device {
	char name[DEVICE_NAME_BYTES];
	char path[PATH_MAX];
	unsigned long long bytes;
	dev_t number;
	dev_t filesystem;
	ino_t inode;
	bool block;
};

/* Set @path to the node of a device by the kernel's name, in which ! stands for a slash. */
void device_node(const char *name, char path[PATH_MAX]);

/* Find what the user named. Returns 0, or non-zero after fail(). */
int device_find(const char *typed, struct device *device);

/* As device_find(), but it has to be a block device; any disk or partition will do. */
int device_find_disk(const char *typed, struct device *device);

/**
 * device_open() - open a device that was found, and no other
 * @device: the device
 * @flags: of open()
 *
 * Return: a descriptor, or negative errno: -ESTALE if its path leads to something else by now.
 */
int device_open(const struct device *device, int flags);

/*
 * Set @path to one that the kernel can take, which knows nothing of the directory we are in. 0, or non-zero after
 * fail().
 */
int device_kernel_path(const struct device *device, char path[PATH_MAX]);

/* As device_find(), but it has to be a whole block device that the kernel maps (fsdax). */
int device_find_fsdax(const char *typed, struct device *device);

/**
 * device_each_pmem() - visit the block devices of persistent memory
 * @visit: called with the name; a result other than 0 ends the walk
 * @data: for @visit
 *
 * Return: what the last @visit returned, 0 if there was none.
 */
int device_each_pmem(int (*visit)(const char *name, void *data), void *data);

#endif /* _CTL_DEVICE_H */
