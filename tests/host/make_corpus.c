// SPDX-License-Identifier: GPL-2.0
/*
 * Writes the fuzzers' first inputs: a valid pair of superblocks of each kind, and a valid summary,
 * under every repair they know; and BTF with one function. make_corpus SUPERBLOCKS SUMMARIES BTF
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/btf.h>

#include "../../drivers/tmem_pmem/superblock.h"
#include "../../drivers/tmem_ssd/summary.h"
#include "../../drivers/tmem_ssd/superblock.h"

struct part {
	const void *bytes;
	size_t count;
};

static void write_seed(const char *directory, const char *name, const struct part *parts,
		       size_t count)
{
	char path[4096];
	FILE *file;
	size_t i;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	for (i = 0; file && i < count; i++)
		if (fwrite(parts[i].bytes, parts[i].count, 1, file) != 1)
			break;
	if (!file || i < count || fclose(file)) {
		perror(path);
		exit(EXIT_FAILURE);
	}
}

static void seed_superblocks(const char *directory, unsigned int flags, u64 device_bytes)
{
	const struct tmem_super_kind *kind = flags & 128 ? &tmem_ssd_super_kind :
							  &tmem_pmem_super_kind;
	struct tmem_super_onmedia blocks[2];
	struct tmem_super super;
	uint8_t head[16] = { flags };
	char name[64];
	size_t piece = flags & 64 ? offsetof(struct tmem_super_onmedia, reserved) : sizeof(*blocks);
	const struct part parts[] = { { head, 16 }, { &blocks[0], piece }, { &blocks[1], piece } };

	if (tmem_super_layout(kind, device_bytes, &super))
		abort();
	memset(super.uuid, 0x42, sizeof(super.uuid));
	strcpy(super.label, "seed");
	super.created_seconds = 1700000000;
	tmem_super_encode(kind, &super, 0, &blocks[0]);
	tmem_super_encode(kind, &super, 1, &blocks[1]);
	memcpy(head + 8, &device_bytes, sizeof(device_bytes));
	snprintf(name, sizeof(name), "seed-%02x-%llx", flags, (unsigned long long)device_bytes);
	write_seed(directory, name, parts, 3);
}

static void seed_summary(const char *directory, unsigned int flags, u32 count)
{
	static struct tmem_ssd_summary summary = {
		.uuid = "a formatting..", .segment = 5, .sequence = 9,
	};
	static struct tmem_ssd_summary_onmedia onmedia;
	uint8_t head[8] = { flags };
	const struct part parts[] = { { head, 8 }, { &onmedia, sizeof(onmedia) } };
	char name[64];
	u32 i;

	summary.count = count;
	for (i = 0; i < count; i++)
		summary.keys[i] = (struct tmem_ssd_key){
			.file = { .pool = 1, .generation = i, .ino = 12 },
			.page = i,
			.checksum = ~i,
		};
	tmem_ssd_summary_encode(&summary, &onmedia);
	snprintf(name, sizeof(name), "seed-%02x-%u", flags, count);
	write_seed(directory, name, parts, 2);
}

/* s f(s *const *, ...) */
static void seed_btf(const char *directory)
{
	static const u32 types[] = {
		1, BTF_KIND_STRUCT << 24 | 1, 4, 0, 0, 0,
		0, BTF_KIND_PTR << 24, 1,
		0, BTF_KIND_CONST << 24, 2,
		0, BTF_KIND_PTR << 24, 3,
		0, BTF_KIND_FUNC_PROTO << 24 | 2, 1, 0, 4, 0, 0,
		3, BTF_KIND_FUNC << 24 | 1, 5,
	};
	static const char strings[] = "\0s\0f";
	uint8_t head[2] = { 1, sizeof(types) / sizeof(types[0]) };
	const struct part parts[] = {
		{ head, sizeof(head) }, { types, sizeof(types) }, { strings, sizeof(strings) }
	};

	write_seed(directory, "seed", parts, 3);
}

int main(int argc, char **argv)
{
	unsigned int flags;

	if (argc != 4)
		return EXIT_FAILURE;
	for (flags = 0; flags < 256; flags += 2) {
		seed_superblocks(argv[1], flags, 64 << 20);
		seed_superblocks(argv[1], flags | 1, (1ULL << 40) + 4096);
	}
	for (flags = 0; flags < 32; flags++)
		seed_summary(argv[2], flags, flags * 8 + 1);
	seed_btf(argv[3]);
	return EXIT_SUCCESS;
}
