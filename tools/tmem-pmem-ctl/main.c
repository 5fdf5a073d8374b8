// SPDX-License-Identifier: GPL-2.0
/*
 * The table of verbs, and the way from the command line to one of them.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "lock.h"
#include "paths.h"
#include "say.h"

static int run_help(char **arguments);
static int run_version(char **arguments);

const struct command commands[] = {
	{ "list", "", "show regions, namespaces and what of them is ours",
	  list_options, 0, 0, .needs_root = true, .run = run_list },
	{ "create-namespace", "", "make an fsdax namespace, format it and attach it",
	  create_namespace_options, 0, 0, .needs_root = true, .locks = true,
	  .run = run_create_namespace },
	{ "format", "DEVICE", "write a tmem superblock to an empty device",
	  format_options, 1, 1, .needs_root = true, .locks = true, .run = run_format },
	{ "attach", "DEVICE | --all", "let the kernel store pages on a formatted device",
	  attach_options, 0, 1, .needs_root = true, .locks = true, .run = run_attach },
	{ "detach", "DEVICE | --all", "move the pages away and let a device go",
	  detach_options, 0, 1, .needs_root = true, .run = run_detach },
	{ "marks", "DEVICE [HIGH LOW]", "show or set how full a device may get before pages are written back",
	  NULL, 1, 3, .needs_root = true, .run = run_marks },
	{ "resize", "DEVICE [SIZE | PERCENT% | max]", "show or set how much of a device pages are stored on",
	  NULL, 1, 2, .needs_root = true, .run = run_resize },
	{ "share", "DEVICE [PERCENT]", "show or set how much of a device clean pages of files may have",
	  NULL, 1, 2, .needs_root = true, .run = run_share },
	{ "cgroups", "", "show what each memory cgroup has stored",
	  cgroups_options, 0, 0, .needs_root = true, .run = run_cgroups },
	{ "limit", "CGROUP [SIZE | max]", "show or set how much a cgroup and those below it may store",
	  NULL, 1, 2, .needs_root = true, .run = run_limit },
	{ "drain", "", "stop storing and move all pages to the swap devices",
	  NULL, 0, 0, .needs_root = true, .run = run_drain },
	{ "resume", "", "store pages again after drain",
	  NULL, 0, 0, .needs_root = true, .run = run_resume },
	{ "status", "", "show modules, hooks, devices and pages held",
	  status_options, 0, 0, .needs_root = true, .run = run_status },
	{ "stats", "", "show the counters",
	  stats_options, 0, 0, .needs_root = true, .run = run_stats },
	{ "top", "", "show what is held and done now, again and again",
	  top_options, 0, 0, .needs_root = true, .run = run_top },
	{ "latency", "[on | off]", "show how long stores and loads take, or begin or end to measure it",
	  latency_options, 0, 1, .needs_root = true, .run = run_latency },
	{ "check", "DEVICE", "verify superblocks, layout and bad blocks",
	  check_options, 1, 1, .needs_root = true, .run = run_check },
	{ "destroy", "DEVICE | NAMESPACE", "wipe the first and last 16 MiB and free the namespace",
	  destroy_options, 1, 1, .needs_root = true, .locks = true, .run = run_destroy },
	{ "ssd format", "DEVICE", "write the superblock of a page-cache SSD to an empty device",
	  ssd_format_options, 1, 1, .needs_root = true, .locks = true, .run = run_ssd_format },
	{ "ssd attach", "DEVICE", "let the kernel cache files' pages on a formatted device",
	  NULL, 1, 1, .needs_root = true, .locks = true, .run = run_ssd_attach },
	{ "ssd detach", "DEVICE", "forget what a device caches and let it go",
	  NULL, 1, 1, .needs_root = true, .run = run_ssd_detach },
	{ "ssd enable", "MOUNTPOINT", "cache a filesystem that is not cached by itself",
	  NULL, 1, 1, .needs_root = true, .locks = true, .run = run_ssd_enable },
	{ "ssd disable", "MOUNTPOINT", "do not cache a filesystem",
	  NULL, 1, 1, .needs_root = true, .locks = true, .run = run_ssd_disable },
	{ "ssd forget", "MOUNTPOINT", "undo ssd enable and ssd disable",
	  NULL, 1, 1, .needs_root = true, .locks = true, .run = run_ssd_forget },
	{ "ssd status", "", "show the SSDs, what they cache, and which filesystems",
	  ssd_status_options, 0, 0, .needs_root = true, .run = run_ssd_status },
	{ "ssd stats", "", "show hit ratio, flash written, RAM used, refusals by reason",
	  ssd_stats_options, 0, 0, .needs_root = true, .run = run_ssd_stats },
	{ "ssd check", "DEVICE", "verify superblocks, layout and summaries",
	  ssd_check_options, 1, 1, .needs_root = true, .run = run_ssd_check },
	{ "ssd autoattach", "[DEVICE]", "attach SSDs that were used here, restore choices of filesystems",
	  NULL, 0, 1, .hidden = true, .needs_root = true, .locks = true,
	  .run = run_ssd_autoattach },
	{ "doctor", "", "say whether this machine is ready, and what to do",
	  doctor_options, 0, 0, .needs_root = true, .run = run_doctor },
	{ "autoattach", "[DEVICE]", "attach what is formatted, format what is named tmem and blank",
	  NULL, 0, 1, .hidden = true, .needs_root = true, .locks = true, .run = run_autoattach },
	{ "help", "[VERB]", "explain a verb", NULL, 0, 2, .run = run_help },
	{ "version", "", "print the version", NULL, 0, 0, .run = run_version },
	{ 0 }
};

static int run_help(char **arguments)
{
	const struct command *command;

	if (!arguments[0] || (!arguments[1] && command_is_group(arguments[0]))) {
		command_help_all(arguments[0]);
		return EXIT_SUCCESS;
	}
	command = command_find(arguments);
	if (!command || (arguments[1] && !strchr(command->name, ' '))) {
		fail("there is no verb \"%s%s%s\", see \"tmem-pmem-ctl help\"", arguments[0],
		     arguments[1] ? " " : "", arguments[1] ?: "");
		return EXIT_USAGE;
	}
	command_help(command);
	return EXIT_SUCCESS;
}

static int run_version(char **arguments)
{
	(void)arguments;
	puts("tmem-pmem-ctl " TMEM_VERSION);
	return EXIT_SUCCESS;
}

/* "--help" and "--version" are verbs in disguise. */
static char *verb_name(char *typed)
{
	if (!strcmp(typed, "--help") || !strcmp(typed, "-h"))
		return "help";
	if (!strcmp(typed, "--version") || !strcmp(typed, "-V"))
		return "version";
	return typed;
}

/*
 * What is opened next must not take their numbers: it would be printed to. To a standard output that was closed
 * nothing can be written all the same, which finish() notices.
 */
static void open_standard_files(void)
{
	int fd;

	do
		fd = open("/dev/null", fcntl(STDIN_FILENO, F_GETFD) < 0 || fcntl(STDOUT_FILENO, F_GETFD) >= 0 ?
			  O_RDWR : O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* What was printed has to have arrived. Who reads from a pipe may have seen enough. */
static int finish(int status)
{
	struct pollfd output = { .fd = STDOUT_FILENO, .events = POLLOUT };

	if (!fflush(stdout) && !ferror(stdout))
		return status;
	if (poll(&output, 1, 0) < 0 || !(output.revents & (POLLERR | POLLHUP)))
		fail("cannot write all of the output, is there room where it goes?");
	return status ?: EXIT_FAILURE;
}

static int run(int argc, char **argv)
{
	const struct command *command;
	char **arguments;
	int status, words;

	if (argc < 2) {
		fail("no verb given, see \"tmem-pmem-ctl help\"");
		return EXIT_USAGE;
	}
	argv[1] = verb_name(argv[1]);
	command = command_find(argv + 1);
	if (!command) {
		if (command_is_group(argv[1]))
			fail("there is no such verb, see \"tmem-pmem-ctl help %s\"", argv[1]);
		else
			fail("there is no verb \"%s\", see \"tmem-pmem-ctl help\"", argv[1]);
		return EXIT_USAGE;
	}
	words = strchr(command->name, ' ') ? 2 : 1;
	status = command_parse(command, argc - words, argv + words, &arguments);
	if (status)
		return status < 0 ? EXIT_SUCCESS : status;
	if (command->needs_root && !path_is_root())
		return fail("%s needs root, run it with sudo", command->name);
	if (command->hidden && !isatty(STDERR_FILENO))
		say_to_syslog();
	if (command->locks && lock_take(command->hidden ? path_lock_seconds() : 0))
		return EXIT_FAILURE;
	return command->run(arguments);
}

int main(int argc, char **argv)
{
	open_standard_files();
	return finish(run(argc, argv));
}
