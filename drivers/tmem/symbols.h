/* SPDX-License-Identifier: GPL-2.0 */
/* Finds functions and variables of the kernel that are not exported to modules. */
#ifndef _TMEM_SYMBOLS_H
#define _TMEM_SYMBOLS_H

/**
 * tmem_symbols_init() - make tmem_symbol() usable
 *
 * Return: 0, or -EOPNOTSUPP after saying what is missing.
 */
int tmem_symbols_init(void);

/**
 * tmem_symbol() - address of a symbol of the kernel proper
 * @name: exact name
 *
 * A function must not be called through the address as a pointer: with IBT its ENDBR may have
 * been removed, because no pointer to it existed when the kernel was linked. Use a static call.
 *
 * Context: process, may sleep.
 * Return: the address, 0 if there is no such symbol.
 */
unsigned long tmem_symbol(const char *name);

/**
 * tmem_symbol_ftrace_site() - where ftrace patches a function
 * @function: as tmem_symbol() gave it
 *
 * Return: address of the patched instruction, 0 if the function cannot be traced.
 */
unsigned long tmem_symbol_ftrace_site(unsigned long function);

#endif /* _TMEM_SYMBOLS_H */
