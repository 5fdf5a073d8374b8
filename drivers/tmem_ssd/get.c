// SPDX-License-Identifier: GPL-2.0
/*
 * A page that is read again: found in the index, copied from its stage or read from the medium.
 *
 * The pages of a readahead window become few requests: what lies side by side on the medium is looked up
 * and read together, and a folio whose pages do not is read by several. They are gathered without waiting for
 * anything, memory included (then it is a miss), and submitted after that. A request ends in its completion, or in a
 * worker that decrypts it: there every page is compared with its checksum before anybody sees it.
 *
 * A segment is pinned from before the last look into the index until its page has been read, and
 * is not written again while it is pinned; so what is read is what the entry named. A page whose segment
 * the request before it has pinned already is looked up once.
 */
#include <linux/bio.h>
#include <linux/highmem.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <tmem/gfp.h>

#include "ssd.h"

/* Pages of a request. */
#define READ_PAGES	32U

/* Pages of a folio: larger ones are not put. */
#define FOLIO_PAGES_MAX	128U

/* A folio whose pages are more scattered than this is left to the filesystem. */
#define RUNS_MAX	20U

/**
 * struct run - pages of a folio that lie side by side in one segment, which is pinned
 * @device: where they are
 * @slot: of the first one
 * @first: its number in the folio
 * @count: of pages, at most READ_PAGES
 * @pinned: by what was gathered too, since before the first look into the index
 * @written: it was on the medium when it was pinned
 */
struct run {
	struct tmem_ssd_device *device;
	u32 slot;
	unsigned int first;
	unsigned int count;
	bool pinned;
	bool written;
};

/* A folio that several requests fill. The last one ends the get. */
struct whole {
	struct folio *folio;
	struct tmem_clean_wait *wait;
	atomic_t left;
	int err;
};

/**
 * struct read - one request for pages that lie side by side
 * @device: where they are
 * @wait: of the batch
 * @before: gathered before this one
 * @whole: NULL if each folio of the request is filled by it alone
 * @file: whose pages
 * @index: of each page in the file
 * @checksum: of each page
 * @slot: of the first page
 * @ahead: pages of the window behind those of the request that may join it: they were found, with their
 *	checksums, where the request would go on, while the segment was pinned
 * @work: decrypts it
 * @bio: the request; one vector a page
 */
struct read {
	struct tmem_ssd_device *device;
	struct tmem_clean_wait *wait;
	struct read *before;
	struct whole *whole;
	struct tmem_file_id file;
	u32 slot;
	unsigned int ahead;
	pgoff_t index[READ_PAGES];
	u32 checksum[READ_PAGES];
	struct work_struct work;
	struct bio bio;		/* last: its vectors follow */
};

static struct bio_set reads;

/* To decrypt takes long, and may sleep. */
static struct workqueue_struct *decrypters;

/* Without its last pin a device may go, but not before a grace period has passed. */
static void unpin(struct tmem_ssd_device *device, u32 slot)
{
	rcu_read_lock();
	tmem_ssd_log_unpin(&device->log, slot);
	rcu_read_unlock();
}

static void unpin_runs(const struct run *runs, unsigned int count)
{
	while (count--)
		unpin(runs[count].device, runs[count].slot);
}

/* Is every page of the folio here? */
static bool look_up(const struct tmem_file_id *file, pgoff_t index, unsigned int pages,
		    struct tmem_index_entry *entries)
{
	unsigned int i;

	for (i = 0; i < pages; i++)
		if (!tmem_index_lookup(&tmem_ssd_index, file, index + i, &entries[i]))
			return false;
	return true;
}

/* Return: number of runs; 0 if there are too many. */
static unsigned int split(const struct tmem_index_entry *entries, unsigned int pages,
			  struct run *runs)
{
	unsigned int i, n = 0;

	for (i = 0; i < pages; i++) {
		struct run *last = n ? &runs[n - 1] : NULL;

		if (last && entries[i].slot == last->slot + last->count &&
		    last->count < READ_PAGES) {
			last->count++;
			continue;
		}
		if (n == RUNS_MAX)
			return 0;
		runs[n++] = (struct run){ .slot = entries[i].slot, .first = i, .count = 1 };
	}
	return n;
}

/* What was gathered has the segment of these pages pinned, and it is on the medium. */
static bool has_segment(const struct read *read, const struct run *run)
{
	struct tmem_ssd_log *log = &run->device->log;

	return read && read->device == run->device &&
	       tmem_ssd_log_segment(log, run->slot) == tmem_ssd_log_segment(log, read->slot);
}

/* Inside RCU. Return: false if the pages cannot be read there; then nothing is pinned. */
static bool pin(struct run *run, const struct read *gathered)
{
	enum tmem_ssd_segment_state state;

	run->device = tmem_ssd_device_of(run->slot);
	if (!run->device || READ_ONCE(run->device->state) != TMEM_SSD_ACTIVE ||
	    tmem_ssd_log_page(&run->device->log, run->slot) + run->count > TMEM_SSD_SEGMENT_PAGES)
		return false;
	state = tmem_ssd_log_pin(&run->device->log, run->slot);
	run->pinned = has_segment(gathered, run);
	/*
	 * The worker waits until nobody reads it, which may be long: a limit of the reader's cgroup holds requests
	 * up.
	 */
	if (state == TMEM_SSD_SEGMENT_EVICTING && !run->pinned) {
		tmem_ssd_log_unpin(&run->device->log, run->slot);
		return false;
	}
	run->written = run->pinned || state == TMEM_SSD_SEGMENT_SEALED;
	return true;
}

/* Do the pages still lie where they lay before they were pinned? */
static bool still_there(const struct tmem_file_id *file, pgoff_t index, const struct run *run,
			struct tmem_index_entry *entries)
{
	unsigned int i;

	if (!look_up(file, index + run->first, run->count, entries + run->first))
		return false;
	for (i = 0; i < run->count; i++)
		if (entries[run->first + i].slot != run->slot + i)
			return false;
	return true;
}

/* Pin the segments of pages that were looked up, and look again. Inside RCU. Return: number of runs, 0 for a miss. */
static unsigned int find(const struct tmem_file_id *file, pgoff_t index, unsigned int pages,
			 struct tmem_index_entry *entries, struct run *runs,
			 const struct read *gathered)
{
	unsigned int count = split(entries, pages, runs);
	unsigned int n;

	for (n = 0; n < count; n++)
		if (!pin(&runs[n], gathered))
			goto miss;
	for (n = 0; n < count; n++)
		if (!runs[n].pinned && !still_there(file, index, &runs[n], entries)) {
			n = count;
			goto miss;
		}
	return count;
miss:
	unpin_runs(runs, n);
	return 0;
}

/* Return: true if the pages were in memory still and have been copied. */
static bool copy_staged(const struct run *run, struct folio *folio)
{
	struct tmem_ssd_device *device = run->device;
	u32 first = tmem_ssd_log_page(&device->log, run->slot);
	struct tmem_ssd_stage *stage;
	unsigned int i;

	if (run->written)
		return false;
	stage = tmem_ssd_stage_of(device, tmem_ssd_log_segment(&device->log, run->slot));
	if (!stage)
		return false;
	for (i = 0; i < run->count; i++)
		copy_highpage(folio_page(folio, run->first + i),
			      tmem_ssd_stage_page(stage, first + i));
	tmem_ssd_stage_release(stage);
	tmem_ssd_count(device, gets_staged, run->count);
	return true;
}

/* On the medium now. If it was not when it was looked up, its checksums are looked up now. */
static bool has_checksums(const struct tmem_file_id *file, pgoff_t index, const struct run *run,
			  struct tmem_index_entry *entries)
{
	return run->written || still_there(file, index, run, entries);
}

static bool page_is_right(struct page *page, u32 checksum)
{
	return tmem_ssd_page_checksum(page) == checksum || tmem_fault(TMEM_FAULT_NO_READ_CHECK);
}

/* Return: 0 if these pages of the request are what was put. */
static int check_pages(struct read *read, unsigned int first, unsigned int count)
{
	bool failed = read->bio.bi_status;
	unsigned int i;
	int err = 0;

	for (i = first; i < first + count; i++) {
		if (!failed && page_is_right(read->bio.bi_io_vec[i].bv_page, read->checksum[i]))
			continue;
		if (!failed)
			tmem_ssd_count(read->device, checksum_errors, 1);
		tmem_index_remove(&tmem_ssd_index, &read->file, read->index[i],
				  read->slot + i);
		err = -EIO;
	}
	return err;
}

/* One part of a folio is filled, or could not be. */
static void end_part(struct whole *whole, int err)
{
	if (err)
		WRITE_ONCE(whole->err, err);
	if (!atomic_dec_and_test(&whole->left))
		return;
	tmem_clean_end_get(whole->folio, whole->wait, READ_ONCE(whole->err));
	kfree(whole);
}

/* Return: 0 if all pages of the request are what was put. */
static int end_folios(struct read *read)
{
	unsigned int pages = read->bio.bi_vcnt;
	unsigned int i = 0;
	int wrong = 0;

	while (i < pages) {
		struct folio *folio = page_folio(read->bio.bi_io_vec[i].bv_page);
		unsigned int count = folio_nr_pages(folio);
		int err = check_pages(read, i, count);

		wrong |= err;
		tmem_clean_end_get(folio, read->wait, err);
		i += count;
	}
	return wrong;
}

static void finish(struct read *read)
{
	struct tmem_ssd_device *device = read->device;
	struct bio *bio = &read->bio;
	u32 slot = read->slot;
	int wrong;

	if (read->whole) {
		wrong = check_pages(read, 0, bio->bi_vcnt);
		end_part(read->whole, wrong);
	} else {
		wrong = end_folios(read);
	}
	if (bio->bi_status)
		tmem_ssd_count(device, io_errors, 1);
	tmem_ssd_request_ended(device, TMEM_SSD_READS, tmem_ssd_slot_sector(device, slot), !wrong);
	/* The pin last: without it the device may go, and the module with the request's memory. */
	bio_put(bio);
	unpin(device, slot);
}

static void decrypt(struct work_struct *work)
{
	struct read *read = container_of(work, struct read, work);
	sector_t sector = tmem_ssd_slot_sector(read->device, read->slot);

	if (tmem_ssd_decrypt_bio(read->device, sector, &read->bio))
		read->bio.bi_status = BLK_STS_IOERR;
	finish(read);
}

static void end_read(struct bio *bio)
{
	struct read *read = container_of(bio, struct read, bio);

	if (read->device->cipher && !bio->bi_status) {
		INIT_WORK(&read->work, decrypt);
		queue_work(decrypters, &read->work);
	} else {
		finish(read);
	}
}

static void submit(struct read *read)
{
	tmem_ssd_count(read->device, get_requests, 1);
	tmem_ssd_count(read->device, bytes_read, read->bio.bi_iter.bi_size);
	submit_bio(&read->bio);
}

/* In the order in which they were gathered. */
void tmem_ssd_submit(struct tmem_clean_batch *batch)
{
	struct read *read = batch->private, *next = NULL;

	batch->private = NULL;
	while (read) {
		struct read *before = read->before;

		read->before = next;
		next = read;
		read = before;
	}
	while (next) {
		read = next;
		next = read->before;
		submit(read);
	}
}

/* Can these pages go behind those of @read? One pin for a request, so one segment. */
static bool fits(const struct read *read, const struct run *run)
{
	return has_segment(read, run) && !read->whole && run->slot == read->slot + read->bio.bi_vcnt &&
	       read->bio.bi_vcnt + run->count <= READ_PAGES;
}

/*
 * Gather another request. Return: NULL without memory, for which nobody waits who has requests that are not under
 * way.
 */
static struct read *new_read(const struct tmem_file_id *file, const struct run *run, struct tmem_clean_batch *batch)
{
	struct bio *bio = bio_alloc_bioset(run->device->open.bdev, READ_PAGES, REQ_OP_READ, TMEM_GFP_NOWAIT, &reads);
	struct read *read;

	if (!bio)
		return NULL;
	read = container_of(bio, struct read, bio);
	read->device = run->device;
	read->wait = batch->wait;
	read->before = batch->private;
	batch->private = read;
	read->whole = NULL;
	read->file = *file;
	read->slot = run->slot;
	read->ahead = 0;
	bio->bi_iter.bi_sector = tmem_ssd_slot_sector(run->device, run->slot);
	bio->bi_end_io = end_read;
	return read;
}

/* Their checksums are there already. */
static void append_pages(struct read *read, pgoff_t index, struct folio *folio,
			 unsigned int first, unsigned int count)
{
	unsigned int i;

	for (i = first; i < first + count; i++) {
		read->index[read->bio.bi_vcnt] = index + i;
		__bio_add_page(&read->bio, folio_page(folio, i), PAGE_SIZE, 0);
	}
	tmem_ssd_count(read->device, gets_read, count);
}

static void append_run(struct read *read, pgoff_t index, struct folio *folio,
		       const struct run *run, const struct tmem_index_entry *entries)
{
	unsigned int i;

	for (i = 0; i < run->count; i++)
		read->checksum[read->bio.bi_vcnt + i] = entries[run->first + i].checksum;
	append_pages(read, index, folio, run->first, run->count);
}

static pgoff_t next_index(const struct read *read)
{
	return read->index[read->bio.bi_vcnt - 1] + 1;
}

/*
 * Look up the rest of the window, as far as the request may go on. What is found is as good as if each
 * page were looked up in its turn: its folio is locked, and the segment is pinned.
 */
static void look_ahead(struct read *read, pgoff_t end)
{
	unsigned int pages = read->bio.bi_vcnt;
	pgoff_t next = next_index(read);
	unsigned long max;

	max = min(READ_PAGES - pages, TMEM_SSD_SEGMENT_PAGES - pages -
				      tmem_ssd_log_page(&read->device->log, read->slot));
	if (next < end)
		read->ahead = tmem_index_lookup_run(&tmem_ssd_index, &read->file, next,
						    read->slot + pages,
						    min(max, end - next),
						    read->checksum + pages);
}

/* Return: true if the folio was found when the request was begun, and is in it now. */
static bool join(struct read *read, pgoff_t index, struct folio *folio, unsigned int pages)
{
	if (!read || pages > read->ahead || index != next_index(read))
		return false;
	read->ahead -= pages;
	append_pages(read, index, folio, 0, pages);
	return true;
}

/* The whole folio in one run: together with its neighbours of the window, if they are side by side. */
static int get_run(const struct tmem_file_id *file, pgoff_t index, struct folio *folio,
		   const struct run *run, struct tmem_index_entry *entries,
		   struct tmem_clean_batch *batch)
{
	struct read *read = batch->private;

	if (copy_staged(run, folio)) {
		tmem_clean_end_get(folio, batch->wait, 0);
		unpin(run->device, run->slot);
		return 0;
	}
	if (!has_checksums(file, index, run, entries)) {
		unpin(run->device, run->slot);
		return -ENOENT;
	}
	if (fits(read, run)) {
		/* The request has its pin already. */
		unpin(run->device, run->slot);
	} else {
		read = new_read(file, run, batch);
		if (!read) {
			unpin(run->device, run->slot);
			return -ENOENT;
		}
	}
	append_run(read, index, folio, run, entries);
	look_ahead(read, batch->end);
	return 0;
}

static void get_part(struct whole *whole, const struct tmem_file_id *file, pgoff_t index,
		     const struct run *run, struct tmem_index_entry *entries, struct tmem_clean_batch *batch)
{
	struct read *read = NULL;
	int err = -ENOENT;

	if (copy_staged(run, whole->folio))
		err = 0;
	else if (has_checksums(file, index, run, entries))
		read = new_read(file, run, batch);
	if (read) {
		read->whole = whole;
		append_run(read, index, whole->folio, run, entries);
	} else {
		unpin(run->device, run->slot);
		end_part(whole, err);
	}
}

static int get_whole(const struct tmem_file_id *file, pgoff_t index, struct folio *folio,
		     const struct run *runs, unsigned int count, struct tmem_index_entry *entries,
		     struct tmem_clean_batch *batch)
{
	struct whole *whole = kmalloc(sizeof(*whole), TMEM_GFP_NOWAIT);
	unsigned int i;

	if (!whole) {
		unpin_runs(runs, count);
		return -ENOENT;
	}
	whole->folio = folio;
	whole->wait = batch->wait;
	whole->err = 0;
	atomic_set(&whole->left, count);
	for (i = 0; i < count; i++)
		get_part(whole, file, index, &runs[i], entries, batch);
	return 0;
}

/* The folio's pages were looked up. Kernels clear what is on the stack, so a miss does not come here. */
static noinline int get(const struct tmem_file_id *file, pgoff_t index, struct folio *folio,
			struct tmem_index_entry *entries, struct tmem_clean_batch *batch)
{
	struct run runs[RUNS_MAX];
	unsigned int count;

	rcu_read_lock();
	count = find(file, index, folio_nr_pages(folio), entries, runs, batch->private);
	rcu_read_unlock();
	if (!count)
		return -ENOENT;
	if (count == 1)
		return get_run(file, index, folio, runs, entries, batch);
	return get_whole(file, index, folio, runs, count, entries, batch);
}

/* A folio of several pages, the first of which is @first. */
static int get_large(const struct tmem_file_id *file, pgoff_t index, struct folio *folio,
		     struct tmem_index_entry first, struct tmem_clean_batch *batch)
{
	unsigned int pages = folio_nr_pages(folio);
	struct tmem_index_entry *entries;
	int err = -ENOENT;

	if (pages > FOLIO_PAGES_MAX)
		return -ENOENT;
	entries = kmalloc_array(pages, sizeof(*entries), TMEM_GFP_NOWAIT);
	if (!entries)
		return -ENOENT;
	entries[0] = first;
	if (look_up(file, index + 1, pages - 1, entries + 1))
		err = get(file, index, folio, entries, batch);
	kfree(entries);
	return err;
}

int tmem_ssd_get(const struct tmem_file_id *file, pgoff_t index, struct folio *folio,
		 struct tmem_clean_batch *batch)
{
	unsigned int pages = folio_nr_pages(folio);
	struct tmem_index_entry first;

	if (join(batch->private, index, folio, pages))
		return 0;
	/* Most misses are seen at their first page. */
	if (!tmem_index_lookup(&tmem_ssd_index, file, index, &first))
		return -ENOENT;
	if (pages > 1)
		return get_large(file, index, folio, first, batch);
	return get(file, index, folio, &first, batch);
}

int tmem_ssd_get_init(void)
{
	int err = bioset_init(&reads, 64, offsetof(struct read, bio), BIOSET_NEED_BVECS);

	if (err)
		return err;
	/* A file may be read to free memory, an executable's pages above all. */
	decrypters = alloc_workqueue("tmem_ssd_reads", WQ_MEM_RECLAIM | WQ_HIGHPRI | WQ_UNBOUND, 0);
	if (decrypters)
		return 0;
	bioset_exit(&reads);
	return -ENOMEM;
}

void tmem_ssd_get_exit(void)
{
	destroy_workqueue(decrypters);
	bioset_exit(&reads);
}
