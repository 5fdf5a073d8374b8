// SPDX-License-Identifier: GPL-2.0
/*
 * Writes the fuzzer's first inputs: a valid pair of superblocks under every repair it knows.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../drivers/tmem_pmem/superblock.h"

static void seed(const char *directory, unsigned int flags, u64 device_bytes)
{
	struct tmem_pmem_super_onmedia blocks[2];
	struct tmem_pmem_super super;
	uint8_t head[16] = { flags };
	char path[4096];
	size_t piece;
	FILE *file;

	if (tmem_pmem_super_layout(device_bytes, &super))
		abort();
	memset(super.uuid, 0x42, sizeof(super.uuid));
	strcpy(super.label, "seed");
	super.created_seconds = 1700000000;
	tmem_pmem_super_encode(&super, 0, &blocks[0]);
	tmem_pmem_super_encode(&super, 1, &blocks[1]);
	memcpy(head + 8, &device_bytes, sizeof(device_bytes));

	snprintf(path, sizeof(path), "%s/seed-%02x-%llx", directory, flags,
		 (unsigned long long)device_bytes);
	file = fopen(path, "w");
	piece = flags & 64 ? offsetof(struct tmem_pmem_super_onmedia, reserved) : sizeof(*blocks);
	if (!file || fwrite(head, sizeof(head), 1, file) != 1 ||
	    fwrite(&blocks[0], piece, 1, file) != 1 || fwrite(&blocks[1], piece, 1, file) != 1 ||
	    fclose(file)) {
		perror(path);
		exit(EXIT_FAILURE);
	}
}

int main(int argc, char **argv)
{
	unsigned int flags;

	if (argc != 2)
		return EXIT_FAILURE;
	for (flags = 0; flags < 128; flags += 2) {
		seed(argv[1], flags, 64 << 20);
		seed(argv[1], flags | 1, (1ULL << 40) + 4096);
	}
	return EXIT_SUCCESS;
}
