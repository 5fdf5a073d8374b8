// SPDX-License-Identifier: GPL-2.0
/*
 * Reading a verb's options and arguments, and printing its help.
 */
#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "say.h"
#include "units.h"

#define OPTIONS_MAX	16
#define HELP_INDEX	OPTIONS_MAX
/* What getopt_long() returns for the first long option: no letter has it. */
#define LONG_FIRST	256
/* Of a verb with its arguments in the list; the summary of what is wider gets a line of its own. */
#define VERB_WIDTH	27

const struct command *command_find(char **words)
{
	const struct command *command;
	char two[64] = "";

	if (words[1])
		snprintf(two, sizeof(two), "%s %s", words[0], words[1]);
	for (command = commands; command->name; command++)
		if (!strcmp(command->name, strchr(command->name, ' ') ? two : words[0]))
			return command;
	return NULL;
}

void command_help(const struct command *command)
{
	const struct ctl_option *option = command->options;
	char left[64];

	printf("usage: tmem-pmem-ctl %s%s%s%s\n\n%s\n", command->name, option ? " [options]" : "",
	       command->arguments[0] ? " " : "", command->arguments, command->summary);
	if (option)
		putchar('\n');
	for (; option && option->name; option++) {
		snprintf(left, sizeof(left), "%c%c%c --%s%s%s", option->letter ? '-' : ' ',
			 option->letter ? option->letter : ' ', option->letter ? ',' : ' ',
			 option->name, option->argument ? " " : "",
			 option->argument ? option->argument : "");
		printf("  %-26s %s\n", left, option->help);
	}
	puts("\nSee tmem-pmem-ctl(8).");
}

bool command_is_group(const char *word)
{
	const struct command *command;
	size_t length = strlen(word);

	for (command = commands; command->name; command++)
		if (!strncmp(command->name, word, length) && command->name[length] == ' ')
			return true;
	return false;
}

void command_help_all(const char *group)
{
	const struct command *command;
	char left[64];

	if (!group)
		puts("usage: tmem-pmem-ctl VERB [options] [arguments]\n\n"
		     "Manages persistent memory that stores swapped-out pages, and SSDs that cache files.\n");
	for (command = commands; command->name; command++) {
		if (command->hidden || (group && strncmp(command->name, group, strlen(group))))
			continue;
		snprintf(left, sizeof(left), "%s %s", command->name, command->arguments);
		if (strlen(left) > VERB_WIDTH)
			printf("  %s\n%*s%s\n", left, VERB_WIDTH + 3, "", command->summary);
		else
			printf("  %-*s %s\n", VERB_WIDTH, left, command->summary);
	}
	puts("\n\"tmem-pmem-ctl help VERB\" explains a verb. See tmem-pmem-ctl(8).");
}

/* Fills @longs and @shorts (for getopt_long) from the table, and adds --help. */
static void getopt_tables(const struct ctl_option *options, struct option *longs, char *shorts)
{
	int i;

	*shorts++ = ':';
	for (i = 0; options && options[i].name; i++) {
		longs[i] = (struct option){
			.name = options[i].name,
			.has_arg = options[i].kind == CTL_FLAG ? no_argument : required_argument,
			.val = LONG_FIRST + i,
		};
		if (!options[i].letter)
			continue;
		*shorts++ = options[i].letter;
		if (options[i].kind != CTL_FLAG)
			*shorts++ = ':';
	}
	longs[i++] = (struct option){ .name = "help", .val = LONG_FIRST + HELP_INDEX };
	longs[i] = (struct option){ 0 };
	strcpy(shorts, "h");
}

/* Index in the table of what getopt_long() returned, HELP_INDEX for help. */
static int option_index(const struct ctl_option *options, int result)
{
	int i;

	if (result >= LONG_FIRST)
		return result - LONG_FIRST;
	for (i = 0; options && options[i].name; i++)
		if (options[i].letter == result)
			return i;
	return HELP_INDEX;
}

static int option_set(const struct command *command, const struct ctl_option *option,
		      const char *argument)
{
	switch (option->kind) {
	case CTL_FLAG:
		*(bool *)option->value = true;
		return 0;
	case CTL_STRING:
		*(const char **)option->value = argument;
		return 0;
	case CTL_SIZE:
		if (!parse_size(argument, option->value))
			return 0;
		fail("%s: --%s takes a number of bytes with K, M, G or T behind it, not \"%s\"",
		     command->name, option->name, argument);
	}
	return EXIT_USAGE;
}

/* @word: the option, if it is a long one; of a short one getopt_long() says the letter. Returns an exit status. */
static int option_wrong(const struct command *command, bool needs_argument, const char *word)
{
	const char letter[] = { '-', (char)optopt, '\0' };

	if (optopt && optopt < LONG_FIRST)
		word = letter;
	if (needs_argument)
		fail("%s: %s needs an argument, see \"tmem-pmem-ctl help %s\"", command->name, word, command->name);
	else
		fail("%s: unknown option %s%s, see \"tmem-pmem-ctl help %s\"", command->name, word,
		     isdigit((unsigned char)word[1]) ? ", and no number may be negative" : "", command->name);
	return EXIT_USAGE;
}

int command_parse(const struct command *command, int argc, char **argv, char ***arguments)
{
	struct option longs[OPTIONS_MAX + 2];
	char shorts[3 * OPTIONS_MAX];
	int result, index, status, count;

	getopt_tables(command->options, longs, shorts);
	opterr = 0;
	while ((result = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (result == '?' || result == ':')
			return option_wrong(command, result == ':', argv[optind - 1]);
		index = option_index(command->options, result);
		if (index == HELP_INDEX) {
			command_help(command);
			return -1;
		}
		status = option_set(command, &command->options[index], optarg);
		if (status)
			return status;
	}
	count = argc - optind;
	if (count < command->min_arguments) {
		fail("%s: give %s, see \"tmem-pmem-ctl help %s\"", command->name, command->arguments,
		     command->name);
		return EXIT_USAGE;
	}
	if (count > command->max_arguments) {
		fail("%s: too many arguments, see \"tmem-pmem-ctl help %s\"", command->name, command->name);
		return EXIT_USAGE;
	}
	*arguments = argv + optind;
	return 0;
}
