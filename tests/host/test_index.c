// SPDX-License-Identifier: GPL-2.0
/*
 * The index against a map that is too simple to be wrong: random operations, an entry at a time and
 * in ranges, with and without memory. Prints its seed; TMEM_SEED repeats a run.
 *
 * And what it costs in RAM, and several threads at once.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <linux/bitops.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <tmem/index.h>

#include "../../drivers/tmem/index_tree.h"
#include "../../drivers/tmem_ssd/checksum.h"

#define POOLS		3
#define FILES		8
#define GENERATIONS	2
#define PAGES		400
#define SLOTS		(1 << 20)

static int failures;

#define CHECK(condition)						\
	do {								\
		if (!(condition) && failures++ < 10)			\
			printf("  line %d: %s\n", __LINE__, #condition); \
	} while (0)

static u64 random_state;

static u32 random_below(u32 limit)
{
	random_state = random_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (random_state >> 33) % limit;
}

/* How often each slot is in the index, as far as on_drop() can tell. */
static int *slot_users;
static unsigned long dead_calls;

static void on_drop(struct tmem_index *index, u32 slot)
{
	(void)index;
	__atomic_sub_fetch(&slot_users[slot], 1, __ATOMIC_RELAXED);
}

static void on_dead(struct tmem_index *index)
{
	(void)index;
	__atomic_add_fetch(&dead_calls, 1, __ATOMIC_RELAXED);
}

static const struct tmem_index_ops ops = { .on_drop = on_drop, .on_dead = on_dead };
static struct tmem_index idx;

/* The map. */
struct model_page {
	bool present;
	struct tmem_index_entry entry;
};

static struct model_file {
	u32 generation;
	struct model_page pages[PAGES];
} model[POOLS][FILES];

/* Many near each other, then some far apart, so that the trees get high. */
static pgoff_t real_page(u32 page)
{
	return page < 300 ? page : (pgoff_t)page << (12 + page % 40);
}

static u64 real_ino(u32 file)
{
	static const u64 inos[FILES] = { 2, 3, 64, 4097, 1 << 20, 1ULL << 40, ~0ULL, ~0ULL - 64 };

	return inos[file];
}

struct key {
	u32 pool, file, generation, page;
};

static struct key random_key(void)
{
	struct key key = {
		.pool = random_below(POOLS),
		.file = random_below(FILES),
		.page = random_below(PAGES),
	};

	/* Another generation comes along now and then. */
	key.generation = model[key.pool][key.file].generation ^ !random_below(60);
	return key;
}

static struct tmem_file_id id_of(const struct key *key)
{
	return (struct tmem_file_id){
		.pool = key->pool * 1000, .generation = key->generation, .ino = real_ino(key->file),
	};
}

/* Return: the page, NULL if the model has another generation of the file. */
static struct model_page *model_page(const struct key *key)
{
	struct model_file *file = &model[key->pool][key->file];

	return file->generation == key->generation ? &file->pages[key->page] : NULL;
}

static bool present(const struct key *key)
{
	struct model_page *page = model_page(key);

	return page && page->present;
}

static u32 next_slot(void)
{
	static u32 last;
	u32 slot = last;

	do {
		slot = (slot + 1) % SLOTS;
	} while (slot_users[slot]);
	last = slot;
	return slot;
}

/* A slot that the entry of @key names, or one that it does not. */
static u32 slot_for(const struct key *key, bool right)
{
	return present(key) && right ? model_page(key)->entry.slot : SLOTS;
}

static void do_insert(const struct key *key, bool memory)
{
	struct model_file *file = &model[key->pool][key->file];
	struct tmem_file_id id = id_of(key);
	struct tmem_index_entry entry;
	u32 slot = next_slot();
	int err;

	slot_users[slot]++;
	if (!memory)
		tools_allocations_left = 1 + random_below(5);
	err = tmem_index_insert(&idx, &id, real_page(key->page), slot);
	tools_allocations_left = -1;
	CHECK(!err || (!memory && err == -ENOMEM));
	if (err)
		slot_users[slot]--;
	if (file->generation != key->generation) {
		struct key older = *key;

		/* Without memory the older generation may be there still, or be gone. */
		older.generation = file->generation;
		id = id_of(&older);
		tmem_index_forget_file(&idx, &id);
		memset(file->pages, 0, sizeof(file->pages));
		file->generation = key->generation;
	}
	if (err) {
		id = id_of(key);
		CHECK(!tmem_index_lookup(&idx, &id, real_page(key->page), &entry));
		CHECK(!present(key));
		return;
	}
	file->pages[key->page] = (struct model_page){ .present = true, .entry.slot = slot };
}

static void do_look(const struct key *key)
{
	struct tmem_index_entry entry = { 0 };
	struct tmem_file_id id = id_of(key);
	bool found = tmem_index_lookup(&idx, &id, real_page(key->page), &entry);

	CHECK(found == present(key));
	if (!found || !present(key))
		return;
	CHECK(entry.slot == model_page(key)->entry.slot);
	CHECK(entry.checksum == model_page(key)->entry.checksum);
}

/* A run is what single lookups find, each in the slot behind the last. */
static void do_look_run(const struct key *key, bool right)
{
	u32 checksums[100], slot = slot_for(key, right), max = random_below(100), n, found;
	struct tmem_file_id id = id_of(key);
	struct tmem_index_entry entry;

	found = tmem_index_lookup_run(&idx, &id, real_page(key->page), slot, max, checksums);
	CHECK(found <= max);
	for (n = 0; n < found; n++)
		CHECK(tmem_index_lookup(&idx, &id, real_page(key->page) + n, &entry) &&
		      entry.slot == slot + n && entry.checksum == checksums[n]);
	CHECK(found == max ||
	      !tmem_index_lookup(&idx, &id, real_page(key->page) + found, &entry) ||
	      entry.slot != slot + found || entry.checksum == TMEM_INDEX_NO_CHECKSUM);
}

static void do_seal(const struct key *key, bool right)
{
	struct tmem_file_id id = id_of(key);
	u32 checksum = tmem_ssd_checksum_of(random_below(1000));
	int err = tmem_index_seal(&idx, &id, real_page(key->page), slot_for(key, right),
				  checksum);

	CHECK(err == (present(key) && right ? 0 : -ENOENT));
	if (!err && present(key))
		model_page(key)->entry.checksum = checksum;
}

static void do_remove(const struct key *key, bool right)
{
	struct tmem_file_id id = id_of(key);
	int err = tmem_index_remove(&idx, &id, real_page(key->page), slot_for(key, right));

	CHECK(err == (present(key) && right ? 0 : -ENOENT));
	if (!err && present(key))
		model_page(key)->present = false;
}

static void do_move(const struct key *key, bool right)
{
	struct tmem_file_id id = id_of(key);
	u32 to = next_slot();
	int err;

	slot_users[to]++;
	err = tmem_index_move(&idx, &id, real_page(key->page), slot_for(key, right), to);
	CHECK(err == (present(key) && right ? 0 : -ENOENT));
	if (err) {
		slot_users[to]--;
	} else if (present(key)) {
		model_page(key)->entry.slot = to;
	}
}

static void do_forget(const struct key *key)
{
	struct model_file *file = &model[key->pool][key->file];
	struct tmem_file_id id = id_of(key);
	pgoff_t first = real_page(key->page), last = random_below(4) ? first + random_below(200) :
							random_below(2) ? ~0UL : first;
	unsigned long expected = 0;
	u32 page;

	for (page = 0; page < PAGES && file->generation == key->generation; page++)
		if (file->pages[page].present && real_page(page) >= first &&
		    real_page(page) <= last) {
			file->pages[page].present = false;
			expected++;
		}
	CHECK(tmem_index_forget(&idx, &id, first, last) == expected);
	CHECK(tmem_index_forget(&idx, &id, 5, 4) == 0);
}

static void do_forget_file(const struct key *key)
{
	struct model_file *file = &model[key->pool][key->file];
	struct tmem_file_id id = id_of(key);

	tmem_index_forget_file(&idx, &id);
	if (file->generation == key->generation)
		memset(file->pages, 0, sizeof(file->pages));
}

static void do_forget_pool(const struct key *key)
{
	u32 file;

	tmem_index_forget_pool(&idx, key->pool * 1000);
	for (file = 0; file < FILES; file++)
		memset(model[key->pool][file].pages, 0, sizeof(model[key->pool][file].pages));
}

/* Each page that the model has: take it out if @gone says so. */
static unsigned long model_sweep(bool (*gone)(const struct key *key, const struct model_page *page,
					      u32 a, u32 b), u32 a, u32 b)
{
	unsigned long count = 0;
	struct key key;

	for (key.pool = 0; key.pool < POOLS; key.pool++)
		for (key.file = 0; key.file < FILES; key.file++)
			for (key.page = 0; key.page < PAGES; key.page++) {
				struct model_page *page;

				key.generation = model[key.pool][key.file].generation;
				page = model_page(&key);
				if (page->present && gone(&key, page, a, b)) {
					page->present = false;
					count++;
				}
			}
	return count;
}

static bool slot_in_range(const struct key *key, const struct model_page *page, u32 first, u32 last)
{
	(void)key;
	return page->entry.slot >= first && page->entry.slot <= last;
}

static bool not_in_index(const struct key *key, const struct model_page *page, u32 a, u32 b)
{
	struct tmem_file_id id = id_of(key);
	struct tmem_index_entry entry;

	(void)a;
	(void)b;
	if (!tmem_index_lookup(&idx, &id, real_page(key->page), &entry))
		return true;
	CHECK(entry.slot == page->entry.slot && entry.checksum == page->entry.checksum);
	return false;
}

static bool never(const struct key *key, const struct model_page *page, u32 a, u32 b)
{
	CHECK(!not_in_index(key, page, a, b));
	(*(unsigned long *)((u64)a << 32 | b))++;
	return false;
}

static void do_forget_slots(void)
{
	u32 first = random_below(SLOTS), count = 1 + random_below(SLOTS / 8);
	unsigned long expected;

	if (first + count > SLOTS)
		count = SLOTS - first;
	expected = model_sweep(slot_in_range, first, first + count - 1);
	CHECK(tmem_index_forget_slots(&idx, first, count) == expected);
}

static void do_shrink(void)
{
	unsigned long before = tmem_index_pages(&idx), nr = 1 + random_below(200), dropped;

	tmem_index_reap(&idx);
	before = tmem_index_pages(&idx);
	dropped = tmem_index_shrink(&idx, nr);
	CHECK(dropped >= (nr < before ? nr : before) && dropped < nr + 64);
	CHECK(model_sweep(not_in_index, 0, 0) == dropped);
}

/* RAM as a walk finds it. */
static unsigned long walk_bytes(void)
{
	unsigned long bytes = idx.pools.nodes * sizeof(struct xa_node), number, ino, pool_number;
	struct tmem_index_pool *pool;
	struct tmem_index_file *file;
	struct tmem_chunk *chunk;

	xa_for_each(&idx.pools.xa, pool_number, pool) {
		bytes += kmalloc_size_roundup(sizeof(*pool)) +
			 pool->files.nodes * sizeof(struct xa_node);
		xa_for_each(&pool->files.xa, ino, file) {
			bytes += kmalloc_size_roundup(sizeof(*file)) +
				 file->chunks.nodes * sizeof(struct xa_node);
			CHECK(file->pages);
			xa_for_each(&file->chunks.xa, number, chunk) {
				bytes += tmem_chunk_bytes(chunk);
				CHECK(chunk->present);
				CHECK(hweight64(chunk->present) <= 1U << chunk->order);
			}
		}
	}
	return bytes;
}

static void check_all(void)
{
	static unsigned long count;
	u64 address = (u64)&count;
	unsigned long users = 0;
	u32 slot;

	tmem_index_reap(&idx);
	count = 0;
	model_sweep(never, address >> 32, (u32)address);
	CHECK(tmem_index_pages(&idx) == count);
	for (slot = 0; slot < SLOTS; slot++) {
		CHECK(slot_users[slot] == 0 || slot_users[slot] == 1);
		users += slot_users[slot];
	}
	CHECK(users == count);
	CHECK(tmem_index_bytes(&idx) == walk_bytes());
}

static void step(void)
{
	struct key key = random_key();
	bool right = random_below(4);
	u32 what = random_below(1000);

	if (what < 450)
		do_insert(&key, random_below(20));
	else if (what < 650)
		do_look(&key);
	else if (what < 720)
		do_seal(&key, right);
	else if (what < 830)
		do_remove(&key, right);
	else if (what < 920)
		do_move(&key, right);
	else if (what < 940)
		do_look_run(&key, right);
	else if (what < 960)
		do_forget(&key);
	else if (what < 980)
		do_forget_file(&key);
	else if (what < 985)
		do_shrink();
	else if (!random_below(8))
		do_forget_pool(&key);
	else if (!random_below(8))
		do_forget_slots();
	else if (!random_below(8))
		tmem_index_reap(&idx);
}

static void begin(void)
{
	memset(model, 0, sizeof(model));
	slot_users = calloc(SLOTS + 1, sizeof(*slot_users));
	tmem_index_init(&idx, &ops);
}

/* Nothing is left, neither slots nor memory. */
static void end(void)
{
	u32 slot;

	tmem_index_exit(&idx);
	CHECK(tmem_index_pages(&idx) == 0);
	CHECK(tmem_index_bytes(&idx) == 0);
	for (slot = 0; slot < SLOTS; slot++)
		CHECK(!slot_users[slot]);
	free(slot_users);
	synchronize_rcu();
	CHECK(tools_allocations == 0);
}

static void test_model(void)
{
	const char *operations_text = getenv("TMEM_OPERATIONS");
	unsigned long operations = operations_text ? strtoul(operations_text, NULL, 0) : 1000000, i;
	const char *seed_text = getenv("TMEM_SEED");

	random_state = seed_text ? strtoull(seed_text, NULL, 0) : (u64)time(NULL);
	printf("  TMEM_SEED=%llu TMEM_OPERATIONS=%lu\n", (unsigned long long)random_state,
	       operations);
	begin();
	for (i = 0; i < operations && !failures; i++) {
		step();
		if (i % (operations / 32 + 1) == 0)
			check_all();
	}
	check_all();
	CHECK(dead_calls);
	end();
}

/* Return: bytes a page for a file of @pages pages of which each is cached with 1 : @every. */
static double ram_per_page(u32 files, u32 pages, u32 every)
{
	struct tmem_file_id id = { .pool = 1 };
	u32 file, page, slot = 0;
	double result;

	begin();
	for (file = 0; file < files; file++)
		for (page = 0; page < pages; page++) {
			id.ino = 12 + file;
			if (every > 1 && random_below(every))
				continue;
			slot_users[slot]++;
			CHECK(!tmem_index_insert(&idx, &id, page, slot++));
		}
	result = (double)tmem_index_bytes(&idx) / slot;
	end();
	return result;
}

static void test_ram(void)
{
	double dense = ram_per_page(1, 500000, 1), quarter = ram_per_page(1, 2000000, 4);
	double small = ram_per_page(10000, 16, 1), tiny = ram_per_page(100000, 1, 1);

	printf("  RAM a page: dense file %.2f, one page in four %.2f, files of 16 pages %.2f, "
	       "of 1 page %.2f\n", dense, quarter, small, tiny);
	CHECK(dense <= 16);
	CHECK(quarter <= 24);
	CHECK(sizeof(struct xa_node) == 576 && sizeof(struct tmem_chunk) <= 32);
	CHECK(sizeof(struct tmem_index_file) <= 64);
}

/* Inserts of a first generation, then memory is gone when the second one comes. */
static void test_generations(void)
{
	struct tmem_file_id old = { .pool = 7, .generation = 1, .ino = 5 }, new = old;
	struct tmem_index_entry entry;

	begin();
	new.generation = 2;
	slot_users[10] = slot_users[11] = 1;
	CHECK(!tmem_index_insert(&idx, &old, 1, 10));
	CHECK(!tmem_index_lookup(&idx, &new, 1, &entry));
	CHECK(tmem_index_forget(&idx, &new, 0, ~0UL) == 0);
	CHECK(tmem_index_lookup(&idx, &old, 1, &entry) && entry.slot == 10);
	CHECK(!tmem_index_insert(&idx, &new, 2, 11));
	CHECK(!tmem_index_lookup(&idx, &old, 1, &entry));
	CHECK(slot_users[10] == 1);
	CHECK(tmem_index_reap(&idx) == 1);
	CHECK(slot_users[10] == 0 && slot_users[11] == 1);
	end();
}

#define THREADS		4
#define THREAD_STEPS	100000

/*
 * Each thread has slots of its own, and finds under its keys only what it put there; files are
 * shared and forgotten under each other's feet.
 */
static void *thread_run(void *argument)
{
	unsigned long thread = (unsigned long)argument, i;
	u64 state = thread + 1;
	u32 base = thread * (SLOTS / THREADS), next = 0;

	for (i = 0; i < THREAD_STEPS; i++) {
		struct tmem_file_id id = { .pool = 1 };
		struct tmem_index_entry entry;
		u32 what, slot;
		pgoff_t page;

		state = state * 6364136223846793005ULL + 1442695040888963407ULL;
		what = state >> 40 & 255;
		id.ino = state >> 50 & 3;
		page = (state >> 34 & 31) * THREADS + thread;
		if (what < 120) {
			slot = base + next++ % (SLOTS / THREADS);
			__atomic_add_fetch(&slot_users[slot], 1, __ATOMIC_RELAXED);
			if (tmem_index_insert(&idx, &id, page, slot))
				on_drop(&idx, slot);
		} else if (what < 200) {
			if (tmem_index_lookup(&idx, &id, page, &entry) &&
			    entry.slot / (SLOTS / THREADS) != thread)
				__atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
		} else if (what < 230) {
			if (tmem_index_lookup(&idx, &id, page, &entry))
				tmem_index_remove(&idx, &id, page, entry.slot);
		} else if (what < 245) {
			tmem_index_forget(&idx, &id, 0, page);
		} else if (what < 250) {
			tmem_index_forget_file(&idx, &id);
		} else if (what < 252) {
			tmem_index_shrink(&idx, 10);
		} else if (what < 253) {
			tmem_index_reap(&idx);
		} else if (what < 254 && !(state >> 58)) {
			tmem_index_forget_pool(&idx, 1);
		} else if (what < 255 && !(state >> 58)) {
			tmem_index_forget_slots(&idx, base, 1000);
		}
	}
	return NULL;
}

static void test_threads(void)
{
	pthread_t threads[THREADS];
	unsigned long i;

	begin();
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, thread_run, (void *)i))
			abort();
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	tmem_index_reap(&idx);
	CHECK(tmem_index_bytes(&idx) == walk_bytes());
	end();
}

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	{ "model", test_model },
	{ "ram", test_ram },
	{ "generations", test_generations },
	{ "threads", test_threads },
};

int main(void)
{
	int failed = 0;
	size_t i;

	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		failures = 0;
		tests[i].run();
		printf("%s index/%s\n", failures ? "FAIL" : "ok", tests[i].name);
		fflush(stdout);
		failed += !!failures;
	}
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
