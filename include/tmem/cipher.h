/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Encryption of what reaches a medium, shared by the backends: AES-256 in XTS mode, with a key that is
 * made when a medium is attached, is nowhere but in memory, and is wiped when it is let go.
 */
#ifndef _TMEM_CIPHER_H
#define _TMEM_CIPHER_H

#include <linux/types.h>

struct page;
struct tmem_cipher;

/**
 * tmem_cipher_alloc() - make a key, and what using it needs
 *
 * Context: process, may sleep; may load modules of the crypto API.
 * Return: the cipher, or an ERR_PTR(): -ENOENT if the kernel has no xts(aes).
 */
struct tmem_cipher *tmem_cipher_alloc(void);

/* Wipes the key. @cipher: NULL and an ERR_PTR() are fine. */
void tmem_cipher_free(struct tmem_cipher *cipher);

/**
 * tmem_cipher_encrypt() - encrypt a page
 * @cipher: with the key
 * @block: number of the block on the medium, which tells equal pages apart
 * @to: where the medium has it, or what will be written there
 * @from: the page, not changing meanwhile
 *
 * Context: may sleep; allocates nothing that could wait for memory.
 * Return: 0, or a negative errno; then @to may hold anything, but nothing that can be read.
 */
int tmem_cipher_encrypt(struct tmem_cipher *cipher, u64 block, struct page *to, struct page *from);

/**
 * tmem_cipher_decrypt() - decrypt a page where it is
 * @cipher: with the key
 * @block: as when it was encrypted
 * @page: holds what was read from the medium
 *
 * Context: may sleep; allocates nothing that could wait for memory.
 * Return: 0, or a negative errno.
 */
int tmem_cipher_decrypt(struct tmem_cipher *cipher, u64 block, struct page *page);

/* Which implementation the kernel chose, for the curious. */
const char *tmem_cipher_driver(const struct tmem_cipher *cipher);

#endif /* _TMEM_CIPHER_H */
