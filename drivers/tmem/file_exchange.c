// SPDX-License-Identifier: GPL-2.0
/*
 * Two files exchange blocks: nothing of them is put or got meanwhile, and both are forgotten.
 *
 * ext4's EXT4_IOC_MOVE_EXT gives the blocks of one file to another and does not look what the page cache
 * has of the other. Whatever rearranges two files locks both by lock_two_nondirectories(), so all
 * that do are covered; but for renaming over a file, which moves no blocks, and unlocks the two one by
 * one.
 *
 * Tasks that have locked are on a list, so that the end knows whether we saw the beginning.
 */
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/stacktrace.h>
#include <linux/string.h>

#include "file.h"

/* So near must the function that renames be. */
#define CALLERS	8

struct exchange {
	struct list_head node;
	const struct task_struct *task;
	const struct inode *a;
	const struct inode *b;
};

static LIST_HEAD(exchanges);
static DEFINE_SPINLOCK(exchanges_lock);

/*
 * Is this a renaming? Whether the compiler inlined vfs_rename() or not, and whether a tracer has put itself
 * in the place of our return address or not, which unwinding knows.
 */
static bool renames(void)
{
	unsigned long callers[CALLERS];
	char name[KSYM_NAME_LEN];
	unsigned int count, i;

	count = stack_trace_save(callers, CALLERS, 0);
	for (i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%ps", (void *)callers[i]);
		if (strstr(name, "rename"))
			return true;
	}
	return false;
}

static bool is_exchange(const struct inode *a, const struct inode *b)
{
	return a && b && a != b && S_ISREG(a->i_mode) && S_ISREG(b->i_mode);
}

static void enter(const struct inode *a, const struct inode *b)
{
	struct exchange *exchange = kmalloc(sizeof(*exchange), GFP_NOFS | __GFP_NOFAIL);

	*exchange = (struct exchange){ .task = current, .a = a, .b = b };
	tmem_direct_hold(a);
	tmem_direct_hold(b);
	spin_lock(&exchanges_lock);
	list_add(&exchange->node, &exchanges);
	spin_unlock(&exchanges_lock);
}

static void leave(struct exchange *exchange)
{
	tmem_direct_release(exchange->a);
	tmem_direct_release(exchange->b);
	kfree(exchange);
}

/* Return: what the task has begun, taken out of the list; NULL if we have not seen that. */
static struct exchange *take(const struct inode *a, const struct inode *b)
{
	struct exchange *exchange, *found = NULL;

	spin_lock(&exchanges_lock);
	list_for_each_entry(exchange, &exchanges, node)
		if (exchange->task == current && (exchange->a == a || exchange->a == b) &&
		    (exchange->b == a || exchange->b == b)) {
			found = exchange;
			list_del(&found->node);
			break;
		}
	spin_unlock(&exchanges_lock);
	return found;
}

/**
 * tmem_exchange_begins() - two files were locked
 * @a: one, or NULL
 * @b: the other, or NULL; may be the same
 *
 * Context: process, may sleep.
 */
void tmem_exchange_begins(struct inode *a, struct inode *b)
{
	if (!is_exchange(a, b) || renames())
		return;
	enter(a, b);
	tmem_forget_all(a->i_mapping);
	tmem_forget_all(b->i_mapping);
}

/* They are about to be unlocked. What is in memory of them may be what the other has now. */
void tmem_exchange_ends(struct inode *a, struct inode *b)
{
	struct exchange *exchange;

	if (!is_exchange(a, b))
		return;
	tmem_file_doubt(a->i_mapping);
	tmem_file_doubt(b->i_mapping);
	exchange = take(a, b);
	if (exchange)
		leave(exchange);
}

/* The hooks are disarmed: the end of those that have begun is not seen. */
void tmem_exchanges_exit(void)
{
	struct exchange *exchange, *next;

	list_for_each_entry_safe(exchange, next, &exchanges, node)
		leave(exchange);
	INIT_LIST_HEAD(&exchanges);
}
