/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Encryption of what reaches a medium, shared by the backends: AES-256 in XTS mode, with a key that is
 * made when a medium is attached, is nowhere but in memory, and is wiped when it is let go.
 *
 * The image of a hibernation has what is in memory, so the key is wiped before that too, and there is another one
 * after it. What was encrypted with the first is of no use then: whoever has a cipher sees to it that nobody reads it.
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
 * Return: the cipher, or an ERR_PTR(): -ENOENT if the kernel has no xts(aes); -EBUSY while the machine hibernates.
 */
struct tmem_cipher *tmem_cipher_alloc(void);

/**
 * tmem_cipher_alloc_for() - likewise, and say it if that fails
 * @device: for which one; its name is in the sentence
 *
 * Context: as tmem_cipher_alloc().
 * Return: likewise; a failure is in last_error.
 */
struct tmem_cipher *tmem_cipher_alloc_for(const char *device);

/**
 * tmem_cipher_free() - wipe the key, and let go of what using it needed
 * @cipher: nobody uses it any more; NULL and an ERR_PTR() are fine
 *
 * Context: process, may sleep.
 */
void tmem_cipher_free(struct tmem_cipher *cipher);

/**
 * tmem_cipher_forget() - wipe the key
 * @cipher: with the key, or without
 *
 * Until tmem_cipher_renew() pages are neither encrypted nor decrypted. Waits for those that are.
 *
 * Context: process, may sleep; nobody else forgets or renews this key.
 * Return: 0; a negative errno if the key may be in memory still. It is not used any more all the same.
 */
int tmem_cipher_forget(struct tmem_cipher *cipher);

/**
 * tmem_cipher_renew() - make another key
 * @cipher: has forgotten its key; else nothing is done
 *
 * Context: process, may sleep; nobody else forgets or renews this key.
 * Return: 0; a negative errno, then it is without one still.
 */
int tmem_cipher_renew(struct tmem_cipher *cipher);

/**
 * tmem_cipher_has_key() - is there a key?
 * @cipher: the cipher
 *
 * Context: any.
 * Return: false from when tmem_cipher_forget() begins until tmem_cipher_renew() has made another one. What was answered
 * may be old.
 */
bool tmem_cipher_has_key(const struct tmem_cipher *cipher);

/**
 * tmem_cipher_encrypt() - encrypt a page
 * @cipher: with the key
 * @block: number of the block on the medium, which tells equal pages apart
 * @to: where the medium has it, or what will be written there
 * @from: the page, not changing meanwhile
 *
 * Context: may sleep; allocates nothing that could wait for memory.
 * Return: 0, or a negative errno; then @to may hold anything, but nothing that can be read. -ENOKEY: the key was
 * forgotten.
 */
int __must_check tmem_cipher_encrypt(struct tmem_cipher *cipher, u64 block, struct page *to, struct page *from);

/**
 * tmem_cipher_decrypt() - decrypt a page where it is
 * @cipher: with the key
 * @block: as when it was encrypted
 * @page: holds what was read from the medium
 *
 * Context: may sleep; allocates nothing that could wait for memory.
 * Return: 0, or a negative errno: -ENOKEY if the key was forgotten.
 */
int __must_check tmem_cipher_decrypt(struct tmem_cipher *cipher, u64 block, struct page *page);

/**
 * tmem_cipher_driver() - which implementation the kernel chose, for the curious
 * @cipher: the cipher
 *
 * Context: any.
 * Return: its name in the crypto API, valid as long as @cipher.
 */
const char *tmem_cipher_driver(const struct tmem_cipher *cipher);

#endif /* _TMEM_CIPHER_H */
