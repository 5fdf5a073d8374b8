// SPDX-License-Identifier: GPL-2.0
/* Staged pages become segments: checksums, a summary, encryption, one sequential write each. */
#include <linux/bitmap.h>
#include <linux/ktime.h>
#include <linux/processor.h>

#include "ssd.h"

static u32 slot_of(const struct tmem_ssd_device *device, const struct tmem_ssd_stage *stage,
		   u32 page)
{
	return tmem_ssd_log_slot(&device->log, stage->segment, page);
}

/* A page is copied as soon as it is claimed, but a demotion may be preempted in between. */
static void wait_for_copies(struct tmem_ssd_stage *stage)
{
	/* Pairs with end_claim(): what was copied is seen. */
	while (atomic_read_acquire(&stage->copying)) {
		cpu_relax();
		cond_resched();
	}
}

/* From here on the pages' entries say what must be read back. */
static void seal(struct tmem_ssd_device *device, struct tmem_ssd_stage *stage)
{
	u32 i;

	for (i = 0; i < stage->claimed; i++) {
		struct tmem_ssd_key *key = &stage->summary.keys[i];

		if (test_bit(i, stage->unused))
			continue;
		key->checksum = tmem_ssd_page_checksum(tmem_ssd_stage_page(stage, i));
		tmem_index_seal(&tmem_ssd_index, &key->file, key->page,
				slot_of(device, stage, i), key->checksum);
		cond_resched();
	}
}

static void encode_summary(struct tmem_ssd_device *device, struct tmem_ssd_stage *stage)
{
	memcpy(stage->summary.uuid, device->super.uuid, sizeof(stage->summary.uuid));
	stage->summary.segment = stage->segment;
	stage->summary.sequence = device->log.segments[stage->segment].sequence;
	stage->summary.count = stage->claimed;
	tmem_ssd_summary_encode(&stage->summary, stage->onmedia);
}

static void forget(struct tmem_ssd_device *device, struct tmem_ssd_stage *stage)
{
	u32 i;

	for (i = 0; i < stage->claimed; i++)
		if (!test_bit(i, stage->unused))
			tmem_index_remove(&tmem_ssd_index, &stage->summary.keys[i].file,
					  stage->summary.keys[i].page,
					  slot_of(device, stage, i));
}

/* A device that is being let go is not written to: everything there is forgotten anyway. */
static int write_segment(struct tmem_ssd_device *device, struct tmem_ssd_stage *stage)
{
	if (READ_ONCE(device->state) != TMEM_SSD_ACTIVE)
		return -ENODEV;
	return tmem_ssd_segment_write(device, stage->segment, stage->pages);
}

static void write_stage(struct tmem_ssd_device *device, struct tmem_ssd_stage *stage)
{
	u32 segment = stage->segment;
	int err;

	wait_for_copies(stage);
	seal(device, stage);
	encode_summary(device, stage);
	err = write_segment(device, stage);
	if (err) {
		tmem_ssd_log_write_failed(&device->log, segment);
		forget(device, stage);
	}
	/* Before the segment can be free, and be opened again: it has one stage at a time. */
	tmem_ssd_stage_recycle(&device->stages, stage);
	if (err) {
		tmem_ssd_segment_free(device, segment);
		return;
	}
	tmem_ssd_count(device, segments_written, 1);
	tmem_ssd_count(device, bytes_written, TMEM_SSD_SEGMENT_BYTES);
	tmem_ssd_admit_spend(&tmem_ssd_admit, TMEM_SSD_SUMMARY_BYTES, ktime_get_mono_fast_ns());
	tmem_ssd_log_written(&device->log, segment);
}

void tmem_ssd_write_work(struct work_struct *work)
{
	struct tmem_ssd_device *device = container_of(work, struct tmem_ssd_device, work);
	struct tmem_ssd_stage *stage;

	tmem_ssd_index_limit();
	tmem_ssd_make_room(device);
	while ((stage = tmem_ssd_stage_next_full(&device->stages))) {
		write_stage(device, stage);
		tmem_ssd_make_room(device);
	}
	/* One at a time, since what is put meanwhile comes first. */
	if (tmem_ssd_discard_dead(device))
		queue_work(device->worker, &device->work);
}
