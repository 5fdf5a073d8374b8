// SPDX-License-Identifier: GPL-2.0
/* The victim cache: what the kernel module does with index, admission and log, without its I/O. */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <tmem/index.h>

#include "../../drivers/tmem_ssd/admit.h"
#include "../../drivers/tmem_ssd/log.h"
#include "sim.h"

struct key {
	u64 file;
	u64 page;
};

/* The summaries that are on the medium. */
struct summary {
	struct key keys[TMEM_SSD_SEGMENT_PAGES];
	u32 count;
};

struct cache {
	struct tmem_index index;
	struct tmem_ssd_log log;
	struct tmem_ssd_admit admit;
	const struct options *options;
	struct result *result;
	struct summary *summaries;
	int open;		/* segment, -1 if there is none */
	u64 now_ns;
	u64 requests;
};

static struct cache cache;

static void on_drop(struct tmem_index *index, u32 slot)
{
	(void)index;
	tmem_ssd_log_drop(&cache.log, slot);
}

static const struct tmem_index_ops index_ops = { .on_drop = on_drop };

static struct tmem_file_id id_of(u64 file)
{
	return (struct tmem_file_id){ .pool = 1, .ino = file };
}

/* Put a page into the open segment. Return: whether there was room. */
static bool append(u64 file, u64 page, u32 *slot)
{
	struct summary *summary;

	if (cache.open < 0)
		cache.open = tmem_ssd_log_open(&cache.log);
	if (cache.open < 0 || tmem_ssd_log_alloc(&cache.log, cache.open, slot))
		return false;
	summary = &cache.summaries[cache.open];
	if (!tmem_ssd_log_page(&cache.log, *slot))
		summary->count = 0;
	summary->keys[summary->count++] = (struct key){ file, page };
	return true;
}

static void close_if_full(void)
{
	if (cache.open < 0 || cache.summaries[cache.open].count < TMEM_SSD_SEGMENT_PAGES)
		return;
	tmem_ssd_log_close(&cache.log, cache.open);
	tmem_ssd_log_written(&cache.log, cache.open);
	cache.result->flash_bytes += TMEM_SSD_SEGMENT_BYTES;
	cache.open = -1;
}

/* Return: whether the page was written again. */
static bool keep(const struct key *key, u32 slot)
{
	struct tmem_file_id id = id_of(key->file);
	struct tmem_index_entry entry;
	u32 to;

	if (!tmem_index_lookup(&cache.index, &id, key->page, &entry) || entry.slot != slot ||
	    !tmem_ssd_admit_keeps(&cache.admit, &id, key->page) ||
	    !append(key->file, key->page, &to))
		return false;
	if (tmem_index_move(&cache.index, &id, key->page, slot, to)) {
		tmem_ssd_log_drop(&cache.log, to);
		return false;
	}
	tmem_ssd_admit_spend(&cache.admit, TMEM_SSD_BLOCK_BYTES, cache.now_ns);
	cache.result->kept++;
	close_if_full();
	return true;
}

static void evict_one(void)
{
	u32 room = TMEM_SSD_SEGMENT_PAGES * TMEM_SSD_KEEP_MAX_PERCENT / 100, kept = 0, i;
	int segment = tmem_ssd_log_evict_begin(&cache.log);
	struct summary *summary;

	if (segment < 0)
		return;
	summary = &cache.summaries[segment];
	for (i = 0; i < summary->count; i++) {
		struct tmem_file_id id = id_of(summary->keys[i].file);
		u32 slot = tmem_ssd_log_slot(&cache.log, segment, i);

		if (kept < room && keep(&summary->keys[i], slot))
			kept++;
		else
			tmem_index_remove(&cache.index, &id, summary->keys[i].page, slot);
	}
	tmem_ssd_admit_kept(&cache.admit, kept, TMEM_SSD_SEGMENT_PAGES);
	if (tmem_ssd_log_evict_end(&cache.log, segment, true))
		errx(1, "a segment is not empty after its eviction");
}

static void put(const struct lru_page *victim, unsigned int flags)
{
	struct tmem_file_id id = id_of(victim->file);
	struct result *result = cache.result;
	struct tmem_index_entry entry;
	u32 slot;

	result->puts++;
	if (tmem_index_lookup(&cache.index, &id, victim->page, &entry)) {
		result->present++;
		tmem_ssd_admit_count(&cache.admit, &id, victim->page, flags);
		return;
	}
	if (tmem_ssd_log_has_room(&cache.log, cache.options->fill_percent))
		flags |= TMEM_SSD_PUT_ROOM;
	switch (tmem_ssd_admit_page(&cache.admit, &id, victim->page, flags, cache.now_ns)) {
	case TMEM_SSD_ADMIT:
		break;
	case TMEM_SSD_REFUSE_RARE:
		result->rare++;
		return;
	case TMEM_SSD_REFUSE_SEQUENTIAL:
		result->sequential++;
		return;
	default:
		result->budget++;
		return;
	}
	if (!append(victim->file, victim->page, &slot))
		return;
	result->admitted++;
	if (tmem_index_insert(&cache.index, &id, victim->page, slot))
		err(1, NULL);
	close_if_full();
	while (tmem_ssd_log_wants_evict(&cache.log))
		evict_one();
	if (cache.index.dead.first)
		tmem_index_reap(&cache.index);
}

static void access_page(struct lru *ram, struct lru *shadows, u64 file, u64 page, bool write)
{
	struct tmem_file_id id = id_of(file);
	struct tmem_index_entry entry;
	struct lru_page victim, gone;

	/* What came before is not counted. */
	if (cache.requests++ == cache.options->warmup)
		memset(cache.result, 0, sizeof(*cache.result));
	cache.result->requests++;
	if (write)
		tmem_index_forget(&cache.index, &id, page, page);
	if (lru_touch(ram, file, page)) {
		cache.result->ram_hits++;
		return;
	}
	if (!write && tmem_index_lookup(&cache.index, &id, page, &entry))
		cache.result->ssd_hits++;
	else if (!write)
		cache.result->misses++;
	if (!lru_add(ram, file, page, &victim))
		return;
	/* What was evicted not long ago and came back is working set, and the kernel knows it. */
	put(&victim, cache.options->workingset && lru_touch(shadows, victim.file, victim.page) ?
		     TMEM_PUT_WORKINGSET : 0);
	if (!lru_touch(shadows, victim.file, victim.page))
		lru_add(shadows, victim.file, victim.page, &gone);
}

static void begin(const struct options *options, struct result *result)
{
	struct tmem_ssd_admit_config config = {
		.policy = options->all ? TMEM_SSD_POLICY_ALL : TMEM_SSD_POLICY_FREQUENCY,
		.sequential_pages = options->sequential_pages,
		.dwpd_percent = options->dwpd_percent,
	};

	memset(result, 0, sizeof(*result));
	cache.options = options;
	cache.result = result;
	cache.open = -1;
	cache.now_ns = 0;
	cache.requests = 0;
	cache.summaries = calloc(options->segments, sizeof(*cache.summaries));
	tmem_index_init(&cache.index, &index_ops);
	if (!cache.summaries || tmem_ssd_log_init(&cache.log, 0, options->segments) ||
	    tmem_ssd_admit_init(&cache.admit, &config, options->seed))
		errx(1, "no memory for %u segments", options->segments);
	tmem_ssd_admit_resize(&cache.admit, (u64)options->segments * TMEM_SSD_SEGMENT_BYTES,
			      options->counted_pages);
}

static void end(struct result *result)
{
	result->cached_pages = tmem_index_pages(&cache.index);
	result->index_bytes = tmem_index_bytes(&cache.index);
	result->counters_bytes = tmem_ssd_admit_bytes(&cache.admit);
	result->log_bytes = tmem_ssd_log_bytes(&cache.log);
	tmem_index_exit(&cache.index);
	tmem_ssd_log_exit(&cache.log);
	tmem_ssd_admit_exit(&cache.admit);
	free(cache.summaries);
}

void simulate(const struct trace *trace, const struct options *options, struct result *result)
{
	u64 step_ns = options->days * 86400e9 / trace->pages;
	struct lru *ram = lru_alloc(options->ram_pages), *shadows = lru_alloc(options->ram_pages);
	size_t i;
	u32 page;

	begin(options, result);
	for (i = 0; i < trace->count; i++)
		for (page = 0; page < trace->accesses[i].count; page++) {
			cache.now_ns += step_ns;
			access_page(ram, shadows, trace->accesses[i].file,
				    trace->accesses[i].page + page, trace->accesses[i].write);
		}
	end(result);
	lru_free(ram);
	lru_free(shadows);
}
