// SPDX-License-Identifier: GPL-2.0
/* Same-filled pages: a page of one repeated word is remembered by a number for that word. */
#include <linux/hash.h>

#include "entry.h"
#include "fill.h"

#define FILL_BITS	12
#define FILL_PROBES	16

/* Zero marks an unused place, so the word zero has the fixed number 0 and no place. */
static u64 words[1 << FILL_BITS];

bool tmem_fill_word_of(const u64 *page, size_t bytes, u64 *word)
{
	size_t last = bytes / sizeof(*page) - 1;
	size_t i;

	if (page[0] != page[last])
		return false;
	for (i = 1; i < last; i++)
		if (page[i] != page[0])
			return false;
	*word = page[0];
	return true;
}

int tmem_fill_number(u64 word)
{
	unsigned int first = hash_64(word, FILL_BITS);
	unsigned int i;

	if (!word)
		return 0;
	for (i = 0; i < FILL_PROBES; i++) {
		unsigned int number = (first + i) % TMEM_FILLS_MAX;
		u64 seen;

		if (!number)
			continue;
		seen = READ_ONCE(words[number]);
		if (!seen)
			seen = cmpxchg64(&words[number], 0, word);
		if (!seen || seen == word)
			return number;
	}
	return -1;
}

u64 tmem_fill_word(unsigned int number)
{
	return READ_ONCE(words[number]);
}
