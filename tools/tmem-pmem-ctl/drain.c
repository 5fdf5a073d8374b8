// SPDX-License-Identifier: GPL-2.0
/*
 * The verbs "drain" and "resume": moving all stored pages to the swap devices, and starting again.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "kernel.h"
#include "say.h"

#define STATE_FILE	"tmem/state"
#define PAGES_FILE	"frontswap/curr_pages"
/* Rounds that leave as many pages as there were before we give up. */
#define IDLE_ROUNDS_MAX	10
#define POLL_NS		100000000L

/* The writing thread; @done and @error are guarded by @lock. */
struct drain {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool done;
	int error;
};

/* One write returns when all is out, or with EAGAIN when pages came in meanwhile. */
static int drain_rounds(void)
{
	unsigned long long before = 0, after = 0;
	int idle_rounds = 0, error;

	kernel_read_u64(PAGES_FILE, &before);
	for (;;) {
		error = kernel_write(PAGES_FILE, "0");
		if (error != -EAGAIN && error != -EINTR)
			return error;
		if (!kernel_read_u64(PAGES_FILE, &after) && !after)
			return 0;
		idle_rounds = after < before ? 0 : idle_rounds + 1;
		if (idle_rounds == IDLE_ROUNDS_MAX)
			return error;
		before = after;
	}
}

static void *drain_thread(void *data)
{
	struct drain *drain = data;
	int error = drain_rounds();

	pthread_mutex_lock(&drain->lock);
	drain->error = error;
	drain->done = true;
	pthread_cond_signal(&drain->wake);
	pthread_mutex_unlock(&drain->lock);
	return NULL;
}

static void progress_print(void)
{
	unsigned long long pages;

	if (isatty(STDERR_FILENO) && !kernel_read_u64(PAGES_FILE, &pages))
		fprintf(stderr, "\r%llu pages left    ", pages);
}

/* Shows progress until the thread is done. Returns what its write returned. */
static int drain_wait(struct drain *drain)
{
	struct timespec until;

	pthread_mutex_lock(&drain->lock);
	while (!drain->done) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += POLL_NS;
		if (until.tv_nsec >= 1000000000L) {
			until.tv_nsec -= 1000000000L;
			until.tv_sec++;
		}
		pthread_cond_timedwait(&drain->wake, &drain->lock, &until);
		pthread_mutex_unlock(&drain->lock);
		progress_print();
		pthread_mutex_lock(&drain->lock);
	}
	pthread_mutex_unlock(&drain->lock);
	if (isatty(STDERR_FILENO))
		fputc('\n', stderr);
	return drain->error;
}

static int state_write(const char *state)
{
	int error;

	if (!kernel_has_module(MODULE_CORE))
		return fail("the module tmem is not loaded, there is nothing to do");
	error = kernel_write(STATE_FILE, state);
	return error ? fail("cannot set the state to %s: %s", state, kernel_why(error)) : 0;
}

int run_drain(char **arguments)
{
	struct drain drain = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, 0 };
	unsigned long long pages = 0, left = 0;
	pthread_t thread;
	int error;

	(void)arguments;
	if (state_write("paused"))
		return EXIT_FAILURE;
	kernel_read_u64(PAGES_FILE, &pages);
	if (pthread_create(&thread, NULL, drain_thread, &drain))
		return fail("cannot start a thread, nothing was moved and nothing is stored: "
			    "\"tmem-pmem-ctl resume\" undoes that");
	error = drain_wait(&drain);
	pthread_join(thread, NULL);

	kernel_read_u64(PAGES_FILE, &left);
	if (error)
		return fail("%llu pages are still stored: %s; nothing new is stored until "
			    "\"tmem-pmem-ctl resume\"", left, kernel_why(error));
	printf("moved %llu pages to the swap devices; nothing new is stored until "
	       "\"tmem-pmem-ctl resume\"\n", pages);
	return 0;
}

int run_resume(char **arguments)
{
	(void)arguments;
	if (state_write("active"))
		return EXIT_FAILURE;
	puts("pages are stored again");
	return 0;
}
