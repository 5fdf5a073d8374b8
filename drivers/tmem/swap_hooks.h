/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where swap enters the core: the functions of the kernel that are replaced.
 *
 * One implementation for each generation of the kernel's own hooks, chosen by Kbuild:
 * swap_hooks_zswap.c (6.12, 7.2) and swap_hooks_frontswap.c (6.1).
 */
#ifndef _TMEM_SWAP_HOOKS_H
#define _TMEM_SWAP_HOOKS_H

/* Verify every function, then redirect them all. Return: 0, or an errno having said what failed. */
int tmem_swap_hooks_arm(void);

/* Undo it. When this returns no replacement is running, nor will be. */
void tmem_swap_hooks_disarm(void);

/* Name of the i-th replaced function, NULL after the last. */
const char *tmem_swap_hook_name(unsigned int i);

#endif /* _TMEM_SWAP_HOOKS_H */
