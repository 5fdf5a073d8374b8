// SPDX-License-Identifier: GPL-2.0
/*
 * Stores to a page of a file that was pinned before the file was written to the disk.
 *
 *   pinned FILE OFFSET BYTES
 *
 * The file is made of 64 pages of "a". process_vm_writev() pins page 32 and copies there from memory that is not there
 * yet. Before it gets that, with "b", the file is written to the disk, and so many bytes of it are made "c".
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE	4096
#define PAGES	64
#define PINNED	32

static int file, faults;
static long offset, bytes;
static char *source;

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static void fill(char byte, long from, long count)
{
	static char contents[PAGES * PAGE];

	memset(contents, byte, count);
	if (pwrite(file, contents, count, from) != count)
		die("write");
}

static void *give(void *unused)
{
	static char contents[PAGE] __attribute__((aligned(PAGE)));
	struct uffdio_copy copy = { .dst = (unsigned long)source, .src = (unsigned long)contents,
				    .len = PAGE };
	struct uffd_msg message;

	(void)unused;
	if (read(faults, &message, sizeof(message)) != sizeof(message))
		die("userfaultfd");
	memset(contents, 'b', PAGE);
	if (fsync(file))
		die("fsync");
	fill('c', offset, bytes);
	if (ioctl(faults, UFFDIO_COPY, &copy))
		die("UFFDIO_COPY");
	return NULL;
}

static void watch(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	source = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	faults = syscall(SYS_userfaultfd, O_CLOEXEC);
	range.range.start = (unsigned long)source;
	range.range.len = PAGE;
	if (source == MAP_FAILED || faults < 0 || ioctl(faults, UFFDIO_API, &api) ||
	    ioctl(faults, UFFDIO_REGISTER, &range))
		die("userfaultfd");
}

int main(int argc, char **argv)
{
	struct iovec from = { .iov_len = PAGE }, to = { .iov_len = PAGE };
	pthread_t giver;
	char *map;

	if (argc != 4)
		return 2;
	offset = atol(argv[2]);
	bytes = atol(argv[3]);
	file = open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (file < 0)
		die(argv[1]);
	fill('a', 0, PAGES * PAGE);
	if (fsync(file))
		die("fsync");
	map = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (map == MAP_FAILED)
		die("mmap");
	watch();
	if (pthread_create(&giver, NULL, give, NULL))
		die("thread");
	from.iov_base = source;
	to.iov_base = map + PINNED * PAGE;
	if (process_vm_writev(getpid(), &from, 1, &to, 1, 0) != PAGE)
		die("process_vm_writev");
	pthread_join(giver, NULL);
	munmap(map, PAGES * PAGE);
	if (fsync(file))
		die("fsync");
	return 0;
}
