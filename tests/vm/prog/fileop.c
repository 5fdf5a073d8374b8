// SPDX-License-Identifier: GPL-2.0
/*
 * What no command of a small root image does to files.
 *
 * fileop move-ext FILE DONOR BLOCKS	EXT4_IOC_MOVE_EXT: the blocks of the two change places
 * fileop swap-boot FILE		EXT4_IOC_SWAP_BOOT: with the inode of the boot loader
 * fileop swapext FILE OTHER		XFS_IOC_SWAPEXT
 * fileop exchange FILE OTHER		XFS_IOC_EXCHANGE_RANGE, to the end of both
 * fileop shutdown DIR			XFS_IOC_GOINGDOWN and EXT4_IOC_SHUTDOWN, after writing the log
 * fileop tmpfile DIR NAME BYTE BYTES COMMAND
 *					a file without a name is filled, COMMAND runs, then it gets NAME
 * fileop inode FILE			prints its number
 * fileop block FILE			FIBMAP: prints the number of its first block
 * fileop fault FILE PAGE			reads one page by a mapping, without readahead
 * fileop encrypt DIR			FS_IOC_ADD_ENCRYPTION_KEY and FS_IOC_SET_ENCRYPTION_POLICY
 * fileop quota-on DEVICE FILE		Q_QUOTAON of users, by a file of version 1
 * fileop quota-off DEVICE
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/fscrypt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/quota.h>
#include <sys/stat.h>
#include <unistd.h>

struct move_extent {
	uint32_t reserved, donor_fd;
	uint64_t orig_start, donor_start, len, moved_len;
};

struct xfs_time {
	long sec;
	int32_t nsec;
};

struct xfs_stat {
	uint64_t ino;
	uint16_t mode, nlink;
	uint32_t uid, gid, rdev;
	int32_t blksize;
	int64_t size;
	struct xfs_time atime, mtime, ctime;
	int64_t blocks;
	uint32_t rest[10];
};

struct xfs_swapext {
	int64_t version, target, tmp, offset, length;
	char pad[16];
	struct xfs_stat stat;
};

struct xfs_exchange_range {
	int32_t fd;
	uint32_t pad;
	uint64_t offset1, offset2, length, flags;
};

#define EXT4_IOC_MOVE_EXT	_IOWR('f', 15, struct move_extent)
#define EXT4_IOC_SWAP_BOOT	_IO('f', 17)
#define XFS_IOC_SWAPEXT		_IOWR('X', 109, struct xfs_swapext)
#define XFS_IOC_EXCHANGE_RANGE	_IOW('X', 129, struct xfs_exchange_range)
#define XFS_IOC_GOINGDOWN	_IOR('X', 125, uint32_t)
#define TO_EOF			1

_Static_assert(sizeof(struct xfs_swapext) == 192, "as the kernel has it");

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int open_file(const char *name, int flags)
{
	int fd = open(name, flags, 0600);

	if (fd < 0)
		die(name);
	return fd;
}

static void move_ext(char **argv)
{
	struct move_extent move = {
		.donor_fd = open_file(argv[1], O_RDWR), .len = atol(argv[2]),
	};

	if (ioctl(open_file(argv[0], O_RDWR), EXT4_IOC_MOVE_EXT, &move) || move.moved_len != move.len)
		die("EXT4_IOC_MOVE_EXT");
}

static void swapext(char **argv)
{
	struct xfs_swapext swap = {
		.target = open_file(argv[0], O_RDWR), .tmp = open_file(argv[1], O_RDWR),
	};
	struct stat st;

	if (fstat(swap.target, &st))
		die("fstat");
	swap.length = st.st_size;
	swap.stat.ino = st.st_ino;
	swap.stat.mtime = (struct xfs_time){ st.st_mtim.tv_sec, st.st_mtim.tv_nsec };
	swap.stat.ctime = (struct xfs_time){ st.st_ctim.tv_sec, st.st_ctim.tv_nsec };
	if (ioctl(swap.target, XFS_IOC_SWAPEXT, &swap))
		die("XFS_IOC_SWAPEXT");
}

static void exchange(char **argv)
{
	struct xfs_exchange_range range = {
		.fd = open_file(argv[1], O_RDWR), .flags = TO_EOF,
	};

	if (ioctl(open_file(argv[0], O_RDWR), XFS_IOC_EXCHANGE_RANGE, &range))
		die("XFS_IOC_EXCHANGE_RANGE");
}

static void print_block(const char *name)
{
	int block = 0;

	if (ioctl(open_file(name, O_RDONLY), FIBMAP, &block))
		die("FIBMAP");
	printf("%d\n", block);
}

static void shut_down(const char *dir)
{
	uint32_t flags = 1;

	if (ioctl(open_file(dir, O_RDONLY), XFS_IOC_GOINGDOWN, &flags))
		die("shutdown");
}

static void tmpfile_linked_later(char **argv)
{
	int fd = open_file(argv[0], O_TMPFILE | O_RDWR);
	long bytes = atol(argv[3]);
	char *from = malloc(bytes), link_from[32];
	char read_back[4096];

	memset(from, argv[2][0], bytes);
	if (write(fd, from, bytes) != bytes || fsync(fd))
		die("write");
	/* The command evicts it. Read again, evicted again, it is linked. */
	if (system(argv[4]))
		exit(1);
	lseek(fd, 0, SEEK_SET);
	while (read(fd, read_back, sizeof(read_back)) > 0)
		;
	if (system(argv[4]))
		exit(1);
	snprintf(link_from, sizeof(link_from), "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, link_from, AT_FDCWD, argv[1], AT_SYMLINK_FOLLOW))
		die("linkat");
}

static void print_inode(const char *name)
{
	struct stat st;

	if (stat(name, &st))
		die(name);
	printf("%llu\n", (unsigned long long)st.st_ino);
}

static void encrypt(const char *dir)
{
	struct {
		struct fscrypt_add_key_arg arg;
		uint8_t raw[FSCRYPT_MAX_KEY_SIZE];
	} key = {
		.arg.key_spec.type = FSCRYPT_KEY_SPEC_TYPE_IDENTIFIER,
		.arg.raw_size = sizeof(key.raw),
	};
	struct fscrypt_policy_v2 policy = {
		.version = FSCRYPT_POLICY_V2,
		.contents_encryption_mode = FSCRYPT_MODE_AES_256_XTS,
		.filenames_encryption_mode = FSCRYPT_MODE_AES_256_CTS,
		.flags = FSCRYPT_POLICY_FLAGS_PAD_32,
	};
	int fd = open_file(dir, O_RDONLY);

	memset(key.raw, 0x5a, sizeof(key.raw));
	if (ioctl(fd, FS_IOC_ADD_ENCRYPTION_KEY, &key))
		die("FS_IOC_ADD_ENCRYPTION_KEY");
	memcpy(policy.master_key_identifier, key.arg.key_spec.u.identifier,
	       sizeof(policy.master_key_identifier));
	if (ioctl(fd, FS_IOC_SET_ENCRYPTION_POLICY, &policy))
		die("FS_IOC_SET_ENCRYPTION_POLICY");
}

static void fault(const char *file, long page)
{
	long size = sysconf(_SC_PAGESIZE);
	volatile char *map = mmap(NULL, size, PROT_READ, MAP_SHARED, open_file(file, O_RDONLY), page * size);

	if (map == MAP_FAILED || madvise((void *)map, size, MADV_RANDOM))
		die("mmap");
	(void)map[0];
}

static void quota(int command, const char *device, char *file)
{
	if (quotactl(QCMD(command, USRQUOTA), device, 4 /* QFMT_VFS_V1 */, file))
		die("quotactl");
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";

	argv += 2;
	if (!strcmp(what, "move-ext") && argc == 5)
		move_ext(argv);
	else if (!strcmp(what, "swap-boot") && argc == 3) {
		if (ioctl(open_file(argv[0], O_RDWR), EXT4_IOC_SWAP_BOOT))
			die("EXT4_IOC_SWAP_BOOT");
	} else if (!strcmp(what, "swapext") && argc == 4)
		swapext(argv);
	else if (!strcmp(what, "exchange") && argc == 4)
		exchange(argv);
	else if (!strcmp(what, "shutdown") && argc == 3)
		shut_down(argv[0]);
	else if (!strcmp(what, "tmpfile") && argc == 7)
		tmpfile_linked_later(argv);
	else if (!strcmp(what, "encrypt") && argc == 3)
		encrypt(argv[0]);
	else if (!strcmp(what, "fault") && argc == 4)
		fault(argv[0], atol(argv[1]));
	else if (!strcmp(what, "quota-on") && argc == 4)
		quota(Q_QUOTAON, argv[0], argv[1]);
	else if (!strcmp(what, "quota-off") && argc == 3)
		quota(Q_QUOTAOFF, argv[0], NULL);
	else if (!strcmp(what, "inode") && argc == 3)
		print_inode(argv[0]);
	else if (!strcmp(what, "block") && argc == 3)
		print_block(argv[0]);
	else {
		fprintf(stderr, "usage: see fileop.c\n");
		return 2;
	}
	return 0;
}
