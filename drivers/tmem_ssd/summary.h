/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The summary of a segment: which page of which file each of its pages is.
 *
 * It is read back when the segment is evicted, to find the entries of the index.
 *
 * Pure: no I/O, no allocation, no locks, any context; compiles for user space too. What is read
 * from a medium is believed only after tmem_ssd_summary_decode() has accepted it.
 */
#ifndef _TMEM_SSD_SUMMARY_H
#define _TMEM_SSD_SUMMARY_H

#include <linux/types.h>
#include <tmem/clean.h>
#include <uapi/tmem/ssd_format.h>

/**
 * struct tmem_ssd_key - which page of which file
 * @file: the file
 * @page: number of the page in it
 * @checksum: of its contents
 */
struct tmem_ssd_key {
	struct tmem_file_id file;
	u64 page;
	u32 checksum;
};

/**
 * struct tmem_ssd_summary - a summary, decoded; 8 KiB
 * @uuid: of the superblock
 * @segment: number of the segment
 * @sequence: at least 1
 * @count: pages, 1 to TMEM_SSD_SEGMENT_PAGES
 * @keys: @count of them are valid
 */
struct tmem_ssd_summary {
	u8 uuid[TMEM_SUPER_UUID_BYTES];
	u64 segment;
	u64 sequence;
	u32 count;
	struct tmem_ssd_key keys[TMEM_SSD_SEGMENT_PAGES];
};

/* Zero, encode and checksum: all 8192 bytes of @onmedia are overwritten. */
void tmem_ssd_summary_encode(const struct tmem_ssd_summary *summary,
			     struct tmem_ssd_summary_onmedia *onmedia);

/**
 * tmem_ssd_summary_decode() - check a summary and bound every integer in it
 * @onmedia: a private copy of what was read, so that it cannot change meanwhile
 * @uuid: of the superblock of the device it was read from
 * @segment: the segment it was read from
 * @sequence: that it must have, as the log knows it; 0 if that is not known
 * @summary: filled on success, untouched otherwise
 *
 * Return: 0; -ENODATA: blank (all zero); -EMEDIUMTYPE: no summary; -EBADMSG: its checksum is
 * wrong; -EPROTONOSUPPORT: of a later version; -ESTALE: of another formatting, another segment or
 * another time, as when the device answers with what is somewhere else or was there before;
 * -EUCLEAN: a value is out of bounds.
 */
int tmem_ssd_summary_decode(const struct tmem_ssd_summary_onmedia *onmedia,
			    const u8 uuid[TMEM_SUPER_UUID_BYTES], u64 segment, u64 sequence,
			    struct tmem_ssd_summary *summary);

#endif /* _TMEM_SSD_SUMMARY_H */
