// SPDX-License-Identifier: GPL-2.0
/* The backends: registration, choice, and keeping their modules while pages are stored. */
#include <linux/bitops.h>
#include <linux/module.h>
#include <linux/mutex.h>

#include "core.h"

/* Copies that go when one page finds no room: the next ones shall not have to look. */
#define DROP_AT_ONCE	32

struct tmem_backend *tmem_backends[TMEM_MAX_BACKENDS];
DEFINE_SRCU(tmem_srcu);
DEFINE_STATIC_KEY_FALSE(tmem_exclusive_loads);

static DEFINE_MUTEX(backends_lock);

bool tmem_backends_any(void)
{
	unsigned int i;

	for (i = 0; i < TMEM_MAX_BACKENDS; i++)
		if (READ_ONCE(tmem_backends[i]))
			return true;
	return false;
}

bool tmem_backend_pin_first(struct tmem_backend *backend)
{
	if (READ_ONCE(backend->closing) || !try_module_get(backend->owner))
		return false;
	if (test_and_set_bit(0, &backend->pinned))
		module_put(backend->owner);
	return true;
}

/*
 * As long as a page is stored or lost, tmem itself stays loaded: its backend's module sees to that
 * while that is pinned, and after that this reference.
 */
static bool core_pinned;

static bool in_use(void)
{
	return tmem_held_pages() || atomic_long_read(&tmem_lost_pages);
}

static void pin_core_if_used(void)
{
	lockdep_assert_held(&backends_lock);
	if (!core_pinned && in_use()) {
		__module_get(THIS_MODULE);
		core_pinned = true;
	}
}

static void unpin_core_if_idle(void)
{
	lockdep_assert_held(&backends_lock);
	if (core_pinned && !in_use()) {
		core_pinned = false;
		module_put(THIS_MODULE);
	}
}

/*
 * A store that saw the pin before it was taken away has ended after tmem_synchronize(), so its
 * page is counted; one that comes later takes a pin of its own.
 */
static void unpin_if_idle(struct tmem_backend *backend)
{
	if (!test_and_clear_bit(0, &backend->pinned))
		return;
	tmem_synchronize();
	if (tmem_held_pages() && !test_and_set_bit(0, &backend->pinned))
		return;
	pin_core_if_used();
	module_put(backend->owner);
}

/**
 * tmem_backends_unpin_idle() - let modules go if nothing is stored, tmem if nothing is lost either
 *
 * Context: process, may sleep.
 */
void tmem_backends_unpin_idle(void)
{
	unsigned int i;

	if (tmem_held_pages())
		return;
	mutex_lock(&backends_lock);
	for (i = 0; i < TMEM_MAX_BACKENDS; i++)
		if (tmem_backends[i])
			unpin_if_idle(tmem_backends[i]);
	unpin_core_if_idle();
	mutex_unlock(&backends_lock);
}

/*
 * Offer a page to one backend. @old: handle of the older copy if it has one, else TMEM_NO_HANDLE;
 * @refused: what it answered already, 0 if it was not asked.
 * Return: the page's place, or why it was not taken.
 */
static int offer(struct tmem_backend *backend, struct tmem_key key, struct page *page, u32 old,
		 int refused)
{
	int ret = refused;

	if (!ret && !tmem_backend_pin(backend)) {
		if (old != TMEM_NO_HANDLE)
			backend->ops->free(key, old);
		return -ENODEV;
	}
	if (!ret)
		ret = backend->ops->store(key, page, old);
	if (ret == -ENOSPC && tmem_kept_drop(backend->id, DROP_AT_ONCE))
		ret = backend->ops->store(key, page, TMEM_NO_HANDLE);
	return ret < 0 ? ret : (int)tmem_place_make(backend->id, ret);
}

/**
 * tmem_backend_store_anywhere() - find room for a page, asking one backend after the other
 * @key: of the page
 * @page: its contents
 * @old: place of the older copy; freed or used again, in any case no longer the caller's
 * @refused: what the first backend answered already, 0 if it was not asked
 *
 * Context: as tmem_store(), inside tmem_srcu.
 * Return: as tmem_backend_store().
 */
int tmem_backend_store_anywhere(struct tmem_key key, struct page *page, u32 old, int refused)
{
	const struct tmem_area *area = tmem_area(key.type);
	int ret = -ENODEV;
	unsigned int i;

	for (i = 0; i < TMEM_MAX_BACKENDS; i++) {
		struct tmem_backend *backend = READ_ONCE(tmem_backends[i]);
		u32 handle = TMEM_NO_HANDLE;

		if (!backend || READ_ONCE(backend->closing))
			continue;
		if (tmem_place_is_handle(old) && tmem_place_backend(old) == i) {
			handle = tmem_place_handle(old);
			old = TMEM_PLACE_NONE;
		}
		if (!tmem_backend_may_hold(backend, area)) {
			if (handle != TMEM_NO_HANDLE)
				backend->ops->free(key, handle);
			if (ret == -ENODEV)
				ret = -EPERM;
			continue;
		}
		ret = offer(backend, key, page, handle, i ? 0 : refused);
		if (ret >= 0)
			break;
	}
	tmem_place_free(key, old);
	return ret;
}

/* Follows from the backends' exclusive_loads; under backends_lock. */
static void update_exclusive_loads(void)
{
	bool any = false;
	unsigned int i;

	for (i = 0; i < TMEM_MAX_BACKENDS; i++)
		any |= tmem_backends[i] && tmem_backends[i]->exclusive_loads;
	if (any)
		static_branch_enable(&tmem_exclusive_loads);
	else
		static_branch_disable(&tmem_exclusive_loads);
}

/**
 * tmem_backend_set_exclusive() - change whether loads remove the copy
 * @backend: registered or not yet
 * @exclusive: see struct tmem_backend
 *
 * Context: process, may sleep.
 */
void tmem_backend_set_exclusive(struct tmem_backend *backend, bool exclusive)
{
	mutex_lock(&backends_lock);
	WRITE_ONCE(backend->exclusive_loads, exclusive);
	update_exclusive_loads();
	mutex_unlock(&backends_lock);
}

int tmem_register_backend(struct tmem_backend *backend)
{
	const struct tmem_backend_ops *ops = backend->ops;
	unsigned int i;

	if (!ops || !ops->store || !ops->load || !ops->free)
		return -EINVAL;
	mutex_lock(&backends_lock);
	for (i = 0; i < TMEM_MAX_BACKENDS && tmem_backends[i]; i++)
		;
	if (i == TMEM_MAX_BACKENDS) {
		mutex_unlock(&backends_lock);
		pr_err("backend %s: %d backends are registered already\n", backend->name, i);
		return -EBUSY;
	}
	backend->id = i;
	backend->pinned = 0;
	backend->closing = false;
	tmem_areas_adopt(backend);
	update_exclusive_loads();
	mutex_unlock(&backends_lock);
	tmem_areas_init();
	return 0;
}
EXPORT_SYMBOL_GPL(tmem_register_backend);

static bool match_all(u32 handle, void *data)
{
	return true;
}

void tmem_unregister_backend(struct tmem_backend *backend)
{
	/* Only a backend without a module of its own can still hold pages here. */
	WRITE_ONCE(backend->closing, true);
	tmem_evacuate(backend, match_all, NULL, true);
	mutex_lock(&backends_lock);
	tmem_areas_disown(backend);
	update_exclusive_loads();
	tmem_synchronize();
	/* Pages may be stored elsewhere still, or without a backend: of one repeated word. */
	pin_core_if_used();
	if (test_and_clear_bit(0, &backend->pinned))
		module_put(backend->owner);
	mutex_unlock(&backends_lock);
}
EXPORT_SYMBOL_GPL(tmem_unregister_backend);

void tmem_synchronize(void)
{
	synchronize_srcu(&tmem_srcu);
	synchronize_rcu();
}
EXPORT_SYMBOL_GPL(tmem_synchronize);
