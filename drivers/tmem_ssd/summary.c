// SPDX-License-Identifier: GPL-2.0
/* The summary of a segment: which page of which file each of its pages is. */
#include <linux/crc32.h>
#include <linux/errno.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <asm/byteorder.h>

#include "summary.h"

/* The kernel's CRC leaves out the inversions before and after that make it zlib's. */
static u32 summary_crc(const struct tmem_ssd_summary_onmedia *onmedia)
{
	static const u8 zero[sizeof(onmedia->crc32)];
	const u8 *bytes = (const u8 *)onmedia;
	size_t place = offsetof(struct tmem_ssd_summary_onmedia, crc32);
	size_t rest = place + sizeof(onmedia->crc32);
	u32 crc;

	crc = crc32_le(~0U, bytes, place);
	crc = crc32_le(crc, zero, sizeof(zero));
	return ~crc32_le(crc, bytes + rest, sizeof(*onmedia) - rest);
}

void tmem_ssd_summary_encode(const struct tmem_ssd_summary *summary,
			     struct tmem_ssd_summary_onmedia *onmedia)
{
	u32 i;

	memset(onmedia, 0, sizeof(*onmedia));
	onmedia->magic = cpu_to_le64(TMEM_SSD_SUMMARY_MAGIC);
	onmedia->version = cpu_to_le32(TMEM_SSD_SUMMARY_VERSION);
	onmedia->count = cpu_to_le32(summary->count);
	memcpy(onmedia->uuid, summary->uuid, sizeof(onmedia->uuid));
	onmedia->segment = cpu_to_le64(summary->segment);
	onmedia->sequence = cpu_to_le64(summary->sequence);
	for (i = 0; i < summary->count; i++) {
		const struct tmem_ssd_key *key = &summary->keys[i];

		onmedia->keys[i] = (struct tmem_ssd_key_onmedia){
			.ino = cpu_to_le64(key->file.ino),
			.page = cpu_to_le64(key->page),
			.generation = cpu_to_le32(key->file.generation),
			.pool = cpu_to_le32(key->file.pool),
			.checksum = cpu_to_le32(key->checksum),
		};
	}
	onmedia->crc32 = cpu_to_le32(summary_crc(onmedia));
}

/* Is it one, whole, and of a version we know? */
static int check_seal(const struct tmem_ssd_summary_onmedia *onmedia)
{
	if (!memchr_inv(onmedia, 0, sizeof(*onmedia)))
		return -ENODATA;
	if (le64_to_cpu(onmedia->magic) != TMEM_SSD_SUMMARY_MAGIC)
		return -EMEDIUMTYPE;
	if (le32_to_cpu(onmedia->crc32) != summary_crc(onmedia))
		return -EBADMSG;
	if (le32_to_cpu(onmedia->version) > TMEM_SSD_SUMMARY_VERSION)
		return -EPROTONOSUPPORT;
	return onmedia->version ? 0 : -EUCLEAN;
}

static int check_bounds(const struct tmem_ssd_summary_onmedia *onmedia)
{
	u32 count = le32_to_cpu(onmedia->count), i;
	size_t rest_bytes;

	if (!count || count > TMEM_SSD_SEGMENT_PAGES || !onmedia->sequence)
		return -EUCLEAN;
	if (memchr_inv(onmedia->reserved, 0, sizeof(onmedia->reserved)))
		return -EUCLEAN;
	for (i = 0; i < count; i++)
		if (onmedia->keys[i].reserved)
			return -EUCLEAN;
	rest_bytes = (TMEM_SSD_SEGMENT_PAGES - count) * sizeof(onmedia->keys[0]);
	return memchr_inv(&onmedia->keys[count], 0, rest_bytes) ? -EUCLEAN : 0;
}

/* @onmedia was checked. */
static void decode_summary(const struct tmem_ssd_summary_onmedia *onmedia,
			   struct tmem_ssd_summary *summary)
{
	u32 i;

	memset(summary, 0, sizeof(*summary));
	memcpy(summary->uuid, onmedia->uuid, sizeof(summary->uuid));
	summary->segment = le64_to_cpu(onmedia->segment);
	summary->sequence = le64_to_cpu(onmedia->sequence);
	summary->count = le32_to_cpu(onmedia->count);
	for (i = 0; i < summary->count; i++) {
		const struct tmem_ssd_key_onmedia *key = &onmedia->keys[i];

		summary->keys[i].file.pool = le32_to_cpu(key->pool);
		summary->keys[i].file.generation = le32_to_cpu(key->generation);
		summary->keys[i].file.ino = le64_to_cpu(key->ino);
		summary->keys[i].page = le64_to_cpu(key->page);
		summary->keys[i].checksum = le32_to_cpu(key->checksum);
	}
}

int tmem_ssd_summary_decode(const struct tmem_ssd_summary_onmedia *onmedia,
			    const u8 uuid[TMEM_SUPER_UUID_BYTES], u64 segment, u64 sequence,
			    struct tmem_ssd_summary *summary)
{
	int err = check_seal(onmedia);

	if (err)
		return err;
	if (memcmp(onmedia->uuid, uuid, sizeof(onmedia->uuid)) ||
	    le64_to_cpu(onmedia->segment) != segment ||
	    (sequence && le64_to_cpu(onmedia->sequence) != sequence))
		return -ESTALE;
	err = check_bounds(onmedia);
	if (!err)
		decode_summary(onmedia, summary);
	return err;
}
