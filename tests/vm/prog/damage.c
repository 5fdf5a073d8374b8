// SPDX-License-Identifier: GPL-2.0
/*
 * Changes what a cache SSD holds, as a medium does that lies.
 *
 * damage [--seed N] DEVICE flip N		one bit of one block in N
 * damage [--seed N] DEVICE swap N		one block in N changes places with another
 * damage DEVICE save FILE			copies its segments to FILE
 * damage DEVICE stale FILE pages|all		what FILE holds is there again: pages only, or summaries too
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* As in include/uapi/tmem/ssd_format.h. */
#define BLOCK		4096L
#define SEGMENT_BLOCKS	256
#define SUMMARY_BLOCKS	2
#define DATA_OFFSET	(1L << 20)

static uint64_t state;
static uint8_t *first, *second;
static int device;
static long blocks;

static void die(const char *what)
{
	fprintf(stderr, "damage: %s: %s\n", what, strerror(errno));
	exit(2);
}

static long below(long n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 11) % n;
}

static void read_block(int fd, uint8_t *to, long block, long offset)
{
	if (pread(fd, to, BLOCK, offset + block * BLOCK) != BLOCK)
		die("read");
}

static void write_block(int fd, const uint8_t *from, long block, long offset)
{
	if (pwrite(fd, from, BLOCK, offset + block * BLOCK) != BLOCK)
		die("write");
}

static void flip(long one_in)
{
	long block, bit;

	for (block = below(one_in); block < blocks; block += 1 + below(2 * one_in - 1)) {
		bit = below(BLOCK * 8);
		read_block(device, first, block, DATA_OFFSET);
		first[bit / 8] ^= 1 << bit % 8;
		write_block(device, first, block, DATA_OFFSET);
	}
}

static void swap(long one_in)
{
	long block, other;

	for (block = below(one_in); block < blocks; block += 1 + below(2 * one_in - 1)) {
		other = below(blocks);
		read_block(device, first, block, DATA_OFFSET);
		read_block(device, second, other, DATA_OFFSET);
		write_block(device, first, other, DATA_OFFSET);
		write_block(device, second, block, DATA_OFFSET);
	}
}

static void save(const char *path)
{
	int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	long block;

	if (file < 0)
		die(path);
	for (block = 0; block < blocks; block++) {
		read_block(device, first, block, DATA_OFFSET);
		write_block(file, first, block, 0);
	}
}

static void stale(const char *path, int summaries)
{
	int file = open(path, O_RDONLY);
	long block;

	if (file < 0)
		die(path);
	for (block = 0; block < blocks; block++) {
		if (!summaries && block % SEGMENT_BLOCKS < SUMMARY_BLOCKS)
			continue;
		read_block(file, first, block, 0);
		write_block(device, first, block, DATA_OFFSET);
	}
}

int main(int argc, char **argv)
{
	uint64_t bytes;

	state = time(NULL) * 1000003 + getpid();
	if (argc > 2 && !strcmp(argv[1], "--seed")) {
		state = strtoull(argv[2], NULL, 0);
		argc -= 2;
		argv += 2;
	}
	if (argc < 4)
		return 2;
	fprintf(stderr, "damage: seed %llu\n", (unsigned long long)state);
	state |= 1;
	device = open(argv[1], O_RDWR | O_DIRECT);
	if (device < 0 || ioctl(device, BLKGETSIZE64, &bytes))
		die(argv[1]);
	/* The second superblock stays. */
	blocks = (bytes - BLOCK - DATA_OFFSET) / BLOCK / SEGMENT_BLOCKS * SEGMENT_BLOCKS;
	first = mmap(NULL, 2 * BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (first == MAP_FAILED)
		die("memory");
	second = first + BLOCK;
	if (!strcmp(argv[2], "flip"))
		flip(atol(argv[3]));
	else if (!strcmp(argv[2], "swap"))
		swap(atol(argv[3]));
	else if (!strcmp(argv[2], "save"))
		save(argv[3]);
	else if (!strcmp(argv[2], "stale") && argc > 4)
		stale(argv[3], !strcmp(argv[4], "all"));
	else
		return 2;
	return 0;
}
