// SPDX-License-Identifier: GPL-2.0
/* Formats a blank namespace, for devices= on the module's command line. */
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uuid.h>

#include "media.h"
#include "pmem.h"

#define BLANK_BYTES	SZ_16M

/*
 * @pass_bad: go on behind what cannot be read.
 * Return: 0 if all zero; -EMEDIUMTYPE, or -EIO, with the first offending byte in *@where.
 */
static int check_zero(const struct tmem_pmem_device *device, u64 from, u64 to, void *buffer,
		      u64 *where, bool pass_bad)
{
	for (*where = from; *where < to; *where += PAGE_SIZE) {
		size_t bytes = min_t(u64, PAGE_SIZE, to - *where);
		int err = tmem_pmem_read(device, *where, buffer, bytes);
		void *odd;

		if (err && pass_bad)
			continue;
		if (err)
			return err;
		odd = memchr_inv(buffer, 0, bytes);
		if (odd) {
			*where += odd - buffer;
			return -EMEDIUMTYPE;
		}
	}
	return 0;
}

static int check_blank(const struct tmem_pmem_device *device)
{
	void *buffer = kmalloc(PAGE_SIZE, GFP_KERNEL);
	u64 bytes = device->bytes;
	u64 where;
	int err;

	if (!buffer)
		return -ENOMEM;
	err = check_zero(device, 0, min_t(u64, bytes, BLANK_BYTES), buffer, &where, false);
	if (!err && bytes > BLANK_BYTES)
		err = check_zero(device, bytes - BLANK_BYTES, bytes, buffer, &where, false);
	kfree(buffer);
	if (err == -EIO)
		tmem_last_error("%s: media error at byte %llu, so it is not formatted; 'ndctl clear-errors' mends it if it can",
				device->name, where);
	else if (err)
		tmem_last_error("%s: not blank (something at byte %llu), so it is not formatted; 'tmem-pmem-ctl format' says what it is",
				device->name, where);
	return err;
}

/**
 * tmem_pmem_check_gaps() - is there nothing where a formatted device has nothing
 * @device: open and mapped, with its superblock
 *
 * Nobody writes between the superblocks and the slots, so what is there belongs to somebody who
 * came later and left the superblocks whole: a RAID member, say. A media error there is nobody's.
 *
 * Context: process, may sleep.
 * Return: 0; a negative errno with a sentence in last_error.
 */
int tmem_pmem_check_gaps(const struct tmem_pmem_device *device)
{
	const struct tmem_pmem_super *super = &device->super;
	u64 data_end = super->data_offset_bytes + super->data_bytes;
	void *buffer = kmalloc(PAGE_SIZE, GFP_KERNEL);
	u64 where;
	int err;

	if (!buffer)
		return -ENOMEM;
	err = check_zero(device, TMEM_PMEM_SUPER_BYTES,
			 min_t(u64, super->data_offset_bytes, BLANK_BYTES), buffer, &where, true);
	if (!err)
		err = check_zero(device, data_end,
				 min_t(u64, data_end + BLANK_BYTES,
				       super->device_bytes - TMEM_PMEM_SUPER_BYTES),
				 buffer, &where, true);
	kfree(buffer);
	if (err)
		tmem_last_error("%s: something else was written to byte %llu after it was formatted, so it is not used; 'tmem-pmem-ctl check' says more",
				device->name, where);
	return err;
}

static void write_super(struct tmem_pmem_device *device, struct tmem_pmem_super *super, u32 copy,
			struct tmem_pmem_super_onmedia *onmedia)
{
	tmem_pmem_super_encode(super, copy, onmedia);
	tmem_pmem_media_write(device->start + tmem_pmem_super_offset(copy, super->device_bytes),
			      onmedia, sizeof(*onmedia));
}

/* Return: true if the first superblock is ours, whatever its state: attaching will judge it. */
static bool looks_ours(const struct tmem_pmem_device *device, struct tmem_pmem_super_onmedia *onmedia)
{
	struct tmem_pmem_super ignored;
	int err;

	if (tmem_pmem_read(device, 0, onmedia, sizeof(*onmedia)))
		return false;
	err = tmem_pmem_super_decode(onmedia, 0, device->bytes, &ignored);
	return err != -ENODATA && err != -EMEDIUMTYPE;
}

/**
 * tmem_pmem_format_blank() - format a device if its first and last 16 MiB are all zero
 * @device: open for us alone and mapped
 *
 * A device that is formatted already is left as it is.
 *
 * Context: process, may sleep.
 * Return: 0; a negative errno with a sentence in last_error.
 */
int tmem_pmem_format_blank(struct tmem_pmem_device *device)
{
	struct tmem_pmem_super_onmedia *onmedia;
	struct tmem_pmem_super super;
	int err;

	err = tmem_pmem_super_layout(device->bytes, &super);
	if (err) {
		tmem_last_error("%s: a device must have 16 MiB to 1 TiB less 32 MiB; make such a namespace with 'ndctl create-namespace -s'", device->name);
		return err;
	}
	onmedia = kmalloc(sizeof(*onmedia), GFP_KERNEL);
	if (!onmedia)
		return -ENOMEM;
	if (!looks_ours(device, onmedia)) {
		err = check_blank(device);
		if (!err) {
			generate_random_uuid(super.uuid);
			super.created_seconds = ktime_get_real_seconds();
			/* The first copy last: a formatting that is cut short leaves no valid first one. */
			write_super(device, &super, 1, onmedia);
			write_super(device, &super, 0, onmedia);
			pr_info("%s: formatted\n", device->name);
		}
	}
	kfree(onmedia);
	return err;
}
