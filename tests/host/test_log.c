// SPDX-License-Identifier: GPL-2.0
/*
 * Index and log together, several threads at once: what a reader finds in a slot that it has pinned
 * and looked up again is the page it asked for, while segments are written, evicted and used again
 * around it. The device is an array with the key of the page that is in each slot.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <tmem/index.h>

#include "../../drivers/tmem_ssd/log.h"

#define SEGMENTS	8
#define SLOTS		(SEGMENTS * TMEM_SSD_SEGMENT_BLOCKS)
#define PAGES		3000
#define WRITTEN		4000	/* segments */
#define READERS		3

static struct tmem_index idx;
static struct tmem_ssd_log blocks;
static const struct tmem_file_id file = { .pool = 1, .ino = 9 };
static u64 device[SLOTS];
static u64 keys[SLOTS];		/* the summaries */
static unsigned long reads, wrong, stop, waits;

static void on_drop(struct tmem_index *index, u32 slot)
{
	(void)index;
	tmem_ssd_log_drop(&blocks, slot);
}

static const struct tmem_index_ops ops = { .on_drop = on_drop };

static u64 next_random(u64 *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return *state >> 33;
}

static void read_one(u64 page)
{
	struct tmem_index_entry entry, again;
	enum tmem_ssd_segment_state state;
	u64 found;

	if (!tmem_index_lookup(&idx, &file, page, &entry))
		return;
	state = tmem_ssd_log_pin(&blocks, entry.slot);
	if (tmem_index_lookup(&idx, &file, page, &again) && again.slot == entry.slot &&
	    (state == TMEM_SSD_SEGMENT_SEALED || state == TMEM_SSD_SEGMENT_EVICTING)) {
		found = __atomic_load_n(&device[entry.slot], __ATOMIC_RELAXED);
		/* Long enough for it to be written over, if it could be. */
		if (page % 16 == 0)
			sched_yield();
		if (found != page || __atomic_load_n(&device[entry.slot], __ATOMIC_RELAXED) != page)
			__atomic_add_fetch(&wrong, 1, __ATOMIC_RELAXED);
		__atomic_add_fetch(&reads, 1, __ATOMIC_RELAXED);
	}
	tmem_ssd_log_unpin(&blocks, entry.slot);
}

static void *reader(void *argument)
{
	u64 state = (unsigned long)argument;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		u64 page = next_random(&state) % PAGES;

		if (next_random(&state) % 64)
			read_one(page);
		else
			tmem_index_forget(&idx, &file, page, page + 20);
	}
	return NULL;
}

static void write_segment(u64 *state)
{
	int segment = tmem_ssd_log_open(&blocks);
	u32 slot, i, count = 100 + next_random(state) % 155;

	for (i = 0; i < count && !tmem_ssd_log_alloc(&blocks, segment, &slot); i++) {
		keys[slot] = next_random(state) % PAGES;
		if (tmem_index_insert(&idx, &file, keys[slot], slot))
			tmem_ssd_log_drop(&blocks, slot);
	}
	tmem_ssd_log_close(&blocks, segment);
	for (i = 0; i < count && i < TMEM_SSD_SEGMENT_PAGES; i++) {
		slot = tmem_ssd_log_slot(&blocks, segment, i);
		__atomic_store_n(&device[slot], keys[slot], __ATOMIC_RELAXED);
	}
	tmem_ssd_log_written(&blocks, segment);
}

static void evict_segment(void)
{
	int segment = tmem_ssd_log_evict_begin(&blocks);
	u32 i, slot;

	if (segment < 0)
		return;
	for (i = 0; i < blocks.segments[segment].pages; i++) {
		slot = tmem_ssd_log_slot(&blocks, segment, i);
		tmem_index_remove(&idx, &file, keys[slot], slot);
	}
	while (tmem_ssd_log_evict_end(&blocks, segment, false)) {
		waits++;
		tmem_index_reap(&idx);
		sched_yield();
	}
}

int main(void)
{
	pthread_t threads[READERS];
	unsigned long i;
	u64 state = 1;
	bool ok;

	tmem_index_init(&idx, &ops);
	if (tmem_ssd_log_init(&blocks, 0, SEGMENTS))
		abort();
	for (i = 0; i < READERS; i++)
		if (pthread_create(&threads[i], NULL, reader, (void *)(i + 2)))
			abort();
	for (i = 0; i < WRITTEN; i++) {
		write_segment(&state);
		while (tmem_ssd_log_wants_evict(&blocks))
			evict_segment();
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	for (i = 0; i < READERS; i++)
		pthread_join(threads[i], NULL);

	ok = !wrong && reads && blocks.sequence == WRITTEN &&
	     atomic_long_read(&blocks.live) == (long)tmem_index_pages(&idx);
	tmem_index_exit(&idx);
	ok = ok && !atomic_long_read(&blocks.live) &&
	     blocks.in_state[TMEM_SSD_SEGMENT_FREE] == SEGMENTS;
	tmem_ssd_log_exit(&blocks);
	printf("  %lu reads, %lu wrong; %lu waits for readers\n", reads, wrong, waits);
	printf("%s log/threads\n", ok ? "ok" : "FAIL");
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
