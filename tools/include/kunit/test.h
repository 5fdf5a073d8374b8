/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is used of KUnit, for user space: suites of pure code run there too, under sanitizers.
 */
#ifndef _TOOLS_KUNIT_TEST_H
#define _TOOLS_KUNIT_TEST_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <linux/slab.h>

struct kunit {
	int failures;
	jmp_buf end;
};

struct kunit_case {
	void (*run_case)(struct kunit *test);
	const char *name;
};

struct kunit_suite {
	const char *name;
	int (*init)(struct kunit *test);
	void (*exit)(struct kunit *test);
	struct kunit_case *test_cases;
	struct kunit_suite *next;
};

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define KUNIT_CASE(name)	{ name, #name }

/* Suites run in the order in which they are linked. */
void tools_kunit_add(struct kunit_suite *suite);

#define kunit_test_suite(suite)					\
	__attribute__((constructor)) static void add_suite(void)	\
	{							\
		tools_kunit_add(&suite);			\
	}

/* Freed when the case is over. */
void *kunit_kzalloc(struct kunit *test, size_t bytes, gfp_t flags);

#define TOOLS_EXPECT(test, ok, text, stop)						\
	do {										\
		if (!(ok)) {								\
			printf("  %s:%d: %s\n", __FILE__, __LINE__, text);		\
			(test)->failures++;						\
			if (stop)							\
				longjmp((test)->end, 1);				\
		}									\
	} while (0)
#define TOOLS_COMPARE(test, a, op, b, stop)						\
	do {										\
		__typeof__(a) _a = (a);							\
		__typeof__(b) _b = (b);							\
		TOOLS_EXPECT(test, (long long)_a op (long long)_b, #a " " #op " " #b, stop); \
	} while (0)

#define KUNIT_EXPECT_EQ(test, a, b)	TOOLS_COMPARE(test, a, ==, b, false)
#define KUNIT_EXPECT_NE(test, a, b)	TOOLS_COMPARE(test, a, !=, b, false)
#define KUNIT_EXPECT_LE(test, a, b)	TOOLS_COMPARE(test, a, <=, b, false)
#define KUNIT_EXPECT_GE(test, a, b)	TOOLS_COMPARE(test, a, >=, b, false)
#define KUNIT_EXPECT_TRUE(test, a)	TOOLS_EXPECT(test, a, #a, false)
#define KUNIT_EXPECT_FALSE(test, a)	TOOLS_EXPECT(test, !(a), "!" #a, false)
#define KUNIT_ASSERT_EQ(test, a, b)	TOOLS_COMPARE(test, a, ==, b, true)
#define KUNIT_ASSERT_GE(test, a, b)	TOOLS_COMPARE(test, a, >=, b, true)
#define KUNIT_ASSERT_NOT_NULL(test, a)	TOOLS_EXPECT(test, (a) != NULL, #a, true)
#define KUNIT_EXPECT_MEMEQ(test, a, b, bytes)						\
	TOOLS_EXPECT(test, !memcmp(a, b, bytes), #a " is " #b, false)

#endif /* _TOOLS_KUNIT_TEST_H */
