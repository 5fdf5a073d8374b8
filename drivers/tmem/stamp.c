// SPDX-License-Identifier: GPL-2.0
/* Stamps: checks that a load brings back what was stored last. Built with TMEM_STAMPS=y only. */
#include <linux/atomic.h>
#include <linux/crc32.h>
#include <linux/highmem.h>

#include "stamp.h"

static u32 checksum(const struct tmem_stamp *stamp, struct tmem_key key, struct page *page)
{
	u64 head[3] = { key.type, key.offset, stamp->generation };
	u32 sum = crc32_le(~0, (const u8 *)head, sizeof(head));
	void *data = kmap_local_page(page);

	sum = crc32_le(sum, data, PAGE_SIZE);
	kunmap_local(data);
	return sum;
}

void tmem_stamp_set(struct tmem_stamp *stamp, struct tmem_key key, struct page *page)
{
	static atomic_t generations;

	stamp->generation = atomic_inc_return(&generations);
	stamp->checksum = checksum(stamp, key, page);
}

bool tmem_stamp_check(const struct tmem_stamp *stamp, struct tmem_key key, struct page *page)
{
	bool same = stamp->checksum == checksum(stamp, key, page);

	WARN_ONCE(!same, "tmem: slot %lu:%lu loaded other contents than were stored (generation %u)\n",
		  key.type, key.offset, stamp->generation);
	return same;
}
