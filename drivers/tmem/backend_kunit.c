// SPDX-License-Identifier: GPL-2.0
/* Tests of the choice between backends: every page in one place, every older copy freed once. */
#include <linux/module.h>

#include "kunit_env.h"

static struct tmem_fake *first = &tmem_fakes[0];
static struct tmem_fake *second = &tmem_fakes[1];

static int two_backends(struct kunit *test)
{
	int err = tmem_env_init(test);

	return err ? err : tmem_fake_register(second);
}

static void store_ok(struct kunit *test, struct folio *folio, u32 seed)
{
	tmem_env_fill(folio, seed);
	KUNIT_ASSERT_EQ(test, tmem_env_store(folio), 0);
	tmem_env_fill(folio, ~seed);
}

static void expect_stored(struct kunit *test, struct folio *folio, u32 seed, struct tmem_fake *in)
{
	u32 entry = *tmem_env_entry(swp_offset(folio->swap));

	KUNIT_EXPECT_EQ(test, tmem_place_backend(entry), in->backend.id);
	KUNIT_EXPECT_EQ(test, tmem_env_load(folio), 0);
	KUNIT_EXPECT_TRUE(test, tmem_env_filled(folio, seed));
	KUNIT_EXPECT_EQ(test, tmem_fake_held(first), in == first);
	KUNIT_EXPECT_EQ(test, tmem_fake_held(second), in == second);
	KUNIT_EXPECT_EQ(test, tmem_held_pages(), 1);
}

static void the_first_is_asked_first(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 1, 0);

	store_ok(test, folio, 1);
	expect_stored(test, folio, 1, first);
	KUNIT_EXPECT_EQ(test, second->stores, 0);
}

/* The first backend was handed its older copy and freed it with the refusal. */
static void the_second_takes_what_the_first_refuses(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 2, 0);

	store_ok(test, folio, 1);
	first->store_err = -ENOSPC;
	store_ok(test, folio, 2);
	expect_stored(test, folio, 2, second);
	KUNIT_EXPECT_EQ(test, first->frees, 0);
	KUNIT_EXPECT_EQ(test, second->frees, 0);
}

static void a_copy_in_the_second_is_freed_once(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 3, 0);

	first->store_err = -ENOSPC;
	store_ok(test, folio, 1);
	first->store_err = 0;
	store_ok(test, folio, 2);
	expect_stored(test, folio, 2, first);
	KUNIT_EXPECT_EQ(test, second->frees, 1);
	/* In the second all along: replaced there. */
	first->store_err = -ENOSPC;
	store_ok(test, folio, 3);
	store_ok(test, folio, 4);
	expect_stored(test, folio, 4, second);
	KUNIT_EXPECT_EQ(test, second->frees, 1);
	KUNIT_EXPECT_EQ(test, first->frees, 0);
}

static void both_refuse(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 4, 0);
	unsigned int in_second;

	for (in_second = 0; in_second < 2; in_second++) {
		first->store_err = in_second ? -ENOSPC : 0;
		second->store_err = 0;
		store_ok(test, folio, 1);
		first->store_err = -EIO;
		second->store_err = -ENXIO;
		KUNIT_EXPECT_LT(test, tmem_env_store(folio), 0);
		KUNIT_EXPECT_EQ(test, tmem_fake_held(first) + tmem_fake_held(second), 0);
		KUNIT_EXPECT_EQ(test, tmem_env_load(folio), -ENOENT);
		KUNIT_EXPECT_EQ(test, tmem_held_pages(), 0);
	}
}

static void closing_backend_gets_no_page(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 5, 0);

	store_ok(test, folio, 1);
	first->backend.closing = true;
	store_ok(test, folio, 2);
	expect_stored(test, folio, 2, second);
	KUNIT_EXPECT_EQ(test, first->stores, 1);
	KUNIT_EXPECT_EQ(test, first->frees, 1);
}

static void registration_is_checked(struct kunit *test)
{
	struct tmem_backend_ops ops = *tmem_fakes[2].backend.ops;

	KUNIT_EXPECT_EQ(test, tmem_fake_register(&tmem_fakes[2]), -EBUSY);
	tmem_fakes[2].backend.ops = &ops;
	ops.free = NULL;
	KUNIT_EXPECT_EQ(test, tmem_fake_register(&tmem_fakes[2]), -EINVAL);
	tmem_fakes[2].backend.ops = NULL;
	KUNIT_EXPECT_EQ(test, tmem_fake_register(&tmem_fakes[2]), -EINVAL);
	KUNIT_EXPECT_EQ(test, tmem_fakes[2].area_inits, 0);
}

static void a_freed_number_is_given_again(struct kunit *test)
{
	tmem_fake_unregister(first);
	first->area_exits++;	/* not told: it is gone, the area is not */
	KUNIT_EXPECT_EQ(test, tmem_fake_register(&tmem_fakes[2]), 0);
	KUNIT_EXPECT_EQ(test, tmem_fakes[2].backend.id, 0);
	KUNIT_EXPECT_EQ(test, tmem_fakes[2].area_inits, 1);
}

static void module_is_held_while_pages_are_stored(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 6, 1);
	int before = module_refcount(THIS_MODULE);

	store_ok(test, folio, 1);
	store_ok(test, folio, 2);
	KUNIT_EXPECT_TRUE(test, first->backend.pinned);
	KUNIT_EXPECT_FALSE(test, second->backend.pinned);
	KUNIT_EXPECT_EQ(test, module_refcount(THIS_MODULE), before + 1);
	tmem_backends_unpin_idle();
	KUNIT_EXPECT_EQ(test, module_refcount(THIS_MODULE), before + 1);
	tmem_invalidate(ENV_TYPE, 6, 2);
	tmem_backends_unpin_idle();
	tmem_backends_unpin_idle();
	KUNIT_EXPECT_FALSE(test, first->backend.pinned);
	KUNIT_EXPECT_EQ(test, module_refcount(THIS_MODULE), before);
}

static void same_filled_page_holds_the_module_too(struct kunit *test)
{
	struct folio *folio = tmem_env_folio(test, 8, 0);
	int before = module_refcount(THIS_MODULE);

	KUNIT_ASSERT_EQ(test, tmem_env_store(folio), 0);
	KUNIT_EXPECT_EQ(test, module_refcount(THIS_MODULE), before + 1);
	tmem_invalidate(ENV_TYPE, 8, 1);
	tmem_backends_unpin_idle();
	KUNIT_EXPECT_EQ(test, module_refcount(THIS_MODULE), before);
}

/* Handles at both ends of their range go through entries unharmed: see kunit_env.c. */
static void backend_fills_up(struct kunit *test)
{
	struct folio *folios[2 * FAKE_ROOM + 1];
	unsigned long full = tmem_refused_total(TMEM_REFUSED_full);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(folios); i++) {
		folios[i] = tmem_env_folio(test, i, 0);
		tmem_env_fill(folios[i], i);
		KUNIT_EXPECT_EQ(test, !tmem_env_store(folios[i]), i < 2 * FAKE_ROOM);
		tmem_env_fill(folios[i], ~i);
	}
	KUNIT_EXPECT_EQ(test, tmem_refused_total(TMEM_REFUSED_full), full + 1);
	KUNIT_EXPECT_EQ(test, tmem_fake_held(second), FAKE_ROOM);
	for (i = 0; i < 2 * FAKE_ROOM; i++) {
		KUNIT_EXPECT_EQ(test, tmem_env_load(folios[i]), 0);
		KUNIT_EXPECT_TRUE(test, tmem_env_filled(folios[i], i));
	}
	KUNIT_EXPECT_EQ(test, tmem_env_load(folios[i]), -ENOENT);
}

static struct kunit_case backend_cases[] = {
	KUNIT_CASE(the_first_is_asked_first),
	KUNIT_CASE(the_second_takes_what_the_first_refuses),
	KUNIT_CASE(a_copy_in_the_second_is_freed_once),
	KUNIT_CASE(both_refuse),
	KUNIT_CASE(closing_backend_gets_no_page),
	KUNIT_CASE(registration_is_checked),
	KUNIT_CASE(a_freed_number_is_given_again),
	KUNIT_CASE(module_is_held_while_pages_are_stored),
	KUNIT_CASE(same_filled_page_holds_the_module_too),
	KUNIT_CASE(backend_fills_up),
	{}
};

static struct kunit_suite backend_suite = {
	.name = "tmem_backend",
	.init = two_backends,
	.exit = tmem_env_exit,
	.test_cases = backend_cases,
};
kunit_test_suite(backend_suite);
