// SPDX-License-Identifier: GPL-2.0
/*
 * A backend that keeps nothing: every store and load succeeds at once, pages come back with whatever
 * was in the frame. It shows what the kernel's swap path and tmem's core cost without any work
 * of a backend, a lower bound for all of them. Only for programs that do not read what they wrote.
 */
#include <linux/module.h>
#include <tmem/tmem.h>

static int floor_store(struct tmem_key key, struct page *page, u32 old)
{
	return key.offset < TMEM_HANDLE_MAX ? key.offset : -ENOSPC;
}

static int floor_load(struct tmem_key key, u32 handle, struct page *page)
{
	return 0;
}

static void floor_free(struct tmem_key key, u32 handle)
{
}

static const struct tmem_backend_ops floor_ops = {
	.store	= floor_store,
	.load	= floor_load,
	.free	= floor_free,
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
