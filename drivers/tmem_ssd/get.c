// SPDX-License-Identifier: GPL-2.0
/*
 * A page that is read again: found in the index, copied from its stage or read from the medium.
 *
 * The pages of a readahead window become few requests: what lies side by side on the medium is read
 * together. A request ends in its completion, where every page is compared with its checksum
 * before anybody sees it.
 *
 * A segment is pinned from before the last look into the index until its page has been read, and is
 * not written again while it is pinned; so what is read is what the entry named.
 */
#include <linux/bio.h>
#include <linux/highmem.h>
#include <linux/pagemap.h>

#include "ssd.h"

/* Readahead windows have 128 KiB; a larger folio is left to the filesystem. */
#define READ_PAGES	32U

/**
 * struct read - one request for pages that lie side by side
 * @device: where they are
 * @wait: of the batch
 * @file: whose pages
 * @index: of each page in the file
 * @checksum: of each page
 * @slot: of the first page
 * @bio: the request; one segment a page
 */
struct read {
	struct tmem_ssd_device *device;
	struct tmem_clean_wait *wait;
	struct tmem_file_id file;
	u32 slot;
	pgoff_t index[READ_PAGES];
	u32 checksum[READ_PAGES];
	struct bio bio;		/* last: its vectors follow */
};

static struct bio_set reads;

/* Is every page of the folio here, and all of them side by side? */
static bool look_up(const struct tmem_file_id *file, pgoff_t index, unsigned int pages,
		    struct tmem_ssd_entry *entries)
{
	unsigned int i;

	for (i = 0; i < pages; i++) {
		if (!tmem_ssd_index_lookup(&tmem_ssd_index, file, index + i, &entries[i]))
			return false;
		if (entries[i].slot != entries[0].slot + i)
			return false;
	}
	return true;
}

/* The stage is held, and let go. */
static void copy_staged(struct tmem_ssd_device *device, struct tmem_ssd_stage *stage,
			struct folio *folio, u32 slot)
{
	u32 first = tmem_ssd_log_page(&device->log, slot);
	unsigned int i;

	for (i = 0; i < folio_nr_pages(folio); i++)
		copy_highpage(folio_page(folio, i), tmem_ssd_stage_page(stage, first + i));
	tmem_ssd_stage_release(stage);
}

static bool page_is_right(struct page *page, u32 checksum)
{
	return tmem_ssd_page_checksum(page) == checksum;
}

/* Return: 0 if every page of the folio is what was put. */
static int check_folio(struct read *read, struct folio *folio, unsigned int first)
{
	unsigned int pages = folio_nr_pages(folio);
	unsigned int i;
	int err = 0;

	for (i = 0; i < pages; i++) {
		bool failed = read->bio.bi_status;

		if (!failed && page_is_right(folio_page(folio, i), read->checksum[first + i]))
			continue;
		if (!failed)
			tmem_ssd_count(read->device, checksum_errors, 1);
		tmem_ssd_index_remove(&tmem_ssd_index, &read->file, read->index[first + i],
				      read->slot + first + i);
		err = -EIO;
	}
	return err;
}

static void end_read(struct bio *bio)
{
	struct read *read = container_of(bio, struct read, bio);
	struct tmem_ssd_device *device = read->device;
	unsigned int pages = bio->bi_vcnt;
	unsigned int i = 0;
	bool wrong = false;
	u32 slot;

	while (i < pages) {
		struct folio *folio = page_folio(bio->bi_io_vec[i].bv_page);
		unsigned int count = folio_nr_pages(folio);
		int err = check_folio(read, folio, i);

		wrong |= err;
		tmem_clean_end_get(folio, read->wait, err);
		i += count;
	}
	if (wrong)
		tmem_ssd_request_failed(device);
	else
		tmem_ssd_request_went_well(device);
	/* The pin last: without it the device may go, and the module with the request's memory. */
	slot = read->slot;
	bio_put(bio);
	tmem_ssd_log_unpin(&device->log, slot);
}

static void submit(struct read *read)
{
	tmem_ssd_count(read->device, get_requests, 1);
	tmem_ssd_count(read->device, bytes_read, read->bio.bi_iter.bi_size);
	submit_bio(&read->bio);
}

void tmem_ssd_submit(struct tmem_clean_batch *batch)
{
	struct read *read = batch->private;

	batch->private = NULL;
	if (read)
		submit(read);
}

/* What was gathered has this segment pinned since before now, and it is on the medium. */
static bool has_segment(const struct read *read, const struct tmem_ssd_device *device, u32 slot)
{
	return read && read->device == device &&
	       tmem_ssd_log_segment(&device->log, slot) ==
	       tmem_ssd_log_segment(&device->log, read->slot);
}

/* Can these pages go behind those of @read? One pin for a request, so one segment. */
static bool fits(const struct read *read, const struct tmem_ssd_device *device, u32 slot,
		 unsigned int pages)
{
	return has_segment(read, device, slot) && slot == read->slot + read->bio.bi_vcnt &&
	       read->bio.bi_vcnt + pages <= READ_PAGES;
}

static struct read *new_read(struct tmem_ssd_device *device, const struct tmem_file_id *file,
			     u32 slot, struct tmem_clean_wait *wait)
{
	struct bio *bio = bio_alloc_bioset(device->open.bdev, READ_PAGES, REQ_OP_READ, GFP_NOFS,
					   &reads);
	struct read *read = container_of(bio, struct read, bio);

	read->device = device;
	read->wait = wait;
	read->file = *file;
	read->slot = slot;
	bio->bi_iter.bi_sector = tmem_ssd_slot_sector(device, slot);
	bio->bi_end_io = end_read;
	return read;
}

/* The segment is pinned for us. */
static void gather(struct tmem_ssd_device *device, const struct tmem_file_id *file, pgoff_t index,
		   struct folio *folio, const struct tmem_ssd_entry *entries,
		   struct tmem_clean_batch *batch)
{
	struct read *read = batch->private;
	unsigned int i;

	if (fits(read, device, entries[0].slot, folio_nr_pages(folio))) {
		/* The request has its pin already. */
		tmem_ssd_log_unpin(&device->log, entries[0].slot);
	} else {
		tmem_ssd_submit(batch);
		read = new_read(device, file, entries[0].slot, batch->wait);
		batch->private = read;
	}
	for (i = 0; i < folio_nr_pages(folio); i++) {
		unsigned int n = read->bio.bi_vcnt;

		read->index[n] = index + i;
		read->checksum[n] = entries[i].checksum;
		__bio_add_page(&read->bio, folio_page(folio, i), PAGE_SIZE, 0);
	}
}

/*
 * Find the pages, pin their segment, and hold the stage if that is where they are. Once the segment is
 * pinned, and is known to be in no stage, what the index says then is true for as long as the pin is
 * held, and has its checksum. Inside RCU. Return: their device; NULL for a miss.
 */
static struct tmem_ssd_device *find(const struct tmem_file_id *file, pgoff_t index,
				    unsigned int pages, struct tmem_ssd_entry *entries,
				    const struct read *gathered, struct tmem_ssd_stage **stage)
{
	struct tmem_ssd_device *device;
	bool found;
	u32 slot;

	*stage = NULL;
	if (!look_up(file, index, pages, entries))
		return NULL;
	slot = entries[0].slot;
	device = tmem_ssd_device_of(slot);
	if (!device || READ_ONCE(device->state) != TMEM_SSD_ACTIVE)
		return NULL;
	tmem_ssd_log_pin(&device->log, slot);
	found = has_segment(gathered, device, slot);
	if (!found) {
		*stage = tmem_ssd_stage_of(device, tmem_ssd_log_segment(&device->log, slot));
		found = look_up(file, index, pages, entries) && entries[0].slot == slot;
	}
	/* All of it in this segment? */
	if (found && tmem_ssd_log_page(&device->log, slot) + pages <= TMEM_SSD_SEGMENT_PAGES)
		return device;
	if (*stage)
		tmem_ssd_stage_release(*stage);
	tmem_ssd_log_unpin(&device->log, slot);
	return NULL;
}

int tmem_ssd_get(const struct tmem_file_id *file, pgoff_t index, struct folio *folio,
		 struct tmem_clean_batch *batch)
{
	unsigned int pages = folio_nr_pages(folio);
	struct tmem_ssd_entry entries[READ_PAGES];
	struct tmem_ssd_device *device;
	struct tmem_ssd_stage *stage;

	if (pages > READ_PAGES)
		return -ENOENT;
	rcu_read_lock();
	device = find(file, index, pages, entries, batch->private, &stage);
	rcu_read_unlock();
	if (!device)
		return -ENOENT;
	if (stage) {
		copy_staged(device, stage, folio, entries[0].slot);
		tmem_ssd_count(device, gets_staged, pages);
		tmem_clean_end_get(folio, batch->wait, 0);
		tmem_ssd_log_unpin(&device->log, entries[0].slot);
		return 0;
	}
	tmem_ssd_count(device, gets_read, pages);
	gather(device, file, index, folio, entries, batch);
	return 0;
}

int tmem_ssd_get_init(void)
{
	return bioset_init(&reads, 64, offsetof(struct read, bio), BIOSET_NEED_BVECS);
}

void tmem_ssd_get_exit(void)
{
	bioset_exit(&reads);
}
