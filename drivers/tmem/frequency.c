// SPDX-License-Identifier: GPL-2.0
/* How often was a page evicted lately? */
#include <linux/compiler.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <tmem/frequency.h>

/* An entry: a fingerprint of 12 bits above a counter of 4; 0 is none. The youngest is the lowest. */
#define ENTRY_BITS	16
#define COUNTER_BITS	4
#define ENTRIES		(64 / ENTRY_BITS)
/* Each counter without its highest bit, and where that goes. */
#define COUNTERS	0x000f000f000f000fULL
#define HALVED		0x0007000700070007ULL

#define PAGES_PER_WORD	(sizeof(u64) / TMEM_FREQUENCY_BYTES_PER_PAGE)

/* So that all counters are halved once in ten evictions a page. */
#define AGE_EVICTIONS	(10 * PAGES_PER_WORD)

/* One allocation is not larger than 2 GiB. */
#define COUNT_MAX	((1U << 28) - 1024)

struct tmem_frequency *tmem_frequency_alloc(u64 pages)
{
	u64 count = clamp_t(u64, DIV_ROUND_UP_ULL(pages, PAGES_PER_WORD), 1, COUNT_MAX);
	struct tmem_frequency *frequency;

	frequency = kvzalloc(struct_size(frequency, words, count), GFP_KERNEL | __GFP_NOWARN);
	if (frequency)
		frequency->count = count;
	return frequency;
}
EXPORT_SYMBOL_GPL(tmem_frequency_alloc);

void tmem_frequency_free(struct tmem_frequency *frequency)
{
	kvfree(frequency);
}
EXPORT_SYMBOL_GPL(tmem_frequency_free);

size_t tmem_frequency_bytes(const struct tmem_frequency *frequency)
{
	return frequency ? struct_size(frequency, words, frequency->count) : 0;
}
EXPORT_SYMBOL_GPL(tmem_frequency_bytes);

static u32 word_number(const struct tmem_frequency *frequency, u64 hash)
{
	return (hash >> 32) * frequency->count >> 32;
}

static u64 fingerprint(u64 hash)
{
	return (u16)hash >> COUNTER_BITS ?: 1;
}

static u64 entry_at(u64 word, unsigned int number)
{
	return word >> number * ENTRY_BITS & U16_MAX;
}

static u32 counter(u64 entry)
{
	return entry & TMEM_FREQUENCY_MAX;
}

/* Return: the number of the page's entry, ENTRIES if it has none. */
static unsigned int find(u64 word, u64 hash)
{
	unsigned int i;

	for (i = 0; i < ENTRIES; i++)
		if (entry_at(word, i) >> COUNTER_BITS == fingerprint(hash))
			break;
	return i;
}

/* Return: the number of the entry that gives way: of those with the fewest evictions the oldest. */
static unsigned int least(u64 word)
{
	unsigned int i, found = ENTRIES - 1;

	for (i = ENTRIES - 1; i--;)
		if (counter(entry_at(word, i)) < counter(entry_at(word, found)))
			found = i;
	return found;
}

/* The word with entry @number taken out, and @entry put in as the youngest. */
static u64 replace(u64 word, unsigned int number, u64 entry)
{
	u64 younger = word & ((1ULL << number * ENTRY_BITS) - 1);
	u64 older = word ^ younger ^ entry_at(word, number) << number * ENTRY_BITS;

	return older | younger << ENTRY_BITS | entry;
}

u32 tmem_frequency_get(const struct tmem_frequency *frequency, u64 hash)
{
	u64 word = READ_ONCE(frequency->words[word_number(frequency, hash)]);
	unsigned int number = find(word, hash);

	return number < ENTRIES ? counter(entry_at(word, number)) : 0;
}
EXPORT_SYMBOL_GPL(tmem_frequency_get);

static void age(struct tmem_frequency *frequency)
{
	u64 counted = READ_ONCE(frequency->counted) + 1;
	u64 *word, old;

	WRITE_ONCE(frequency->counted, counted);
	if (counted % AGE_EVICTIONS)
		return;
	word = &frequency->words[counted / AGE_EVICTIONS % frequency->count];
	old = READ_ONCE(*word);
	WRITE_ONCE(*word, (old & ~COUNTERS) | (old >> 1 & HALVED));
}

u32 tmem_frequency_add(struct tmem_frequency *frequency, u64 hash, u32 weight)
{
	u64 *place = &frequency->words[word_number(frequency, hash)];
	u64 word = READ_ONCE(*place);
	unsigned int number = find(word, hash);
	u32 value = weight;

	if (number < ENTRIES)
		value += counter(entry_at(word, number));
	else
		number = least(word);
	value = min_t(u32, value, TMEM_FREQUENCY_MAX);
	WRITE_ONCE(*place, replace(word, number, fingerprint(hash) << COUNTER_BITS | value));
	age(frequency);
	return value;
}
EXPORT_SYMBOL_GPL(tmem_frequency_add);
