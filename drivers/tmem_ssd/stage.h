/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Staging: pages that were put and are not on the medium yet.
 *
 * A stage is one segment in memory. Its place on the medium is known when it is opened, so a page
 * gets its slot, and is in the index, as soon as it is copied: a get of it is served from the stage.
 * There is a fixed number of stages; when all are on their way to the medium, puts are refused.
 */
#ifndef _TMEM_SSD_STAGE_H
#define _TMEM_SSD_STAGE_H

#include <linux/bitmap.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <tmem/clean.h>

#include "log.h"
#include "summary.h"

#define TMEM_SSD_STAGES		8
#define TMEM_SSD_NO_SEGMENT	U32_MAX

struct tmem_ssd_device;

/**
 * struct tmem_ssd_stage - one segment in memory
 * @segment: its number; TMEM_SSD_NO_SEGMENT when idle
 * @claimed: pages claimed so far
 * @copying: claims whose page is still being copied
 * @readers: gets that copy from here now
 * @list: in stages->full or stages->idle
 * @onmedia: the summary as it is written, side by side
 * @pages: the whole segment; the first ones are @onmedia
 * @summary: the keys of the pages claimed; @unused says which of them nobody needs
 * @unused: claimed, and of no use
 */
struct tmem_ssd_stage {
	u32 segment;
	u32 claimed;
	atomic_t copying;
	atomic_t readers;
	struct list_head list;
	struct tmem_ssd_summary_onmedia *onmedia;
	struct page *pages[TMEM_SSD_SEGMENT_BLOCKS];
	struct tmem_ssd_summary summary;
	DECLARE_BITMAP(unused, TMEM_SSD_SEGMENT_PAGES);
};

/**
 * struct tmem_ssd_stages - the stages of one device
 * @lock: guards all but the contents of stages; taken with interrupts off
 * @open: takes pages; NULL if none does
 * @full: to be written, oldest first
 * @idle: to be opened
 * @closed: no stage is opened any more
 * @all: every one
 */
struct tmem_ssd_stages {
	spinlock_t lock;
	struct tmem_ssd_stage *open;
	struct list_head full;
	struct list_head idle;
	bool closed;
	struct tmem_ssd_stage *all[TMEM_SSD_STAGES];
};

int tmem_ssd_stages_init(struct tmem_ssd_stages *stages);

/* No stage is opened any more, and the open one takes nothing. */
void tmem_ssd_stages_close(struct tmem_ssd_stages *stages);
void tmem_ssd_stages_exit(struct tmem_ssd_stages *stages);

/* Is there an open stage? If not, one is opened if that can be. Context: any but NMI. */
bool tmem_ssd_stage_ready(struct tmem_ssd_device *device);

/**
 * tmem_ssd_stage_put() - copy a page into the open stage and enter it into the index
 * @device: in service
 * @file: of the page
 * @index: of the page in the file
 * @page: its contents
 *
 * Context: any but NMI; inside RCU.
 * Return: 0; -ENOSPC if every stage is full or no segment is free; -ENOMEM if the index has no
 * memory for it.
 */
int tmem_ssd_stage_put(struct tmem_ssd_device *device, const struct tmem_file_id *file,
		       pgoff_t index, struct page *page);

/**
 * tmem_ssd_stage_move() - copy a page into the open stage and let its entry name that copy
 * @device: in service
 * @key: of the page
 * @from: slot that the entry must still name
 * @page: its contents
 *
 * Context: process.
 * Return: 0; -ENOSPC; -ENOENT if it was forgotten meanwhile.
 */
int tmem_ssd_stage_move(struct tmem_ssd_device *device, const struct tmem_ssd_key *key,
			u32 from, struct page *page);

/**
 * tmem_ssd_stage_of() - hold the stage that a segment is in
 * @device: in service
 * @segment: of the log
 *
 * Context: inside RCU.
 * Return: to be let go with tmem_ssd_stage_release(); NULL if it is on the
 * medium (or nowhere).
 */
struct tmem_ssd_stage *tmem_ssd_stage_of(struct tmem_ssd_device *device, u32 segment);
void tmem_ssd_stage_release(struct tmem_ssd_stage *stage);

/* Where page 0 to 253 of the segment is. */
static inline struct page *tmem_ssd_stage_page(const struct tmem_ssd_stage *stage, u32 page)
{
	return stage->pages[TMEM_SSD_SUMMARY_BLOCKS + page];
}

/* Has page 0 to 253 of a stage, which is held, these PAGE_SIZE bytes? */
bool tmem_ssd_stage_holds(const struct tmem_ssd_stage *stage, u32 number, const void *contents);

/* The oldest full stage, taken off the list; NULL if there is none. */
struct tmem_ssd_stage *tmem_ssd_stage_next_full(struct tmem_ssd_stages *stages);

/* A stage that is on the medium, or given up, takes pages again. Waits for its readers. */
void tmem_ssd_stage_recycle(struct tmem_ssd_stages *stages, struct tmem_ssd_stage *stage);

#endif /* _TMEM_SSD_STAGE_H */
