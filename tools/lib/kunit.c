// SPDX-License-Identifier: GPL-2.0
/* Runs the KUnit suites that are linked with this; prints a line for each case. */
#include <kunit/test.h>
#include <stdlib.h>
#include <string.h>

static struct kunit_suite *first, **last = &first;

void tools_kunit_add(struct kunit_suite *suite)
{
	*last = suite;
	last = &suite->next;
}

/* What the suites of a run asked for; freed at the end of each case. */
static void *objects[64];
static unsigned int object_count;

void *kunit_kzalloc(struct kunit *test, size_t bytes, gfp_t flags)
{
	void *object = object_count < ARRAY_SIZE(objects) ? kzalloc(bytes, flags) : NULL;

	(void)test;
	if (object)
		objects[object_count++] = object;
	return object;
}

static int run_case(struct kunit_suite *suite, struct kunit_case *test_case)
{
	struct kunit test = { 0 };

	if (suite->init && suite->init(&test)) {
		printf("  %s: cannot begin\n", suite->name);
		return 1;
	}
	if (!setjmp(test.end))
		test_case->run_case(&test);
	if (suite->exit)
		suite->exit(&test);
	while (object_count)
		kfree(objects[--object_count]);
	return test.failures;
}

int main(void)
{
	struct kunit_suite *suite;
	struct kunit_case *test_case;
	int failed = 0;

	for (suite = first; suite; suite = suite->next)
		for (test_case = suite->test_cases; test_case->run_case; test_case++) {
			int failures = run_case(suite, test_case);

			printf("%s %s/%s\n", failures ? "FAIL" : "ok", suite->name,
			       test_case->name);
			failed += !!failures;
		}
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
