/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The superblock of a flash device: the one that all kinds of devices share, with the magic and the
 * alignment of ssd_format.h. <tmem/super.h> has the functions.
 */
#ifndef _TMEM_SSD_SUPERBLOCK_H
#define _TMEM_SSD_SUPERBLOCK_H

#include <tmem/super.h>
#include <uapi/tmem/ssd_format.h>

static const struct tmem_super_kind tmem_ssd_super_kind = {
	.magic = TMEM_SSD_MAGIC,
	.version = TMEM_SSD_VERSION,
	.feature_incompat = TMEM_SSD_FEATURE_INCOMPAT_KNOWN,
	.align_bytes = TMEM_SSD_SEGMENT_BYTES,
	.device_min_bytes = TMEM_SSD_DEVICE_MIN_BYTES,
	.device_max_bytes = TMEM_SSD_DEVICE_MAX_BYTES,
};

/* How many segments there are. @super was decoded or laid out. */
static inline u64 tmem_ssd_super_segments(const struct tmem_super *super)
{
	return super->data_bytes / TMEM_SSD_SEGMENT_BYTES;
}

#endif /* _TMEM_SSD_SUPERBLOCK_H */
