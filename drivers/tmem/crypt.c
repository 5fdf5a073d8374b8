// SPDX-License-Identifier: GPL-2.0
/*
 * Finds dm-crypt below a swap area or filesystem: such pages must not reach a medium that is not
 * encrypted.
 *
 * Walks the stack of block devices down from the one that is used, by the links that each has to
 * those it is made of (the "slaves" in sysfs: all that a driver has opened, a cache or a log device
 * included). Whatever cannot be looked into is taken for encrypted.
 */
#include <linux/blkdev.h>
#include <linux/device-mapper.h>
#include <linux/kernfs.h>
#include <linux/static_call.h>

#include "core.h"
#include "symbols.h"

/* Deeper stacks than this are not looked into. */
#define STACK_MAX	16

typedef struct mapped_device *(dm_get_md_t)(dev_t dev);
typedef struct dm_table *(dm_get_live_table_t)(struct mapped_device *md, int *srcu_idx);
typedef void (dm_put_live_table_t)(struct mapped_device *md, int srcu_idx);
typedef struct dm_target *(dm_table_find_target_t)(struct dm_table *table, sector_t sector);
typedef void (dm_put_t)(struct mapped_device *md);

DEFINE_STATIC_CALL_NULL(tmem_dm_get_md, dm_get_md_t);
DEFINE_STATIC_CALL_NULL(tmem_dm_get_live_table, dm_get_live_table_t);
DEFINE_STATIC_CALL_NULL(tmem_dm_put_live_table, dm_put_live_table_t);
DEFINE_STATIC_CALL_NULL(tmem_dm_table_find_target, dm_table_find_target_t);
DEFINE_STATIC_CALL_NULL(tmem_dm_put, dm_put_t);

#define FIND(_name) ({								\
	unsigned long _address = tmem_symbol("dm_mod:" #_name);			\
	if (!_address)								\
		_address = tmem_symbol(#_name);					\
	if (_address)								\
		static_call_update(tmem_##_name, (_name##_t *)_address);	\
	_address;								\
})

/* Looked up each time: dm_mod may have been loaded since. A device of its own keeps it loaded. */
static bool find_dm(void)
{
	return FIND(dm_get_md) && FIND(dm_get_live_table) && FIND(dm_put_live_table) &&
	       FIND(dm_table_find_target) && FIND(dm_put);
}

static bool table_has_crypt(struct dm_table *table, sector_t sectors)
{
	sector_t sector = 0;

	while (sector < sectors) {
		struct dm_target *target = static_call(tmem_dm_table_find_target)(table, sector);

		if (!target || !target->len || !strcmp(target->type->name, "crypt"))
			return true;
		sector = target->begin + target->len;
	}
	return false;
}

static bool is_crypt(struct gendisk *disk)
{
	struct mapped_device *md;
	struct dm_table *table;
	bool found = true;
	int srcu_idx;

	if (!find_dm())
		return true;
	md = static_call(tmem_dm_get_md)(disk_devt(disk));
	if (!md)
		return true;
	table = static_call(tmem_dm_get_live_table)(md, &srcu_idx);
	if (table)
		found = table_has_crypt(table, get_capacity(disk));
	static_call(tmem_dm_put_live_table)(md, srcu_idx);
	static_call(tmem_dm_put)(md);
	return found;
}

struct slave_walk {
	struct kobject *slaves;
	unsigned int depth;
	bool any;
};

/* For a device of which nobody says what it stands on. */
static bool crypt_in_use(void)
{
	return tmem_symbol("dm_crypt:crypt_map") || tmem_symbol("crypt_map");
}

static bool disk_above_crypt(struct gendisk *disk, unsigned int depth);

/* Called for each block device there is: is it one that the disk is made of? */
static int below_slave(struct device *dev, void *data)
{
	struct slave_walk *walk = data;
	struct kernfs_node *link;

	link = kernfs_find_and_get(walk->slaves->sd, dev_name(dev));
	if (!link)
		return 0;
	kernfs_put(link);
	walk->any = true;
	return disk_above_crypt(dev_to_bdev(dev)->bd_disk, walk->depth + 1);
}

static bool is_ramdisk(const struct gendisk *disk)
{
	return !strncmp(disk->disk_name, "ram", 3);
}

static bool disk_above_crypt(struct gendisk *disk, unsigned int depth)
{
	struct slave_walk walk = { .depth = depth };
	bool found;

	if (depth > STACK_MAX)
		return true;
	if (!strncmp(disk->disk_name, "dm-", 3) && is_crypt(disk))
		return true;
	walk.slaves = kobject_get(disk->slave_dir);
	if (!walk.slaves)
		return true;
	found = class_for_each_device((struct class *)tmem_block_class(), NULL, &walk, below_slave);
	kobject_put(walk.slaves);
	/* What a loop, zram, network or user-space device stands on is its driver's secret. */
	if (!found && !walk.any && !disk_to_dev(disk)->parent && !is_ramdisk(disk))
		return crypt_in_use();
	return found;
}

/**
 * tmem_above_dm_crypt() - is there dm-crypt anywhere below a block device?
 * @bdev: open
 *
 * Context: process, may sleep.
 * Return: true also if that cannot be told.
 */
bool tmem_above_dm_crypt(struct block_device *bdev)
{
	return disk_above_crypt(bdev->bd_disk, 0);
}
