/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading and writing a device: its two superblocks, and its first and last 16 MiB.
 */
#ifndef _CTL_MEDIA_H
#define _CTL_MEDIA_H

#include <stdbool.h>

#include "../../drivers/tmem_pmem/superblock.h"
#include "device.h"

/* A device is blank if this much at its start and at its end is zero. */
#define MEDIA_ENDS_BYTES	(16ULL << 20)

/**
 * struct media - an open device
 * @fd: bypasses the page cache where that is possible, so that it sees the medium itself
 * @bytes: size of the device
 * @path: for messages
 */
struct media {
	int fd;
	unsigned long long bytes;
	const char *path;
};

/**
 * struct media_supers - both superblocks as they were read
 * @blocks: their contents
 * @copies: pointers to them for tmem_pmem_super_choose(), NULL where reading failed
 */
struct media_supers {
	struct tmem_pmem_super_onmedia blocks[TMEM_PMEM_SUPER_COPIES];
	const struct tmem_pmem_super_onmedia *copies[TMEM_PMEM_SUPER_COPIES];
};

/* Open to read, or to write alone. Return 0, or non-zero after fail(). */
int media_open_read(const struct device *device, struct media *media);
int media_open_exclusive(const struct device *device, struct media *media);
void media_close(struct media *media);

/* Read @length bytes into an aligned @buffer. Returns 0 or negative errno. */
int media_read(const struct media *media, void *buffer, unsigned long long offset, size_t length);

/* Read both superblocks; one that cannot be read is marked so. */
void media_read_supers(const struct media *media, struct media_supers *supers);

/**
 * media_first_data() - look for data in the ends of the device
 * @media: the device
 * @offset: set to the first byte that is not zero or cannot be read
 *
 * Return: 0 if both ends are all zero, 1 if there is data, negative errno if reading failed.
 */
int media_first_data(const struct media *media, unsigned long long *offset);

/*
 * Likewise for what lies between the superblocks and the slots of a formatted device. A page that cannot be read is
 * nobody's there; negative errno if reading failed otherwise, as when the device has gone.
 */
int media_gap_data(const struct media *media, const struct tmem_pmem_super *super,
		   unsigned long long *offset);

/* Zero the ends of the device. Returns 0 or negative errno. */
int media_wipe_ends(const struct media *media);

/**
 * media_write_supers() - write both copies so that a crash leaves the device blank or formatted
 * @media: opened for writing
 * @kind: of the superblock
 * @super: what to write
 *
 * Return: 0, or negative errno (-EIO also if they cannot be read back).
 */
int media_write_supers(const struct media *media, const struct tmem_super_kind *kind,
		       const struct tmem_super *super);

/**
 * media_scan() - read everything
 * @media: the device
 * @progress: called with the bytes done so far; may be NULL
 * @bad_bytes: set to the number of bytes that cannot be read
 *
 * Return: 0, or negative errno if it could not be done.
 */
int media_scan(const struct media *media, void (*progress)(unsigned long long done_bytes,
							   unsigned long long all_bytes),
	       unsigned long long *bad_bytes);

#endif /* _CTL_MEDIA_H */
