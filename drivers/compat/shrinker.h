/* SPDX-License-Identifier: GPL-2.0 */
/* Teaches older kernels how a shrinker is registered. */
#ifndef _TMEM_COMPAT_SHRINKER_H
#define _TMEM_COMPAT_SHRINKER_H

#include <linux/shrinker.h>
#include <linux/slab.h>

/*
 * Since 6.7 the kernel allocates shrinkers and frees them when nobody runs them any more; before,
 * they were the caller's, and unregister_shrinker() waited. Goes with 6.1.
 */
#if TMEM_LINUX_SERIES == TMEM_SERIES(6, 1)

static inline struct shrinker *shrinker_alloc(unsigned int flags, const char *name)
{
	struct shrinker *shrinker = kzalloc(sizeof(*shrinker), GFP_KERNEL);

	if (!shrinker)
		return NULL;
	shrinker->flags = flags;
	shrinker->seeks = DEFAULT_SEEKS;
	return shrinker;
}

static inline int tmem_shrinker_register(struct shrinker *shrinker, const char *name)
{
	int err = register_shrinker(shrinker, "%s", name);

	if (err)
		kfree(shrinker);
	return err;
}

static inline void shrinker_free(struct shrinker *shrinker)
{
	unregister_shrinker(shrinker);
	kfree(shrinker);
}

#else

static inline int tmem_shrinker_register(struct shrinker *shrinker, const char *name)
{
	shrinker_register(shrinker);
	return 0;
}

#endif

#endif /* _TMEM_COMPAT_SHRINKER_H */
