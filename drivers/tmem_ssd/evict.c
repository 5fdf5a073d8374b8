// SPDX-License-Identifier: GPL-2.0
/*
 * Old segments make room: the oldest is emptied and used again.
 *
 * Which pages it holds stands in its summary on the medium, and in no other place; which of them are
 * still of use says the index. Those that are worth it (admit.h) go to the open stage once more, the
 * others are forgotten.
 */
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/slab.h>

#include "ssd.h"

/* Pages of one segment that are written again at most. */
#define REINSERT_MAX	(TMEM_SSD_SEGMENT_PAGES * TMEM_SSD_KEEP_MAX_PERCENT / 100)

/* Without memory no segment is emptied now, and pages are refused. */
#define TMEM_GFP_EVICTION	(GFP_NOIO | __GFP_NOWARN)

/* What emptying a segment needs; allocated once for a device's run of evictions. */
struct eviction {
	struct tmem_ssd_summary summary;
	struct tmem_ssd_summary_onmedia *onmedia;
	struct page *page;
};

static void free_eviction(struct eviction *eviction)
{
	if (!eviction)
		return;
	if (eviction->onmedia)
		free_pages_exact(eviction->onmedia, TMEM_SSD_SUMMARY_BYTES);
	if (eviction->page)
		__free_page(eviction->page);
	kvfree(eviction);
}

static struct eviction *alloc_eviction(void)
{
	struct eviction *eviction = kvzalloc(sizeof(*eviction), TMEM_GFP_EVICTION);

	if (!eviction)
		return NULL;
	eviction->onmedia = alloc_pages_exact(TMEM_SSD_SUMMARY_BYTES, TMEM_GFP_EVICTION);
	eviction->page = alloc_page(TMEM_GFP_EVICTION);
	if (!eviction->onmedia || !eviction->page) {
		free_eviction(eviction);
		return NULL;
	}
	return eviction;
}

/* Return: 0; negative if it cannot be read or is not this segment's. */
static int read_summary(struct tmem_ssd_device *device, u32 segment, struct eviction *eviction)
{
	struct page *pages[TMEM_SSD_SUMMARY_BLOCKS];
	unsigned int i;
	int err;

	for (i = 0; i < TMEM_SSD_SUMMARY_BLOCKS; i++)
		pages[i] = virt_to_page((char *)eviction->onmedia + i * PAGE_SIZE);
	err = tmem_ssd_blocks_read(device, tmem_ssd_segment_sector(device, segment), pages,
				   TMEM_SSD_SUMMARY_BLOCKS);
	if (err)
		return err;
	tmem_ssd_count(device, bytes_read, TMEM_SSD_SUMMARY_BYTES);
	err = tmem_ssd_summary_decode(eviction->onmedia, device->super.uuid, segment,
				      device->log.segments[segment].sequence, &eviction->summary);
	if (err)
		tmem_ssd_count(device, checksum_errors, 1);
	tmem_ssd_request_ended(device, TMEM_SSD_READS, tmem_ssd_segment_sector(device, segment), !err);
	return err;
}

/*
 * Read a page that is to be written once more. Its entry says what it must be; the summary comes from
 * the same medium. Return: false if it is another one, or was forgotten meanwhile.
 */
static bool read_page(struct tmem_ssd_device *device, u32 slot, const struct tmem_ssd_key *key,
		      struct page *page)
{
	struct tmem_index_entry entry;
	bool right;

	if (tmem_ssd_blocks_read(device, tmem_ssd_slot_sector(device, slot), &page, 1))
		return false;
	tmem_ssd_count(device, bytes_read, PAGE_SIZE);
	if (!tmem_index_lookup(&tmem_ssd_index, &key->file, key->page, &entry) ||
	    entry.slot != slot)
		return false;
	right = tmem_ssd_page_checksum(page) == entry.checksum ||
		tmem_fault(TMEM_FAULT_NO_REINSERT_CHECK);
	if (!right)
		tmem_ssd_count(device, checksum_errors, 1);
	tmem_ssd_request_ended(device, TMEM_SSD_READS, tmem_ssd_slot_sector(device, slot), right);
	return right;
}

/* Write a page once more. Return: false if it is to be forgotten instead. */
static bool reinsert(struct tmem_ssd_device *device, u32 slot, const struct tmem_ssd_key *key,
		     struct page *page)
{
	if (!read_page(device, slot, key, page))
		return false;
	if (tmem_ssd_stage_move(device, key, slot, page))
		return false;
	tmem_ssd_count(device, pages_reinserted, 1);
	tmem_ssd_admit_spend(&tmem_ssd_admit, PAGE_SIZE, ktime_get_mono_fast_ns());
	return true;
}

/* Cached, in this slot, and worth another write? */
static bool keeps(const struct tmem_ssd_key *key, u32 slot)
{
	struct tmem_index_entry entry;
	bool yes;

	rcu_read_lock();
	yes = tmem_index_lookup(&tmem_ssd_index, &key->file, key->page, &entry) &&
	      entry.slot == slot && tmem_ssd_admit_keeps(&tmem_ssd_admit, &key->file, key->page);
	rcu_read_unlock();
	return yes;
}

static void empty_by_summary(struct tmem_ssd_device *device, u32 segment,
			     struct eviction *eviction)
{
	unsigned int reinserted = 0, worth = 0;
	u32 i;

	for (i = 0; i < eviction->summary.count; i++) {
		const struct tmem_ssd_key *key = &eviction->summary.keys[i];
		u32 slot = tmem_ssd_log_slot(&device->log, segment, i);

		bool keep = reinserted < REINSERT_MAX && keeps(key, slot);

		worth += keep;
		if (keep && reinsert(device, slot, key, eviction->page))
			reinserted++;
		else
			tmem_index_remove(&tmem_ssd_index, &key->file, key->page, slot);
		cond_resched();
	}
	tmem_ssd_admit_kept(&tmem_ssd_admit, worth, TMEM_SSD_SEGMENT_PAGES);
}

/* The long way, through the whole index, is for a summary that is not there or not true. */
static void empty(struct tmem_ssd_device *device, u32 segment, struct eviction *eviction)
{
	if (!read_summary(device, segment, eviction))
		empty_by_summary(device, segment, eviction);
	tmem_index_reap(&tmem_ssd_index);
	if (atomic_read(&device->log.segments[segment].live))
		tmem_index_forget_slots(&tmem_ssd_index,
					tmem_ssd_log_slot(&device->log, segment, 0),
					TMEM_SSD_SEGMENT_PAGES);
}

static bool discard(struct tmem_ssd_device *device, u32 segment)
{
	if (READ_ONCE(device->state) != TMEM_SSD_ACTIVE ||
	    !tmem_ssd_disk_discard(device, tmem_ssd_segment_sector(device, segment),
				   TMEM_SSD_SEGMENT_BYTES >> SECTOR_SHIFT))
		return false;
	tmem_ssd_count(device, segments_discarded, 1);
	return true;
}

/**
 * tmem_ssd_segment_free() - a segment that nobody finds any more becomes free
 * @device: attached
 * @segment: EVICTING, its entries removed
 *
 * Who found a page of it before reads it in peace; files that were forgotten whole let go of theirs.
 *
 * Context: the device's worker.
 */
void tmem_ssd_segment_free(struct tmem_ssd_device *device, u32 segment)
{
	bool discarded;

	while (!tmem_ssd_log_is_empty(&device->log, segment)) {
		tmem_index_reap(&tmem_ssd_index);
		usleep_range(200, 1000);
	}
	discarded = discard(device, segment);
	while (tmem_ssd_log_evict_end(&device->log, segment, discarded))
		usleep_range(200, 1000);
	tmem_ssd_count(device, segments_evicted, 1);
}

/**
 * tmem_ssd_discard_dead() - tell the device of a segment whose pages were all forgotten
 * @device: attached
 *
 * Context: the device's worker.
 * Return: false if there was none, or the device is not to be told of another one now.
 */
bool tmem_ssd_discard_dead(struct tmem_ssd_device *device)
{
	bool discarded;
	int segment;

	if (!bdev_max_discard_sectors(device->open.bdev))
		return false;
	segment = tmem_ssd_log_discard_begin(&device->log);
	if (segment < 0)
		return false;
	discarded = discard(device, segment);
	while (tmem_ssd_log_evict_end(&device->log, segment, discarded))
		usleep_range(200, 1000);
	return discarded;
}

/**
 * tmem_ssd_make_room() - see to it that some segments are free
 * @device: attached
 *
 * Context: the device's worker.
 */
void tmem_ssd_make_room(struct tmem_ssd_device *device)
{
	struct eviction *eviction = NULL;
	int segment;

	while (READ_ONCE(device->state) == TMEM_SSD_ACTIVE &&
	       tmem_ssd_log_wants_evict(&device->log)) {
		eviction = eviction ?: alloc_eviction();
		if (!eviction)
			break;
		segment = tmem_ssd_log_evict_begin(&device->log);
		if (segment < 0)
			break;
		empty(device, segment, eviction);
		tmem_ssd_segment_free(device, segment);
	}
	free_eviction(eviction);
}
