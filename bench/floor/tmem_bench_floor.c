// SPDX-License-Identifier: GPL-2.0
/*
 * A backend that keeps nothing: every store and load succeeds at once, pages come back with whatever
 * was in the frame. It shows what the kernel's swap path and tmem's core cost without any work
 * of a backend, a lower bound for all of them. Only for programs that do not read what they wrote.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <tmem/tmem.h>

static int floor_store(struct tmem_key key, struct page *page, u32 old)
{
	return key.offset < TMEM_HANDLE_MAX ? key.offset : -ENOSPC;
}

/* A frame may come zeroed, and a zero page takes another way out: make it one like any other. */
static void differ(struct page *page)
{
	*(u64 *)page_address(page) = 1;
}

static int floor_load(struct tmem_key key, u32 handle, struct page *page)
{
	differ(page);
	return 0;
}

static unsigned int floor_store_run(struct tmem_key key, struct page *page, unsigned int count, u32 old,
				    u32 *handle)
{
	*handle = key.offset;
	return key.offset + count <= TMEM_HANDLE_MAX ? count : 0;
}

static unsigned int floor_load_run(struct tmem_key key, u32 handle, struct page *page, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		differ(page + i);
	return count;
}

static void floor_free(struct tmem_key key, u32 handle)
{
}

static const struct tmem_backend_ops floor_ops = {
	.store	= floor_store,
	.load	= floor_load,
	.free	= floor_free,
	.store_run = floor_store_run,
	.load_run = floor_load_run,
};

static struct tmem_backend floor_backend = {
	.name	= "bench_floor",
	.owner	= THIS_MODULE,
	.ops	= &floor_ops,
};

static int __init floor_init(void)
{
	return tmem_register_backend(&floor_backend);
}

static void __exit floor_exit(void)
{
	tmem_unregister_backend(&floor_backend);
}

module_init(floor_init);
module_exit(floor_exit);
MODULE_DESCRIPTION("Backend that loses every page, for measuring only");
MODULE_LICENSE("GPL");
