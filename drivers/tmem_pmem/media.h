/* SPDX-License-Identifier: GPL-2.0 */
/* The copies to and from persistent memory; nothing else touches the medium. */
#ifndef _TMEM_PMEM_MEDIA_H
#define _TMEM_PMEM_MEDIA_H

#include <linux/types.h>

struct page;
struct tmem_cipher;

/* Copy a page to the medium. Not durable, and need not be: contents are void after a reboot. */
void tmem_pmem_media_store(void *media, struct page *page);

/* Likewise, @count pages that follow one another. */
void tmem_pmem_media_store_run(void *media, struct page *page, unsigned int count);

/* Likewise, a page of a file that is evicted. Return: 0; -EIO if its memory is bad. */
int tmem_pmem_media_store_evicted(void *media, struct page *page);

/*
 * Likewise, encrypted on its way as @block.
 * Return: 0, or a negative errno; then the medium may hold anything.
 */
int tmem_pmem_media_store_encrypted(struct tmem_cipher *cipher, u64 block, void *media,
				    struct page *page);

/* Copy a page from the medium. Return: 0, or -EIO if the medium reported an error. */
int tmem_pmem_media_load(struct page *page, const void *media);

/* Copy @count pages, which follow one another, from the medium. Return: pages before the first media error. */
unsigned int tmem_pmem_media_load_run(struct page *page, const void *media, unsigned int count);

/* Read @bytes anywhere on the medium. Return: 0, or -EIO if the medium reported an error. */
int tmem_pmem_media_read(void *buffer, const void *media, size_t bytes);

/* Write @bytes so that they survive power loss when this returns. */
void tmem_pmem_media_write(void *media, const void *buffer, size_t bytes);

#endif /* _TMEM_PMEM_MEDIA_H */
