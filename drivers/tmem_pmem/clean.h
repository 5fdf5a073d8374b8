/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Clean pages of the page cache in a share of each device: the fast backend of clean pages.
 *
 * The share is off until somebody sets it, and what is in it is there on sufferance. Swapped-out pages
 * come first: a store that finds no slot takes that of the oldest clean page, and no swapped-out page is
 * written back while there are clean ones (room.c). Whatever lets a device go drops its clean pages.
 *
 * A page is in memory or here, not in both: a get takes it out. So the oldest is the one that was not
 * used for longest, and it goes first. Where the share, or what swap leaves of it, is well filled only a
 * page that was evicted before gets a place (clean_admit.c), so that what is read once pushes nothing out.
 * A worker hands it on to the other backend, an SSD say, ahead of need; who cannot wait drops it.
 *
 * What is read is right because its cell is held (cells.h), and because the index still named the cell
 * after that. What goes to an encrypted device is encrypted by a worker, since that may sleep and a put
 * must not: until then it is in a stage.
 */
#ifndef _TMEM_PMEM_CLEAN_H
#define _TMEM_PMEM_CLEAN_H

#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/workqueue.h>
#include <tmem/clean.h>
#include <tmem/index.h>

#include "cells.h"

struct tmem_pmem_device;

/* Names as in /sys/kernel/mm/tmem_pmem/devices/NAME/clean_stats/; docs/abi.md says what each means. */
#define TMEM_PMEM_CLEAN_EVENTS(X)	\
	X(puts)				\
	X(gets)				\
	X(demoted)			\
	X(demotions_refused)		\
	X(dropped)			\
	X(dropped_for_swap)		\
	X(media_errors)			\
	X(refused_rare)			\
	X(refused_full)			\
	X(refused_no_slot)		\
	X(refused_staging_full)		\
	X(refused_not_encrypted)	\
	X(refused_no_key)		\
	X(refused_index_full)		\
	X(refused_no_memory)

#define TMEM_ENUM(_name)	TMEM_PMEM_CLEAN_##_name,
enum tmem_pmem_clean_event { TMEM_PMEM_CLEAN_EVENTS(TMEM_ENUM) TMEM_PMEM_CLEAN_EVENT_COUNT };
#undef TMEM_ENUM

struct tmem_pmem_clean_counters {
	unsigned long events[TMEM_PMEM_CLEAN_EVENT_COUNT];
};

#define tmem_pmem_clean_count(_clean, _event)	\
	this_cpu_inc((_clean)->counters->events[TMEM_PMEM_CLEAN_##_event])

/* 1 MiB of them on a device that encrypts. */
#define TMEM_PMEM_STAGES	256

/* Of a cell whose page could not be encrypted. */
#define TMEM_PMEM_STAGE_LOST	U16_MAX

/**
 * struct tmem_pmem_stage - a page that waits to be encrypted
 * @list: among those idle or full
 * @page: room for it
 * @cell: of the page; held
 */
struct tmem_pmem_stage {
	struct list_head list;
	struct page *page;
	u32 cell;
};

/**
 * struct tmem_pmem_clean - the clean pages of a device
 * @lock: guards @percent, @stopped and what is made for them
 * @hurried: how many wait for @lock and cannot wait for the other backend
 * @percent: part of the slots that may hold clean pages
 * @stopped: the device is being let go
 * @cells: those that do
 * @stages: all, NULL on a device that does not encrypt; their lists are under @cells.lock
 * @idle: stages
 * @full: stages, oldest first
 * @page: what a demotion reads, or NULL
 * @looked: cells taken when it was last looked whether there is room on the device
 * @looked_at: jiffies, then
 * @left: what swapped-out pages left for clean ones, then, in slots
 * @counters: per CPU
 * @encrypt_work: empties stages
 * @room_work: keeps room in the share
 */
struct tmem_pmem_clean {
	struct mutex lock;
	atomic_t hurried;
	unsigned int percent;
	bool stopped;
	struct tmem_pmem_cells cells;
	struct tmem_pmem_stage *stages;
	struct list_head idle;
	struct list_head full;
	struct page *page;
	u32 looked;
	unsigned long looked_at;
	u32 left;
	struct tmem_pmem_clean_counters __percpu *counters;
	struct work_struct encrypt_work;
	struct work_struct room_work;
};

/* Which clean pages there are, and in which cell: the base of the device, plus the number of the cell. */
extern struct tmem_index tmem_pmem_index;
/* Nothing is put for the moment. */
extern bool tmem_pmem_clean_paused;
extern const struct tmem_clean_ops tmem_pmem_clean_ops;
extern const struct tmem_index_ops tmem_pmem_index_ops;
extern struct workqueue_struct *tmem_pmem_clean_workers;

/* clean.c: a page's way in and out. */

/* The contents of a cell that is held. Context: process, may sleep. Return: 0 or -EIO. */
int tmem_pmem_clean_read(struct tmem_pmem_device *device, const struct tmem_pmem_cell *cell,
			 struct page *page);

/* Cells of files that were forgotten whole are free after this. Context: process, may sleep. */
void tmem_pmem_clean_reap(void);

/* A hold on a cell ends. Return: its slot, which the caller has then, if that was the last one; else -1. */
int tmem_pmem_clean_release_slot(struct tmem_pmem_device *device, u32 number);

/* A hold on a cell ends. Context: any but NMI. */
void tmem_pmem_clean_release(struct tmem_pmem_device *device, u32 number);

/*
 * A cell that is held is forgotten, if its page is still in it; if not, it is not the oldest any more. Return: true if
 * it was. Context: any but NMI.
 */
bool tmem_pmem_clean_drop(struct tmem_pmem_device *device, const struct tmem_pmem_cell *cell);

/* clean_admit.c: what is worth a place. */

/* Any page is. */
extern bool tmem_pmem_clean_admit_all;

/* The shares have another size. What was counted is forgotten. Context: process, may sleep. */
void tmem_pmem_clean_admit_resize(void);
void tmem_pmem_clean_admit_exit(void);

u64 tmem_pmem_clean_hash(const struct tmem_file_id *file, pgoff_t index);

/* The page of a hash is evicted, which is counted. Inside RCU. Return: true if that happened before. */
bool tmem_pmem_clean_came_back(u64 hash, unsigned int flags);

/*
 * The page of a hash was got, and is here no more. Its next eviction finds it well known, whatever became of
 * what was counted.
 */
void tmem_pmem_clean_count_hit(u64 hash);

/* What clean pages may have of the device: their share, or what swapped-out pages leave of it. Any context. */
static inline u32 tmem_pmem_clean_most(const struct tmem_pmem_clean *clean)
{
	return min(READ_ONCE(clean->cells.limit), READ_ONCE(clean->left));
}

/* Is there so much room that any page is welcome? Any context. */
bool tmem_pmem_clean_has_room(const struct tmem_pmem_clean *clean);

/* clean_stage.c */
int tmem_pmem_stages_init(struct tmem_pmem_device *device);
void tmem_pmem_stages_exit(struct tmem_pmem_clean *clean);

/* Copy the page of a new cell, which its putter holds, to a stage. Context: any but NMI. Return: 0; -ENOSPC. */
int tmem_pmem_stage_put(struct tmem_pmem_device *device, u32 number, struct page *page);

/* The page of a held cell. Context: any but NMI. Return: 0; -ENOENT: it is in its slot; -EIO: it is lost. */
int tmem_pmem_stage_read(struct tmem_pmem_device *device, u32 number, struct page *page);
void tmem_pmem_encrypt_work(struct work_struct *work);

/* clean_room.c: the oldest make room. */

/* A store found no slot. Context: any but NMI. Return: that of a clean page, taken; -1 if there is none. */
int tmem_pmem_clean_give_up(struct tmem_pmem_device *device);

/*
 * Hand on, or drop, at most this many of the oldest. @patient: rather wait than drop, while there is room for others,
 * and count those that are forgotten already and will be free soon.
 * Context: process, may sleep. Return: how many went.
 */
u32 tmem_pmem_clean_make_room(struct tmem_pmem_device *device, u32 pages, bool patient);
void tmem_pmem_clean_room_work(struct work_struct *work);

/* Look how much swapped-out pages leave. Context: process. */
void tmem_pmem_clean_look(struct tmem_pmem_device *device);

/* Is it time for that? Any context. */
bool tmem_pmem_clean_look_due(const struct tmem_pmem_clean *clean);

/* clean_share.c: how much there may be, and the end of it. */
int tmem_pmem_clean_set_percent(struct tmem_pmem_device *device, unsigned int percent);
int tmem_pmem_clean_set_up(struct tmem_pmem_device *device);
void tmem_pmem_clean_undo(struct tmem_pmem_device *device);

/* The device is let go: no clean page is on it, or comes to it, after this. Context: process, may sleep. */
void tmem_pmem_clean_stop(struct tmem_pmem_device *device);

/* Slots @first to @last went bad, and are quarantined. Return: clean pages lost. */
unsigned long tmem_pmem_clean_drop_slots(struct tmem_pmem_device *device, u32 first, u32 last);

/*
 * The machine is about to hibernate: no clean page is anywhere, or put, from here on until it is awake.
 * Context: process, may sleep; tmem_pmem_lock held.
 */
void tmem_pmem_clean_sleep(void);
void tmem_pmem_clean_wake(void);

/* Pages that all shares may have. Any context. */
u64 tmem_pmem_clean_pages_shared(void);

/* Is the index larger than what it is for is worth? Any context. */
bool tmem_pmem_clean_index_full(void);
int tmem_pmem_clean_init(void);

/* No clean page is taken any more, or given; then what is left can go. */
void tmem_pmem_clean_close(void);
void tmem_pmem_clean_exit(void);

/* clean_sysfs.c */
extern const struct attribute_group tmem_pmem_clean_group, tmem_pmem_clean_stats_group;

#endif /* _TMEM_PMEM_CLEAN_H */
