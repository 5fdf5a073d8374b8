/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Replaces functions of the running kernel through ftrace.
 *
 * The same mechanism as live patching: an ftrace_ops with FTRACE_OPS_FL_IPMODIFY makes the
 * function's entry jump to ours. The original stays callable: past the five bytes that ftrace
 * patches, the function is untouched, so a direct call to that point runs it without coming back
 * to us (BPF trampolines call their target the same way). The call is a static call, because
 * an indirect one would need an ENDBR there.
 */
#ifndef _TMEM_REDIRECT_H
#define _TMEM_REDIRECT_H

#include <linux/ftrace.h>
#include <linux/static_call.h>

#include "signatures.h"

/**
 * struct tmem_redirect - one function replaced
 * @name: function of the kernel
 * @replacement: called instead, with the same arguments
 * @signature: of @name
 * @original_key: static call that reaches the original
 * @original_tramp: trampoline of that static call
 * @site: where ftrace patches @name; set when verified
 * @ops: handed to ftrace
 * @armed: the redirection is in place
 */
struct tmem_redirect {
	const char *name;
	void *replacement;
	struct tmem_signature *signature;
	struct static_call_key *original_key;
	void *original_tramp;
	unsigned long site;
	struct ftrace_ops ops;
	bool armed;
};

/*
 * DEFINE_TMEM_ORIGINAL(f, result, (types)) declares the way to the original f, see DEFINE_TMEM_SIGNATURE();
 * TMEM_ORIGINAL(f)(args) calls it; TMEM_REDIRECT(f, ours) is the table entry.
 */
#define DEFINE_TMEM_ORIGINAL(_function, _result, _arguments)			\
	DEFINE_TMEM_SIGNATURE(_function, _result, _arguments);			\
	DEFINE_STATIC_CALL_NULL(tmem_original_##_function, tmem_type_##_function)
#define TMEM_ORIGINAL(_function)	static_call(tmem_original_##_function)
#define TMEM_REDIRECT(_function, _replacement) {				\
	.name = #_function,							\
	.replacement = (_replacement),						\
	.signature = &tmem_signature_##_function,				\
	/* Ours is what it replaces. */						\
	.site = BUILD_BUG_ON_ZERO(!__same_type(_replacement, tmem_type_##_function)), \
	.original_key = &STATIC_CALL_KEY(tmem_original_##_function),		\
	.original_tramp = STATIC_CALL_TRAMP_ADDR(tmem_original_##_function),	\
}

/* Redirections are armed and disarmed by the set. */
enum tmem_redirect_set { TMEM_SWAP_HOOKS, TMEM_FILE_HOOKS, TMEM_EXT4_HOOKS, TMEM_REDIRECT_SETS };

DECLARE_PER_CPU(long[TMEM_REDIRECT_SETS], tmem_redirect_running);

/*
 * Every replacement begins and ends with these, so that the module is not unloaded under one that
 * sleeps. A task may enter on one CPU and leave on another: only the sum means something.
 */
static __always_inline void tmem_redirect_enter(enum tmem_redirect_set set)
{
	this_cpu_inc(tmem_redirect_running[set]);
}

static __always_inline void tmem_redirect_leave(enum tmem_redirect_set set)
{
	this_cpu_dec(tmem_redirect_running[set]);
}

/**
 * tmem_redirects_arm() - verify all, then put all in place, or none
 * @set: that they make up
 * @redirects: in the order they are to be armed
 * @count: of @redirects
 *
 * Context: process, may sleep.
 * Return: 0; -EOPNOTSUPP if a function is missing, is another one or cannot be traced; -EBUSY if somebody else
 * has redirected one (a live patch). Says which.
 */
int tmem_redirects_arm(enum tmem_redirect_set set, struct tmem_redirect *redirects, size_t count);

/**
 * tmem_redirects_disarm() - undo tmem_redirects_arm() in reverse order
 * @set: as given to it
 * @redirects: likewise
 * @count: likewise
 *
 * When this returns no replacement of the set is running, nor will be.
 *
 * Context: process, may sleep.
 */
void tmem_redirects_disarm(enum tmem_redirect_set set, struct tmem_redirect *redirects,
			   size_t count);

#endif /* _TMEM_REDIRECT_H */
