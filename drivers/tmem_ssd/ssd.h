/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of tmem_ssd share: the attached devices, and how a slot names a block of one.
 *
 * A slot is a 4 KiB block, counted over all devices: each log begins at a slot of its own.
 */
#ifndef _TMEM_SSD_H
#define _TMEM_SSD_H

#include <linux/bio.h>
#include <linux/completion.h>
#include <linux/kobject.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>
#include <tmem/clean.h>
#include <tmem/index.h>
#include <tmem/super.h>

#include "../compat/blkdev.h"
#include "../tmem/fault.h"
#include "admit.h"
#include "counters.h"
#include "log.h"
#include "stage.h"

#define TMEM_SSD_DEVICES_MAX	16

struct tmem_cipher;

enum tmem_ssd_state {
	TMEM_SSD_ACTIVE,
	TMEM_SSD_FAILED,	/* too many errors, or taken away; will be let go */
	TMEM_SSD_DETACHING,	/* is being let go */
	TMEM_SSD_ASLEEP,	/* the machine hibernates: without a key, and empty */
};

/* An SSD at its end often takes no more writes and still reads, or the other way round. */
enum tmem_ssd_direction { TMEM_SSD_READS, TMEM_SSD_WRITES, TMEM_SSD_DIRECTIONS };

/**
 * struct tmem_ssd_failures - requests that failed in a row
 * @count: how many
 * @segment: in which the first one was
 * @several: another one was elsewhere
 */
struct tmem_ssd_failures {
	atomic_t count;
	sector_t segment;
	bool several;
};

/**
 * struct tmem_ssd_device - an attached SSD
 * @kobj: its directory in sysfs; the last reference frees the structure
 * @name: of the block device
 * @open: the exclusive open
 * @super: as read from the medium
 * @log: its segments
 * @stages: pages on their way to it
 * @work: writes what is staged, makes room
 * @detach_work: lets it go when it has failed
 * @barrier: runs when @work does not
 * @passed: it has run
 * @worker: where @work and @barrier run
 * @encrypted: what is there cannot be read by whoever has the medium: all of it is above dm-crypt, or has @cipher
 * @cipher: for what its segments hold; NULL if that is not encrypted here
 * @ciphertext: the segment that is being written, if @cipher
 * @state: enum tmem_ssd_state
 * @gone: it was taken away
 * @failures: in each direction, requests that failed since the last one that went well
 * @counters: per CPU
 */
struct tmem_ssd_device {
	struct kobject kobj;
	char name[32];
	struct tmem_bdev open;
	struct tmem_super super;
	struct tmem_ssd_log log;
	struct tmem_ssd_stages stages;
	struct work_struct work;
	struct work_struct detach_work;
	struct work_struct barrier;
	struct completion passed;
	struct workqueue_struct *worker;
	bool encrypted;
	struct tmem_cipher *cipher;
	struct page **ciphertext;
	enum tmem_ssd_state state;
	bool gone;
	struct tmem_ssd_failures failures[TMEM_SSD_DIRECTIONS];
	struct tmem_ssd_counters __percpu *counters;
};

/* Written under tmem_ssd_lock; read under RCU, by whoever looks a page up or puts one. */
extern struct tmem_ssd_device __rcu *tmem_ssd_devices[TMEM_SSD_DEVICES_MAX];
extern struct mutex tmem_ssd_lock;

/* Context: tmem_ssd_lock held. */
static inline struct tmem_ssd_device *tmem_ssd_device_at(unsigned int i)
{
	return rcu_dereference_protected(tmem_ssd_devices[i], lockdep_is_held(&tmem_ssd_lock));
}

extern struct tmem_index tmem_ssd_index;
extern struct tmem_ssd_admit tmem_ssd_admit;

/* Where a slot is, in sectors from the start of the device. */
static inline sector_t tmem_ssd_slot_sector(const struct tmem_ssd_device *device, u32 slot)
{
	return (device->super.data_offset_bytes +
		tmem_ssd_log_offset_bytes(&device->log, slot)) >> SECTOR_SHIFT;
}

/* Where a segment begins, likewise. */
static inline sector_t tmem_ssd_segment_sector(const struct tmem_ssd_device *device, u32 segment)
{
	return (device->super.data_offset_bytes + tmem_ssd_log_segment_bytes(segment)) >>
	       SECTOR_SHIFT;
}

/* put.c, get.c: the backend's operations. */
int tmem_ssd_put(const struct tmem_file_id *file, pgoff_t index, struct page *page,
		 unsigned int flags);
int tmem_ssd_put_init(void);
void tmem_ssd_put_exit(void);
int tmem_ssd_get(const struct tmem_file_id *file, pgoff_t index, struct folio *folio,
		 struct tmem_clean_batch *batch);
void tmem_ssd_submit(struct tmem_clean_batch *batch);
int tmem_ssd_get_init(void);
void tmem_ssd_get_exit(void);

/* write.c: staged pages become segments. */
void tmem_ssd_write_work(struct work_struct *work);

/* evict.c: old segments make room. */
void tmem_ssd_make_room(struct tmem_ssd_device *device);
void tmem_ssd_segment_free(struct tmem_ssd_device *device, u32 segment);
bool tmem_ssd_discard_dead(struct tmem_ssd_device *device);

/* encrypt.c: between the log and the medium. */
extern bool tmem_ssd_encrypt;
int tmem_ssd_encrypt_init(struct tmem_ssd_device *device);
void tmem_ssd_encrypt_exit(struct tmem_ssd_device *device);
int tmem_ssd_segment_write(struct tmem_ssd_device *device, u32 segment, struct page **pages);
int tmem_ssd_blocks_read(struct tmem_ssd_device *device, sector_t sector, struct page **pages,
			 unsigned int count);
int tmem_ssd_decrypt_bio(struct tmem_ssd_device *device, sector_t sector, struct bio *bio);

/* disk.c: whole-block reads and writes that are waited for. */
int tmem_ssd_disk_write(struct tmem_ssd_device *device, sector_t sector, struct page **pages,
			unsigned int count);
int tmem_ssd_disk_read(struct tmem_ssd_device *device, sector_t sector, struct page **pages,
		       unsigned int count);
bool tmem_ssd_disk_discard(struct tmem_ssd_device *device, sector_t sector, sector_t sectors);
u32 tmem_ssd_page_checksum(struct page *page);

/* policy.c */
int tmem_ssd_policy_init(void);
void tmem_ssd_policy_exit(void);
void tmem_ssd_policy_resize(void);

/* shrink.c */
extern unsigned int tmem_ssd_index_percent;
extern atomic_long_t tmem_ssd_shrunk;
unsigned long tmem_ssd_index_limit(void);
bool tmem_ssd_index_full(void);
int tmem_ssd_shrink_init(void);
void tmem_ssd_shrink_exit(void);

/* health.c */
void tmem_ssd_request_ended(struct tmem_ssd_device *device, enum tmem_ssd_direction direction,
			    sector_t sector, bool well);
extern const struct blk_holder_ops tmem_ssd_holder_ops;
void tmem_ssd_health_watch(struct tmem_ssd_device *device);
int tmem_ssd_health_init(void);
void tmem_ssd_health_exit(void);

/* device.c */
struct tmem_ssd_device *tmem_ssd_device_of(u32 slot);
struct tmem_ssd_device *tmem_ssd_device_alloc(void);
int tmem_ssd_find_slots(u64 count, u32 *first);
int tmem_ssd_device_add(struct tmem_ssd_device *device);
void tmem_ssd_empty(struct tmem_ssd_device *device);
void tmem_ssd_detach(struct tmem_ssd_device *device);
void tmem_ssd_detach_all(void);
bool tmem_ssd_in_service(const struct tmem_ssd_device *device);
bool tmem_ssd_any_encrypted(void);
unsigned int tmem_ssd_staging_segments(void);

/* attach.c */
int tmem_ssd_attach(dev_t dev);
void tmem_ssd_close(struct tmem_ssd_device *device);

/* hibernation.c */
extern struct tmem_sleeper tmem_ssd_sleeper;
void tmem_ssd_barrier_init(struct tmem_ssd_device *device);

/* sysfs.c */
extern const struct kobj_type tmem_ssd_device_type;
int tmem_ssd_sysfs_init(void);
void tmem_ssd_sysfs_close(void);
void tmem_ssd_sysfs_exit(void);
struct kobject *tmem_ssd_devices_dir(void);

#endif /* _TMEM_SSD_H */
