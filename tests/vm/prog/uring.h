/* SPDX-License-Identifier: GPL-2.0 */
/* As much of io_uring as the programs here need: writes and reads of one buffer each, and their results. */
#ifndef URING_H
#define URING_H

#include <linux/io_uring.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct uring {
	int fd;
	struct io_uring_params params;
	char *sq, *cq;
	struct io_uring_sqe *sqes;
};

static size_t uring_sq_bytes(const struct uring *ring)
{
	return ring->params.sq_off.array + ring->params.sq_entries * sizeof(unsigned int);
}

static size_t uring_cq_bytes(const struct uring *ring)
{
	return ring->params.cq_off.cqes + ring->params.cq_entries * sizeof(struct io_uring_cqe);
}

static size_t uring_sqe_bytes(const struct uring *ring)
{
	return ring->params.sq_entries * sizeof(*ring->sqes);
}

static void *uring_map(const struct uring *ring, size_t bytes, off_t what)
{
	void *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd, what);

	if (map == MAP_FAILED) {
		perror("mapping a ring");
		exit(2);
	}
	return map;
}

static void uring_open(struct uring *ring, unsigned int entries)
{
	struct io_uring_params *params = &ring->params;

	memset(ring, 0, sizeof(*ring));
	ring->fd = syscall(SYS_io_uring_setup, entries, params);
	if (ring->fd < 0) {
		perror("io_uring_setup");
		exit(2);
	}
	ring->sq = uring_map(ring, uring_sq_bytes(ring), IORING_OFF_SQ_RING);
	ring->cq = uring_map(ring, uring_cq_bytes(ring), IORING_OFF_CQ_RING);
	ring->sqes = uring_map(ring, uring_sqe_bytes(ring), IORING_OFF_SQES);
}

/* No request is under way. */
static inline void uring_close(struct uring *ring)
{
	munmap(ring->sq, uring_sq_bytes(ring));
	munmap(ring->cq, uring_cq_bytes(ring));
	munmap(ring->sqes, uring_sqe_bytes(ring));
	close(ring->fd);
}

/* @tag: of its result. Not more than there are entries. */
static void uring_add(struct uring *ring, int opcode, int fd, void *buffer, size_t length, off_t offset,
		      uint64_t tag)
{
	unsigned int *tail = (unsigned int *)(ring->sq + ring->params.sq_off.tail);
	unsigned int slot = *tail & (ring->params.sq_entries - 1);
	struct io_uring_sqe *sqe = &ring->sqes[slot];

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = opcode;
	sqe->fd = fd;
	sqe->addr = (uintptr_t)buffer;
	sqe->len = length;
	sqe->off = offset;
	sqe->user_data = tag;
	((unsigned int *)(ring->sq + ring->params.sq_off.array))[slot] = slot;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
}

static void uring_enter(const struct uring *ring, unsigned int submit, unsigned int wait)
{
	if (syscall(SYS_io_uring_enter, ring->fd, submit, wait, IORING_ENTER_GETEVENTS, NULL, 0) < 0) {
		perror("io_uring_enter");
		exit(2);
	}
}

/* The next result, which has been waited for, and *@tag of what it is. */
static int uring_result(struct uring *ring, uint64_t *tag)
{
	unsigned int *head = (unsigned int *)(ring->cq + ring->params.cq_off.head);
	struct io_uring_cqe *cqes = (struct io_uring_cqe *)(ring->cq + ring->params.cq_off.cqes);
	const struct io_uring_cqe *cqe = &cqes[*head & (ring->params.cq_entries - 1)];
	int result = cqe->res;

	*tag = cqe->user_data;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	return result;
}

#endif /* URING_H */
