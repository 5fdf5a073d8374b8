// SPDX-License-Identifier: GPL-2.0
/* The classic frontswap API of Linux 5.15, on top of the tmem core. */
#include <linux/mutex.h>
#include <tmem/frontswap.h>

#include "core.h"

/* A classic backend finds its pages by key, so every one of them has the same handle. */
#define CLASSIC_HANDLE	0

/*
 * Two of each function: the core's operations carry no context, and a classic backend's have
 * nowhere to put one.
 */
#define CLASSIC_BACKEND(_n)							\
static struct frontswap_ops *classic_ops_##_n;					\
static int classic_store_##_n(struct tmem_key key, struct page *page, u32 old)	\
{										\
	return classic_store(classic_ops_##_n, key, page, old);		\
}										\
static int classic_load_##_n(struct tmem_key key, u32 handle, struct page *page)	\
{										\
	return classic_ops_##_n->load(key.type, key.offset, page) ? -EIO : 0;	\
}										\
static void classic_free_##_n(struct tmem_key key, u32 handle)			\
{										\
	classic_ops_##_n->invalidate_page(key.type, key.offset);		\
}										\
static void classic_area_init_##_n(unsigned int type, unsigned long slots)	\
{										\
	classic_ops_##_n->init(type);						\
}										\
static void classic_area_exit_##_n(unsigned int type)				\
{										\
	classic_ops_##_n->invalidate_area(type);				\
}										\
static const struct tmem_backend_ops classic_backend_ops_##_n = {		\
	.store = classic_store_##_n, .load = classic_load_##_n,			\
	.free = classic_free_##_n, .area_init = classic_area_init_##_n,		\
	.area_exit = classic_area_exit_##_n,					\
}

static int classic_store(struct frontswap_ops *ops, struct tmem_key key, struct page *page,
			 u32 old)
{
	/* As in 5.15: the older copy goes first, whatever becomes of the new one. */
	if (old != TMEM_NO_HANDLE)
		ops->invalidate_page(key.type, key.offset);
	return ops->store(key.type, key.offset, page) ? -ENOSPC : CLASSIC_HANDLE;
}

CLASSIC_BACKEND(0);
CLASSIC_BACKEND(1);

static struct frontswap_ops **classic_ops[] = { &classic_ops_0, &classic_ops_1 };
static struct tmem_backend classic[] = {
	{ .name = "frontswap", .ops = &classic_backend_ops_0 },
	{ .name = "frontswap-2", .ops = &classic_backend_ops_1 },
};

/* Guards classic_ops[]. */
static DEFINE_MUTEX(classic_lock);

int tmem_frontswap_register(struct frontswap_ops *ops, struct module *owner)
{
	int err = -EBUSY;
	unsigned int i;

	if (!ops->init || !ops->store || !ops->load || !ops->invalidate_page ||
	    !ops->invalidate_area)
		return -EINVAL;
	mutex_lock(&classic_lock);
	for (i = 0; i < ARRAY_SIZE(classic); i++)
		if (!*classic_ops[i])
			break;
	if (i < ARRAY_SIZE(classic)) {
		*classic_ops[i] = ops;
		classic[i].owner = owner;
		err = tmem_register_backend(&classic[i]);
		if (err)
			*classic_ops[i] = NULL;
	}
	mutex_unlock(&classic_lock);
	return err;
}
EXPORT_SYMBOL_GPL(tmem_frontswap_register);

void frontswap_unregister_ops(struct frontswap_ops *ops)
{
	unsigned int i;

	mutex_lock(&classic_lock);
	for (i = 0; i < ARRAY_SIZE(classic); i++) {
		if (*classic_ops[i] != ops)
			continue;
		tmem_unregister_backend(&classic[i]);
		*classic_ops[i] = NULL;
	}
	mutex_unlock(&classic_lock);
}
EXPORT_SYMBOL_GPL(frontswap_unregister_ops);

void frontswap_tmem_exclusive_gets(bool enable)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(classic); i++)
		tmem_backend_set_exclusive(&classic[i], enable);
}
EXPORT_SYMBOL_GPL(frontswap_tmem_exclusive_gets);

unsigned long frontswap_curr_pages(void)
{
	return tmem_held_pages();
}
EXPORT_SYMBOL_GPL(frontswap_curr_pages);

void frontswap_shrink(unsigned long target_pages)
{
	tmem_shrink(target_pages);
}
EXPORT_SYMBOL_GPL(frontswap_shrink);
