// SPDX-License-Identifier: GPL-2.0
/* The kernel's RCU for user space. */
#include <pthread.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

/* So much is left to the next grace period that somebody asks for; then there is one unasked. */
#define GARBAGE_MAX	4096

/* A grace period must not wait for ever behind readers that come and go. */
static pthread_rwlock_t readers = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
static pthread_mutex_t garbage_lock = PTHREAD_MUTEX_INITIALIZER;
static void *garbage[2 * GARBAGE_MAX];
static unsigned int garbage_count;
static __thread unsigned int depth;

void rcu_read_lock(void)
{
	if (!depth++)
		pthread_rwlock_rdlock(&readers);
}

static void empty_garbage(void)
{
	unsigned int i;

	pthread_mutex_lock(&garbage_lock);
	for (i = 0; i < garbage_count; i++)
		kfree(garbage[i]);
	__atomic_store_n(&garbage_count, 0, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&garbage_lock);
}

void rcu_read_unlock(void)
{
	if (--depth)
		return;
	pthread_rwlock_unlock(&readers);
	if (__atomic_load_n(&garbage_count, __ATOMIC_RELAXED) > GARBAGE_MAX)
		synchronize_rcu();
}

void synchronize_rcu(void)
{
	pthread_rwlock_wrlock(&readers);
	empty_garbage();
	pthread_rwlock_unlock(&readers);
}

void tools_free_rcu(void *object)
{
	for (;;) {
		pthread_mutex_lock(&garbage_lock);
		if (garbage_count < 2 * GARBAGE_MAX) {
			garbage[garbage_count] = object;
			__atomic_store_n(&garbage_count, garbage_count + 1, __ATOMIC_RELAXED);
			pthread_mutex_unlock(&garbage_lock);
			return;
		}
		pthread_mutex_unlock(&garbage_lock);
		/* Only who takes no part as a reader, and frees much at once, gets here. */
		synchronize_rcu();
	}
}
