// SPDX-License-Identifier: GPL-2.0
/*
 * One at a time: a lock among the verbs that format, attach or destroy.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "lock.h"
#include "paths.h"
#include "say.h"

#define PATIENCE_SECONDS	3

static void on_alarm(int signal)
{
	(void)signal;
}

int lock_take(unsigned int seconds)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	bool told = false;
	char path[PATH_MAX];
	int fd;

	path_run(path, "tmem-pmem-ctl.lock");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail("cannot open the lock file %s: %s", path, strerror(errno));
	sigaction(SIGALRM, &action, NULL);
	alarm(PATIENCE_SECONDS);
	while (flock(fd, LOCK_EX)) {
		if (errno != EINTR)
			return fail("cannot lock %s: %s", path, strerror(errno));
		if (told && seconds)
			return fail("another tmem-pmem-ctl has locked %s for %u seconds, so nothing is attached now: run "
				    "\"tmem-pmem-ctl attach\" or \"tmem-pmem-ctl ssd attach\" when it has ended", path, seconds);
		if (!told)
			hint("waiting for another tmem-pmem-ctl to end, which has locked %s", path);
		told = true;
		if (seconds)
			alarm(seconds - PATIENCE_SECONDS);
	}
	alarm(0);
	return 0;
}
