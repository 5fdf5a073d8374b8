// SPDX-License-Identifier: GPL-2.0
/*
 * Does random things to files and compares what is read with a copy of them in memory.
 *
 * coherence [--seed N] [--seconds N] [--ops N] [--files N] [--kib N] [--reclaim FILE] [--noise]
 *	[--between COMMAND] [--remount COMMAND] DIR
 *
 * --reclaim: memory.reclaim of the control group it runs in; written now and then, so that pages are
 * evicted as under pressure. --noise: another process reads the same files all the time, and has pages
 * evicted in the middle of everything. --between: now and then COMMAND runs while no file is open for writing,
 * and all files are compared after it. --remount: likewise, while nothing of the filesystem is open or mapped, not
 * by the noise either, so that COMMAND can unmount it and mount it again. Prints the seed first and one line of
 * JSON last; exits with 1 after the first wrong byte, with 2 if there was something it never did in MANY_OPS
 * operations or more, or if it was told a COMMAND for --remount and that never ran.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "model.h"
#include "uring.h"

#define MAX_FILES	64
#define AIO_WRITES	4
#define BETWEEN_OPS	50
#define REMOUNT_OPS	180
#define MANY_OPS	1500
#define NOISE_READS	64

static struct file files[MAX_FILES];
static int file_count = 8;
static long max_size = 512 << 10;
static long block;
static const char *reclaim, *between, *remount;
static bool noise;
static pid_t noise_maker;
static unsigned long remounts;
static bool can_reflink = true;
static uint8_t *buffer;
static aio_context_t aio;
static struct uring uring;

/* What is done to the files, and how often it was. */
#define DEEDS(X)										\
	X(buffered) X(direct) X(async) X(uring) X(uring_buffered) X(mapped) X(truncate) X(punch) X(zero)	\
	X(collapse) X(insert) X(reflink) X(dedupe) X(behind_end) X(recreate) X(rename) X(advise)

#define DEED_NUMBER(name)	DEED_##name,
#define DEED_NAME(name)		#name,
enum deed { DEEDS(DEED_NUMBER) DEED_COUNT };

static const char *const deed_names[] = { DEEDS(DEED_NAME) };
static unsigned long deeds[DEED_COUNT];

/* Something was done to a file. */
static void done(struct file *f, enum deed deed, long pos, long len)
{
	deeds[deed]++;
	remember(f, deed_names[deed], pos, len);
}

static int open_file(const struct file *f, int flags)
{
	int fd = open(f->name, flags, 0600);

	if (fd < 0)
		die(f->name);
	return fd;
}

/* Which of the two is wrong, the disk or what is in memory? */
static void look_on_disk(const struct file *f, const uint8_t *got, long pos)
{
	static uint8_t page[4096] __attribute__((aligned(4096)));
	long at, first, len;
	int fd = open_file(f, O_RDONLY | O_DIRECT);

	for (at = pos; got[at - pos] == f->bytes[at]; at++)
		;
	first = at / 4096 * 4096;
	len = f->size - first < 4096 ? f->size - first : 4096;
	if (pread(fd, page, 4096, first) >= len)
		fprintf(stderr, "page %ld is %s on the disk\n", at / 4096,
			memcmp(page, f->bytes + first, len) ? "wrong" : "right");
	close(fd);
}

static void read_and_compare(struct file *f, long pos, long len, int flags)
{
	int fd = open_file(f, O_RDONLY | flags);
	struct stat st;
	long got;

	if (fstat(fd, &st) || st.st_size != f->size) {
		fprintf(stderr, "WRONG: %s has size %ld, expected %ld\n", f->name,
			(long)st.st_size, f->size);
		exit(1);
	}
	got = pread(fd, buffer, len, pos);
	if (got < 0)
		die("read");
	if (got != (pos + len > f->size ? f->size - pos : len) && !(flags & O_DIRECT))
		die("short read");
	if (memcmp(buffer, f->bytes + pos, got))
		look_on_disk(f, buffer, pos);
	compare(f, buffer, pos, got, flags & O_DIRECT ? "direct read" : "buffered read");
	close(fd);
}

static void read_mapped(struct file *f)
{
	int fd = open_file(f, O_RDONLY);
	uint8_t *map;

	if (f->size) {
		map = mmap(NULL, f->size, PROT_READ, MAP_SHARED, fd, 0);
		if (map == MAP_FAILED)
			die("mmap");
		if (below(2))
			madvise(map, f->size, MADV_RANDOM);
		compare(f, map, 0, f->size, "mapped read");
		munmap(map, f->size);
	}
	close(fd);
}

static void write_buffered(struct file *f)
{
	long pos = below(max_size - 1), len = 1 + below(below(4) ? 6000 : below(4) ? 70000 : max_size);
	int fd = open_file(f, O_WRONLY);

	if (pos + len > max_size)
		len = max_size - pos;
	fill_random(buffer, len);
	if (pwrite(fd, buffer, len, pos) != len)
		die("write");
	done(f, DEED_buffered, pos, len);
	model_write(f, pos, buffer, len);
	if (!below(3))
		fdatasync(fd);
	close(fd);
}

static void write_direct(struct file *f)
{
	long unit = below(3) ? block : SECTOR;
	long pos = below(max_size / unit) * unit;
	long len = (1 + below(below(4) ? 16 : 128)) * unit;
	int fd = open_file(f, O_RDWR | O_DIRECT | (below(4) ? 0 : O_DSYNC));

	if (pos + len > max_size)
		len = max_size - pos;
	fill_random(buffer, len);
	if (pwrite(fd, buffer, len, pos) != len)
		die("direct write");
	done(f, DEED_direct, pos, len);
	model_write(f, pos, buffer, len);
	close(fd);
}

struct async_write {
	uint8_t *from;
	long pos, len;
};

/* In different parts of the file, none behind its end: there it would not be asynchronous. Return: how many. */
static int plan_async(const struct file *f, struct async_write *writes)
{
	long unit = max_size / AIO_WRITES / block * block;
	int n;

	for (n = 0; n < AIO_WRITES; n++) {
		struct async_write *w = &writes[n];

		w->len = (1 + below(8)) * block;
		w->pos = n * unit + below((unit - w->len) / block) * block;
		w->from = buffer + n * unit;
		if (w->pos + w->len > f->size)
			break;
		fill_random(w->from, w->len);
	}
	return n;
}

static void read_meanwhile(const struct file *f, const struct async_write *writes, int n)
{
	static uint8_t scratch[65536];
	int i;

	for (i = 0; i < n && below(2); i++) {
		int fd = open_file(f, O_RDONLY);

		if (pread(fd, scratch, sizeof(scratch), writes[i].pos) < 0)
			die("read");
		close(fd);
	}
}

static void write_aio(struct file *f)
{
	struct iocb iocbs[AIO_WRITES], *list[AIO_WRITES];
	struct async_write writes[AIO_WRITES];
	struct io_event events[AIO_WRITES];
	int fd = open_file(f, O_RDWR | O_DIRECT);
	int i, n = plan_async(f, writes);

	memset(iocbs, 0, sizeof(iocbs));
	for (i = 0; i < n; i++) {
		iocbs[i].aio_fildes = fd;
		iocbs[i].aio_lio_opcode = IOCB_CMD_PWRITE;
		iocbs[i].aio_buf = (uintptr_t)writes[i].from;
		iocbs[i].aio_nbytes = writes[i].len;
		iocbs[i].aio_offset = writes[i].pos;
		iocbs[i].aio_data = i;
		list[i] = &iocbs[i];
	}
	if (n && syscall(SYS_io_submit, aio, n, list) != n)
		die("io_submit");
	read_meanwhile(f, writes, n);
	if (n && syscall(SYS_io_getevents, aio, n, n, events, NULL) != n)
		die("io_getevents");
	for (i = 0; i < n; i++) {
		const struct async_write *w = &writes[events[i].data];

		if (events[i].res != w->len)
			die("asynchronous write");
		done(f, DEED_async, w->pos, w->len);
		model_write(f, w->pos, w->from, w->len);
	}
	close(fd);
}

static void write_uring(struct file *f)
{
	struct async_write writes[AIO_WRITES];
	bool direct = below(3);
	int fd = open_file(f, O_RDWR | (direct ? O_DIRECT : 0));
	int i, n = plan_async(f, writes);

	for (i = 0; i < n; i++)
		uring_add(&uring, IORING_OP_WRITE, fd, writes[i].from, writes[i].len, writes[i].pos, i);
	if (n)
		uring_enter(&uring, n, 0);
	read_meanwhile(f, writes, n);
	if (n)
		uring_enter(&uring, 0, n);
	for (i = 0; i < n; i++) {
		const struct async_write *w;
		uint64_t tag;
		int written = uring_result(&uring, &tag);

		w = &writes[tag];
		if (written != w->len)
			die("io_uring write");
		done(f, direct ? DEED_uring : DEED_uring_buffered, w->pos, w->len);
		model_write(f, w->pos, w->from, w->len);
	}
	close(fd);
}

static void write_mapped(struct file *f)
{
	int fd = open_file(f, O_RDWR);
	long pos = below(f->size), len = 1 + below(9000);
	uint8_t *map;

	if (pos + len > f->size)
		len = f->size - pos;
	if (len > 0) {
		map = mmap(NULL, f->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (map == MAP_FAILED)
			die("mmap");
		fill_random(buffer, len);
		memcpy(map + pos, buffer, len);
		if (below(2))
			msync(map, f->size, MS_SYNC);
		munmap(map, f->size);
		done(f, DEED_mapped, pos, len);
		model_write(f, pos, buffer, len);
	}
	close(fd);
}

static void resize(struct file *f)
{
	long size = below(3) ? below(max_size) : below(max_size / block) * block;

	if (truncate(f->name, size))
		die("truncate");
	done(f, DEED_truncate, size, 0);
	model_resize(f, size);
}

static void punch_or_zero(struct file *f)
{
	bool zero = below(2);
	long pos = below(f->size), len = 1 + below(100000);
	int fd = open_file(f, O_RDWR);

	if (pos + len > f->size)
		len = f->size - pos;
	if (len > 0) {
		if (fallocate(fd, (zero ? FALLOC_FL_ZERO_RANGE : FALLOC_FL_PUNCH_HOLE) |
			      FALLOC_FL_KEEP_SIZE, pos, len))
			die("punch or zero");
		done(f, zero ? DEED_zero : DEED_punch, pos, len);
		memset(f->bytes + pos, 0, len);
	}
	close(fd);
}

static void collapse_or_insert(struct file *f)
{
	bool insert = below(2);
	long pos = below(f->size / block) * block, len = (1 + below(8)) * block;
	int fd = open_file(f, O_RDWR);

	if (pos + len < f->size && (!insert || f->size + len <= max_size)) {
		if (fallocate(fd, insert ? FALLOC_FL_INSERT_RANGE : FALLOC_FL_COLLAPSE_RANGE, pos,
			      len))
			die("collapse or insert");
		done(f, insert ? DEED_insert : DEED_collapse, pos, len);
		if (insert) {
			memmove(f->bytes + pos + len, f->bytes + pos, f->size - pos);
			memset(f->bytes + pos, 0, len);
			f->size += len;
		} else {
			memmove(f->bytes + pos, f->bytes + pos + len, f->size - pos - len);
			f->size -= len;
		}
	}
	close(fd);
}

/* The blocks of one file become those of another, too. */
static void reflink(struct file *to, struct file *from)
{
	long pos = below(from->size / block) * block, at = below(max_size / block) * block;
	long len = (1 + below(16)) * block;
	struct file_clone_range range = { .src_offset = pos, .src_length = len, .dest_offset = at };
	int fd;

	if (!can_reflink || to == from || pos + len > from->size || at + len > max_size)
		return;
	fd = open_file(to, O_RDWR);
	range.src_fd = open_file(from, O_RDONLY);
	if (!ioctl(fd, FICLONERANGE, &range)) {
		done(to, DEED_reflink, at, len);
		model_write(to, at, from->bytes + pos, len);
	} else if (errno == EOPNOTSUPP) {
		can_reflink = false;
	} else {
		die("reflink");
	}
	close(range.src_fd);
	close(fd);
}

/* Bytes that two files have in common become the same blocks. */
static void dedupe(struct file *to, struct file *from)
{
	long pos = below(from->size / block) * block, at = below(max_size / block) * block;
	long len = (1 + below(16)) * block;
	union {
		struct file_dedupe_range range;
		char room[sizeof(struct file_dedupe_range) + sizeof(struct file_dedupe_range_info)];
	} arg = { .range = { .src_offset = pos, .src_length = len, .dest_count = 1 } };
	int fd, source;

	if (!can_reflink || to == from || pos + len > from->size || at + len > max_size)
		return;
	fd = open_file(to, O_RDWR);
	source = open_file(from, O_RDONLY);
	if (pwrite(fd, from->bytes + pos, len, at) != len)
		die("write");
	model_write(to, at, from->bytes + pos, len);
	arg.range.info[0].dest_fd = fd;
	arg.range.info[0].dest_offset = at;
	if (ioctl(source, FIDEDUPERANGE, &arg.range)) {
		if (errno != EOPNOTSUPP)
			die("dedupe");
		can_reflink = false;
	} else if (arg.range.info[0].status == FILE_DEDUPE_RANGE_SAME) {
		done(to, DEED_dedupe, at, len);
	} else {
		fprintf(stderr, "dedupe: status %d\n", arg.range.info[0].status);
		exit(2);
	}
	close(source);
	close(fd);
}

/* What is written behind the end through a mapping is not part of the file, nor becomes so. */
static void write_behind_end(struct file *f)
{
	long tail = f->size % 4096;
	int fd = open_file(f, O_RDWR);
	uint8_t *map;

	if (tail) {
		map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, f->size - tail);
		if (map == MAP_FAILED)
			die("mmap");
		memset(map + tail, 0xee, 4096 - tail);
		/* Written, the page is cleaned; growing would show what a kernel left there. */
		if (msync(map, 4096, MS_SYNC))
			die("msync");
		munmap(map, 4096);
		done(f, DEED_behind_end, f->size, 4096 - tail);
	}
	close(fd);
}

static void recreate(struct file *f)
{
	if (unlink(f->name))
		die("unlink");
	close(open_file(f, O_RDWR | O_CREAT | O_EXCL));
	done(f, DEED_recreate, 0, 0);
	f->size = 0;
	write_buffered(f);
}

/* A file takes the place of another: the other's name and contents live on, its own name is new. */
static void rename_over(struct file *f, struct file *victim)
{
	if (f == victim)
		return;
	if (rename(f->name, victim->name))
		die("rename");
	memcpy(victim->bytes, f->bytes, f->size);
	victim->size = f->size;
	memcpy(victim->history, f->history, sizeof(f->history));
	victim->events = f->events;
	done(victim, DEED_rename, 0, 0);
	close(open_file(f, O_RDWR | O_CREAT | O_EXCL));
	f->size = 0;
	remember(f, "created", 0, 0);
}

static void reclaim_some(void)
{
	int fd;

	if (!reclaim)
		return;
	fd = open(reclaim, O_WRONLY);
	if (fd < 0)
		die(reclaim);
	/* It fails when less than that can be reclaimed, which is no matter. */
	if (write(fd, "16M", 3) < 0 && errno != EAGAIN)
		die("memory.reclaim");
	close(fd);
}

static void evict(void)
{
	if (below(2))
		sync();
	reclaim_some();
}

static void advise(struct file *f)
{
	int fd = open_file(f, O_RDONLY);

	if (below(2))
		fsync(fd);
	posix_fadvise(fd, 0, 0, below(2) ? POSIX_FADV_DONTNEED : POSIX_FADV_WILLNEED);
	deeds[DEED_advise]++;
	close(fd);
}

static void step(void)
{
	struct file *f = &files[below(file_count)];
	long pos = below(f->size);

	switch (below(29)) {
	case 0: case 1: case 2: write_buffered(f); break;
	case 3: case 4: case 5: write_direct(f); break;
	case 6: write_aio(f); break;
	case 7: case 8: write_mapped(f); break;
	case 9: resize(f); break;
	case 10: punch_or_zero(f); break;
	case 11: collapse_or_insert(f); break;
	case 12: if (!below(3)) recreate(f); break;
	case 13: if (!below(3)) rename_over(f, &files[below(file_count)]); break;
	case 14: case 15: evict(); break;
	case 16: advise(f); break;
	case 17: read_mapped(f); break;
	case 18: read_and_compare(f, pos / block * block, 64 << 10, O_DIRECT); break;
	case 19: case 20: read_and_compare(f, 0, max_size, 0); break;
	case 21: reflink(f, &files[below(file_count)]); break;
	case 22: if (!below(2)) write_behind_end(f); break;
	case 23: write_uring(f); break;
	case 24: dedupe(f, &files[below(file_count)]); break;
	default: read_and_compare(f, pos, 1 + below(20000), 0); break;
	}
	ops++;
}

static void compare_all(void)
{
	int i;

	for (i = 0; i < file_count; i++)
		read_and_compare(&files[i], 0, max_size, 0);
}

static void run(const char *command)
{
	if (system(command)) {
		fprintf(stderr, "coherence: %s failed\n", command);
		exit(2);
	}
}

/* Reads what there is, whatever it is, and has it evicted: pages come and go in the middle of everything. */
static void make_noise(void)
{
	static uint8_t scratch[65536];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	state ^= 0x9e3779b97f4a7c15;
	for (;;) {
		int fd = open(files[below(file_count)].name, O_RDONLY);

		if (fd < 0)
			continue;
		if (below(2))
			posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
		if (pread(fd, scratch, 1 + below(sizeof(scratch)), below(max_size)) < 0)
			exit(2);
		close(fd);
		if (!below(NOISE_READS))
			reclaim_some();
	}
}

static void start_noise(void)
{
	if (!noise)
		return;
	noise_maker = fork();
	if (noise_maker < 0)
		die("fork");
	if (!noise_maker)
		make_noise();
}

/* When it returns, the process has closed its files. */
static void stop_noise(void)
{
	if (!noise)
		return;
	kill(noise_maker, SIGKILL);
	waitpid(noise_maker, NULL, 0);
}

static void open_rings(void)
{
	aio = 0;
	if (syscall(SYS_io_setup, AIO_WRITES, &aio))
		die("io_setup");
	uring_open(&uring, AIO_WRITES);
}

/* A ring that is there could still hold a file of its last requests. */
static void close_rings(void)
{
	if (syscall(SYS_io_destroy, aio))
		die("io_destroy");
	uring_close(&uring);
}

static void run_remount(void)
{
	stop_noise();
	close_rings();
	run(remount);
	open_rings();
	compare_all();
	start_noise();
	remounts++;
}

static void work(unsigned long max_ops, long seconds)
{
	time_t end = time(NULL) + seconds;

	while (ops < max_ops && time(NULL) < end) {
		step();
		if (between && !(ops % BETWEEN_OPS)) {
			run(between);
			compare_all();
		}
		if (remount && !(ops % REMOUNT_OPS))
			run_remount();
	}
}

/* What was never done cannot have gone well. */
static void look_what_was_done(void)
{
	int i;

	for (i = 0; i < DEED_COUNT; i++) {
		fprintf(stderr, "%s%s %lu", i ? ", " : "coherence: ", deed_names[i], deeds[i]);
		if (deeds[i] || ops < MANY_OPS || (!can_reflink && (i == DEED_reflink || i == DEED_dedupe)))
			continue;
		fprintf(stderr, "\ncoherence: %s was never done in %lu operations\n", deed_names[i], ops);
		exit(2);
	}
	fprintf(stderr, ", remounted %lu\n", remounts);
	if (remount && !remounts) {
		fprintf(stderr, "coherence: never remounted in %lu operations\n", ops);
		exit(2);
	}
}

static void make_file(int i, const char *dir)
{
	struct file *f = &files[i];

	snprintf(f->name, sizeof(f->name), "%s/c%d.%d", dir, getpid(), i);
	f->bytes = calloc(1, max_size + (1 << 20));
	if (!f->bytes)
		die("memory");
	close(open_file(f, O_RDWR | O_CREAT | O_TRUNC));
	write_buffered(f);
}

int main(int argc, char **argv)
{
	uint64_t seed = time(NULL) * 1000003 + getpid();
	unsigned long max_ops = ~0UL;
	long seconds = 60;
	const char *dir;
	struct stat st;
	int i;

	for (i = 1; i < argc - 1; i++) {
		if (!strcmp(argv[i], "--noise"))
			noise = true;
		else if (!strcmp(argv[i], "--seed"))
			seed = strtoull(argv[++i], NULL, 0);
		else if (!strcmp(argv[i], "--seconds"))
			seconds = atol(argv[++i]);
		else if (!strcmp(argv[i], "--ops"))
			max_ops = atol(argv[++i]);
		else if (!strcmp(argv[i], "--files"))
			file_count = atoi(argv[++i]);
		else if (!strcmp(argv[i], "--kib"))
			max_size = atol(argv[++i]) << 10;
		else if (!strcmp(argv[i], "--between"))
			between = argv[++i];
		else if (!strcmp(argv[i], "--remount"))
			remount = argv[++i];
		else if (!strcmp(argv[i], "--reclaim"))
			reclaim = argv[++i];
	}
	dir = argv[argc - 1];
	if (file_count > MAX_FILES || stat(dir, &st))
		die(dir);
	block = st.st_blksize;
	/* Lines of several processes do not mix. */
	setlinebuf(stderr);
	fprintf(stderr, "coherence: seed %llu\n", (unsigned long long)seed);
	state = seed | 1;
	buffer = mmap(NULL, max_size + (1 << 20), PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (buffer == MAP_FAILED)
		die("memory");
	open_rings();
	for (i = 0; i < file_count; i++)
		make_file(i, dir);
	start_noise();
	work(max_ops, seconds);
	evict();
	compare_all();
	stop_noise();
	look_what_was_done();
	printf("{\"ops\":%lu,\"written_sectors\":%lu,\"compared_sectors\":%lu,\"errors\":0}\n", ops,
	       written_bytes / SECTOR, compared_bytes / SECTOR);
	return 0;
}
