// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target: BTF of any content; what is read of it is inside of it.
 *
 * Input: a byte of which the lowest bit says whether the header is repaired, another with the length of the
 * types in words, then types and names; without repair a header stands before them.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <linux/btf.h>

#include "../../drivers/tmem/btf.h"

#define HEAD_BYTES	2
#define HEADER_WORDS	6

static void must(int condition)
{
	if (!condition)
		abort();
}

/* A new header before the input, which is right. */
static size_t with_header(u32 *blob, const uint8_t *data, size_t size)
{
	u32 types = (u32)data[1] * 4, strings;

	if (size - HEAD_BYTES < types + 2)
		return 0;
	strings = size - HEAD_BYTES - types;
	blob[0] = BTF_VERSION << 16 | BTF_MAGIC;
	blob[1] = HEADER_WORDS * sizeof(u32);
	blob[2] = 0;
	blob[3] = types;
	blob[4] = types;
	blob[5] = strings;
	memcpy(blob + HEADER_WORDS, data + HEAD_BYTES, types + strings);
	((char *)(blob + HEADER_WORDS))[types] = 0;
	((char *)(blob + HEADER_WORDS))[types + strings - 1] = 0;
	return HEADER_WORDS * sizeof(u32) + types + strings;
}

static void read_all(const struct tmem_btf *btf)
{
	struct tmem_btf_wanted wanted[] = {
		{ .name = "f" }, { .name = "read_pages" }, { .name = "s", .is_struct = true },
	};
	u32 id, i;

	tmem_btf_find(btf, wanted, 3);
	for (id = 0; id <= btf->count + 1; id++) {
		char *text = malloc(64);

		if (text && !tmem_btf_first_member(btf, id, text, 64))
			must(strlen(text) < 64);
		/* A signature says something of its own. */
		if (text && !tmem_btf_signature(btf, id, text, 64))
			must(strlen(text) < 64 && strchr(text, '(') && text[strlen(text) - 1] == ')');
		free(text);
	}
	for (i = 0; i < 3; i++)
		must(wanted[i].id <= btf->count || wanted[i].id == TMEM_BTF_SEVERAL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tmem_btf btf;
	size_t bytes;
	u32 *blob;

	if (size < HEAD_BYTES)
		return 0;
	blob = malloc(size + HEADER_WORDS * sizeof(u32));
	if (!blob)
		return 0;
	if (data[0] & 1) {
		bytes = with_header(blob, data, size);
	} else {
		bytes = size - HEAD_BYTES;
		memcpy(blob, data + HEAD_BYTES, bytes);
	}
	/* Its end is where the memory ends. */
	blob = realloc(blob, bytes ? bytes : 1);
	must(blob != NULL);
	if (!tmem_btf_open(&btf, blob, bytes)) {
		read_all(&btf);
		tmem_btf_close(&btf);
	}
	free(blob);
	return 0;
}
