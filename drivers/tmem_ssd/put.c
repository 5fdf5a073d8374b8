// SPDX-License-Identifier: GPL-2.0
/* A page that reclaim evicts: is it worth keeping, and is there room? */
#include <linux/ktime.h>
#include <linux/percpu.h>

#include "checksum.h"
#include "ssd.h"

/* tmem_ssd_checksum() wants 8 bytes, copies go by cache lines. */
struct contents {
	u8 bytes[PAGE_SIZE];
} __aligned(64);

/* What is put, to be compared with what is cached already. */
static struct contents __percpu *evicted;

/* Devices take turns, so that several fill and wear alike. @secret: only those that are encrypted. */
static struct tmem_ssd_device *choose_device(bool secret)
{
	static atomic_t turn = ATOMIC_INIT(0);
	unsigned int first = atomic_read(&turn);
	unsigned int i;

	for (i = 0; i < TMEM_SSD_DEVICES_MAX; i++) {
		unsigned int n = (first + i) % TMEM_SSD_DEVICES_MAX;
		struct tmem_ssd_device *device = rcu_dereference(tmem_ssd_devices[n]);

		if (!device || READ_ONCE(device->state) != TMEM_SSD_ACTIVE ||
		    (secret && !device->encrypted))
			continue;
		/* The next one after a segment's worth of pages: what is evicted together stays together. */
		if (!READ_ONCE(device->stages.open))
			atomic_set(&turn, n + 1);
		return device;
	}
	return NULL;
}

/* Not on the medium yet, so the checksum of the copy is not known: compare all of it. */
static bool is_staged(const struct tmem_index_entry *entry, const void *contents)
{
	struct tmem_ssd_device *device = tmem_ssd_device_of(entry->slot);
	struct tmem_ssd_stage *stage;
	bool same;

	if (!device)
		return false;
	stage = tmem_ssd_stage_of(device, tmem_ssd_log_segment(&device->log, entry->slot));
	if (!stage)
		return false;
	same = tmem_ssd_stage_holds(stage, tmem_ssd_log_page(&device->log, entry->slot), contents);
	tmem_ssd_stage_release(stage);
	return same;
}

/* Return: 0; -ESTALE if it is not; -EIO if the page's memory is bad. */
static int check_same(const struct tmem_index_entry *entry, struct page *page)
{
	const void *contents = tmem_look_at_evicted(page, get_cpu_ptr(evicted));
	int err = -EIO;

	if (contents && entry->checksum == TMEM_INDEX_NO_CHECKSUM)
		err = is_staged(entry, contents) ? 0 : -ESTALE;
	else if (contents)
		err = entry->checksum == tmem_ssd_checksum(contents) ? 0 : -ESTALE;
	put_cpu_ptr(evicted);
	return err;
}

/*
 * The page was read from here and has not been dirtied since, or it would have been forgotten. That
 * is not taken on trust: the copy stays only if it is the same.
 *
 * Return: 0 if it does; -EIO if the page's memory is bad, which is not to be read again; any other if there is none.
 */
static int keep_copy(const struct tmem_file_id *file, pgoff_t index, struct page *page)
{
	struct tmem_index_entry entry;
	int err;

	if (!tmem_index_lookup(&tmem_ssd_index, file, index, &entry))
		return -ENOENT;
	err = check_same(&entry, page);
	/* Wherever it is by now: its segment may be being emptied. */
	if (err)
		tmem_index_forget(&tmem_ssd_index, file, index, index);
	return err;
}

static int admit(const struct tmem_ssd_device *device, const struct tmem_file_id *file,
		 pgoff_t index, unsigned int flags)
{
	enum tmem_ssd_verdict verdict;

	if (tmem_ssd_log_has_room(&device->log, TMEM_SSD_FILL_PERCENT))
		flags |= TMEM_SSD_PUT_ROOM;
	verdict = tmem_ssd_admit_page(&tmem_ssd_admit, file, index, flags,
				      ktime_get_mono_fast_ns());
	if (verdict == TMEM_SSD_ADMIT)
		return 0;
	tmem_ssd_count_refused(verdict);
	return -EPERM;
}

static int put(const struct tmem_file_id *file, pgoff_t index, struct page *page,
	       unsigned int flags)
{
	bool secret = flags & TMEM_PUT_SECRET;
	struct tmem_ssd_device *device;
	int err;

	err = keep_copy(file, index, page);
	if (!err && !(flags & TMEM_PUT_DEMOTED))
		tmem_ssd_admit_count(&tmem_ssd_admit, file, index, flags);
	if (!err || err == -EIO)
		return err;
	if (flags & TMEM_PUT_ELSEWHERE) {
		tmem_ssd_admit_count(&tmem_ssd_admit, file, index, flags);
		return -EPERM;
	}
	device = choose_device(secret);
	if (!device) {
		tmem_ssd_count_refused(secret ? TMEM_SSD_REFUSE_NOT_ENCRYPTED :
						TMEM_SSD_REFUSE_NO_DEVICE);
		return -ENODEV;
	}
	if (tmem_ssd_index_full()) {
		/* Memory may be there again, and nobody else looks while only cgroups reclaim. */
		queue_work(device->worker, &device->work);
		tmem_ssd_count_refused(TMEM_SSD_REFUSE_INDEX_FULL);
		return -ENOSPC;
	}
	/* A refused demotion is offered again: refuse it before it is counted or charged. */
	if (flags & TMEM_PUT_DEMOTED && !tmem_ssd_stage_ready(device))
		return -ENOSPC;
	err = admit(device, file, index, flags);
	if (err)
		return err;
	err = tmem_ssd_stage_put(device, file, index, page);
	if (!err) {
		tmem_ssd_count(device, puts, 1);
		return 0;
	}
	tmem_ssd_admit_refund(&tmem_ssd_admit);
	if (err == -ENOMEM)
		tmem_ssd_count_refused(TMEM_SSD_REFUSE_NO_MEMORY);
	else if (err == -ENOSPC)
		tmem_ssd_count_refused(TMEM_SSD_REFUSE_STAGING_FULL);
	return err;
}

int tmem_ssd_put(const struct tmem_file_id *file, pgoff_t index, struct page *page,
		 unsigned int flags)
{
	int err;

	rcu_read_lock();
	err = put(file, index, page, flags);
	rcu_read_unlock();
	return err;
}

int tmem_ssd_put_init(void)
{
	evicted = alloc_percpu(struct contents);
	return evicted ? 0 : -ENOMEM;
}

void tmem_ssd_put_exit(void)
{
	free_percpu(evicted);
}
