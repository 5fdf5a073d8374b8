// SPDX-License-Identifier: GPL-2.0
/* The copies to and from persistent memory; nothing else touches the medium. */
#include <linux/highmem.h>
#include <linux/math.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <tmem/cipher.h>
#include <tmem/clean.h>
#include <tmem/copy_mc.h>

#include "media.h"

void tmem_pmem_media_store(void *media, struct page *page)
{
	void *data = kmap_local_page(page);

	copy_page(media, data);
	kunmap_local(data);
}

int tmem_pmem_media_store_evicted(void *media, struct page *page)
{
	return tmem_copy_evicted(media, page);
}

/* All of memory is mapped in one piece where there is an NVDIMM, so pages of a folio are one piece, too. */
void tmem_pmem_media_store_run(void *media, struct page *page, unsigned int count)
{
	void *data = page_address(page);
	void *end = data + (size_t)count * PAGE_SIZE;

	for (; data < end; data += PAGE_SIZE, media += PAGE_SIZE)
		copy_page(media, data);
}

int tmem_pmem_media_store_encrypted(struct tmem_cipher *cipher, u64 block, void *media,
				    struct page *page)
{
	return tmem_cipher_encrypt(cipher, block, virt_to_page(media), page);
}

int tmem_pmem_media_load(struct page *page, const void *media)
{
	void *data = kmap_local_page(page);
	unsigned long left = tmem_copy_mc(data, media, PAGE_SIZE);

	kunmap_local(data);
	return left ? -EIO : 0;
}

unsigned int tmem_pmem_media_load_run(struct page *page, const void *media, unsigned int count)
{
	unsigned long left = tmem_copy_mc(page_address(page), media, (size_t)count * PAGE_SIZE);

	return count - DIV_ROUND_UP(left, PAGE_SIZE);
}

int tmem_pmem_media_read(void *buffer, const void *media, size_t bytes)
{
	return copy_mc_to_kernel(buffer, media, bytes) ? -EIO : 0;
}

void tmem_pmem_media_write(void *media, const void *buffer, size_t bytes)
{
	memcpy_flushcache(media, buffer, bytes);
	pmem_wmb();
}
