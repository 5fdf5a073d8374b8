// SPDX-License-Identifier: GPL-2.0
/*
 * What the segments of a device hold is encrypted on its way there, summaries included, and decrypted when it
 * comes back. Superblocks are not.
 *
 * Stages hold pages as they are, because gets are served from there: a segment is encrypted into pages of
 * its own, of which a device needs one set, since it writes one segment at a time.
 */
#include <linux/blkdev.h>
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <tmem/cipher.h>
#include <tmem/tmem.h>

#include "ssd.h"

bool tmem_ssd_encrypt = true;

static u64 block_at(sector_t sector)
{
	return sector >> (PAGE_SHIFT - SECTOR_SHIFT);
}

static int alloc_ciphertext(struct tmem_ssd_device *device)
{
	unsigned int i;

	device->ciphertext = kcalloc(TMEM_SSD_SEGMENT_BLOCKS, sizeof(*device->ciphertext), GFP_KERNEL);
	if (!device->ciphertext)
		return -ENOMEM;
	for (i = 0; i < TMEM_SSD_SEGMENT_BLOCKS; i++) {
		device->ciphertext[i] = alloc_page(GFP_KERNEL);
		if (!device->ciphertext[i])
			return -ENOMEM;
	}
	return 0;
}

/**
 * tmem_ssd_encrypt_init() - make the key of a device
 * @device: open; @encrypted is set
 *
 * What is above dm-crypt is encrypted there, and not twice.
 *
 * Return: 0; else a negative errno and a sentence in last_error.
 */
int tmem_ssd_encrypt_init(struct tmem_ssd_device *device)
{
	struct tmem_cipher *cipher;

	device->encrypted = tmem_encrypted(device->open.bdev);
	if (device->encrypted || !tmem_ssd_encrypt)
		return 0;
	cipher = tmem_cipher_alloc_for(device->name);
	if (IS_ERR(cipher))
		return PTR_ERR(cipher);
	device->cipher = cipher;
	if (alloc_ciphertext(device)) {
		tmem_ssd_encrypt_exit(device);
		tmem_last_error("%s: no memory to encrypt in", device->name);
		return -ENOMEM;
	}
	device->encrypted = true;
	return 0;
}

/* Wipes the key. */
void tmem_ssd_encrypt_exit(struct tmem_ssd_device *device)
{
	unsigned int i;

	tmem_cipher_free(device->cipher);
	device->cipher = NULL;
	if (!device->ciphertext)
		return;
	for (i = 0; i < TMEM_SSD_SEGMENT_BLOCKS; i++)
		if (device->ciphertext[i])
			__free_page(device->ciphertext[i]);
	kfree(device->ciphertext);
	device->ciphertext = NULL;
}

/* A device whose blocks cannot be encrypted or decrypted is of no more use than one that fails. */
static int cipher_failed(struct tmem_ssd_device *device, enum tmem_ssd_direction direction,
			 sector_t sector, int err)
{
	tmem_ssd_count(device, io_errors, 1);
	tmem_ssd_request_ended(device, direction, sector, false);
	return err;
}

/**
 * tmem_ssd_segment_write() - write a segment, and encrypt it before
 * @device: whose worker calls
 * @segment: its number
 * @pages: all of it, which does not change meanwhile
 *
 * Return: 0 or a negative errno.
 */
int tmem_ssd_segment_write(struct tmem_ssd_device *device, u32 segment, struct page **pages)
{
	sector_t sector = tmem_ssd_segment_sector(device, segment);
	unsigned int i;
	int err = 0;

	if (device->cipher) {
		for (i = 0; i < TMEM_SSD_SEGMENT_BLOCKS && !err; i++) {
			err = tmem_cipher_encrypt(device->cipher, block_at(sector) + i,
						  device->ciphertext[i], pages[i]);
			cond_resched();
		}
		if (err)
			return cipher_failed(device, TMEM_SSD_WRITES, sector, err);
		pages = device->ciphertext;
	}
	return tmem_ssd_disk_write(device, sector, pages, TMEM_SSD_SEGMENT_BLOCKS);
}

/**
 * tmem_ssd_blocks_read() - read blocks of a segment
 * @device: attached
 * @sector: of the first one
 * @pages: what to read them into
 * @count: how many
 *
 * Return: 0 or a negative errno.
 */
int tmem_ssd_blocks_read(struct tmem_ssd_device *device, sector_t sector, struct page **pages,
			 unsigned int count)
{
	int err = tmem_ssd_disk_read(device, sector, pages, count);
	unsigned int i;

	if (err)
		return err;
	for (i = 0; device->cipher && i < count && !err; i++)
		err = tmem_cipher_decrypt(device->cipher, block_at(sector) + i, pages[i]);
	return err ? cipher_failed(device, TMEM_SSD_READS, sector, err) : 0;
}

/**
 * tmem_ssd_decrypt_bio() - decrypt what a request has read
 * @device: pinned
 * @sector: where the request began
 * @bio: has ended well; one page a vector
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int tmem_ssd_decrypt_bio(struct tmem_ssd_device *device, sector_t sector, struct bio *bio)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < bio->bi_vcnt && !err; i++)
		err = tmem_cipher_decrypt(device->cipher, block_at(sector) + i,
					  bio->bi_io_vec[i].bv_page);
	return err;
}
