// SPDX-License-Identifier: GPL-2.0
/* The tables of each swap area: made at swapon or when tmem loads, gone at swapoff. */
#include <linux/bitmap.h>
#include <linux/blkdev.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "core.h"
#include "memcg.h"
#include "swap_device.h"

struct tmem_area *tmem_areas[MAX_SWAPFILES];

/* Serialises making and dropping areas; taken inside the kernel's swapon_mutex, never outside. */
static DEFINE_MUTEX(areas_lock);

static enum tmem_refusal refusal_of(struct swap_info_struct *device)
{
	/* Its slots are not blocks we may write, so its pages could never be pushed out again. */
	if (device->flags & SWP_FS_OPS)
		return TMEM_REFUSED_fs_swapfile;
	if (device->bdev && tmem_above_dm_crypt(device->bdev))
		return TMEM_REFUSED_crypt;
	return TMEM_REFUSED_NONE;
}

static void say_refused(unsigned int type, enum tmem_refusal why)
{
	if (why == TMEM_REFUSED_crypt)
		pr_info("swap area %u is encrypted by dm-crypt, or may be: its pages are only stored where they are encrypted too\n",
			type);
	else if (why == TMEM_REFUSED_fs_swapfile)
		pr_warn("swap area %u is not used: its file is written through its filesystem, use a partition or a file on a local filesystem\n",
			type);
}

static void free_area(struct tmem_area *area)
{
	vfree(area->stamps);
	vfree(area->owners);
	vfree(area->ages);
	vfree(area->entries);
	kfree(area);
}

/* Areas of which that was said. */
static DECLARE_BITMAP(without_memory, MAX_SWAPFILES);

/* A large area takes much, and can go without: nobody is killed for it, and no complaint is in the log but our own. */
static void *alloc_table(size_t bytes)
{
	return __vmalloc(bytes, GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_ZERO | __GFP_NOWARN);
}

static struct tmem_area *alloc_area(unsigned long slots)
{
	struct tmem_area *area = kzalloc(sizeof(*area), GFP_KERNEL);

	if (!area)
		return NULL;
	area->slots = slots;
	area->entries = alloc_table(array_size(slots, sizeof(u32)));
	area->ages = alloc_table(slots);
	if (tmem_memcg_enabled())
		area->owners = alloc_table(array_size(slots, sizeof(u16)));
	if (IS_ENABLED(TMEM_WITH_STAMPS))
		area->stamps = alloc_table(array_size(slots, sizeof(struct tmem_stamp)));
	if (!area->entries || !area->ages || (tmem_memcg_enabled() && !area->owners) ||
	    (IS_ENABLED(TMEM_WITH_STAMPS) && !area->stamps)) {
		free_area(area);
		return NULL;
	}
	return area;
}

/**
 * tmem_area_create() - make the entry table of a swap area, if it has none
 * @type: of an area that is held, or that swapon is turning on
 *
 * Without memory for it the area works as if tmem were not there.
 */
void tmem_area_create(unsigned int type)
{
	struct swap_info_struct *device = tmem_swap_device(type);
	struct tmem_area *area;
	unsigned int i;

	if (!device || !tmem_backends_any())
		return;
	mutex_lock(&areas_lock);
	if (tmem_area(type))
		goto out;
	area = alloc_area(device->max);
	if (!area) {
		if (!test_and_set_bit(type, without_memory))
			pr_warn("no memory for the table of swap area %u: it is not used\n", type);
		goto out;
	}
	clear_bit(type, without_memory);
	area->refusal = refusal_of(device);
	say_refused(type, area->refusal);
	for (i = 0; i < TMEM_MAX_BACKENDS; i++)
		if (tmem_backends[i] && tmem_backends[i]->ops->area_init)
			tmem_backends[i]->ops->area_init(type, area->slots);
	/* All of it before it is seen, see tmem_area(). */
	smp_store_release(&tmem_areas[type], area);
out:
	mutex_unlock(&areas_lock);
}

/* Forget what the kernel did not free. Return: number of pages. */
static unsigned long purge(unsigned int type, struct tmem_area *area)
{
	unsigned long left = 0;
	unsigned long offset;

	for (offset = 0; offset < area->slots; offset++) {
		u32 place;

		rcu_read_lock();
		place = tmem_entry_clear(&area->entries[offset]);
		tmem_place_free((struct tmem_key){ type, offset }, place);
		tmem_area_emptied(area, offset, place, TMEM_PLACE_NONE);
		rcu_read_unlock();
		left += place > TMEM_PLACE_LOST;
		cond_resched();
	}
	return left;
}

/**
 * tmem_area_destroy() - drop the table of an area that swapoff has emptied
 * @type: nobody holds the area and no door is called for it any more
 */
void tmem_area_destroy(unsigned int type)
{
	struct tmem_area *area;
	unsigned long left;
	unsigned int i;

	mutex_lock(&areas_lock);
	area = tmem_area(type);
	WRITE_ONCE(tmem_areas[type], NULL);
	if (area) {
		left = purge(type, area);
		this_cpu_add(tmem_counters.events[TMEM_EVENT_left_at_swapoff], left);
		for (i = 0; i < TMEM_MAX_BACKENDS; i++)
			if (tmem_backends[i] && tmem_backends[i]->ops->area_exit)
				tmem_backends[i]->ops->area_exit(type);
		free_area(area);
	}
	mutex_unlock(&areas_lock);
	if (area)
		tmem_backends_unpin_idle();
}

/**
 * tmem_areas_adopt() - tell a new backend which areas there are, and put it in service
 * @backend: with its number set
 *
 * Under the lock of the areas, so that it misses none that appears meanwhile.
 */
void tmem_areas_adopt(struct tmem_backend *backend)
{
	unsigned int type;

	mutex_lock(&areas_lock);
	for (type = 0; type < MAX_SWAPFILES; type++)
		if (tmem_area(type) && backend->ops->area_init)
			backend->ops->area_init(type, tmem_area(type)->slots);
	WRITE_ONCE(tmem_backends[backend->id], backend);
	mutex_unlock(&areas_lock);
}

/* Take a backend out of service: from here on no area is announced to it. */
void tmem_areas_disown(struct tmem_backend *backend)
{
	mutex_lock(&areas_lock);
	WRITE_ONCE(tmem_backends[backend->id], NULL);
	mutex_unlock(&areas_lock);
}

/* Make tables for the areas that are on already. The hooks are armed: later ones come by swapon. */
void tmem_areas_init(void)
{
	unsigned int type;

	for (type = 0; type < MAX_SWAPFILES; type++) {
		struct swap_info_struct *device = tmem_swap_device_get(type);

		if (!device)
			continue;
		tmem_area_create(type);
		tmem_swap_device_put(device);
	}
}

static void make_late(struct work_struct *work)
{
	tmem_areas_init();
}

static DECLARE_DELAYED_WORK(late_work, make_late);

unsigned int tmem_areas_late_ms = TMEM_AREAS_LATE_MS;

/**
 * tmem_areas_missed() - a page was to be stored in an area that has no table
 *
 * Memory may be there again; or swapon was under way when the first backend came, and so was seen neither by the one
 * nor by the other.
 *
 * Context: any.
 */
void tmem_areas_missed(void)
{
	queue_delayed_work(system_long_wq, &late_work, msecs_to_jiffies(tmem_areas_late_ms));
}

/* The hooks are gone and nothing is stored. */
void tmem_areas_exit(void)
{
	unsigned int type;

	cancel_delayed_work_sync(&late_work);
	for (type = 0; type < MAX_SWAPFILES; type++)
		tmem_area_destroy(type);
}
