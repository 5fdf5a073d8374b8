/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Same-filled pages: a page of one repeated word is remembered by a number for that word.
 *
 * Words are interned in a table that only grows, so that a number stays good for ever and
 * reading one needs no lock. When the table is full, a new word takes a place like any page.
 * Pure: compiles for user space too.
 */
#ifndef _TMEM_FILL_H
#define _TMEM_FILL_H

#include <linux/types.h>

/**
 * tmem_fill_word_of() - is a page the same word all over?
 * @page: start of the page, aligned to a word
 * @bytes: its size
 * @word: out: the word
 *
 * Return: true if it is.
 */
bool tmem_fill_word_of(const u64 *page, size_t bytes, u64 *word);

/**
 * tmem_fill_number() - number of a word, the same one every time
 * @word: any
 *
 * Context: any.
 * Return: below TMEM_FILLS_MAX, or -1 if the table has no room near its place.
 */
int tmem_fill_number(u64 word);

/* The word of a number that tmem_fill_number() gave. */
u64 tmem_fill_word(unsigned int number);

#endif /* _TMEM_FILL_H */
