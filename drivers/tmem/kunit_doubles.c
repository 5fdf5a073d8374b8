// SPDX-License-Identifier: GPL-2.0
/* Stands in for the files of the core that reach into the kernel: swap_device.c, memcg.c, crypt.c, sysfs.c. */
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/completion.h>
#include <linux/major.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/slab.h>

#include "kunit_env.h"
#include "memcg.h"
#include "swap_device.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

bool tmem_paused;
bool tmem_hibernating;

struct tmem_double tmem_double;

static struct swap_info_struct *devices[MAX_SWAPFILES];
static struct completion device_idle;

void tmem_last_error(const char *fmt, ...)
{
}

bool tmem_above_dm_crypt(struct block_device *bdev)
{
	return tmem_double.above_dm_crypt;
}

struct swap_info_struct *tmem_swap_device(unsigned int type)
{
	return devices[type];
}

struct swap_info_struct *tmem_swap_device_get(unsigned int type)
{
	struct swap_info_struct *device = devices[type];

	return device && percpu_ref_tryget_live(&device->users) ? device : NULL;
}

void tmem_swap_device_put(struct swap_info_struct *device)
{
	percpu_ref_put(&device->users);
}

sector_t tmem_swap_device_sector(struct swap_info_struct *device, pgoff_t offset)
{
	if (!tmem_double.first_sector)
		return 0;
	return tmem_double.first_sector + (offset << (PAGE_SHIFT - SECTOR_SHIFT));
}

struct folio *tmem_swap_cached_folio(struct tmem_key key)
{
	struct folio *folio = tmem_double.cached;

	if (!folio || swp_type(folio->swap) != key.type || swp_offset(folio->swap) != key.offset)
		return ERR_PTR(-ENOENT);
	if (!folio_trylock(folio))
		return ERR_PTR(-EAGAIN);
	folio_get(folio);
	return folio;
}

struct tmem_double_cgroup tmem_double_cgroups[DOUBLE_CGROUPS];

static struct tmem_double_cgroup *cgroup_of(struct mem_cgroup *memcg)
{
	return (struct tmem_double_cgroup *)memcg;
}

struct mem_cgroup *tmem_memcg_find(u64 id)
{
	if (!id || id >= DOUBLE_CGROUPS || tmem_double_cgroups[id].removed)
		return NULL;
	atomic_inc(&tmem_double_cgroups[id].references);
	return (struct mem_cgroup *)&tmem_double_cgroups[id];
}

bool tmem_memcg_enabled(void)
{
	return true;
}

u64 tmem_memcg_id(struct mem_cgroup *memcg)
{
	return cgroup_of(memcg) - tmem_double_cgroups;
}

u64 tmem_memcg_id_of_folio(struct folio *folio)
{
	return tmem_double.cgroup;
}

bool tmem_memcg_has_folio(const struct mem_cgroup *memcg, struct folio *folio)
{
	return tmem_memcg_id((struct mem_cgroup *)memcg) == tmem_double.cgroup;
}

struct mem_cgroup *tmem_memcg_get(struct folio *folio)
{
	return tmem_memcg_find(tmem_double.cgroup);
}

struct mem_cgroup *tmem_memcg_get_parent(struct mem_cgroup *memcg)
{
	return tmem_memcg_find(cgroup_of(memcg)->parent);
}

struct mem_cgroup *tmem_memcg_get_root(void)
{
	return tmem_memcg_find(1);
}

void tmem_memcg_put(struct mem_cgroup *memcg)
{
	if (memcg)
		atomic_dec(&cgroup_of(memcg)->references);
}

bool tmem_memcg_online(struct mem_cgroup *memcg)
{
	return !cgroup_of(memcg)->removed;
}

bool tmem_memcg_writes_back(struct mem_cgroup *memcg)
{
	return !cgroup_of(memcg)->stays;
}

int tmem_owner_show(struct tmem_owner *owner)
{
	WRITE_ONCE(owner->shown, true);
	return 0;
}

void tmem_owner_hide(struct tmem_owner *owner)
{
	owner->shown = false;
}

static void owner_released(struct kobject *kobj)
{
	tmem_owner_free(container_of(kobj, struct tmem_owner, kobj));
}

const struct kobj_type tmem_owner_type = {
	.release	= owner_released,
};

static void device_released(struct percpu_ref *ref)
{
	complete(&device_idle);
}

struct swap_info_struct *tmem_double_swapon(unsigned int type, unsigned long slots)
{
	struct swap_info_struct *device = kzalloc(sizeof(*device), GFP_KERNEL);

	if (!device || percpu_ref_init(&device->users, device_released, 0, GFP_KERNEL)) {
		kfree(device);
		return NULL;
	}
	device->max = slots;
	devices[type] = device;
	return device;
}

void tmem_double_swapoff(unsigned int type)
{
	struct swap_info_struct *device = devices[type];

	if (!device)
		return;
	init_completion(&device_idle);
	percpu_ref_kill(&device->users);
	/* Somebody forgot a tmem_swap_device_put(): leak it, it may be in use. */
	if (WARN_ON(!wait_for_completion_timeout(&device_idle, 5 * HZ)))
		return;
	devices[type] = NULL;
	percpu_ref_exit(&device->users);
	kfree(device);
}

static struct file *disk;

int tmem_double_disk_open(void)
{
	disk = bdev_file_open_by_dev(MKDEV(RAMDISK_MAJOR, 0), BLK_OPEN_READ | BLK_OPEN_WRITE, NULL,
				     NULL);
	return PTR_ERR_OR_ZERO(disk);
}

void tmem_double_disk_close(void)
{
	bdev_fput(disk);
}

struct block_device *tmem_double_disk(void)
{
	return file_bdev(disk);
}

int tmem_double_disk_transfer(struct folio *folio, blk_opf_t op)
{
	struct bio_vec vec;
	struct bio bio;
	int err;

	bio_init(&bio, file_bdev(disk), &vec, 1, op);
	bio.bi_iter.bi_sector = DISK_FIRST_SECTOR +
				(swp_offset(folio->swap) << (PAGE_SHIFT - SECTOR_SHIFT));
	__bio_add_page(&bio, folio_page(folio, 0), PAGE_SIZE, 0);
	err = submit_bio_wait(&bio);
	bio_uninit(&bio);
	return err;
}
