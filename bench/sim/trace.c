// SPDX-License-Identifier: GPL-2.0
/* Reading a trace: text or 32-bit block numbers, as it is or compressed with xz. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <asm/byteorder.h>
#include <linux/hash.h>

#include "sim.h"

/* Pages that were seen, to count the different ones: open addressing, never removed. */
struct set {
	u64 *keys;
	u64 mask, used;
};

static bool set_add(struct set *set, u64 key);

static void set_grow(struct set *set)
{
	struct set bigger = { .mask = set->mask << 1 | 1 };
	u64 i;

	bigger.keys = calloc(bigger.mask + 1, sizeof(*bigger.keys));
	if (!bigger.keys)
		err(1, NULL);
	for (i = 0; set->keys && i <= set->mask; i++)
		if (set->keys[i])
			set_add(&bigger, set->keys[i]);
	free(set->keys);
	*set = bigger;
}

static bool set_add(struct set *set, u64 key)
{
	u64 place;

	if (set->used * 2 >= set->mask)
		set_grow(set);
	key = key ?: 1;
	for (place = key * GOLDEN_RATIO_64 >> 24 & set->mask; set->keys[place];
	     place = (place + 1) & set->mask)
		if (set->keys[place] == key)
			return false;
	set->keys[place] = key;
	set->used++;
	return true;
}

static void add(struct trace *trace, size_t *room, struct access access, struct set *seen)
{
	u32 i;

	if (trace->count == *room) {
		*room = *room * 2 + 1024;
		trace->accesses = realloc(trace->accesses, *room * sizeof(*trace->accesses));
		if (!trace->accesses)
			err(1, NULL);
	}
	trace->accesses[trace->count++] = access;
	trace->pages += access.count;
	for (i = 0; i < access.count; i++)
		trace->unique_pages += set_add(seen, (access.file << 40) ^ (access.page + i + 1));
}

static bool parse(const char *line, struct access *access)
{
	unsigned long long file, page;
	unsigned int count = 1;
	char operation;

	if (sscanf(line, " %c , %llu , %llu , %u", &operation, &file, &page, &count) < 3 ||
	    !strchr("RW", operation) || !count || count > 1 << 20)
		return false;
	*access = (struct access){
		.file = file, .page = page, .count = count, .write = operation == 'W',
	};
	return true;
}

static void read_text(FILE *input, struct trace *trace, const char *path, struct set *seen)
{
	struct access access;
	unsigned long number = 0;
	size_t room = 0;
	char line[256];

	while (fgets(line, sizeof(line), input)) {
		number++;
		if (line[0] == '#' || line[0] == '\n')
			continue;
		if (!parse(line, &access))
			errx(1, "%s:%lu: not R|W,FILE,PAGE[,COUNT]", path, number);
		add(trace, &room, access, seen);
	}
}

static void read_u32(FILE *input, struct trace *trace, struct set *seen)
{
	struct access access = { .file = 1, .count = 1 };
	size_t room = 0;
	u32 block;

	while (fread(&block, sizeof(block), 1, input) == 1) {
		access.page = le32_to_cpu(block);
		add(trace, &room, access, seen);
	}
}

void trace_read(struct trace *trace, const char *path, const char *format)
{
	size_t length = strlen(path);
	bool packed = length > 3 && !strcmp(path + length - 3, ".xz");
	struct set seen = { 0 };
	char command[4096];
	FILE *input;

	memset(trace, 0, sizeof(*trace));
	if (strchr(path, '\'') || snprintf(command, sizeof(command), "xz -dc '%s'", path) >=
				  (int)sizeof(command))
		errx(1, "%s: not a name this can handle", path);
	input = !strcmp(path, "-") ? stdin : packed ? popen(command, "r") : fopen(path, "r");
	if (!input)
		err(1, "%s", path);
	if (!strcmp(format, "u32"))
		read_u32(input, trace, &seen);
	else
		read_text(input, trace, path, &seen);
	if (ferror(input) || (packed ? pclose(input) : fclose(input)))
		errx(1, "%s: cannot be read", path);
	if (!trace->count)
		errx(1, "%s: empty", path);
	free(seen.keys);
}

void trace_free(struct trace *trace)
{
	free(trace->accesses);
}
