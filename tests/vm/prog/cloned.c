// SPDX-License-Identifier: GPL-2.0
/*
 * Changes the blocks in the middle of a file while direct reads go to memory that is mapped from it.
 *
 *   cloned FILE SOURCE|insert|punch|shorten DEVICE...
 *
 * One page is read from each device, by requests that end at different times, into the first page of the file; they
 * make it dirty when they end. SOURCE has a page, which becomes page 32 of FILE's 64; or a page is inserted there. Or it is
 * read into page 32, which is made a hole meanwhile, by punching or by making the file shorter and longer again.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE	4096
#define PAGES	64
#define CLONED	32

static char *map, *target;

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static int filled(const char *name, char byte, size_t bytes)
{
	static char contents[PAGES * PAGE];
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);

	memset(contents, byte, bytes);
	if (fd < 0 || pwrite(fd, contents, bytes, 0) != (ssize_t)bytes)
		die(name);
	return fd;
}

static void *read_device(void *name)
{
	int fd = open(name, O_RDONLY | O_DIRECT);

	if (fd < 0 || pread(fd, target, PAGE, 0) != PAGE)
		die(name);
	close(fd);
	return NULL;
}

static int change(int fd, const char *how)
{
	struct file_clone_range range = { .src_length = PAGE, .dest_offset = CLONED * PAGE };

	if (!strcmp(how, "insert"))
		return fallocate(fd, FALLOC_FL_INSERT_RANGE, CLONED * PAGE, PAGE);
	if (!strcmp(how, "punch"))
		return fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, CLONED * PAGE, PAGE);
	if (!strcmp(how, "shorten"))
		return ftruncate(fd, CLONED / 2 * PAGE) || ftruncate(fd, PAGES * PAGE);
	range.src_fd = open(how, O_RDONLY);
	return ioctl(fd, FICLONERANGE, &range);
}

int main(int argc, char **argv)
{
	pthread_t readers[8];
	int fd, i, count = argc - 3;

	if (count < 1 || count > 8)
		return 2;
	if (strchr(argv[2], '/') && fsync(filled(argv[2], 'b', PAGE)))
		die(argv[2]);
	fd = filled(argv[1], 'a', PAGES * PAGE);
	map = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		die("mmap");
	target = map;
	if (!strcmp(argv[2], "punch") || !strcmp(argv[2], "shorten"))
		target += CLONED * PAGE;
	if (!strcmp(argv[2], "shorten") && fsync(fd))
		die("fsync");
	for (i = 0; i < count; i++)
		if (pthread_create(&readers[i], NULL, read_device, argv[3 + i]))
			die("thread");
	sleep(1);
	if (change(fd, argv[2]))
		die(argv[2]);
	for (i = 0; i < count; i++)
		pthread_join(readers[i], NULL);
	munmap(map, PAGES * PAGE);
	if (fsync(fd))
		die("fsync");
	return 0;
}
