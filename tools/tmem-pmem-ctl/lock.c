// SPDX-License-Identifier: GPL-2.0
/*
 * One at a time: a lock among the verbs that format, attach or destroy.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>

#include "lock.h"
#include "paths.h"
#include "say.h"

int lock_take(void)
{
	char path[PATH_MAX];
	int fd;

	path_run(path, "tmem-pmem-ctl.lock");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail("cannot open the lock file %s: %s", path, strerror(errno));
	while (flock(fd, LOCK_EX))
		if (errno != EINTR)
			return fail("cannot lock %s: %s", path, strerror(errno));
	return 0;
}
