// SPDX-License-Identifier: GPL-2.0
/*
 * Compares how functions of the kernel are called, and what its structs begin with, with what its BTF says.
 *
 * All at once when this module is loaded, because it takes a pass over all types of the kernel. What differs
 * is refused by who needs it: without the functions of the page cache there is no cache for files, but swap.
 */
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "btf.h"
#include "signatures.h"
#include "symbols.h"

#define SIGNATURES_MAX		64
#define SIGNATURE_BYTES		256

/* Each gives the i-th of a file, NULL after the last. */
static struct tmem_signature *(*const lists[])(unsigned int i) = {
	tmem_symbols_signature, tmem_swap_device_signature, tmem_swap_hook_signature,
#ifdef TMEM_HAVE_SWAP_IN
	tmem_swap_in_signature,
#endif
	tmem_file_hook_signature, tmem_file_before_signature,
	tmem_ext4_hook_signature, tmem_crypt_signature,
};

static struct tmem_signature *signatures[SIGNATURES_MAX];
static unsigned int count;

#ifdef TMEM_WITH_FAULTS
/* A function or struct that counts as built for something else. */
static char *wrong_signature = "";
module_param(wrong_signature, charp, 0400);
#endif

static const char *built_for(const struct tmem_signature *signature)
{
#ifdef TMEM_WITH_FAULTS
	if (!strcmp(signature->name, wrong_signature))
		return "something else";
#endif
	return signature->built_for;
}

static void collect(void)
{
	struct tmem_signature *signature;
	unsigned int list, i;

	count = 0;
	for (list = 0; list < ARRAY_SIZE(lists); list++)
		for (i = 0; (signature = lists[list](i)); i++)
			if (!WARN_ON(count == SIGNATURES_MAX))
				signatures[count++] = signature;
}

static void compare_one(struct tmem_signature *signature, const struct tmem_btf *btf, u32 id, char *text)
{
	int err;

	signature->state = TMEM_SIGNATURE_UNKNOWN;
	if (!id || id == TMEM_BTF_SEVERAL)
		return;
	if (signature->is_struct)
		err = tmem_btf_first_member(btf, id, text, SIGNATURE_BYTES);
	else
		err = tmem_btf_signature(btf, id, text, SIGNATURE_BYTES);
	/* A function that cannot be described may still be right; the member that a struct should have can be. */
	if (err && !signature->is_struct)
		return;
	signature->state = TMEM_SIGNATURE_SAME;
	if (!err && !strcmp(text, built_for(signature)))
		return;
	signature->state = TMEM_SIGNATURE_DIFFERENT;
	signature->found = err ? NULL : kstrdup(text, GFP_KERNEL);
}

/* Memory for comparing them. */
struct scratch {
	struct tmem_btf_wanted wanted[SIGNATURES_MAX];
	char text[SIGNATURE_BYTES];
};

static void compare_all(const struct tmem_btf *btf, struct scratch *scratch)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		scratch->wanted[i].name = signatures[i]->name;
		scratch->wanted[i].is_struct = signatures[i]->is_struct;
	}
	tmem_btf_find(btf, scratch->wanted, count);
	for (i = 0; i < count; i++)
		compare_one(signatures[i], btf, scratch->wanted[i].id, scratch->text);
}

/* Return: 0, or why nothing could be compared. */
static int compare_with_kernel(void)
{
	unsigned long start = tmem_symbol("__start_BTF"), stop = tmem_symbol("__stop_BTF");
	struct tmem_btf btf;
	struct scratch *scratch;
	int err;

	if (!start || stop <= start)
		return -ENOENT;
	scratch = kmalloc(sizeof(*scratch), GFP_KERNEL);
	if (!scratch)
		return -ENOMEM;
	err = tmem_btf_open(&btf, (const void *)start, stop - start);
	if (!err) {
		compare_all(&btf, scratch);
		tmem_btf_close(&btf);
	}
	kfree(scratch);
	return err;
}

int tmem_signatures_init(void)
{
	struct tmem_signature *signature;
	unsigned int i;
	int err;

	collect();
	err = compare_with_kernel();
	if (err)
		pr_info("how this kernel's functions are called is taken on trust: %s\n",
			err == -ENOENT ? "it does not say (CONFIG_DEBUG_INFO_BTF)" :
			err == -ENOMEM ? "there was no memory to compare them" : "its BTF cannot be read");
	for (i = 0; (signature = tmem_symbols_signature(i)); i++) {
		if (!tmem_signature_holds(signature)) {
			tmem_signatures_exit();
			return -EOPNOTSUPP;
		}
	}
	return 0;
}

void tmem_signatures_exit(void)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		kfree(signatures[i]->found);
}

bool tmem_signature_holds(struct tmem_signature *signature)
{
	if (signature->state != TMEM_SIGNATURE_DIFFERENT)
		return true;
	/* It is asked again with every backend that registers, and for every block device that is looked into. */
	if (xchg(&signature->told, true))
		return false;
	pr_err("%s%s%s of this kernel %s \"%s\", and tmem was built for \"%s\": use the kernel from before, or a newer tmem\n",
	       signature->is_struct ? "struct " : "", signature->name, signature->is_struct ? "" : "()",
	       signature->is_struct ? "begins with" : "is", signature->found ?: "something else",
	       built_for(signature));
	return false;
}

int tmem_signatures_list(char *buf)
{
	static const char *const states[] = { "unknown", "same", "different" };
	unsigned int i;
	int len = 0;

	for (i = 0; i < count; i++)
		len += sysfs_emit_at(buf, len, "%s %s\n", signatures[i]->name,
				     states[signatures[i]->state]);
	return len;
}
