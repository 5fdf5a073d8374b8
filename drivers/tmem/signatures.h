/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Are the functions of the kernel called as they were when this was written? Are structs that no header has what they
 * were?
 *
 * Of those that are not exported to modules nothing else says so: their symbols have no checksums, and the
 * prototypes of some are in no header. The running kernel knows them, in its BTF.
 */
#ifndef _TMEM_SIGNATURES_H
#define _TMEM_SIGNATURES_H

#include <linux/stringify.h>
#include <linux/types.h>

/* UNKNOWN: the kernel has no BTF, or its BTF says nothing about it, as about what is in modules. */
enum tmem_signature_state { TMEM_SIGNATURE_UNKNOWN, TMEM_SIGNATURE_SAME, TMEM_SIGNATURE_DIFFERENT };

/**
 * struct tmem_signature - how a function of the kernel is called, or what a struct of it begins with
 * @name: of the function, or of the struct
 * @is_struct: it is a struct
 * @built_for: the function's type as tmem_btf_signature() writes it, or what tmem_btf_first_member() says of the
 *	struct
 * @state: is it that in the running kernel?
 * @found: what it is there, if @state is TMEM_SIGNATURE_DIFFERENT and there was memory
 * @told: the log says that it differs
 */
struct tmem_signature {
	const char *name;
	bool is_struct;
	const char *built_for;
	enum tmem_signature_state state;
	char *found;
	bool told;
};

/*
 * TMEM_SIGNATURE(f, result, (types)) initializes the signature of f, DEFINE_TMEM_SIGNATURE() defines
 * tmem_signature_f and from the same words its type, tmem_type_f. What is written there is what BTF says:
 * typedefs by their names, and "filler_t *" for a parameter that is a function. Macros are expanded.
 */
#define TMEM_SIGNATURE(_function, _result, _arguments) {					\
	.name = #_function,									\
	.built_for = __stringify(_result) " " __stringify(_arguments),				\
}
#define DEFINE_TMEM_SIGNATURE(_function, _result, _arguments)					\
	typedef _result (tmem_type_##_function) _arguments;					\
	static struct tmem_signature tmem_signature_##_function =				\
		TMEM_SIGNATURE(_function, _result, _arguments)

/* Initializes what a struct begins with. */
#define TMEM_FIRST_MEMBER(_struct, _type, _member) {						\
	.name = #_struct,									\
	.is_struct = true,									\
	.built_for = __stringify(_type) #_member,						\
}

/**
 * tmem_signatures_init() - compare all with the running kernel
 *
 * Who calls or replaces a function, or looks into such a struct, asks tmem_signature_holds() before.
 *
 * Context: process, may sleep; tmem_symbol() is usable.
 * Return: 0, or -EOPNOTSUPP, having said it, if tmem_symbol() itself is not to be used.
 */
int tmem_signatures_init(void);

void tmem_signatures_exit(void);

/**
 * tmem_signature_holds() - may the function be called or replaced, or the struct be looked into?
 * @signature: of it
 *
 * Return: false if it is another one in this kernel; the first time, having said so.
 */
bool tmem_signature_holds(struct tmem_signature *signature);

/* The signatures that a file has, one by one; NULL after the last. */
struct tmem_signature *tmem_symbols_signature(unsigned int i);
struct tmem_signature *tmem_swap_device_signature(unsigned int i);
struct tmem_signature *tmem_swap_hook_signature(unsigned int i);
struct tmem_signature *tmem_swap_in_signature(unsigned int i);
struct tmem_signature *tmem_file_hook_signature(unsigned int i);
struct tmem_signature *tmem_file_before_signature(unsigned int i);
struct tmem_signature *tmem_ext4_hook_signature(unsigned int i);
struct tmem_signature *tmem_crypt_signature(unsigned int i);

/* For sysfs: a function or struct a line, and whether it was compared. Return: bytes written to @buf, a page. */
int tmem_signatures_list(char *buf);

#endif /* _TMEM_SIGNATURES_H */
