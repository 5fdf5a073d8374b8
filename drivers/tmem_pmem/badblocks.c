// SPDX-License-Identifier: GPL-2.0
/*
 * What the namespace knows to be bad already. The kernel may have taken such a page out of its
 * mapping, so that not even a copy that survives machine checks may touch it.
 */
#include <linux/mutex.h>
#include <linux/sched.h>

#include "media.h"
#include "pmem.h"

/* 2 MiB. */
#define GROUP_SLOTS	512U

/**
 * tmem_pmem_is_bad() - is a part of a device known to be bad?
 * @device: open
 * @offset: in bytes from the start of the device
 * @bytes: how many
 *
 * Context: any.
 * Return: true if a byte of it is.
 */
bool tmem_pmem_is_bad(const struct tmem_pmem_device *device, u64 offset, u64 bytes)
{
	struct block_device *bdev = device->open.bdev;
	struct badblocks *bb = bdev->bd_disk->bb;
	tmem_badblocks_len_t bad_sectors;
	sector_t first_bad;

	if (!bb || !bb->count)
		return false;
	return badblocks_check(bb, get_start_sect(bdev) + (offset >> SECTOR_SHIFT),
			       DIV_ROUND_UP(bytes, SECTOR_SIZE), &first_bad, &bad_sectors);
}

/**
 * tmem_pmem_read() - read a part of a device
 * @device: open and mapped
 * @offset: in bytes from its start, a multiple of 4096: a page is mapped or not as a whole
 * @buffer: where to
 * @bytes: at most 4096
 *
 * Return: 0; -EIO if it is bad.
 */
int tmem_pmem_read(const struct tmem_pmem_device *device, u64 offset, void *buffer, size_t bytes)
{
	if (tmem_pmem_is_bad(device, offset, PAGE_SIZE))
		return -EIO;
	return tmem_pmem_media_read(buffer, device->start + offset, bytes);
}

/* Return: how many slots were not known to be bad. Looked for in groups, then slot by slot. */
static u32 quarantine_bad(struct tmem_pmem_device *device)
{
	u64 data = device->super.data_offset_bytes;
	u32 group, slot, found = 0;

	for (group = 0; group < device->slots.count; group += GROUP_SLOTS) {
		u32 end = min(group + GROUP_SLOTS, device->slots.count);

		cond_resched();
		if (!tmem_pmem_is_bad(device, data + (u64)group * TMEM_PMEM_SLOT_BYTES,
				      (u64)(end - group) * TMEM_PMEM_SLOT_BYTES))
			continue;
		for (slot = group; slot < end; slot++)
			if (tmem_pmem_is_bad(device, data + (u64)slot * TMEM_PMEM_SLOT_BYTES,
					     TMEM_PMEM_SLOT_BYTES))
				found += tmem_pmem_slots_quarantine(&device->slots, slot);
	}
	return found;
}

/**
 * tmem_pmem_skip_bad_blocks() - quarantine what is known to be bad
 * @device: open, with its slots
 *
 * What a slot holds already stays: it may have been written since it was found to be bad, which mends it, and whoever
 * loads it will see.
 *
 * Context: process; @device is being attached, or its @bad_blocks_lock is held.
 */
void tmem_pmem_skip_bad_blocks(struct tmem_pmem_device *device)
{
	unsigned int seen;
	u32 found;

	device->bad_blocks = device->open.bdev->bd_disk->bb;
	if (!device->bad_blocks)
		return;
	seen = read_seqbegin(&device->bad_blocks->lock);
	found = quarantine_bad(device);
	WRITE_ONCE(device->bad_blocks_seen, seen);
	if (found)
		pr_warn("%s: %u slots are bad and will not be used\n", device->name, found);
}

/**
 * tmem_pmem_recheck_bad_blocks() - quarantine what was found to be bad since
 * @device: attached, or it was
 *
 * Context: process, may sleep.
 */
void tmem_pmem_recheck_bad_blocks(struct tmem_pmem_device *device)
{
	mutex_lock(&device->bad_blocks_lock);
	if (tmem_pmem_bad_blocks_changed(device))
		tmem_pmem_skip_bad_blocks(device);
	mutex_unlock(&device->bad_blocks_lock);
}

/**
 * tmem_pmem_forget_bad_blocks() - do not look at the namespace's bad blocks any more: they end with its driver
 * @device: takes no page any more
 *
 * Context: process, may sleep.
 */
void tmem_pmem_forget_bad_blocks(struct tmem_pmem_device *device)
{
	mutex_lock(&device->bad_blocks_lock);
	WRITE_ONCE(device->bad_blocks, NULL);
	mutex_unlock(&device->bad_blocks_lock);
}
