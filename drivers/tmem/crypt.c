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
#include <linux/major.h>
#include <linux/static_call.h>
#include <tmem/device.h>
#include <tmem/clean.h>

#include "core.h"
#include "signatures.h"
#include "symbols.h"

/* Deeper stacks than this are not looked into. */
#define STACK_MAX	16

/* Functions of dm_mod, and how each is called, see DEFINE_TMEM_SIGNATURE(). */
#define FUNCTIONS(X)								\
	X(dm_get_md, struct mapped_device *, (dev_t))				\
	X(dm_get_live_table, struct dm_table *, (struct mapped_device *, int *)) \
	X(dm_put_live_table, void, (struct mapped_device *, int))		\
	X(dm_table_find_target, struct dm_target *, (struct dm_table *, sector_t)) \
	X(dm_put, void, (struct mapped_device *))

#define DEFINE_FUNCTION(_name, _result, _arguments)				\
	DEFINE_TMEM_SIGNATURE(_name, _result, _arguments);			\
	DEFINE_STATIC_CALL_NULL(tmem_##_name, tmem_type_##_name);
FUNCTIONS(DEFINE_FUNCTION)
#undef DEFINE_FUNCTION

struct tmem_signature *tmem_crypt_signature(unsigned int i)
{
#define SIGNATURE(_name, _result, _arguments)	&tmem_signature_##_name,
	static struct tmem_signature *const signatures[] = { FUNCTIONS(SIGNATURE) };
#undef SIGNATURE

	return i < ARRAY_SIZE(signatures) ? signatures[i] : NULL;
}

/* Return: the address of a function of dm_mod, which may be built in; 0 if it is not to be called. */
static unsigned long dm_function(const char *in_module, struct tmem_signature *signature)
{
	unsigned long address = tmem_symbol(in_module) ?: tmem_symbol(signature->name);

	return address && tmem_signature_holds(signature) ? address : 0;
}

#define FIND(_name) ({								\
	unsigned long _address = dm_function("dm_mod:" #_name, &tmem_signature_##_name); \
										\
	if (_address)								\
		static_call_update(tmem_##_name, (tmem_type_##_name *)_address); \
	_address;								\
})

/* Looked up each time: dm_mod may have been loaded since. A device of its own keeps it loaded. */
static bool find_dm(void)
{
	return FIND(dm_get_md) && FIND(dm_get_live_table) && FIND(dm_put_live_table) &&
	       FIND(dm_table_find_target) && FIND(dm_put);
}
#undef FIND

/* Of the targets of a device-mapper device, how many are dm-crypt? */
enum crypt_share { CRYPT_NONE, CRYPT_ALL, CRYPT_SOME, CRYPT_UNKNOWN };

static enum crypt_share table_share(struct dm_table *table, sector_t sectors)
{
	bool crypt = false, other = false;
	sector_t sector = 0;

	while (sector < sectors) {
		struct dm_target *target = static_call(tmem_dm_table_find_target)(table, sector);

		if (!target || !target->len)
			return CRYPT_UNKNOWN;
		if (!strcmp(target->type->name, "crypt"))
			crypt = true;
		else
			other = true;
		sector = target->begin + target->len;
	}
	return !crypt ? CRYPT_NONE : other ? CRYPT_SOME : CRYPT_ALL;
}

static enum crypt_share dm_share(struct gendisk *disk)
{
	enum crypt_share share = CRYPT_UNKNOWN;
	struct mapped_device *md;
	struct dm_table *table;
	int srcu_idx;

	if (!find_dm())
		return CRYPT_UNKNOWN;
	md = static_call(tmem_dm_get_md)(disk_devt(disk));
	if (!md)
		return CRYPT_UNKNOWN;
	table = static_call(tmem_dm_get_live_table)(md, &srcu_idx);
	if (table && get_capacity(disk))
		share = table_share(table, get_capacity(disk));
	static_call(tmem_dm_put_live_table)(md, srcu_idx);
	static_call(tmem_dm_put)(md);
	return share;
}

static bool is_dm(const struct gendisk *disk)
{
	return !strncmp(disk->disk_name, "dm-", 3);
}

struct slave_walk {
	struct kobject *slaves;
	bool (*check)(struct gendisk *disk, unsigned int depth);
	unsigned int depth;
	bool any;
};

/* For a device of which nobody says what it stands on. */
static bool crypt_in_use(void)
{
	return tmem_symbol("dm_crypt:crypt_map") || tmem_symbol("crypt_map");
}

/* Called for each block device there is: is it one that the disk is made of, and what of that? */
static int below_slave(struct device *dev, void *data)
{
	struct slave_walk *walk = data;
	struct kernfs_node *link;

	link = kernfs_find_and_get(walk->slaves->sd, dev_name(dev));
	if (!link)
		return 0;
	kernfs_put(link);
	walk->any = true;
	return walk->check(dev_to_bdev(dev)->bd_disk, walk->depth + 1);
}

static bool is_ramdisk(const struct gendisk *disk)
{
	return !strncmp(disk->disk_name, "ram", 3);
}

/* Does @walk->check say yes to any device that the disk is made of? True also if nobody knows. */
static bool any_slave(struct gendisk *disk, struct slave_walk *walk)
{
	bool found;

	walk->slaves = kobject_get(disk->slave_dir);
	if (!walk->slaves)
		return true;
	found = class_for_each_device((struct class *)tmem_block_class(), NULL, walk, below_slave);
	kobject_put(walk->slaves);
	return found;
}

static bool disk_above_crypt(struct gendisk *disk, unsigned int depth)
{
	struct slave_walk walk = { .check = disk_above_crypt, .depth = depth };
	bool found;

	if (depth > STACK_MAX)
		return true;
	if (is_dm(disk) && dm_share(disk) != CRYPT_NONE)
		return true;
	found = any_slave(disk, &walk);
	/* Nobody but its driver knows what a loop, zram, network or user-space device stands on. */
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

/* Can anything that is written to a disk get below it as it is? */
static bool disk_is_plain(struct gendisk *disk, unsigned int depth)
{
	struct slave_walk walk = { .check = disk_is_plain, .depth = depth };

	if (depth > STACK_MAX)
		return true;
	if (is_dm(disk) && dm_share(disk) == CRYPT_ALL)
		return false;
	return any_slave(disk, &walk) || !walk.any;
}

bool tmem_encrypted(struct block_device *bdev)
{
	return !disk_is_plain(bdev->bd_disk, 0);
}
EXPORT_SYMBOL_GPL(tmem_encrypted);

static bool disk_above_loop(struct gendisk *disk, unsigned int depth)
{
	struct slave_walk walk = { .check = disk_above_loop, .depth = depth };

	return depth > STACK_MAX || disk->major == LOOP_MAJOR || any_slave(disk, &walk);
}

bool tmem_above_loop(struct block_device *bdev)
{
	return disk_above_loop(bdev->bd_disk, 0);
}
EXPORT_SYMBOL_GPL(tmem_above_loop);
