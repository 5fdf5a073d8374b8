// SPDX-License-Identifier: GPL-2.0
/*
 * One direct request to a file, by the way that is named, and what came of it.
 *
 * directio sync|aio|uring read|write|torn FILE BYTE OFFSET LENGTH
 *
 * write: LENGTH bytes BYTE. torn: likewise, but the second half of the buffer is not there. Prints
 * the number of bytes, or minus the error. The file is open for reading and writing.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "uring.h"

struct request {
	int fd;
	bool write;
	char *buffer;
	size_t length;
	off_t offset;
};

static void die(const char *what)
{
	fprintf(stderr, "directio: %s: %s\n", what, strerror(errno));
	exit(2);
}

static long do_sync(const struct request *r)
{
	ssize_t done = r->write ? pwrite(r->fd, r->buffer, r->length, r->offset) :
				  pread(r->fd, r->buffer, r->length, r->offset);

	return done < 0 ? -errno : done;
}

static long do_aio(const struct request *r)
{
	struct iocb iocb = {
		.aio_fildes = r->fd,
		.aio_lio_opcode = r->write ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD,
		.aio_buf = (uintptr_t)r->buffer,
		.aio_nbytes = r->length,
		.aio_offset = r->offset,
	}, *list = &iocb;
	aio_context_t context = 0;
	struct io_event event;

	if (syscall(SYS_io_setup, 1, &context))
		die("io_setup");
	if (syscall(SYS_io_submit, context, 1, &list) != 1)
		return -errno;
	if (syscall(SYS_io_getevents, context, 1, 1, &event, NULL) != 1)
		die("io_getevents");
	return event.res;
}

static long do_uring(const struct request *r)
{
	struct uring ring;
	uint64_t tag;

	uring_open(&ring, 1);
	uring_add(&ring, r->write ? IORING_OP_WRITE : IORING_OP_READ, r->fd, r->buffer, r->length, r->offset, 0);
	uring_enter(&ring, 1, 1);
	return uring_result(&ring, &tag);
}

int main(int argc, char **argv)
{
	struct request r = { };
	bool torn;
	long done;

	if (argc != 7) {
		fprintf(stderr, "usage: directio sync|aio|uring read|write|torn FILE BYTE OFFSET LENGTH\n");
		return 2;
	}
	torn = !strcmp(argv[2], "torn");
	r.write = strcmp(argv[2], "read");
	r.offset = atol(argv[5]);
	r.length = atol(argv[6]);
	r.fd = open(argv[3], O_RDWR | O_DIRECT);
	if (r.fd < 0)
		die(argv[3]);
	r.buffer = mmap(NULL, r.length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (r.buffer == MAP_FAILED)
		die("memory");
	memset(r.buffer, argv[4][0], r.length);
	if (torn)
		munmap(r.buffer + r.length / 2, r.length - r.length / 2);
	if (!strcmp(argv[1], "aio"))
		done = do_aio(&r);
	else if (!strcmp(argv[1], "uring"))
		done = do_uring(&r);
	else
		done = do_sync(&r);
	printf("%ld\n", done);
	return 0;
}
