/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads from BTF, the description of its types that a kernel carries with it, how functions are called and what structs
 * begin with.
 *
 * Nothing in it is believed: a length or number that leads out of it is an error.
 */
#ifndef _TMEM_BTF_H
#define _TMEM_BTF_H

#include <linux/types.h>

/* In place of a number of a type: several have the name. */
#define TMEM_BTF_SEVERAL	(~0U)

/**
 * struct tmem_btf - BTF that is being read
 * @types: descriptions of types, one after the other
 * @types_bytes: of @types
 * @strings: names, each with a zero at its end
 * @strings_bytes: of @strings
 * @count: of types; they have the numbers 1 to @count, 0 is void
 * @offsets: where each is in @types, the first one at 0
 */
struct tmem_btf {
	const u8 *types;
	u32 types_bytes;
	const char *strings;
	u32 strings_bytes;
	u32 count;
	u32 *offsets;
};

/**
 * tmem_btf_open() - find all types
 * @btf: filled in
 * @data: BTF, not split, on a multiple of 4 bytes; stays there until tmem_btf_close()
 * @bytes: of @data
 *
 * Context: process, may sleep.
 * Return: 0; -EINVAL if it is damaged, or has types that nobody knew when this was written; -ENOMEM.
 */
int tmem_btf_open(struct tmem_btf *btf, const void *data, size_t bytes);

/* Undo tmem_btf_open(), if it succeeded. */
void tmem_btf_close(struct tmem_btf *btf);

/**
 * struct tmem_btf_wanted - what is looked for
 * @name: of it
 * @is_struct: a struct, not a function
 * @id: filled in: its number; 0 if there is none, TMEM_BTF_SEVERAL if there are several
 */
struct tmem_btf_wanted {
	const char *name;
	bool is_struct;
	u32 id;
};

/**
 * tmem_btf_find() - look for functions and structs, for all of them at once
 * @btf: open
 * @wanted: their ids are filled in
 * @count: of @wanted
 */
void tmem_btf_find(const struct tmem_btf *btf, struct tmem_btf_wanted *wanted, unsigned int count);

/**
 * tmem_btf_signature() - how a function is called
 * @btf: open
 * @id: number of a type, which should be a function
 * @buf: filled in: "RESULT (TYPE, TYPE)", as C has it, without names of parameters; a pointer is a blank
 *	and its stars
 * @size: of @buf in bytes, with room for the zero
 *
 * Return: 0; -EINVAL if it is no function or damaged, -ELOOP if it is nested too deeply, -ENOSPC.
 */
int tmem_btf_signature(const struct tmem_btf *btf, u32 id, char *buf, size_t size);

/**
 * tmem_btf_first_member() - what a struct begins with
 * @btf: open
 * @id: number of a type, which should be a struct
 * @buf: filled in: "TYPE NAME", as tmem_btf_signature() writes types
 * @size: of @buf in bytes, with room for the zero
 *
 * Return: 0; -EINVAL if it is no struct or damaged, or begins with what has no name or is a field of bits; -ELOOP,
 * -ENOSPC.
 */
int tmem_btf_first_member(const struct tmem_btf *btf, u32 id, char *buf, size_t size);

#endif /* _TMEM_BTF_H */
