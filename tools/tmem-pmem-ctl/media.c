// SPDX-License-Identifier: GPL-2.0
/*
 * Reading and writing a device: its two superblocks, and its first and last 16 MiB.
 */
#include <errno.h>
#include <fcntl.h>
#include <libpmem.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/string.h>

#include "media.h"
#include "paths.h"
#include "say.h"
#include "units.h"

#define CHUNK_BYTES	(1ULL << 20)
#define SECTOR_BYTES	512

static char chunk[CHUNK_BYTES] __attribute__((aligned(4096)));

/* Direct where it can be: tmpfs and a few others cannot. */
static int media_open(const struct device *device, int flags, struct media *media)
{
	media->bytes = device->bytes;
	media->path = device->path;
	media->fd = device_open(device, flags | O_DIRECT);
	if (media->fd == -EINVAL)
		media->fd = device_open(device, flags);
	return media->fd < 0 ? media->fd : 0;
}

static int cannot_open(const struct device *device, int error)
{
	if (error == -ESTALE)
		return fail("%s is another device than a moment ago, so it is left alone", device->path);
	return fail("cannot open %s: %s", device->path, strerror(-error));
}

int media_open_read(const struct device *device, struct media *media)
{
	int error = media_open(device, O_RDONLY, media);

	return error ? cannot_open(device, error) : 0;
}

int media_open_exclusive(const struct device *device, struct media *media)
{
	int error = media_open(device, O_RDWR | O_EXCL, media);

	if (error == -EBUSY)
		return fail("%s is in use by another program or by the kernel, free it first",
			    device->path);
	return error ? cannot_open(device, error) : 0;
}

void media_close(struct media *media)
{
	close(media->fd);
}

int media_read(const struct media *media, void *buffer, unsigned long long offset, size_t length)
{
	size_t done = 0;
	ssize_t count;

	if (path_is_bad(offset, length))
		return -EIO;
	while (done < length) {
		count = pread(media->fd, (char *)buffer + done, length - done, offset + done);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		if (!count)
			return -ENXIO;
		done += count;
	}
	return 0;
}

static int media_write(const struct media *media, const void *buffer, unsigned long long offset,
		       size_t length)
{
	size_t done = 0;
	ssize_t count;

	while (done < length) {
		count = pwrite(media->fd, (const char *)buffer + done, length - done,
			       offset + done);
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return count ? -errno : -EIO;
		done += count;
	}
	return 0;
}

void media_read_supers(const struct media *media, struct media_supers *supers)
{
	unsigned long long offset;
	int i;

	for (i = 0; i < TMEM_PMEM_SUPER_COPIES; i++) {
		supers->copies[i] = NULL;
		if (media->bytes < 2 * TMEM_PMEM_SUPER_BYTES)
			continue;
		offset = tmem_pmem_super_offset(i, media->bytes);
		/* through the chunk: it is aligned as direct reads need it */
		if (media_read(media, chunk, offset, TMEM_PMEM_SUPER_BYTES))
			continue;
		memcpy(&supers->blocks[i], chunk, TMEM_PMEM_SUPER_BYTES);
		supers->copies[i] = &supers->blocks[i];
	}
}

static unsigned long long at_most(unsigned long long a, unsigned long long b)
{
	return a < b ? a : b;
}

/* Is it the medium, there, that cannot be read? Otherwise the device has gone, say. */
static bool is_bad_medium(int error)
{
	return error == -EIO || error == -ENODATA || error == -EILSEQ || error == -EINVAL;
}

/*
 * First byte in [@start, @end) that is not zero, read in pieces of @step. As media_first_data(), but with @pass_bad
 * that goes on behind the pages that cannot be read.
 */
static int range_first_data(const struct media *media, unsigned long long start, unsigned long long end,
			    unsigned long long step, bool pass_bad, unsigned long long *offset)
{
	const char *found;
	size_t length;
	int error;

	for (; start < end; start += length) {
		length = at_most(end - start, step);
		*offset = start;
		error = media_read(media, chunk, start, length);
		if (pass_bad && is_bad_medium(error)) {
			/* once more, page by page */
			error = length > PAGE_BYTES ?
				range_first_data(media, start, start + length, PAGE_BYTES, true, offset) : 0;
			if (error)
				return error;
			continue;
		}
		if (error)
			return error;
		found = memchr_inv(chunk, 0, length);
		if (found) {
			*offset = start + (found - chunk);
			return 1;
		}
	}
	return 0;
}

/* Where the end begins: aligned for direct I/O, and behind the start on a small device. */
static unsigned long long tail_offset(const struct media *media)
{
	if (media->bytes <= 2 * MEDIA_ENDS_BYTES)
		return media->bytes < MEDIA_ENDS_BYTES ? media->bytes : MEDIA_ENDS_BYTES;
	return (media->bytes - MEDIA_ENDS_BYTES) & ~4095ULL;
}

static unsigned long long head_end(const struct media *media)
{
	return media->bytes < MEDIA_ENDS_BYTES ? media->bytes : MEDIA_ENDS_BYTES;
}

int media_first_data(const struct media *media, unsigned long long *offset)
{
	int result = range_first_data(media, 0, head_end(media), CHUNK_BYTES, false, offset);

	return result ?: range_first_data(media, tail_offset(media), media->bytes, CHUNK_BYTES, false, offset);
}

int media_gap_data(const struct media *media, const struct tmem_pmem_super *super,
		   unsigned long long *offset)
{
	unsigned long long end = super->data_offset_bytes + super->data_bytes;
	int result = range_first_data(media, TMEM_PMEM_SUPER_BYTES,
				      at_most(super->data_offset_bytes, MEDIA_ENDS_BYTES), CHUNK_BYTES, true, offset);

	return result ?: range_first_data(media, end,
					  at_most(end + MEDIA_ENDS_BYTES,
						  super->device_bytes - TMEM_PMEM_SUPER_BYTES),
					  CHUNK_BYTES, true, offset);
}

static int range_wipe(const struct media *media, unsigned long long start, unsigned long long end)
{
	size_t length;
	int error;

	memset(chunk, 0, sizeof(chunk));
	for (; start < end; start += length) {
		length = at_most(end - start, CHUNK_BYTES);
		error = media_write(media, chunk, start, length);
		if (error)
			return error;
	}
	return fsync(media->fd) ? -errno : 0;
}

int media_wipe_ends(const struct media *media)
{
	int error = range_wipe(media, 0, head_end(media));

	return error ?: range_wipe(media, tail_offset(media), media->bytes);
}

static int supers_wipe(const struct media *media)
{
	unsigned long long offset;
	int i, error = 0;

	for (i = 0; i < TMEM_PMEM_SUPER_COPIES && !error; i++) {
		offset = tmem_pmem_super_offset(i, media->bytes);
		error = range_wipe(media, offset, offset + TMEM_PMEM_SUPER_BYTES);
	}
	return error;
}

/*
 * libpmem picks the copy and the flush that fit the mapping: cache line flushes where it is the
 * medium itself, msync() where the page cache is between.
 */
static int super_write(const struct media *media, const struct tmem_super_kind *kind,
		       const struct tmem_super *super, u32 copy)
{
	unsigned long long offset = tmem_pmem_super_offset(copy, media->bytes);
	struct tmem_pmem_super_onmedia block;
	int error = 0;
	void *map;

	map = mmap(NULL, TMEM_PMEM_SUPER_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, media->fd,
		   offset);
	if (map == MAP_FAILED)
		return -errno;
	tmem_super_encode(kind, super, copy, &block);
	if (pmem_is_pmem(map, sizeof(block))) {
		pmem_memcpy_persist(map, &block, sizeof(block));
	} else {
		pmem_memcpy_nodrain(map, &block, sizeof(block));
		if (pmem_msync(map, sizeof(block)))
			error = -errno;
	}
	munmap(map, TMEM_PMEM_SUPER_BYTES);
	if (!error && fsync(media->fd))
		error = -errno;
	return error;
}

int media_write_supers(const struct media *media, const struct tmem_super_kind *kind,
		       const struct tmem_super *super)
{
	struct media_supers supers;
	struct tmem_super back;
	int error;

	/* Writing zeroes also clears poison, which a mapping would trip over. */
	error = supers_wipe(media);
	if (!error)
		error = super_write(media, kind, super, 0);
	if (!error)
		error = super_write(media, kind, super, 1);
	if (error)
		return error;

	media_read_supers(media, &supers);
	if (tmem_super_choose(kind, supers.copies[0], supers.copies[1], media->bytes, &back) ||
	    memcmp(back.uuid, super->uuid, sizeof(back.uuid)))
		return -EIO;
	return 0;
}

/* A chunk that cannot be read is read again by sectors, to count what is bad. */
static unsigned long long chunk_bad_bytes(const struct media *media, unsigned long long start,
					  size_t length)
{
	unsigned long long bad = 0;
	size_t at;

	for (at = 0; at < length; at += SECTOR_BYTES)
		if (media_read(media, chunk, start + at, SECTOR_BYTES))
			bad += SECTOR_BYTES;
	return bad;
}

int media_scan(const struct media *media, void (*progress)(unsigned long long done_bytes,
							   unsigned long long all_bytes),
	       unsigned long long *bad_bytes)
{
	unsigned long long start, all = media->bytes & ~4095ULL;
	size_t length;
	int error;

	*bad_bytes = 0;
	for (start = 0; start < all; start += length) {
		length = at_most(all - start, CHUNK_BYTES);
		error = media_read(media, chunk, start, length);
		if (error && !is_bad_medium(error))
			return error;
		if (error)
			*bad_bytes += chunk_bad_bytes(media, start, length);
		if (progress)
			progress(start + length, all);
	}
	return 0;
}
