// SPDX-License-Identifier: GPL-2.0
/* Whole blocks to and from the medium, one request at a time, waited for; and the checksum of one. */
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/highmem.h>

#include "checksum.h"
#include "ssd.h"

u32 tmem_ssd_page_checksum(struct page *page)
{
	void *data = kmap_local_page(page);
	u32 checksum = tmem_ssd_checksum(data);

	kunmap_local(data);
	return checksum;
}

/* A read that went well is judged by whoever knows what should have been read. */
static int transfer(struct tmem_ssd_device *device, blk_opf_t opf, sector_t sector,
		    struct page **pages, unsigned int count)
{
	struct bio *bio = bio_alloc(device->open.bdev, count, opf, GFP_NOIO);
	unsigned int i;
	int err;

	bio->bi_iter.bi_sector = sector;
	for (i = 0; i < count; i++)
		__bio_add_page(bio, pages[i], PAGE_SIZE, 0);
	err = submit_bio_wait(bio);
	bio_put(bio);
	if (err)
		tmem_ssd_count(device, io_errors, 1);
	if (err || op_is_write(opf))
		tmem_ssd_request_ended(device, op_is_write(opf) ? TMEM_SSD_WRITES : TMEM_SSD_READS,
				       sector, !err);
	return err;
}

/* @count: at most BIO_MAX_VECS. */
int tmem_ssd_disk_write(struct tmem_ssd_device *device, sector_t sector, struct page **pages,
			unsigned int count)
{
	return transfer(device, REQ_OP_WRITE, sector, pages, count);
}

/* @count: at most BIO_MAX_VECS. */
int tmem_ssd_disk_read(struct tmem_ssd_device *device, sector_t sector, struct page **pages,
		       unsigned int count)
{
	return transfer(device, REQ_OP_READ, sector, pages, count);
}

/* Return: true if the device has been told that it may forget these sectors. */
bool tmem_ssd_disk_discard(struct tmem_ssd_device *device, sector_t sector, sector_t sectors)
{
	return bdev_max_discard_sectors(device->open.bdev) &&
	       !blkdev_issue_discard(device->open.bdev, sector, sectors, GFP_NOIO);
}
