/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A verb of the tool: its options, its arguments, its help and the function that does it.
 */
#ifndef _CTL_COMMAND_H
#define _CTL_COMMAND_H

#include <stdbool.h>

#define EXIT_USAGE	2

enum ctl_option_kind {
	CTL_FLAG,	/* bool: set */
	CTL_STRING,	/* const char *: the argument */
	CTL_SIZE,	/* unsigned long long: bytes, from a number with K, M, G or T */
};

/**
 * struct ctl_option - one option of a verb; a table of them ends with an empty one
 * @name: long name without the dashes
 * @letter: short name, or 0
 * @kind: what @value points to
 * @value: set when the option is given, else left alone
 * @argument: name of the argument in the help, NULL for a flag
 * @help: what it does, one line
 */
struct ctl_option {
	const char *name;
	char letter;
	enum ctl_option_kind kind;
	void *value;
	const char *argument;
	const char *help;
};

/**
 * struct command - one verb
 * @name: as typed
 * @arguments: the arguments in the help, "" for none
 * @summary: one line for the list of verbs
 * @options: may be NULL
 * @min_arguments: fewer are refused
 * @max_arguments: more are refused
 * @hidden: for udev and modprobe: left out of the list of verbs, does not wait for long, and what goes wrong is in the
 *	system log, too
 * @needs_root: refused for others
 * @locks: runs alone among the verbs that lock
 * @run: gets the arguments, NULL-terminated; returns the exit status
 */
struct command {
	const char *name;
	const char *arguments;
	const char *summary;
	const struct ctl_option *options;
	int min_arguments;
	int max_arguments;
	bool hidden;
	bool needs_root;
	bool locks;
	int (*run)(char **arguments);
};

/* The verbs, in the order of the help; ends with an empty one. */
extern const struct command commands[];

/* The verb that @words begin with, one word or two; NULL if there is none. */
const struct command *command_find(char **words);

/**
 * command_parse() - read the options and arguments behind a verb
 * @command: the verb
 * @argc: number of @argv, the verb included
 * @argv: the verb and what follows it; reordered
 * @arguments: set to the arguments without the options
 *
 * Return: 0; or an exit status after one sentence on stderr; or -1 after printing the help.
 */
int command_parse(const struct command *command, int argc, char **argv, char ***arguments);

/* Print the help of a verb, or of the tool, to stdout. */
void command_help(const struct command *command);

/* The list of verbs: of all, or of those that begin with the word @group. */
void command_help_all(const char *group);

/* Do verbs of two words begin with @word? */
bool command_is_group(const char *word);

/* In order of the table. */
int run_list(char **arguments);
int run_create_namespace(char **arguments);
int run_format(char **arguments);
int run_attach(char **arguments);
int run_detach(char **arguments);
int run_marks(char **arguments);
int run_resize(char **arguments);
int run_cgroups(char **arguments);
int run_limit(char **arguments);
int run_share(char **arguments);
int run_drain(char **arguments);
int run_resume(char **arguments);
int run_status(char **arguments);
int run_stats(char **arguments);
int run_top(char **arguments);
int run_latency(char **arguments);
int run_check(char **arguments);
int run_destroy(char **arguments);
int run_ssd_format(char **arguments);
int run_ssd_attach(char **arguments);
int run_ssd_detach(char **arguments);
int run_ssd_enable(char **arguments);
int run_ssd_disable(char **arguments);
int run_ssd_forget(char **arguments);
int run_ssd_status(char **arguments);
int run_ssd_stats(char **arguments);
int run_ssd_check(char **arguments);
int run_ssd_autoattach(char **arguments);
int run_doctor(char **arguments);
int run_autoattach(char **arguments);

extern const struct ctl_option list_options[], create_namespace_options[], format_options[];
extern const struct ctl_option attach_options[], detach_options[], status_options[];
extern const struct ctl_option cgroups_options[];
extern const struct ctl_option stats_options[], top_options[], latency_options[];
extern const struct ctl_option check_options[], destroy_options[];
extern const struct ctl_option ssd_format_options[], ssd_status_options[];
extern const struct ctl_option ssd_stats_options[], ssd_check_options[];
extern const struct ctl_option doctor_options[];

#endif /* _CTL_COMMAND_H */
