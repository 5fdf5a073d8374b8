/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of tmem_pmem share: the attached devices and how a handle names a slot. */
#ifndef _TMEM_PMEM_H
#define _TMEM_PMEM_H

#include <linux/kobject.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>
#include <tmem/cipher.h>
#include <tmem/tmem.h>

#include "../compat/blkdev.h"
#include "clean.h"
#include "slots.h"
#include "superblock.h"

#define TMEM_PMEM_DEVICES_MAX	16

/**
 * struct tmem_pmem_marks - when room is made on a device; read and written in one piece
 * @high_percent: when more of its slots are in use
 * @low_percent: until no more are in use; not above @high_percent
 */
struct tmem_pmem_marks {
	u16 high_percent;
	u16 low_percent;
};

/* No page's node, nor NUMA_NO_NODE. */
#define TMEM_PMEM_NEAR_NONE	(-2)

/* Of a device nobody has set others for. */
#define TMEM_PMEM_MARKS		((struct tmem_pmem_marks){ .high_percent = 95, .low_percent = 90 })

enum tmem_pmem_state {
	TMEM_PMEM_ACTIVE,
	TMEM_PMEM_DETACHING,	/* takes no new page */
	TMEM_PMEM_GONE,		/* the medium disappears; nothing may touch it soon */
};

/**
 * struct tmem_pmem_device - an attached namespace
 * @kobj: its directory in sysfs; the last reference frees the structure
 * @name: of the block device
 * @open: the exclusive open
 * @dax: the DAX device, with us as its holder
 * @start: address of its first byte; all of it is mapped in one piece
 * @bytes: its size
 * @data: address of slot 0
 * @cipher: for what its slots hold; NULL if that is not encrypted
 * @base: handle of slot 0; slot i has handle @base + i
 * @slots: allocation
 * @node: NUMA node of the medium
 * @near_node: node whose pages come here first, @node; TMEM_PMEM_NEAR_NONE while others are to take them. A hint
 * @state: written under tmem_pmem_lock
 * @super: as read from the medium
 * @poisoned_pages: pages lost to the medium
 * @bad_blocks_lock: held by who looks at them, but for whether they have changed
 * @bad_blocks: what the namespace knows to be bad; may be NULL
 * @bad_blocks_seen: how @bad_blocks was when these slots were last quarantined
 * @close_work: closes a device that disappeared
 * @marks: when room is made
 * @stored: pages that took a slot, by CPU
 * @look_mask: when one CPU has stored so many more, a worker looks whether there is room
 * @looked: pages stored when one last did
 * @looked_at: jiffies when one last did
 * @above_high: then more was in use than its high mark says, clean pages aside
 * @room_wanted: look again, whatever was stored
 * @room_work: that worker
 * @clean: clean pages of files, in a share of the slots
 */
struct tmem_pmem_device {
	struct kobject kobj;
	char name[32];
	struct tmem_bdev open;
	struct dax_device *dax;
	void *start;
	u64 bytes;
	void *data;
	struct tmem_cipher *cipher;
	u32 base;
	struct tmem_pmem_slots slots;
	int node;
	int near_node;
	enum tmem_pmem_state state;
	struct tmem_pmem_super super;
	atomic_long_t poisoned_pages;
	struct mutex bad_blocks_lock;
	const struct badblocks *bad_blocks;
	unsigned int bad_blocks_seen;
	struct work_struct close_work;
	struct tmem_pmem_marks marks;
	unsigned int __percpu *stored;
	unsigned int look_mask;
	unsigned int looked;
	unsigned long looked_at;
	bool above_high;
	bool room_wanted;
	struct delayed_work room_work;
	struct tmem_pmem_clean clean;
};

/*
 * Written under tmem_pmem_lock. Operations of the core read it inside its SRCU or RCU, so after
 * tmem_synchronize() nobody sees what was taken out.
 */
extern struct tmem_pmem_device __rcu *tmem_pmem_devices[TMEM_PMEM_DEVICES_MAX];
extern struct mutex tmem_pmem_lock;

/*
 * Who attaches, detaches or resizes; outside tmem_pmem_lock, which nobody holds while pages move: what the medium
 * reports takes that one, with locks of the kernel held.
 */
extern struct mutex tmem_pmem_admin_lock;

/* Context: tmem_pmem_lock held. */
static inline struct tmem_pmem_device *tmem_pmem_device_at(unsigned int i)
{
	return rcu_dereference_protected(tmem_pmem_devices[i], lockdep_is_held(&tmem_pmem_lock));
}

/* Inside RCU, or an operation of the core. */
static inline struct tmem_pmem_device *tmem_pmem_device_seen(unsigned int i)
{
	return rcu_dereference_raw(tmem_pmem_devices[i]);
}

static __always_inline bool tmem_pmem_device_has(const struct tmem_pmem_device *device, u32 handle)
{
	return device && handle - device->base < device->slots.count;
}

struct tmem_pmem_device *tmem_pmem_device_find(u32 handle);

/*
 * The device that a handle, or a place in the index, belongs to; NULL if it is no longer attached. Most machines
 * have one. Inside the core's SRCU or RCU.
 */
static __always_inline struct tmem_pmem_device *tmem_pmem_device_of(u32 handle)
{
	struct tmem_pmem_device *first = tmem_pmem_device_seen(0);

	return likely(tmem_pmem_device_has(first, handle)) ? first : tmem_pmem_device_find(handle);
}

extern struct tmem_backend tmem_pmem_backend;
extern bool tmem_pmem_encrypt;

static inline void *tmem_pmem_slot_address(const struct tmem_pmem_device *device, u32 slot)
{
	return device->data + (size_t)slot * TMEM_PMEM_SLOT_BYTES;
}

/* pages.c: the backend's operations. */
extern const struct tmem_backend_ops tmem_pmem_ops;

/* device.c */
int tmem_pmem_device_place(struct tmem_pmem_device *device);
void tmem_pmem_device_add(struct tmem_pmem_device *device, int place);
void tmem_pmem_device_remove(struct tmem_pmem_device *device);
struct tmem_pmem_device *tmem_pmem_device_alloc(void);
bool tmem_pmem_in_service(const struct tmem_pmem_device *device);
bool tmem_pmem_match_device(u32 handle, void *device);
int tmem_pmem_detach(struct tmem_pmem_device *device);
int tmem_pmem_resize(struct tmem_pmem_device *device, u32 usable);
void tmem_pmem_close_all(void);

/* attach.c: open, check and map a namespace. */
int tmem_pmem_attach(dev_t dev, bool format_blank);
void tmem_pmem_attach_all(void);
void tmem_pmem_close(struct tmem_pmem_device *device);

/* format.c */
int tmem_pmem_format_blank(struct tmem_pmem_device *device);
int tmem_pmem_check_gaps(const struct tmem_pmem_device *device);

/* badblocks.c: what is bad already. */
bool tmem_pmem_is_bad(const struct tmem_pmem_device *device, u64 offset, u64 bytes);
int tmem_pmem_read(const struct tmem_pmem_device *device, u64 offset, void *buffer, size_t bytes);
void tmem_pmem_skip_bad_blocks(struct tmem_pmem_device *device);
void tmem_pmem_recheck_bad_blocks(struct tmem_pmem_device *device);
void tmem_pmem_forget_bad_blocks(struct tmem_pmem_device *device);

/* The kernel found more of them meanwhile, or some were mended. */
static __always_inline bool tmem_pmem_bad_blocks_changed(const struct tmem_pmem_device *device)
{
	const struct badblocks *bad_blocks = READ_ONCE(device->bad_blocks);

	return bad_blocks && read_seqretry(&bad_blocks->lock, READ_ONCE(device->bad_blocks_seen));
}

/* failure.c: what the medium reports. */
struct dax_holder_operations;
extern const struct dax_holder_operations tmem_pmem_holder_ops;
void tmem_pmem_failure_flush(void);
int tmem_pmem_failure_init(void);
void tmem_pmem_failure_exit(void);

/* room.c */
void tmem_pmem_room_look(struct tmem_pmem_device *device);
void tmem_pmem_room_wanted(struct tmem_pmem_device *device);
void tmem_pmem_room_share_out(void);
int tmem_pmem_room_set_up(struct tmem_pmem_device *device);
void tmem_pmem_room_undo(struct tmem_pmem_device *device);
int tmem_pmem_room_init(void);
void tmem_pmem_room_exit(void);

/* A page took a slot. */
static __always_inline void tmem_pmem_room_taken(struct tmem_pmem_device *device)
{
	if (unlikely(!(this_cpu_inc_return(*device->stored) & device->look_mask)))
		tmem_pmem_room_look(device);
}

/* Likewise, so many. */
static __always_inline void tmem_pmem_room_taken_run(struct tmem_pmem_device *device, unsigned int pages)
{
	if (unlikely((this_cpu_add_return(*device->stored, pages) & device->look_mask) < pages))
		tmem_pmem_room_look(device);
}

/* Not before the slots that were found to be bad since are known not to be used. */
static __always_inline bool tmem_pmem_takes_pages(struct tmem_pmem_device *device)
{
	if (unlikely(READ_ONCE(device->state) != TMEM_PMEM_ACTIVE))
		return false;
	if (likely(!tmem_pmem_bad_blocks_changed(device)))
		return true;
	tmem_pmem_room_look(device);
	return false;
}

/* hibernation.c */
extern struct tmem_sleeper tmem_pmem_sleeper;

/* sysfs.c */
extern const struct kobj_type tmem_pmem_device_type;
int tmem_pmem_sysfs_init(void);
void tmem_pmem_sysfs_close(void);
void tmem_pmem_sysfs_exit(void);
struct kobject *tmem_pmem_devices_dir(void);

#endif /* _TMEM_PMEM_H */
