/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which file below /sys/kernel/mm is what in the OpenMetrics text.
 */
#ifndef _CTL_OPENMETRICS_FAMILIES_H
#define _CTL_OPENMETRICS_FAMILIES_H

#define CGROUPS	"tmem/cgroups"

enum kind { GAUGE, COUNTER };

/*
 * What is in a file: a number, or percent, of which the ratio is printed; or one of some words, of which each is
 * a sample, 1 for the one it is. Texts are labels of a sample that is 1: one for all of some files, or
 * one for each line of a file, with a label a word.
 */
enum form { FORM_NUMBER, FORM_PERCENT, FORM_WORD, FORM_FILES, FORM_LINES };

/**
 * struct family - files that have the same name in the output
 * @name: of the family, without "_total"
 * @kind: a counter never goes down while the module is loaded
 * @help: one line
 * @devices: directory below /sys/kernel/mm with one directory a device, or a cgroup; NULL if it is of neither
 * @directory: where the files are, below /sys/kernel/mm or the directory of a device
 * @file: the one file, NULL if all of the directory, or @words, belong to the family
 * @label: which tells those apart, or the words
 * @form: of what is in the file
 * @field: which one of several numbers, from 0 on
 * @words: up to a NULL: the words, the names of the files, or the labels of the words of a line
 */
struct family {
	const char *name;
	enum kind kind;
	const char *help;
	const char *devices;
	const char *directory;
	const char *file;
	const char *label;
	enum form form;
	unsigned int field;
	const char *const *words;
};

/* Up to one without a name, in the order of the output. */
extern const struct family families[];

#endif /* _CTL_OPENMETRICS_FAMILIES_H */
